import { defineCmdlet, type Invocation } from "../../cmdlet/cmdlet.ts";
import { CmdletFault } from "../../cmdlet/cmdlet-fault.ts";
import type { OutputType } from "../../cmdlet/output-type.ts";
import { optionalParameter, requiredParameter } from "../../cmdlet/parameter.ts";
import { addressKey } from "../../mail/address.ts";
import { address, line } from "../../org/settings/setting-types.ts";
import { findMessage, formatIdentity, IDENTITY_CHARACTERS_MAX } from "./identity.ts";
import { previewMessage } from "./message-preview.ts";
import type { QuarantineServices } from "./services.ts";

const MESSAGE_PREVIEW = {
  name: "QuarantineMessagePreview",
  table: ["Identity", "SenderAddress", "Subject", "Body"],
  properties: {
    Identity: { kind: "text", doc: "The message." },
    SenderAddress: { kind: "text", doc: "The sender of the envelope; <> is none." },
    RecipientAddress: { kind: "list", doc: "From whom it is kept." },
    Subject: { kind: "text", doc: "The Subject field, decoded." },
    Cc: { kind: "list", doc: "Addresses in the Cc field." },
    Header: { kind: "text", doc: "The header as it would be delivered." },
    Body: { kind: "text", doc: "Its text; of HTML the words that it would show." },
    HtmlBody: {
      kind: "text",
      doc: "Its HTML as it came, hostile: to be cleaned before anything renders it.",
    },
    Attachment: { kind: "list", doc: "Names and types of what is attached." },
    IsTruncated: { kind: "boolean", doc: "Whether it has more than is shown." },
  },
} as const satisfies OutputType;

/** Preview-QuarantineMessage. */
export const previewQuarantineMessage = defineCmdlet({
  name: "Preview-QuarantineMessage",
  summary: "Shows the header and the text of a message in quarantine.",
  notes: [
    "Nothing of it is rendered, opened or fetched: of HTML there are the words, of attachments " +
      "the names. Long messages are cut.",
  ],
  roles: ["Hygiene Management"],
  effect: "reads",
  isRecorded: true,
  confirmation: "none",
  examples: [
    {
      command: "Get-QuarantineMessage -Subject invoice | Preview-QuarantineMessage | Format-List",
      doc: "What they say.",
    },
  ],
  parameters: {
    Identity: requiredParameter(
      line({ max: IDENTITY_CHARACTERS_MAX }),
      "The message, as Get-QuarantineMessage shows it.",
      { position: 0, pipeline: "property" },
    ),
    RecipientAddress: optionalParameter(address(), "Only if it is kept from this recipient."),
  },
  output: MESSAGE_PREVIEW,
  async *run(run: Invocation<QuarantineServices>, { identity, recipientAddress: wanted }) {
    const kept = await findMessage(run, identity, "Identity");
    const addresses = kept.recipients.map(({ address: one }) => one);
    if (wanted !== undefined && !addresses.map(addressKey).includes(addressKey(wanted))) {
      const text = `${formatIdentity(kept.message)} is not kept from ${wanted}`;
      throw new CmdletFault("not-found", text, { parameter: "RecipientAddress" });
    }
    const { message } = kept;
    const preview = await previewMessage(run.services.quarantine.content(message), message.edits);
    yield {
      Identity: formatIdentity(message),
      SenderAddress: message.envelope.sender === "" ? "<>" : message.envelope.sender,
      RecipientAddress: addresses,
      Subject: message.subject,
      Cc: preview.cc,
      Header: preview.header,
      Body: preview.text,
      HtmlBody: preview.html === "" ? null : preview.html,
      Attachment: preview.attachments,
      IsTruncated: preview.isCut,
    };
  },
});
