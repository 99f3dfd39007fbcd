/** A field of a header, unfolded. */
export interface HeaderField {
  readonly name: string;
  readonly value: string;
}

/** What is read of a text that somebody pastes. */
export const HEADER_CHARACTERS_MAX = 512 * 1024;
const FIELDS_MAX = 2000;

/**
 * The fields of a header as it is pasted, in their order (RFC 5322 §2.2). It ends at the first
 * empty line behind a field; lines that are none are left out. Total, and linear in the text.
 */
export function parseHeaderFields(text: string): readonly HeaderField[] {
  const fields: { name: string; value: string[] }[] = [];
  const lines = text.slice(0, HEADER_CHARACTERS_MAX).split(/\r\n|\r|\n/);
  for (const line of lines) {
    if (line.trim() === "") {
      if (fields.length > 0) break;
      continue;
    }
    const last = fields.at(-1);
    if (/^[ \t]/.test(line) && last !== undefined) {
      last.value.push(line.trim());
      continue;
    }
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(0, colon)).trim();
    // RFC 5322 §2.2: a name is printable and has no blank in it.
    if (!/^[!-9;-~]{1,200}$/.test(name) || fields.length >= FIELDS_MAX) continue;
    fields.push({ name, value: [line.slice(colon + 1).trim()] });
  }
  return fields.map(({ name, value }) => ({ name, value: value.join(" ").trim() }));
}

/** The values of the fields of that name, in their order; case never matters. */
export function valuesOf(fields: readonly HeaderField[], name: string): readonly string[] {
  const wanted = name.toLowerCase();
  return fields.filter((one) => one.name.toLowerCase() === wanted).map(({ value }) => value);
}

const ENCODED_WORD = /=\?([^?\s*]{1,40})(?:\*[^?\s]{0,40})?\?([bq])\?([^?\s]{0,4000})\?=/gi;

/** Encoded words as what they say (RFC 2047); what cannot be read stays as it is. */
export function decodeWords(value: string): string {
  // Blanks between two encoded words are not part of the text (§6.2).
  const joined = value.replace(/\?=\s+(?==\?[^?\s]{1,80}\?[bq]\?)/gi, "?=");
  return joined.replace(ENCODED_WORD, (word, charset: string, kind: string, text: string) => {
    try {
      const bytes = kind.toLowerCase() === "b" ? fromBase64(text) : fromQuoted(text);
      return new TextDecoder(charset).decode(bytes);
    } catch {
      return word;
    }
  });
}

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
}

function fromQuoted(text: string): Uint8Array {
  const signs = text
    .replaceAll("_", " ")
    .replace(/=([\da-f]{2})/gi, (_whole, code: string) =>
      String.fromCharCode(Number.parseInt(code, 16)),
    );
  return Uint8Array.from(signs, (sign) => sign.charCodeAt(0) & 0xff);
}
