import { KiB, SECOND } from "../../base/units.ts";
import type { ContentLimits } from "../../content/content-limits.ts";
import type { ContentPart, MessageView } from "../../content/message-view.ts";
import { readMessage } from "../../content/read-message.ts";
import type { HeaderEdit } from "../../mail/header-edit.ts";
import { openOutgoing } from "../../mail/outgoing-content.ts";
import type { ContentReader } from "../../store/content.ts";

/** Of a message that much is read, from its beginning. */
const READ_BYTES_MAX = 512 * KiB;
const HEADER_CHARACTERS_MAX = 32 * KiB;
/** Of all its texts together. */
const TEXT_CHARACTERS_MAX = 64 * KiB;
/** HTML says the same with more characters. */
const HTML_CHARACTERS_MAX = 256 * KiB;
const LIST_MAX = 100;
const NAME_CHARACTERS_MAX = 200;

/** So little that reading it is a matter of milliseconds, whatever it is. */
const LIMITS: ContentLimits = {
  messageBytesMax: READ_BYTES_MAX,
  headerBytesMax: 128 * KiB,
  fieldCountMax: 1000,
  depthMax: 8,
  partCountMax: 100,
  decodedBytesMax: 2 * READ_BYTES_MAX,
  textLengthMax: HTML_CHARACTERS_MAX,
  fileCountMax: 1,
  archiveRatioMax: 1,
  timeMsMax: SECOND,
};

/** What a message says, as plain text. */
export interface MessagePreview {
  readonly header: string;
  readonly text: string;
  /** As it came, hostile; "" when there is none. */
  readonly html: string;
  readonly cc: readonly string[];
  /** `name (type)` */
  readonly attachments: readonly string[];
  readonly isCut: boolean;
}

/** Reads the beginning of a message. Rejects as `content` does. */
export async function previewMessage(
  content: ContentReader,
  edits: readonly HeaderEdit[],
): Promise<MessagePreview> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of openOutgoing(content, edits)) {
    pieces.push(piece);
    length += piece.length;
    if (length > READ_BYTES_MAX) break;
  }
  const bytes = Buffer.concat(pieces).subarray(0, READ_BYTES_MAX);
  const isCut = length > READ_BYTES_MAX;
  const headerEnd = bytes.indexOf("\r\n\r\n");
  const header = printable(bytes.subarray(0, headerEnd < 0 ? bytes.length : headerEnd).toString());
  const read = readMessage(bytes, LIMITS);
  const shown = {
    header: header.slice(0, HEADER_CHARACTERS_MAX),
    isCut: isCut || header.length > HEADER_CHARACTERS_MAX,
  };
  if (!read.ok) return { ...shown, text: "", html: "", cc: [], attachments: [], isCut: true };
  const text = textOf(read.value);
  const html = printable(read.value.bodies.map((body) => body.html ?? "").join("\n")).trim();
  return {
    header: shown.header,
    text: text.slice(0, TEXT_CHARACTERS_MAX).toWellFormed(),
    html: html.slice(0, HTML_CHARACTERS_MAX).toWellFormed(),
    cc: read.value.cc.slice(0, LIST_MAX).map((one) => oneLine(one.text)),
    attachments: read.value.attachments.slice(0, LIST_MAX).map(nameOf),
    isCut:
      shown.isCut ||
      text.length > TEXT_CHARACTERS_MAX ||
      html.length > HTML_CHARACTERS_MAX ||
      read.value.bodies.some(isCutBody),
  };
}

/** Its words may all be there although its HTML is not: a comment can be longer than all else. */
function isCutBody({ isCut, html = "" }: MessageView["bodies"][number]): boolean {
  return isCut || html.length >= LIMITS.textLengthMax;
}

/** Plain text where there is some: what HTML would show besides is the same, or should be. */
function textOf({ bodies }: MessageView): string {
  const plain = bodies.filter(({ kind }) => kind === "plain");
  const chosen = plain.length > 0 ? plain : bodies;
  return printable(chosen.map(({ text }) => text).join("\n"));
}

function nameOf({ fileName, mediaType }: ContentPart): string {
  return `${oneLine(fileName ?? "unnamed")} (${oneLine(mediaType)})`;
}

/** No control character reaches a terminal but the ends of lines; nor one that turns text round. */
function printable(text: string): string {
  return text
    .toWellFormed()
    .replaceAll("\r\n", "\n")
    .replace(/(?![\n\t])[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, "\ufffd");
}

function oneLine(text: string): string {
  return printable(text.slice(0, NAME_CHARACTERS_MAX)).replace(/\s+/g, " ");
}
