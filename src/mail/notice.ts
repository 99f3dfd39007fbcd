import { isAscii } from "node:buffer";
import { assert } from "../base/assert.ts";
import { formatDate } from "./date.ts";
import type { BodyType } from "./envelope.ts";
import { encodeHeaderText, formatField } from "./header-text.ts";
import { returnedHeader } from "./notice-header.ts";
import { formatHumanPart } from "./notice-human.ts";
import type { NoticeInput } from "./notice-input.ts";
import { formatReport } from "./notice-report.ts";
import { noticeTexts } from "./notice-text.ts";
import { QuotedPrintableEncoder } from "./transfer-encoding.ts";

/** Characters of the original's subject that the notice's own repeats. */
const SUBJECT_LENGTH_MAX = 255;

/** A finished notice. */
export interface ComposedNotice {
  /** In pieces of any length; those of a returned message are the caller's own. */
  readonly content: readonly Uint8Array[];
  readonly body: Extract<BodyType, "7BIT" | "8BITMIME">;
  /** Whether the notice itself needs SMTPUTF8: only when its recipient does. */
  readonly smtpUtf8: boolean;
  readonly internetMessageId: string;
  readonly subject: string;
}

/** A body part that stands in the notice as it is. */
interface Part {
  readonly header: string;
  readonly content: readonly Uint8Array[];
  readonly eightBit: boolean;
}

/**
 * Writes a delivery status notification: multipart/report of RFC 6522 with a human part, the status
 * of RFC 3464 (RFC 6533 for addresses beyond ASCII), and the original or its header. Pure; whatever
 * the input holds, the result is a well-formed message of lines that pass every server.
 */
export function composeNotice(input: NoticeInput): ComposedNotice {
  assert(input.recipients.length > 0, "a notice tells of someone");
  assert(input.sender !== "" && input.sender !== "<>", "no notice goes to the null sender");
  assert(/^[\w.]{8,60}$/.test(input.boundaryKey), "a boundary key is letters and digits");
  const { subjectPrefix } = noticeTexts(input.language).kinds[input.kind];
  const original = input.original.subject.slice(0, SUBJECT_LENGTH_MAX).toWellFormed();
  const subject = `${subjectPrefix}${original}`.trim();
  const header = returnedHeader(input.original.header);
  const parts = [humanPart(input, header), reportPart(input), returnedPart(input, header)];
  const boundary = `report_${input.boundaryKey}`;
  const eightBit = parts.some((part) => part.eightBit);
  const fields =
    formatHeader(input, subject) +
    "Content-Type: multipart/report; report-type=delivery-status;\r\n" +
    ` boundary="${boundary}"\r\n` +
    `Content-Transfer-Encoding: ${eightBit ? "8bit" : "7bit"}\r\n\r\n`;
  return {
    content: assemble(fields, boundary, parts),
    body: eightBit ? "8BITMIME" : "7BIT",
    smtpUtf8: !isPlain(input.sender) || !isPlain(input.from.address),
    internetMessageId: input.internetMessageId,
    subject,
  };
}

function formatHeader(input: NoticeInput, subject: string): string {
  const { internetMessageId: reference } = input.original;
  const name = encodeHeaderText(input.from.name);
  const phrase = name.startsWith("=?") ? name : `"${name.replace(/["\\]/g, "")}"`;
  let fields =
    formatField("From", `${phrase} <${input.from.address}>`) +
    formatField("To", `<${input.sender}>`) +
    formatField("Subject", encodeHeaderText(subject)) +
    formatField("Date", formatDate(input.nowMs, "utc")) +
    formatField("Message-ID", input.internetMessageId);
  if (/^<[!-;=?-~]{1,900}>$/.test(reference)) {
    fields += formatField("In-Reply-To", reference) + formatField("References", reference);
  }
  // RFC 3834 §5: other servers' automatic answers then leave it alone.
  fields += "Auto-Submitted: auto-replied\r\n";
  return `${fields}Content-Language: ${input.language}\r\nMIME-Version: 1.0\r\n`;
}

function humanPart(input: NoticeInput, header: string): Part {
  const { text, html } = formatHumanPart(input, header);
  const plain = textPart("plain", text);
  if (!input.html) return plain;
  const boundary = `words_${input.boundaryKey}`;
  return {
    header: `Content-Type: multipart/alternative;\r\n boundary="${boundary}"\r\n`,
    content: assemble("", boundary, [plain, textPart("html", html)]),
    eightBit: false,
  };
}

function textPart(subtype: "plain" | "html", text: string): Part {
  return {
    header:
      `Content-Type: text/${subtype}; charset=utf-8\r\n` +
      "Content-Transfer-Encoding: quoted-printable\r\n",
    content: quotedPrintable(Buffer.from(text)),
    eightBit: false,
  };
}

function reportPart(input: NoticeInput): Part {
  const { contentType, text } = formatReport(input);
  // RFC 6533 §8.2: not encoded as long as the way is clear for 8 bits; the client converts if not.
  const eightBit = contentType === "message/global-delivery-status";
  return {
    header: `Content-Type: ${contentType}\r\n${eightBit ? EIGHT_BIT : ""}`,
    content: [Buffer.from(text)],
    eightBit,
  };
}

const EIGHT_BIT = "Content-Transfer-Encoding: 8bit\r\n";

function returnedPart(input: NoticeInput, header: string): Part {
  const { content, smtpUtf8, body } = input.original;
  const octets = Buffer.from(header, "latin1");
  const global = smtpUtf8 && !isAscii(octets);
  // RET is about failures only (RFC 3461 §4.3). BINARYMIME cannot be nested in lines.
  const whole = input.kind === "failed" && input.ret === "FULL" && body !== "BINARYMIME";
  if (whole && content !== undefined) {
    const eightBit = !content.every((piece) => isAscii(piece));
    const type = global ? "message/global" : "message/rfc822";
    return {
      header: `Content-Type: ${type}\r\n${eightBit ? EIGHT_BIT : ""}`,
      content,
      eightBit,
    };
  }
  if (global && linesFit(header)) {
    const type = "Content-Type: message/global-headers\r\n";
    return { header: `${type}${EIGHT_BIT}`, content: [octets], eightBit: true };
  }
  if (isAscii(octets) && linesFit(header)) {
    return { header: "Content-Type: text/rfc822-headers\r\n", content: [octets], eightBit: false };
  }
  const type = global ? "message/global-headers" : "text/rfc822-headers; charset=utf-8";
  return {
    header: `Content-Type: ${type}\r\nContent-Transfer-Encoding: quoted-printable\r\n`,
    content: quotedPrintable(octets),
    eightBit: false,
  };
}

/** No line longer than 998 octets (RFC 5322 §2.1.1), and no CR or LF alone. */
function linesFit(octets: string): boolean {
  return octets.split("\r\n").every((line) => line.length <= 998 && !/[\r\n]/.test(line));
}

function quotedPrintable(bytes: Uint8Array): readonly Uint8Array[] {
  const encoder = new QuotedPrintableEncoder();
  return [encoder.push(bytes), encoder.end()];
}

/** Puts parts between boundaries; the CRLF before a boundary belongs to it (RFC 2046 §5.1.1). */
function assemble(before: string, boundary: string, parts: readonly Part[]): readonly Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let text = before;
  for (const [index, part] of parts.entries()) {
    text += `${index === 0 ? "" : "\r\n"}--${boundary}\r\n${part.header}\r\n`;
    pieces.push(Buffer.from(text), ...part.content.filter(({ length }) => length > 0));
    text = "";
  }
  return [...pieces, Buffer.from(`\r\n--${boundary}--\r\n`)];
}

function isPlain(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}
