import { createHash } from "node:crypto";
import { ByteProfile } from "../mail/byte-profile.ts";
import { formatField } from "../mail/header-text.ts";
import { QuotedPrintableEncoder } from "../mail/transfer-encoding.ts";
import { setFieldValues } from "./header-value.ts";
import { readHtmlText } from "./html-text.ts";
import type { MessageView } from "./message-view.ts";
import { transcode } from "./part-content.ts";

const TEXT_LENGTH_MAX = 100_000;
/** Content fields of the header that would say something wrong of the whole. */
const INLINE = [{ name: "Content-Disposition", value: "inline", isOptional: true }] as const;

/** A message around another one, in pieces; the inner one is not copied. */
interface Wrapping {
  /** Header lines of the whole, each ended, without those that MIME asks for. */
  readonly header: Uint8Array;
  /** A piece of HTML that is shown before the message. */
  readonly html: string;
  readonly original: Uint8Array;
}

/**
 * Wraps a message in a new one: a text, and the message as it is as message/rfc822 (RFC 2046
 * §5.2.1), byte for byte, so that signatures in it hold.
 */
export function wrapMessage({ header, html, original }: Wrapping): readonly Uint8Array[] {
  const boundary = boundaryFor(original);
  const encoding = encodingOf(original);
  const head = setFieldValues(header, [
    { name: "MIME-Version", value: "1.0" },
    { name: "Content-Type", value: `multipart/mixed;\r\n boundary="${boundary}"` },
    { name: "Content-Transfer-Encoding", value: encoding },
    ...INLINE,
  ]);
  const shown = readHtmlText(html, TEXT_LENGTH_MAX).text.replaceAll("\n", "\r\n");
  const alternative = boundary.replace("wrapped", "text");
  const opening =
    `--${boundary}\r\nContent-Type: multipart/alternative;\r\n boundary="${alternative}"\r\n\r\n` +
    textPart(alternative, { type: "plain", text: shown }) +
    textPart(alternative, { type: "html", text: html.replace(/\r\n?|\n/g, "\r\n") }) +
    `--${alternative}--\r\n\r\n--${boundary}\r\n` +
    "Content-Type: message/rfc822\r\n" +
    formatField("Content-Transfer-Encoding", encoding) +
    "Content-Disposition: attachment\r\n\r\n";
  return [head, Buffer.from(opening), original, Buffer.from(`\r\n--${boundary}--\r\n`)];
}

/**
 * Wraps a message as `wrapMessage` does; the whole keeps the header fields of the message, in their
 * order, so that it comes from and goes to the same people and header edits find their fields.
 */
export function wrapInPlace(
  content: Uint8Array,
  view: MessageView,
  html: string,
): readonly Uint8Array[] {
  const header = content.subarray(0, view.root.place.bodyFrom);
  return wrapMessage({ header, html, original: content });
}

function textPart(
  boundary: string,
  { type, text }: { readonly type: "plain" | "html"; readonly text: string },
): string {
  const body = transcode(Buffer.from(text.toWellFormed()), new QuotedPrintableEncoder());
  return (
    `--${boundary}\r\nContent-Type: text/${type}; charset=utf-8\r\n` +
    `Content-Transfer-Encoding: quoted-printable\r\n\r\n${body.toString("latin1")}\r\n`
  );
}

/** A digest of the message, which nobody can write into it. The same message gets the same one. */
function boundaryFor(original: Uint8Array): string {
  return `_wrapped_${createHash("sha256").update(original).digest("hex").slice(0, 40)}`;
}

/** Composite types may not be encoded: they say the most that is in them (RFC 2045 §6.4). */
function encodingOf(original: Uint8Array): "7bit" | "8bit" | "binary" {
  const profile = new ByteProfile();
  profile.push(original);
  profile.end();
  if (profile.fits("7BIT")) return "7bit";
  return profile.fits("8BITMIME") ? "8bit" : "binary";
}
