import { formatDate } from "../../mail/date.ts";
import type { BodyType } from "../../mail/envelope.ts";
import { encodeHeaderText, formatField } from "../../mail/header-text.ts";
import { QuotedPrintableEncoder } from "../../mail/transfer-encoding.ts";

/** How the sender addressed somebody, as far as it is to be believed. */
export type Addressing = "To" | "Cc" | "Bcc" | "Recipient";

/** One who gets the message. */
export interface JournaledRecipient {
  readonly addressing: Addressing;
  readonly address: string;
  /** What became this address: a group's, or that of somebody whose mail is forwarded. */
  readonly by: { readonly kind: "Expanded" | "Forwarded"; readonly address: string } | undefined;
}

/** What a report tells. */
export interface JournalReportInput {
  readonly from: string;
  readonly to: readonly string[];
  readonly internetMessageId: string;
  readonly nowMs: number;
  /** Letters and digits that occur nowhere in the message: a random text. */
  readonly boundaryKey: string;
  readonly original: {
    /** In Sender or From, else that of the envelope; "" is nobody. */
    readonly sender: string;
    /** In From, where Sender is somebody else. */
    readonly onBehalfOf: string | undefined;
    readonly subject: string;
    readonly internetMessageId: string;
    readonly body: BodyType;
    readonly smtpUtf8: boolean;
  };
  readonly recipients: readonly JournaledRecipient[];
}

const ORDER: readonly Addressing[] = ["To", "Cc", "Bcc", "Recipient"];
/** RFC 5322 §2.1.1 */
const LINE_OCTETS_MAX = 998;

/**
 * An envelope journal report (reference §17.1): what comes before the message that it is about, and
 * what comes behind it. The message stands between them octet for octet. Pure.
 */
export function composeJournalReport(input: JournalReportInput): {
  readonly before: Uint8Array;
  readonly after: Uint8Array;
} {
  const { original } = input;
  const boundary = `journal_${input.boundaryKey}`;
  const encoding = original.body === "BINARYMIME" ? "binary" : "8bit";
  const summary = formatSummary(input);
  const isPlain = /^[\r\n -~]*$/.test(summary) && summary.split("\r\n").every(isShort);
  const header =
    formatField("From", `"Journaling" <${input.from}>`) +
    formatField("To", input.to.map((address) => `<${address}>`).join(", ")) +
    formatField("Subject", encodeHeaderText(original.subject)) +
    formatField("Date", formatDate(input.nowMs, "utc")) +
    formatField("Message-ID", input.internetMessageId) +
    // What our other servers know it by, and what others do: the first does not leave us (§4.7).
    "X-MS-Exchange-Organization-Journal-Report:\r\n" +
    "X-MS-Journal-Report:\r\n" +
    // RFC 3834 §5
    "Auto-Submitted: auto-generated\r\n" +
    "MIME-Version: 1.0\r\n" +
    `Content-Type: multipart/mixed;\r\n boundary="${boundary}"\r\n` +
    `Content-Transfer-Encoding: ${encoding}\r\n\r\n`;
  const text =
    `--${boundary}\r\nContent-Type: text/plain; charset=${isPlain ? "us-ascii" : "utf-8"}\r\n` +
    `Content-Transfer-Encoding: ${isPlain ? "7bit" : "quoted-printable"}\r\n\r\n`;
  // RFC 6532 §3.7: a header in UTF-8 makes another type of it.
  const type = original.smtpUtf8 ? "message/global" : "message/rfc822";
  const attachment =
    `\r\n--${boundary}\r\nContent-Type: ${type}\r\nContent-Disposition: attachment\r\n` +
    `Content-Transfer-Encoding: ${encoding}\r\n\r\n`;
  return {
    before: Buffer.concat([
      Buffer.from(header + text),
      isPlain ? Buffer.from(summary) : quotedPrintable(summary),
      Buffer.from(attachment),
    ]),
    after: Buffer.from(`\r\n--${boundary}--\r\n`),
  };
}

function formatSummary({ original, recipients }: JournalReportInput): string {
  const lines = [
    `Sender: ${original.sender}`,
    ...(original.onBehalfOf === undefined ? [] : [`On-Behalf-Of: ${original.onBehalfOf}`]),
    `Subject: ${original.subject}`,
    `Message-Id: ${original.internetMessageId}`,
    ...ORDER.flatMap((addressing) =>
      recipients.filter((one) => one.addressing === addressing).map(formatRecipient),
    ),
  ];
  // Nothing that a message says may look like a line of ours.
  return lines.map((line) => `${line.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ")}\r\n`).join("");
}

/** `To: member@contoso.test, Expanded: group@contoso.test` */
function formatRecipient({ addressing, address, by }: JournaledRecipient): string {
  return `${addressing}: ${address}${by === undefined ? "" : `, ${by.kind}: ${by.address}`}`;
}

function isShort(line: string): boolean {
  return line.length <= LINE_OCTETS_MAX;
}

function quotedPrintable(text: string): Uint8Array {
  const encoder = new QuotedPrintableEncoder();
  return Buffer.concat([encoder.push(Buffer.from(text)), encoder.end()].flat());
}
