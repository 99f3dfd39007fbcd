import { decodeText } from "./charset.ts";
import type { CompoundEntry } from "./compound-file.ts";

/** Where Word 97 and later say where their text is (MS-DOC §2.5.1, §2.5.6). */
const HEAD_BYTES = 0x1aa;
const WORD_MARK = 0xa5ec;
const WORD_97 = 0xc1;
const TABLE_FLAG = 0x0200;
const CLX_AT = 0x1a2;
const PROPERTIES = 1;
const PIECES = 2;
const COMPRESSED = 0x40000000;
const TABLE_BYTES_MAX = 16 * 1024 * 1024;

/**
 * The text of a document as Word wrote it from 1997 to 2003, up to a length: its pieces in order
 * (MS-DOC §2.4.1). `undefined` when it is of another make, or damaged.
 */
export function readWordText(
  entries: readonly CompoundEntry[],
  lengthMax: number,
): string | undefined {
  const document = streamNamed(entries, "WordDocument");
  if (document === undefined) return undefined;
  const bytes = document.read(document.bytes);
  if (bytes.length < HEAD_BYTES || bytes.readUInt16LE(0) !== WORD_MARK) return undefined;
  if (bytes.readUInt16LE(2) < WORD_97) return undefined;
  const isSecond = (bytes.readUInt16LE(10) & TABLE_FLAG) !== 0;
  const table = streamNamed(entries, isSecond ? "1Table" : "0Table")?.read(TABLE_BYTES_MAX);
  const from = bytes.readUInt32LE(CLX_AT);
  const pieces = table?.subarray(from, from + bytes.readUInt32LE(CLX_AT + 4));
  return pieces === undefined ? undefined : joinPieces(bytes, pieces, lengthMax);
}

function streamNamed(entries: readonly CompoundEntry[], name: string): CompoundEntry | undefined {
  return entries.find((entry) => entry.isStream && entry.name === name);
}

function joinPieces(bytes: Buffer, clx: Buffer, lengthMax: number): string | undefined {
  let at = 0;
  while (clx[at] === PROPERTIES && at + 3 <= clx.length) at += 3 + clx.readUInt16LE(at + 1);
  if (clx[at] !== PIECES || at + 5 > clx.length) return undefined;
  const list = clx.subarray(at + 5, at + 5 + clx.readUInt32LE(at + 1));
  const count = Math.floor((list.length - 4) / 12);
  const texts: string[] = [];
  let length = 0;
  for (let index = 0; index < count && length < lengthMax; index += 1) {
    const start = list.readUInt32LE(4 * index);
    const characters = Math.max(0, list.readUInt32LE(4 * index + 4) - start);
    const place = list.readUInt32LE(4 * (count + 1) + 8 * index + 2);
    const text = pieceText(bytes, place, Math.min(characters, lengthMax - length));
    texts.push(text);
    length += text.length;
  }
  return shownText(texts.join(""));
}

function pieceText(bytes: Buffer, place: number, characters: number): string {
  if ((place & COMPRESSED) === 0) {
    return bytes.toString("utf16le", place, Math.min(place + 2 * characters, bytes.length));
  }
  const from = (place & ~COMPRESSED) / 2;
  return decodeText(bytes.subarray(from, from + characters), "windows-1252").text;
}

/** Marks of paragraphs and cells as text; instructions of fields are not shown (MS-DOC §2.8.25). */
function shownText(text: string): string {
  let shown = "";
  let instructionDepth = 0;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are the marks.
  for (const [piece] of text.matchAll(/[^\0-\x1f]+|[\0-\x1f]/g)) {
    if (piece === "\x13") instructionDepth += 1;
    else if (piece === "\x14" || piece === "\x15") {
      instructionDepth = Math.max(0, instructionDepth - 1);
    } else if (instructionDepth === 0) shown += MARKS.get(piece) ?? (piece < " " ? "" : piece);
  }
  return shown.toWellFormed();
}

const MARKS: ReadonlyMap<string, string> = new Map([
  ["\r", "\n"],
  ["\x0b", "\n"],
  ["\x0c", "\n"],
  ["\x07", "\t"],
  ["\t", "\t"],
  ["\x1e", "-"],
]);
