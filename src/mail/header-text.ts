/** RFC 5322 §2.1.1: a line should stay below this, CRLF not counted. */
const LINE_LENGTH_GOOD = 76;
/** Octets of text per encoded word, so that it stays within 75 characters (RFC 2047 §2). */
const ENCODED_WORD_OCTETS_MAX = 45;
/** Octets of a word without spaces after which a fold is put into it, against the limit of 998. */
const WORD_OCTETS_MAX = 900;

const PLAIN = /^[\x20-\x7e]*$/;

/**
 * Text for the value of an unstructured field: as it is when it is printable ASCII that cannot be
 * taken for an encoded word, else as encoded words (RFC 2047), folded. Controls become spaces.
 */
export function encodeHeaderText(text: string): string {
  const line = text
    .toWellFormed()
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ")
    .trim();
  if (PLAIN.test(line) && !line.includes("=?")) return line;
  const words: string[] = [];
  let piece = "";
  let octets = 0;
  for (const character of line) {
    const length = Buffer.byteLength(character);
    if (octets + length > ENCODED_WORD_OCTETS_MAX) {
      words.push(piece);
      piece = "";
      octets = 0;
    }
    piece += character;
    octets += length;
  }
  words.push(piece);
  return words.map((word) => `=?utf-8?B?${Buffer.from(word).toString("base64")}?=`).join("\r\n ");
}

/**
 * One header field with its CRLF, folded at spaces where it would grow long; no line passes 998
 * octets (RFC 5322 §2.2.3). `value` has no controls but for folds of its own.
 */
export function formatField(name: string, value: string): string {
  if (value.includes("\r\n")) return `${name}: ${value}\r\n`;
  let field = "";
  let line = `${name}:`;
  for (const word of value.split(" ").flatMap(cutWord)) {
    const blank = line.trim() === "" || line === `${name}:`;
    if (!blank && line.length + 1 + word.length > LINE_LENGTH_GOOD) {
      field += `${line}\r\n`;
      line = "";
    }
    line += ` ${word}`;
  }
  // Never a line of nothing but spaces: it would look like the end of the header to some readers.
  return line.trim() === "" ? field : `${field}${line}\r\n`;
}

function cutWord(word: string): readonly string[] {
  if (Buffer.byteLength(word) <= WORD_OCTETS_MAX) return [word];
  const pieces: string[] = [];
  // At most four octets a character.
  for (let at = 0; at < word.length; at += WORD_OCTETS_MAX / 4) {
    pieces.push(word.slice(at, at + WORD_OCTETS_MAX / 4));
  }
  return pieces;
}
