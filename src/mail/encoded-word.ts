import { TextDecoder } from "node:util";

/** RFC 2047 §2 says 75; writers that ignore it stay below this. */
const CHARSET_LENGTH_MAX = 40;
const ENCODED_WORD = /=\?([!->@-~]{1,40})\?([bq])\?([!->@-~]*)\?=/gi;

/** Decoders by label in lower case; a sender cannot make it grow beyond the bound. */
const decoders = new Map<string, TextDecoder | undefined>();
const DECODERS_MAX = 64;

function decoderFor(label: string): TextDecoder | undefined {
  const known = decoders.get(label);
  if (known !== undefined || decoders.has(label)) return known;
  if (label.length > CHARSET_LENGTH_MAX) return undefined;
  let decoder: TextDecoder | undefined;
  try {
    decoder = new TextDecoder(label);
  } catch {
    // A label that the platform does not know: the word stays as it is.
  }
  if (decoders.size < DECODERS_MAX) decoders.set(label, decoder);
  return decoder;
}

/** `_` is a space, `=41` an octet (RFC 2047 §4.2); what is neither stays. */
function decodeQ(text: string): Buffer {
  const binary = text
    .replaceAll("_", " ")
    .replace(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(binary, "latin1");
}

interface Word {
  readonly charset: string;
  readonly pieces: Buffer[];
}

function decodeWord(match: RegExpExecArray): Word {
  const [, charset = "", encoding = "", text = ""] = match;
  // RFC 2231 §5 allows a language behind the charset.
  const label = charset.split("*", 1)[0] ?? "";
  const bytes = encoding.toLowerCase() === "b" ? Buffer.from(text, "base64") : decodeQ(text);
  return { charset: label.toLowerCase(), pieces: [bytes] };
}

/**
 * Decodes the encoded words in a field's text (RFC 2047 §5, §6.2). White space between two of them
 * goes; a character cut in two between words of one charset is put together; unknown charsets stay.
 */
export function decodeEncodedWords(text: string): string {
  if (!text.includes("=?")) return text;
  let decoded = "";
  let at = 0;
  let pending: Word | undefined;
  const flush = () => {
    if (pending !== undefined) {
      decoded += decoderFor(pending.charset)?.decode(Buffer.concat(pending.pieces)) ?? "";
    }
    pending = undefined;
  };
  for (const match of text.matchAll(ENCODED_WORD)) {
    const word = decodeWord(match);
    if (decoderFor(word.charset) === undefined) continue;
    const between = text.slice(at, match.index);
    const adjacent = pending !== undefined && between.trim() === "";
    if (adjacent && pending?.charset === word.charset) {
      pending.pieces.push(...word.pieces);
    } else {
      flush();
      if (!adjacent) decoded += between;
      pending = word;
    }
    at = match.index + match[0].length;
  }
  flush();
  return decoded + text.slice(at);
}
