import { defineCmdlet, type Invocation } from "../../cmdlet/cmdlet.ts";
import { optionalParameter, requiredParameter } from "../../cmdlet/parameter.ts";
import { address, line } from "../../org/settings/setting-types.ts";
import { ACT_INFO } from "./act-info.ts";
import { actOnFound, messagesNamed } from "./message-acts.ts";
import { IDENTITY_MAX } from "./page-parameters.ts";
import type { QueueServices } from "./services.ts";

/** Redirect-Message. */
export const redirectMessage = defineCmdlet({
  name: "Redirect-Message",
  summary: "Sends a waiting message to another address than it came for.",
  notes: [
    "It is categorized as if it had come for the new address; its sender is not told. The " +
      "tracking log has a REDIRECT event with both addresses.",
  ],
  roles: ["Server Management"],
  effect: "changes",
  confirmation: "asks",
  examples: [
    {
      command: "Redirect-Message 42 -NewRecipient carol@contoso.test",
      doc: "All recipients that still wait.",
    },
    {
      command: "Redirect-Message 42 -Recipient bob@old.test -NewRecipient bob@new.test",
      doc: "One of them.",
    },
  ],
  parameters: {
    Identity: requiredParameter(line({ max: IDENTITY_MAX }), "Server\\Queue\\Message.", {
      position: 0,
      pipeline: "property",
    }),
    NewRecipient: requiredParameter(address(), "Who gets it instead."),
    Recipient: optionalParameter(address(), "Only the copy for this recipient."),
  },
  output: ACT_INFO,
  async *run(run: Invocation<QueueServices>, { identity, newRecipient, recipient }) {
    const from = recipient === undefined ? {} : { from: recipient };
    for (const found of await messagesNamed(run, identity)) {
      yield await actOnFound(run, found, { kind: "redirect", address: newRecipient, ...from });
    }
  },
});
