import { isUtf8 } from "node:buffer";
import { TextDecoder } from "node:util";
import iconv from "iconv-lite";

/** Labels are shorter; longer ones are nothing that we know. */
const LABEL_LENGTH_MAX = 40;
/** Labels that senders use for bytes of which they know nothing. */
const UNKNOWN_LABELS: ReadonlySet<string> = new Set([
  "",
  "us-ascii",
  "ascii",
  "unknown",
  "unknown-8bit",
  "x-unknown",
  "default",
  "binary",
]);
/** Encodings of iconv-lite that are notations of bytes, not charsets. */
const NO_CHARSETS: ReadonlySet<string> = new Set(["base64", "hex", "internal"]);

/** Decoded text. */
export interface DecodedText {
  readonly text: string;
  /** The label names a charset that we know. */
  readonly isKnown: boolean;
}

/**
 * Bytes as text. Without a charset, or with one that is not known, UTF-8 when it is valid, else
 * windows-1252, as readers do. Bytes that are wrong become U+FFFD. Never throws.
 */
export function decodeText(bytes: Uint8Array, charset: string | undefined): DecodedText {
  const label = charset?.trim().toLowerCase() ?? "";
  if (UNKNOWN_LABELS.has(label)) return { text: guess(bytes), isKnown: label !== "unknown" };
  const decoder = decoderFor(label);
  if (decoder !== undefined) return { text: decoder.decode(bytes), isKnown: true };
  if (!isIconvCharset(label)) return { text: guess(bytes), isKnown: false };
  try {
    return { text: iconv.decode(bytes, label), isKnown: true };
  } catch {
    return { text: guess(bytes), isKnown: false };
  }
}

/**
 * Text in the charset of a part; `undefined` when it has characters that the charset has not, or
 * when we cannot write that charset: the caller then takes UTF-8.
 */
export function encodeText(text: string, charset: string): Buffer | undefined {
  const label = charset.trim().toLowerCase();
  if (label === "us-ascii" || label === "ascii") {
    return /^[\0-\x7f]*$/.test(text) ? Buffer.from(text, "latin1") : undefined;
  }
  if (label === "utf-8" || label === "utf8") return Buffer.from(text.toWellFormed());
  if (!isIconvCharset(label)) return undefined;
  try {
    const bytes = iconv.encode(text, label, { addBOM: false });
    return decodeText(bytes, label).text === text ? bytes : undefined;
  } catch {
    return undefined;
  }
}

function decoderFor(label: string): TextDecoder | undefined {
  if (label.length > LABEL_LENGTH_MAX) return undefined;
  try {
    return new TextDecoder(label);
  } catch {
    return undefined;
  }
}

function isIconvCharset(label: string): boolean {
  return label.length <= LABEL_LENGTH_MAX && !NO_CHARSETS.has(label) && iconv.encodingExists(label);
}

function guess(bytes: Uint8Array): string {
  return new TextDecoder(isUtf8(bytes) ? "utf-8" : "windows-1252").decode(bytes);
}
