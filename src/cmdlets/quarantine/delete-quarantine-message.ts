import { defineCmdlet, type Invocation } from "../../cmdlet/cmdlet.ts";
import { forgetOrders } from "../../cmdlet/ordered-results.ts";
import type { OutputType } from "../../cmdlet/output-type.ts";
import { formatIdentity, IDENTITY_PARAMETERS, namedMessages } from "./identity.ts";
import type { QuarantineServices } from "./services.ts";

/** Lines of a plan. */
const PLANNED_MAX = 20;

const DELETED_MESSAGE = {
  name: "DeletedQuarantineMessage",
  table: ["Identity", "SenderAddress", "Subject", "Recipients"],
  properties: {
    Identity: { kind: "text", doc: "The message." },
    SenderAddress: { kind: "text", doc: "The sender of the envelope; <> is none." },
    Subject: { kind: "text", doc: "Its subject." },
    Recipients: { kind: "number", doc: "Recipients who do not get it any more." },
  },
} as const satisfies OutputType;

/** Delete-QuarantineMessage. */
export const deleteQuarantineMessage = defineCmdlet({
  name: "Delete-QuarantineMessage",
  summary: "Removes messages from the quarantine for good; nobody is told.",
  roles: ["Hygiene Management"],
  effect: "changes",
  confirmation: "asks",
  examples: [
    { command: "Delete-QuarantineMessage 6d1f…\\42", doc: "One message, for all recipients." },
    {
      command:
        "Get-QuarantineMessage -Type Malware -PageSize 1000 | Delete-QuarantineMessage " +
        "-Confirm:$false",
      doc: "A thousand of a kind.",
    },
  ],
  parameters: IDENTITY_PARAMETERS,
  output: DELETED_MESSAGE,
  async plan(run: Invocation<QuarantineServices>, input) {
    const actions: string[] = [];
    for await (const { message } of namedMessages(run, input)) {
      const { sender } = message.envelope;
      actions.push(`Delete ${formatIdentity(message)} from <${sender}>: ${message.subject}`);
    }
    return { actions: actions.slice(0, PLANNED_MAX), count: actions.length };
  },
  async *run(run: Invocation<QuarantineServices>, input) {
    const { services, caller, changed } = run;
    for await (const { message, recipientCount } of namedMessages(run, input)) {
      const identity = formatIdentity(message);
      const order = { messageIds: [message.id], by: caller.name };
      const deleted = await services.quarantine.delete(order);
      forgetOrders(services.quarantine);
      changed({
        object: `QuarantineMessage ${identity} ${message.internetMessageId}`,
        before: { Type: message.quarantine?.type ?? null, RecipientCount: recipientCount },
      });
      yield {
        Identity: identity,
        SenderAddress: message.envelope.sender === "" ? "<>" : message.envelope.sender,
        Subject: message.subject,
        Recipients: deleted,
      };
    }
  },
});
