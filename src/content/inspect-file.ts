import { readGzip, readRar, readSevenZip, readTar } from "./archive-readers.ts";
import { decodeText } from "./charset.ts";
import { readCompound } from "./compound-reader.ts";
import {
  closedFile,
  type FileFindings,
  type FileReader,
  type Look,
  type OpenFile,
} from "./file-reader.ts";
import { detectFileType, FILE_TYPE, isExecutableFile } from "./file-type-detection.ts";
import { HTML_LENGTH_MAX, readHtmlText } from "./html-text.ts";
import type { FileView } from "./message-view.ts";
import { readNestedMessage, readSigned } from "./nested-message-reader.ts";
import { readPackage } from "./package-reader.ts";
import { readPdf } from "./pdf-reader.ts";
import { readRtfText } from "./rtf-text.ts";

/** The longest that one character is in the charsets in use. */
const CHARACTER_BYTES_MAX = 4;

/** What looks into files of a type, by the type that their content has. */
const READERS: ReadonlyMap<string, FileReader> = new Map<string, FileReader>([
  [FILE_TYPE.zip, readPackage],
  [FILE_TYPE.gzip, readGzip],
  [FILE_TYPE.tar, readTar],
  [FILE_TYPE.rar, readRar],
  [FILE_TYPE.sevenZip, readSevenZip],
  [FILE_TYPE.compound, readCompound],
  [FILE_TYPE.pdf, readPdf],
  [FILE_TYPE.rtf, readRtf],
  [FILE_TYPE.html, readHtml],
  [FILE_TYPE.plain, readPlain],
  [FILE_TYPE.script, readPlain],
  [FILE_TYPE.message, readNestedMessage],
  [FILE_TYPE.signed, readSigned],
  ["application/xml", readPlain],
]);

/** Types that are known and have no text: they are read by knowing that. */
const WITHOUT_TEXT = /^(?:image|audio|video|font)\//;

/** Looks into a file, and into what is in it. Never rejects. */
export async function inspectFile(file: OpenFile, look: Look): Promise<FileView> {
  const { name, bytes } = file;
  const closed = { name, bytes: bytes.length, isPasswordProtected: false };
  const detectedType = await typeOf(file);
  const isExecutable =
    isExecutableFile(name, detectedType) || isExecutableFile(file.otherName ?? "", undefined);
  const tooDeep = file.depth > look.limits.depthMax;
  if (tooDeep || look.budget.isLate) {
    return { ...closedFile({ ...closed, outcome: "limitExceeded" }), detectedType, isExecutable };
  }
  const findings = await readFile(file, detectedType, look);
  return {
    name,
    bytes: bytes.length,
    detectedType: findings.detectedType ?? detectedType,
    isExecutable:
      isExecutable ||
      isExecutableFile(name, findings.detectedType) ||
      findings.isExecutable === true,
    isPasswordProtected: findings.isPasswordProtected ?? false,
    properties: findings.properties ?? [],
    text: look.wanted === "text" ? findings.text : undefined,
    outcome: findings.outcome,
    entries: findings.entries ?? [],
  };
}

/** A label that says message, and bytes that may be one, make a message: it begins as text does. */
async function typeOf(file: OpenFile): Promise<string | undefined> {
  const detected = await detectFileType(file.bytes);
  if (detected !== FILE_TYPE.plain && detected !== FILE_TYPE.html) return detected;
  const isMessage =
    file.mediaType.startsWith("message/rfc822") || /\.(?:eml|mht)$/i.test(file.name);
  return isMessage ? FILE_TYPE.message : detected;
}

async function readFile(
  file: OpenFile,
  detectedType: string | undefined,
  look: Look,
): Promise<FileFindings> {
  if (file.bytes.length === 0) return { outcome: "read", text: "" };
  const reader = READERS.get(detectedType ?? "");
  if (reader === undefined) {
    const hasNoText = detectedType !== undefined && WITHOUT_TEXT.test(detectedType);
    return { outcome: hasNoText ? "read" : "unsupported" };
  }
  try {
    return await reader(file, look);
  } catch {
    // Damaged, or made to confuse: whatever a library throws says that it cannot be read.
    return { outcome: "unsupported" };
  }
}

function readRtf({ bytes }: OpenFile, { limits, wanted }: Look): FileFindings {
  if (wanted === "structure") return { outcome: "read" };
  return { outcome: "read", text: readRtfText(bytes, limits.textLengthMax) };
}

function readHtml(file: OpenFile, { limits, wanted }: Look): FileFindings {
  if (wanted === "structure") return { outcome: "read" };
  const html = textOf(file, HTML_LENGTH_MAX);
  return { outcome: "read", text: readHtmlText(html, limits.textLengthMax).text };
}

function readPlain(file: OpenFile, { limits, wanted }: Look): FileFindings {
  if (wanted === "structure") return { outcome: "read" };
  return { outcome: "read", text: textOf(file, limits.textLengthMax) };
}

function textOf({ bytes, charset }: OpenFile, lengthMax: number): string {
  const head = bytes.subarray(0, lengthMax * CHARACTER_BYTES_MAX);
  const mark = head.toString("latin1", 0, 2);
  const marked = mark === "\xff\xfe" ? "utf-16le" : mark === "\xfe\xff" ? "utf-16be" : charset;
  return decodeText(head, marked).text.slice(0, lengthMax).toWellFormed();
}
