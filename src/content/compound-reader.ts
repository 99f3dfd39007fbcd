import { type CompoundEntry, readCompoundFile } from "./compound-file.ts";
import { readExcelText } from "./excel-text.ts";
import type { FileFindings, Look, OpenFile } from "./file-reader.ts";
import { FILE_TYPE } from "./file-type-detection.ts";
import { readPowerPointText } from "./powerpoint-text.ts";
import { DOCUMENT_SUMMARY_NAMES, readPropertySet, SUMMARY_NAMES } from "./property-set.ts";
import { readWordText } from "./word-text.ts";

/** What is told apart by a stream of this name. */
const TYPE_BY_STREAM: ReadonlyMap<string, string> = new Map([
  ["WordDocument", "application/msword"],
  ["Workbook", "application/vnd.ms-excel"],
  ["Book", "application/vnd.ms-excel"],
  ["PowerPoint Document", "application/vnd.ms-powerpoint"],
  ["EncryptedPackage", "application/x-ole-storage-encrypted"],
  ["VisioDocument", "application/vnd.visio"],
  ["__properties_version1.0", "application/vnd.ms-outlook"],
]);
/** {000C1084-0000-0000-C000-000000000046}: Windows Installer. */
const INSTALLER_CLASSES: ReadonlySet<string> = new Set([
  "84100c0000000000c000000000000046",
  "86100c0000000000c000000000000046",
]);
const PROPERTIES_BYTES_MAX = 64 * 1024;
const HEAD_BYTES = 8192;
/** Records of a workbook that are looked at: encryption is among the first. */
const RECORDS_MAX = 64;
const FILE_PASS = 0x2f;
const ENCRYPTED_PRESENTATION = 0xf3d1c4df;

/**
 * Looks into documents as Office wrote them until 2007: their kind, whether they need a password,
 * their properties, and the text of Word, Excel and PowerPoint.
 */
export function readCompound(file: OpenFile, { wanted, limits }: Look): FileFindings {
  const entries = readCompoundFile(file.bytes);
  if (entries === undefined) return { outcome: "unsupported" };
  const [root] = entries;
  const kind = entries.find(({ name }) => TYPE_BY_STREAM.has(name));
  const isInstaller = root !== undefined && INSTALLER_CLASSES.has(root.classId);
  const detectedType = isInstaller
    ? FILE_TYPE.installer
    : (TYPE_BY_STREAM.get(kind?.name ?? "") ?? FILE_TYPE.compound);
  const isPasswordProtected = isEncrypted(entries);
  const text = isPasswordProtected ? undefined : textOf(entries, kind?.name, limits.textLengthMax);
  return {
    outcome: text === undefined ? "unsupported" : "read",
    detectedType,
    isExecutable: isInstaller,
    isPasswordProtected,
    properties: wanted === "text" ? propertiesOf(entries) : [],
    ...(text !== undefined && { text }),
  };
}

/** Cheap enough to be read also where only the structure is wanted: it says what is supported. */
function textOf(
  entries: readonly CompoundEntry[],
  name: string | undefined,
  lengthMax: number,
): string | undefined {
  const stream = entries.find((entry) => entry.isStream && entry.name === name);
  if (stream === undefined) return undefined;
  if (name === "WordDocument") return readWordText(entries, lengthMax);
  if (name === "Workbook") return readExcelText(stream.read(stream.bytes), lengthMax);
  if (name === "PowerPoint Document") {
    return readPowerPointText(stream.read(stream.bytes), lengthMax);
  }
  return undefined;
}

function propertiesOf(entries: readonly CompoundEntry[]) {
  const read = (name: string, names: ReadonlyMap<number, string>) => {
    const stream = entries.find((entry) => entry.name === name);
    return stream === undefined ? [] : readPropertySet(stream.read(PROPERTIES_BYTES_MAX), names);
  };
  return [
    ...read("\x05SummaryInformation", SUMMARY_NAMES),
    ...read("\x05DocumentSummaryInformation", DOCUMENT_SUMMARY_NAMES),
  ];
}

/** Each program has its own mark (MS-OFFCRYPTO §2.3.4, MS-DOC §2.5.2, MS-XLS §2.4.117, MS-PPT). */
function isEncrypted(entries: readonly CompoundEntry[]): boolean {
  return entries.some((entry) => {
    switch (entry.name) {
      case "EncryptedPackage":
      case "EncryptedSummary":
        return true;
      case "WordDocument":
        return ((entry.read(HEAD_BYTES)[11] ?? 0) & 1) === 1;
      case "Workbook":
      case "Book":
        return hasFilePass(entry.read(HEAD_BYTES));
      case "Current User": {
        const head = entry.read(HEAD_BYTES);
        return head.length >= 16 && head.readUInt32LE(12) === ENCRYPTED_PRESENTATION;
      }
      default:
        return false;
    }
  });
}

function hasFilePass(head: Buffer): boolean {
  let at = 0;
  for (let count = 0; count < RECORDS_MAX && at + 4 <= head.length; count += 1) {
    if (head.readUInt16LE(at) === FILE_PASS) return true;
    at += 4 + head.readUInt16LE(at + 2);
  }
  return false;
}
