import { formatDate } from "./date.ts";
import { readHeaderSection } from "./header-section.ts";
import { formatField } from "./header-text.ts";

/** What a mail with a report on one message that fails DMARC is made of (RFC 9991, RFC 6591). */
export interface FailureReportMail {
  readonly from: string;
  readonly to: string;
  /** Who reports. */
  readonly submitter: string;
  readonly messageId: string;
  readonly nowMs: number;
  readonly failure: MessageFailure;
  /** `txt : domain : "record"`, when SPF of the author's own domain has failed. */
  readonly spfDns: string | undefined;
}

/** What is told of the message. */
export interface MessageFailure {
  /** The author's domain. */
  readonly domain: string;
  readonly sourceIp: string;
  /** Our Authentication-Results field, whole. */
  readonly results: string;
  /** Mechanisms without a pass for the author's domain. */
  readonly unaligned: readonly ("dkim" | "spf")[];
  /** A signature of the author's domain that does not verify. */
  readonly signature: { readonly domain: string; readonly selector: string } | undefined;
  readonly arrivalMs: number;
  /** Fields of the message that may be shown, by `shownFields`. */
  readonly fields: string;
}

/** Fields that tell where a message was made, and nothing of who gets it or what it is about. */
const SHOWN: ReadonlySet<string> = new Set([
  ...["from", "sender", "date", "message-id", "dkim-signature", "mime-version", "content-type"],
  ...["list-id", "x-mailer", "user-agent"],
]);
const FIELDS_OCTETS_MAX = 8192;

/**
 * The fields of a header that a report may show: no recipients, no subject, no trace, no body. All
 * is printable ASCII with CRLF line ends; what is not becomes a question mark.
 */
export function shownFields(header: Uint8Array): string {
  let text = "";
  for (const { name, from, to } of readHeaderSection(header).fields) {
    if (!SHOWN.has(name) || text.length + to - from > FIELDS_OCTETS_MAX) continue;
    const field = Buffer.from(header.buffer, header.byteOffset + from, to - from);
    const lines = field
      .toString("latin1")
      .replace(/\r?\n$/, "")
      .split(/\r?\n/);
    text += lines.map((line) => `${line.replace(/[^\t -~]/g, "?")}\r\n`).join("");
  }
  return text;
}

/** The subject of such a mail. */
export function failureReportSubject({ domain }: Pick<MessageFailure, "domain">): string {
  return `DMARC failure report for ${domain}`;
}

/** Writes the mail: words for people, fields for machines, the header as far as it is shown. */
export function composeFailureReportMail(mail: FailureReportMail): Buffer {
  const { failure, submitter } = mail;
  const boundary = `dmarc_failure_${mail.nowMs}`;
  const line = (name: string, value: string) => formatField(name, value.replace(/[^ -~]/g, "?"));
  const { signature } = failure;
  const report =
    line("Feedback-Type", "auth-failure") +
    line("Version", "1") +
    line("User-Agent", "Postrider") +
    line("Auth-Failure", "dmarc") +
    failure.results +
    line("Identity-Alignment", failure.unaligned.join(", ") || "none") +
    (signature === undefined
      ? ""
      : line("DKIM-Domain", signature.domain) +
        line("DKIM-Identity", `@${signature.domain}`) +
        line("DKIM-Selector", signature.selector)) +
    (mail.spfDns === undefined ? "" : line("SPF-DNS", mail.spfDns)) +
    line("Arrival-Date", formatDate(failure.arrivalMs, "utc")) +
    line("Source-IP", failure.sourceIp) +
    line("Reported-Domain", failure.domain);
  const head =
    formatField("From", `<${mail.from}>`) +
    formatField("To", `<${mail.to}>`) +
    formatField("Subject", failureReportSubject(failure)) +
    formatField("Date", formatDate(mail.nowMs, "utc")) +
    formatField("Message-ID", mail.messageId) +
    "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n" +
    'Content-Type: multipart/report; report-type="feedback-report";\r\n' +
    ` boundary="${boundary}"\r\n`;
  return Buffer.from(
    `${head}\r\n--${boundary}\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n` +
      `This is a report from ${submitter} on a message that fails DMARC.\r\n` +
      `It says that its author is in ${failure.domain},\r\nand came from ${failure.sourceIp}.\r\n` +
      `\r\n--${boundary}\r\nContent-Type: message/feedback-report\r\n\r\n${report}\r\n` +
      `--${boundary}\r\nContent-Type: text/rfc822-headers\r\n\r\n${failure.fields}\r\n` +
      `--${boundary}--\r\n`,
    "latin1",
  );
}
