import { gunzipSync } from "node:zlib";
import { closedFile, type FileFindings, type Look, type OpenFile } from "./file-reader.ts";
import type { FileOutcome, FileView } from "./message-view.ts";
import { isTooLarge, type ZipEntry, type ZipListing } from "./zip-archive.ts";

const OUTCOME_BY_END = {
  complete: "read",
  cut: "limitExceeded",
  damaged: "unsupported",
} as const satisfies Record<ZipListing["end"], FileOutcome>;

/** Looks into files of a zip archive that has been listed. */
export async function readZipEntries(
  file: OpenFile,
  listing: ZipListing,
  look: Look,
): Promise<FileFindings> {
  const views: FileView[] = [];
  let outcome: FileOutcome = OUTCOME_BY_END[listing.end];
  for (const entry of listing.entries) {
    if (entry.isFolder) continue;
    if (!look.budget.takeFile()) {
      outcome = "limitExceeded";
      break;
    }
    views.push(await readEntry(entry, file, look));
  }
  return {
    outcome,
    entries: views,
    isPasswordProtected: listing.entries.some(({ isEncrypted }) => isEncrypted),
  };
}

async function readEntry(entry: ZipEntry, archive: OpenFile, look: Look): Promise<FileView> {
  const { name, bytes, isEncrypted } = entry;
  const closed = { name, bytes, isPasswordProtected: isEncrypted };
  if (isEncrypted) return closedFile({ ...closed, outcome: "unsupported" });
  const content = await entry.read(look);
  if (content === "damaged") return closedFile({ ...closed, outcome: "unsupported" });
  if (content === "limitExceeded") return closedFile({ ...closed, outcome: "limitExceeded" });
  return look.inspect(innerFile(archive, name, content));
}

function innerFile(archive: OpenFile, name: string, bytes: Buffer): OpenFile {
  return { name, bytes, mediaType: "", charset: undefined, depth: archive.depth + 1 };
}

const GZIP_NAME = /\.(?:gz|gzip)$/i;
const TAR_GZIP_NAME = /\.tgz$/i;

/** Looks into the one file that is packed with gzip. */
export async function readGzip(file: OpenFile, look: Look): Promise<FileFindings> {
  const { budget, limits } = look;
  const ratioMax = Math.max(1024 * 1024, file.bytes.length * limits.archiveRatioMax);
  const maxOutputLength = Math.min(budget.bytesLeft, ratioMax);
  if (maxOutputLength < 1 || !budget.takeFile()) return { outcome: "limitExceeded" };
  let content: Buffer;
  try {
    content = gunzipSync(file.bytes, { maxOutputLength });
  } catch (error) {
    return { outcome: isTooLarge(error) ? "limitExceeded" : "unsupported" };
  }
  if (!budget.spend(content.length)) return { outcome: "limitExceeded" };
  const name = file.name.replace(GZIP_NAME, "").replace(TAR_GZIP_NAME, ".tar");
  return { outcome: "read", entries: [await look.inspect(innerFile(file, name, content))] };
}

const TAR_BLOCK_BYTES = 512;
/** Regular files by old and new archivers. */
const TAR_FILE = /^[\0 07]$/;
/** The name of the next entry, when it is too long for the header (GNU). */
const TAR_LONG_NAME = "L";

/** Looks into each file of a tar archive (POSIX ustar and its GNU form). */
export async function readTar(file: OpenFile, look: Look): Promise<FileFindings> {
  const entries: FileView[] = [];
  const { bytes } = file;
  let longName: string | undefined;
  for (let at = 0; at + TAR_BLOCK_BYTES <= bytes.length; ) {
    const header = bytes.subarray(at, at + TAR_BLOCK_BYTES);
    if (header.every((byte) => byte === 0)) break;
    const size = tarSize(header);
    const from = at + TAR_BLOCK_BYTES;
    if (size === undefined || from + size > bytes.length)
      return { outcome: "unsupported", entries };
    const type = header.toString("latin1", 156, 157);
    const content = bytes.subarray(from, from + size);
    if (type === TAR_LONG_NAME) longName = zeroEnded(content);
    else {
      const name = longName ?? tarName(header);
      longName = undefined;
      if (!look.budget.takeFile()) return { outcome: "limitExceeded", entries };
      if (TAR_FILE.test(type)) entries.push(await look.inspect(innerFile(file, name, content)));
    }
    at = from + Math.ceil(size / TAR_BLOCK_BYTES) * TAR_BLOCK_BYTES;
  }
  return { outcome: "read", entries };
}

function tarSize(header: Buffer): number | undefined {
  const octal = /^[ 0]*([0-7]{1,11})[ \0]*$/.exec(header.toString("latin1", 124, 136))?.[1];
  return octal === undefined ? undefined : Number.parseInt(octal, 8);
}

function tarName(header: Buffer): string {
  const prefix = zeroEnded(header.subarray(345, 500));
  const name = zeroEnded(header.subarray(0, 100));
  return prefix === "" ? name : `${prefix}/${name}`;
}

function zeroEnded(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.subarray(0, end === -1 ? undefined : end).toString();
}

/** The archive header's flag that even names are encrypted, and a file's that it is. */
const RAR4_HEADERS_ENCRYPTED = 0x80;
const RAR4_FILE_ENCRYPTED = 0x04;
const RAR4_MARK_BYTES = 7;

/** Of RAR only whether a password is needed: the first headers tell. */
export function readRar({ bytes }: OpenFile): FileFindings {
  return { outcome: "unsupported", isPasswordProtected: isRarEncrypted(bytes) };
}

function isRarEncrypted(bytes: Buffer): boolean {
  if (bytes[6] === 1) {
    // RAR 5: mark (8), checksum (4), size, then the type of the first header; 4 is encryption.
    const sizeEnd = bytes.subarray(12, 15).findIndex((byte) => byte < 0x80);
    return sizeEnd >= 0 && bytes[12 + sizeEnd + 1] === 4;
  }
  if (bytes.length < RAR4_MARK_BYTES + 13 + 7) return false;
  const archiveFlags = bytes.readUInt16LE(RAR4_MARK_BYTES + 3);
  const firstFile = RAR4_MARK_BYTES + bytes.readUInt16LE(RAR4_MARK_BYTES + 5);
  if ((archiveFlags & RAR4_HEADERS_ENCRYPTED) !== 0) return true;
  if (firstFile + 5 > bytes.length || bytes[firstFile + 2] !== 0x74) return false;
  return (bytes.readUInt16LE(firstFile + 3) & RAR4_FILE_ENCRYPTED) !== 0;
}

/** The id of the AES coder in a 7z header. */
const SEVEN_ZIP_AES = Buffer.from([0x06, 0xf1, 0x07, 0x01]);
const SEVEN_ZIP_TAIL_BYTES = 64 * 1024;

/** Of 7z only whether a password is needed: the header at its end names the coders. */
export function readSevenZip({ bytes }: OpenFile): FileFindings {
  const isPasswordProtected = bytes.subarray(-SEVEN_ZIP_TAIL_BYTES).includes(SEVEN_ZIP_AES);
  return { outcome: "unsupported", isPasswordProtected };
}
