import type { OutputOf, OutputProperty } from "../../cmdlet/output-type.ts";
import { previewMessage } from "./message-preview.ts";
import type { HeldMessages, KeptMessage } from "./services.ts";

/** What every preview of a message shows. */
export const PREVIEW_PROPERTIES = {
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
} as const satisfies Readonly<Record<string, OutputProperty>>;

/** What is said of how a message is previewed. */
export const PREVIEW_NOTE =
  "Nothing of it is rendered, opened or fetched: of HTML there are the words, of attachments " +
  "the names. Long messages are cut.";

/** Looks into a message that is held back. Rejects with CmdletFault when it has gone. */
export async function previewOf(
  desk: HeldMessages,
  { message, recipients }: KeptMessage,
): Promise<
  OutputOf<{ name: "Preview"; properties: typeof PREVIEW_PROPERTIES; table: readonly string[] }>
> {
  const preview = await previewMessage(desk.content(message), message.edits);
  return {
    SenderAddress: message.envelope.sender === "" ? "<>" : message.envelope.sender,
    RecipientAddress: recipients.map(({ address }) => address),
    Subject: message.subject,
    Cc: preview.cc,
    Header: preview.header,
    Body: preview.text,
    HtmlBody: preview.html === "" ? null : preview.html,
    Attachment: preview.attachments,
    IsTruncated: preview.isCut,
  };
}
