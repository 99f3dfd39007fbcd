import { parseIpAddress } from "./address-literal.ts";
import { formatDate } from "./date.ts";
import { formatField } from "./header-text.ts";
import type { NoticeKind } from "./notice-decision.ts";
import type { NoticeInput, NoticeRecipient } from "./notice-input.ts";

/** Characters of one value; a reply of a hostile server may be longer. */
const VALUE_LENGTH_MAX = 4000;
const NON_ASCII = /\P{ASCII}/u;

/** The machine part of a notice. */
export interface NoticeReport {
  /** `message/global-delivery-status` once an address in it is beyond ASCII (RFC 6533 §3). */
  readonly contentType: "message/delivery-status" | "message/global-delivery-status";
  readonly text: string;
}

/** Writes the per-message and per-recipient fields of RFC 3464 §2. All recipients are listed. */
export function formatReport(input: NoticeInput): NoticeReport {
  const global = input.recipients.some(
    ({ address, originalRecipient }) =>
      NON_ASCII.test(cleanText(address)) ||
      NON_ASCII.test(cleanText(originalRecipient?.address ?? "")),
  );
  const clean = global ? cleanText : cleanAscii;
  let text = formatField("Reporting-MTA", `dns;${clean(input.reportingMta)}`);
  if (input.envid !== undefined && input.envid !== "") {
    text += formatField("Original-Envelope-Id", clean(input.envid));
  }
  text += formatField("Arrival-Date", formatDate(input.arrivalMs, "utc"));
  for (const recipient of input.recipients) text += formatRecipient(recipient, input.kind, clean);
  return {
    contentType: global ? "message/global-delivery-status" : "message/delivery-status",
    text,
  };
}

/** The status in the form of RFC 3463 §2; what is none becomes the kind's unspecific one. */
export function reportStatus(status: string, kind: NoticeKind): string {
  if (/^[245]\.\d{1,3}\.\d{1,3}$/.test(status)) return status;
  if (kind === "failed") return "5.0.0";
  return kind === "delayed" ? "4.0.0" : "2.0.0";
}

function formatRecipient(
  recipient: NoticeRecipient,
  kind: NoticeKind,
  clean: (text: string) => string,
): string {
  const { address, originalRecipient: original, hop, diagnostic } = recipient;
  let text = "\r\n";
  if (original !== undefined) {
    const type = original.type.replace(/[^\w.-]/g, "") || "rfc822";
    text += formatField("Original-Recipient", `${type};${clean(original.address)}`);
  }
  const type = NON_ASCII.test(address) ? "utf-8" : "rfc822";
  text += formatField("Final-Recipient", `${type};${clean(address)}`);
  text += formatField("Action", kind);
  text += formatField("Status", reportStatus(recipient.status, kind));
  const remote = hop === undefined ? "" : remoteName(hop);
  if (remote !== "") text += formatField("Remote-MTA", `dns;${clean(remote)}`);
  if (diagnostic !== "") text += formatField("Diagnostic-Code", `smtp;${clean(diagnostic)}`);
  if (recipient.lastAttemptMs !== undefined) {
    text += formatField("Last-Attempt-Date", formatDate(recipient.lastAttemptMs, "utc"));
  }
  if (kind === "delayed" && recipient.retryUntilMs !== undefined) {
    text += formatField("Will-Retry-Until", formatDate(recipient.retryUntilMs, "utc"));
  }
  return text;
}

/** A socket path of this machine is nobody's business elsewhere. */
function remoteName(hop: { readonly name: string; readonly address: string }): string {
  if (hop.name !== "") return hop.name;
  if (parseIpAddress(hop.address) === undefined) return "";
  return hop.address.includes(":") ? `[IPv6:${hop.address}]` : `[${hop.address}]`;
}

/** One line without controls or overrides of the writing direction, cut at the limit. */
export function cleanText(text: string): string {
  const line = text
    .toWellFormed()
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control} ]+/gu, " ")
    .trim();
  return line.length > VALUE_LENGTH_MAX
    ? `${line.slice(0, VALUE_LENGTH_MAX)}…`.toWellFormed()
    : line;
}

function cleanAscii(text: string): string {
  return cleanText(text).replace(/[^\x20-\x7e]/gu, "?");
}
