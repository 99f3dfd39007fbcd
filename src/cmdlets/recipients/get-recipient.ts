import { defineCmdlet, type Invocation } from "../../cmdlet/cmdlet.ts";
import { optionalParameter } from "../../cmdlet/parameter.ts";
import { listOf, oneOf } from "../../org/settings/setting-types.ts";
import { ALL_RECIPIENT_KINDS } from "./find-recipient.ts";
import { RECIPIENT_READERS } from "./recipient-noun.ts";
import { RECIPIENT, RECIPIENT_TYPES } from "./recipient-output.ts";
import { searchParameters, selectRecipients } from "./select-recipients.ts";
import type { RecipientServices } from "./services.ts";

/** All kinds of recipients. */
export const getRecipient = defineCmdlet({
  name: "Get-Recipient",
  summary: "Shows recipients of all kinds: whose address is that?",
  roles: RECIPIENT_READERS,
  effect: "reads",
  confirmation: "none",
  examples: [
    { command: "Get-Recipient a.smith@contoso.test", doc: "Who has that address." },
    {
      command: 'Get-Recipient "*smith*" -RecipientType MailContact -SortBy Name',
      doc: "Contacts by a part of the name or of an address.",
    },
    {
      command:
        "Get-Recipient -Filter \"EmailAddresses -like '*@fabrikam.test'\" -ResultSize Unlimited",
      doc: "All that have a further address in a domain.",
    },
  ],
  parameters: {
    ...searchParameters(RECIPIENT),
    RecipientType: optionalParameter(
      listOf(oneOf(Object.values(RECIPIENT_TYPES)), { min: 1, max: ALL_RECIPIENT_KINDS.length }),
      "Only those of these kinds.",
    ),
  },
  output: RECIPIENT,
  async *run(run: Invocation<RecipientServices>, { recipientType, ...input }) {
    const kinds = ALL_RECIPIENT_KINDS.filter(
      (kind) => recipientType?.includes(RECIPIENT_TYPES[kind]) ?? true,
    );
    yield* selectRecipients(run, { view: "recipient", kinds, ...input });
  },
});
