import { randomBytes } from "node:crypto";
import { formatDate } from "../../mail/date.ts";
import { encodeHeaderText, formatField } from "../../mail/header-text.ts";
import { SUBJECT_LENGTH_MAX } from "../../mail/header-values.ts";
import { newMessageId } from "../../mail/message-id.ts";
import type { Organization } from "../../org/organization.ts";
import { postmasterOf } from "../../org/postmaster.ts";

/** A mail of ours about another one. */
export interface OwnMail {
  /** Who writes it, as readers see it. */
  readonly author: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly body: { readonly kind: "plain" | "html"; readonly text: string };
  /** The message that it is about, whole or its header; nothing: it is not attached. */
  readonly original?: {
    readonly type:
      | "message/rfc822"
      | "message/global"
      | "text/rfc822-headers"
      | "message/global-headers";
    readonly content: readonly Uint8Array[];
  };
  /** Further header fields, each with its CRLF. */
  readonly fields?: string;
}

/** Writes the mail: header first, CRLF line ends. What it attaches stays byte for byte. */
export function composeOwnMail(
  { author, to, subject, body, original, fields = "" }: OwnMail,
  at: { readonly organization: Organization; readonly nowMs: number },
): readonly Uint8Array[] {
  const { organization, nowMs } = at;
  const header =
    formatField("From", `${author} <${postmasterOf(organization)}>`) +
    formatField("To", to.join(", ")) +
    formatField("Subject", encodeHeaderText(subject)) +
    formatField("Date", formatDate(nowMs, "utc")) +
    formatField("Message-ID", newMessageId(organization.server.fqdn)) +
    // Nobody is to answer it by machine (RFC 3834 §5).
    "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n" +
    fields;
  const text =
    `Content-Type: text/${body.kind}; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n` +
    `${base64Lines(body.text)}\r\n`;
  if (original === undefined) return [Buffer.from(`${header}${text}`)];
  const boundary = `=_${randomBytes(18).toString("base64url")}`;
  const front =
    `${header}Content-Type: multipart/mixed; boundary="${boundary}"\r\n\r\n` +
    `--${boundary}\r\n${text}--${boundary}\r\nContent-Type: ${original.type}\r\n` +
    "Content-Disposition: attachment\r\nContent-Transfer-Encoding: 8bit\r\n\r\n";
  return [Buffer.from(front), ...original.content, Buffer.from(`\r\n--${boundary}--\r\n`)];
}

function base64Lines(text: string): string {
  return (
    Buffer.from(text)
      .toString("base64")
      .match(/.{1,76}/g) ?? []
  ).join("\r\n");
}

/** What a message says of itself, so that none of it looks like a line of ours. */
export function oneLine(text: string): string {
  return text.toWellFormed().replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ");
}

/** A subject as mails of ours show it: one line, and not for ever. */
export function shownSubject(subject: string): string {
  return oneLine(subject.slice(0, SUBJECT_LENGTH_MAX));
}
