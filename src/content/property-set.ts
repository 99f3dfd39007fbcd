import { decodeText } from "./charset.ts";
import type { FileProperty } from "./message-view.ts";

/** Names of the properties by their numbers (MS-OLEPS §2.25.1). */
export const SUMMARY_NAMES: ReadonlyMap<number, string> = new Map([
  [2, "Title"],
  [3, "Subject"],
  [4, "Author"],
  [5, "Keywords"],
  [6, "Comments"],
  [8, "LastAuthor"],
  [18, "Application"],
]);

/** The same of the second set (MS-OSHARED §2.3.3.2). */
export const DOCUMENT_SUMMARY_NAMES: ReadonlyMap<number, string> = new Map([
  [2, "Category"],
  [14, "Manager"],
  [15, "Company"],
]);

const PROPERTIES_MAX = 100;
const VALUE_BYTES_MAX = 4096;
const CODE_PAGE = 1;
const TYPE_SHORT = 2;
const TYPE_STRING = 0x1e;
const TYPE_WIDE_STRING = 0x1f;
const UTF8_CODE_PAGE = 65001;
const SET_OFFSET_AT = 44;

/** Reads the first set of a stream of properties (MS-OLEPS §2.21). Never throws. */
export function readPropertySet(
  stream: Buffer,
  names: ReadonlyMap<number, string>,
): readonly FileProperty[] {
  const start = uint32(stream, SET_OFFSET_AT);
  const set = stream.subarray(start);
  const count = Math.min(uint32(set, 4), PROPERTIES_MAX);
  const places = Array.from({ length: count }, (_, index) => ({
    id: uint32(set, 8 + index * 8),
    at: uint32(set, 12 + index * 8),
  }));
  const page = places.find(({ id }) => id === CODE_PAGE)?.at;
  const charset = charsetOf(page === undefined ? undefined : set.subarray(page));
  return places.flatMap(({ id, at }) => {
    const name = names.get(id);
    const value = name === undefined ? undefined : readValue(set.subarray(at), charset);
    return name === undefined || value === undefined || value === "" ? [] : [{ name, value }];
  });
}

function charsetOf(value: Buffer | undefined): string {
  if (value === undefined || uint32(value, 0) !== TYPE_SHORT) return "windows-1252";
  const page = value.length >= 6 ? value.readUInt16LE(4) : 0;
  if (page === 1200) return "utf-16le";
  return page === UTF8_CODE_PAGE ? "utf-8" : `windows-${page}`;
}

function readValue(value: Buffer, charset: string): string | undefined {
  const type = uint32(value, 0);
  if (type !== TYPE_STRING && type !== TYPE_WIDE_STRING) return undefined;
  const isWide = type === TYPE_WIDE_STRING;
  const length = Math.min(uint32(value, 4) * (isWide ? 2 : 1), VALUE_BYTES_MAX);
  const text = decodeText(value.subarray(8, 8 + length), isWide ? "utf-16le" : charset).text;
  return (text.split("\0", 1)[0] ?? "").trim();
}

/** Zero where there is nothing. */
function uint32(bytes: Buffer, at: number): number {
  return at + 4 <= bytes.length ? bytes.readUInt32LE(at) : 0;
}
