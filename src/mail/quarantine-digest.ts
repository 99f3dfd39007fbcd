import { formatDate } from "./date.ts";
import { encodeHeaderText, formatField } from "./header-text.ts";
import { escapeHtml } from "./html-escape.ts";
import { cleanText } from "./notice-report.ts";
import { QuotedPrintableEncoder } from "./transfer-encoding.ts";

/** Characters of a subject or sender that are shown. */
const SHOWN_CHARACTERS_MAX = 150;

/** One message that is kept from the reader. */
export interface DigestEntry {
  readonly subject: string;
  readonly from: string;
  readonly receivedMs: number;
  /** What keeps it. */
  readonly type: string;
  readonly expiresMs: number;
  /** Where each act is confirmed; addresses of ours. */
  readonly links: {
    readonly view: string;
    readonly release: string;
    readonly allow: string;
  };
}

/** What a mail about messages in quarantine is made of. */
export interface QuarantineDigest {
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  readonly messageId: string;
  readonly nowMs: number;
  readonly entries: readonly DigestEntry[];
  /** How many messages there are, those that are not shown included. */
  readonly count: number;
  /** Random, for the boundary. */
  readonly boundaryKey: string;
}

/**
 * Writes the mail. Subjects and senders of the kept messages are whatever their senders wrote: they
 * stand there as plain words, and no link is theirs.
 */
export function composeQuarantineDigest(digest: QuarantineDigest): Buffer {
  const boundary = `digest_${digest.boundaryKey}`;
  const fields =
    formatField("From", `"Quarantine" <${digest.from}>`) +
    formatField("To", `<${digest.to}>`) +
    formatField("Subject", encodeHeaderText(digest.subject)) +
    formatField("Date", formatDate(digest.nowMs, "utc")) +
    formatField("Message-ID", digest.messageId) +
    // RFC 3834 §5: other servers' automatic answers leave it alone.
    "Auto-Submitted: auto-generated\r\n" +
    "X-Auto-Response-Suppress: All\r\n" +
    "MIME-Version: 1.0\r\n" +
    `Content-Type: multipart/alternative;\r\n boundary="${boundary}"\r\n`;
  const parts = [
    ["plain", plainText(digest)],
    ["html", html(digest)],
  ] as const;
  const pieces = parts.flatMap(([subtype, text]) => [
    Buffer.from(
      `\r\n--${boundary}\r\nContent-Type: text/${subtype}; charset=utf-8\r\n` +
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n",
    ),
    ...quotedPrintable(text),
  ]);
  return Buffer.concat([Buffer.from(fields), ...pieces, Buffer.from(`\r\n--${boundary}--\r\n`)]);
}

const INTRODUCTION =
  "These messages for you were not delivered. They are kept for some time and then removed. " +
  "What you do not know or want needs nothing to be done.";
const WARNING = "Nothing happens before you have confirmed it on the page behind a link.";

function plainText(digest: QuarantineDigest): string {
  const lines = [INTRODUCTION, WARNING, ""];
  for (const entry of digest.entries) {
    const { subject, from, received, kept } = wordsOf(entry);
    lines.push(
      `Subject:  ${subject}`,
      `From:     ${from}`,
      `Received: ${received}`,
      `Kept:     ${kept}`,
      `View:     ${entry.links.view}`,
      `Release:  ${entry.links.release}`,
      `Release, and allow this sender: ${entry.links.allow}`,
      "",
    );
  }
  const more = moreText(digest);
  if (more !== "") lines.push(more, "");
  return lines.join("\r\n");
}

function html(digest: QuarantineDigest): string {
  const rows = digest.entries.map((entry) => {
    const { subject, from, received, kept } = wordsOf(entry);
    const links = [
      link(entry.links.view, "View"),
      link(entry.links.release, "Release"),
      link(entry.links.allow, "Release and allow sender"),
    ];
    return (
      `<tr><td style="${CELL}"><b>${escapeHtml(subject)}</b><br>${escapeHtml(from)}<br>` +
      `<span style="color: #555">${escapeHtml(received)}; ${escapeHtml(kept)}</span></td>\r\n` +
      `<td style="${CELL}">${links.join("<br>\r\n")}</td></tr>\r\n`
    );
  });
  const more = moreText(digest);
  return (
    '<!DOCTYPE html>\r\n<html lang="en">\r\n<head><meta charset="utf-8">' +
    `<title>${escapeHtml(digest.subject)}</title></head>\r\n` +
    '<body style="font-family: sans-serif; font-size: 11pt; color: #222; background: #fff">\r\n' +
    `<p>${INTRODUCTION}</p>\r\n<p>${WARNING}</p>\r\n<table style="border-collapse: collapse">\r\n` +
    `${rows.join("")}</table>\r\n${more === "" ? "" : `<p>${more}</p>\r\n`}</body>\r\n</html>\r\n`
  );
}

const CELL = "padding: 6pt 12pt 6pt 0; border-bottom: 1px solid #ccc; vertical-align: top";

function link(address: string, text: string): string {
  return `<a href="${escapeHtml(address)}">${text}</a>`;
}

function moreText({ count, entries }: QuarantineDigest): string {
  const more = count - entries.length;
  return more > 0 ? `There are ${more} more, which are not shown here.` : "";
}

function wordsOf(entry: DigestEntry) {
  return {
    subject: plainWords(entry.subject) || "(no subject)",
    from: plainWords(entry.from) || "(no sender)",
    received: formatDate(entry.receivedMs, "utc"),
    kept: `${entry.type}, until ${formatDate(entry.expiresMs, "utc")}`,
  };
}

/**
 * Text of a stranger among ours: one line, nothing that turns it round, and no address that a mail
 * program would make a link of.
 */
function plainWords(text: string): string {
  return cleanText(text.slice(0, SHOWN_CHARACTERS_MAX))
    .replaceAll("://", ": //")
    .replace(/\bwww\./gi, "www .");
}

function quotedPrintable(text: string): readonly Uint8Array[] {
  const encoder = new QuotedPrintableEncoder();
  return [encoder.push(Buffer.from(text)), encoder.end()];
}
