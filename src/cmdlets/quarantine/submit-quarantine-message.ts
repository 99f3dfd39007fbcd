import { defineCmdlet, type Invocation } from "../../cmdlet/cmdlet.ts";
import type { OutputType } from "../../cmdlet/output-type.ts";
import { formatIdentity, IDENTITY_PARAMETERS, namedMessages } from "./identity.ts";
import type { QuarantineServices } from "./services.ts";

/** Lines of a plan. */
const PLANNED_MAX = 20;

const SUBMITTED_MESSAGE = {
  name: "SubmittedQuarantineMessage",
  table: ["Identity", "SenderAddress", "Subject", "Type"],
  properties: {
    Identity: { kind: "text", doc: "The message." },
    SenderAddress: { kind: "text", doc: "The sender of the envelope; <> is none." },
    Subject: { kind: "text", doc: "Its subject." },
    Type: { kind: "text", doc: "What it was wrongly taken for." },
  },
} as const satisfies OutputType;

/** Submit-QuarantineMessage. */
export const submitQuarantineMessage = defineCmdlet({
  name: "Submit-QuarantineMessage",
  summary: "Reports messages in quarantine as wrongly kept; they stay where they are.",
  notes: [
    "Each is counted (postrider_quarantine_false_positives_total) and written into the server's " +
      "own log, with what has kept it, as Release-QuarantineMessage -ReportFalsePositive does.",
  ],
  roles: ["Hygiene Management"],
  effect: "changes",
  confirmation: "none",
  examples: [
    {
      command: "Submit-QuarantineMessage 6d1f…\\42",
      doc: "It is no spam; it is not released yet.",
    },
  ],
  parameters: IDENTITY_PARAMETERS,
  output: SUBMITTED_MESSAGE,
  async plan(run: Invocation<QuarantineServices>, input) {
    const actions: string[] = [];
    for await (const { message } of namedMessages(run, input)) {
      actions.push(`Report ${formatIdentity(message)} as wrongly kept: ${message.subject}`);
    }
    return { actions: actions.slice(0, PLANNED_MAX), count: actions.length };
  },
  async *run(run: Invocation<QuarantineServices>, input) {
    const { services, caller, changed } = run;
    for await (const kept of namedMessages(run, input)) {
      const { message } = kept;
      services.quarantine.reportFalsePositive(kept, caller.name);
      const type = message.quarantine?.type ?? "Policy";
      changed({
        object: `QuarantineMessage ${formatIdentity(message)}`,
        after: { Reported: true },
      });
      yield {
        Identity: formatIdentity(message),
        SenderAddress: message.envelope.sender === "" ? "<>" : message.envelope.sender,
        Subject: message.subject,
        Type: type,
      };
    }
  },
});
