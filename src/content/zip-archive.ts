import { inflateRawSync } from "node:zlib";
import iconv from "iconv-lite";
import { type Entry, fromBuffer, type ZipFile } from "yauzl";
import type { ContentLimits } from "./content-limits.ts";
import type { LookBudget } from "./look-budget.ts";

/** A file in a zip archive; nothing is unpacked yet. */
export interface ZipEntry {
  /** With folders, `/` between them. */
  readonly name: string;
  /** What it unpacks to, as the archive says. */
  readonly bytes: number;
  readonly isEncrypted: boolean;
  readonly isFolder: boolean;
  /**
   * Unpacks it. `limitExceeded` for one that unpacks to more than there is room for or is packed
   * too tightly, `damaged` for one that cannot be unpacked.
   */
  read(room: Room): Promise<Buffer | "damaged" | "limitExceeded">;
}

/** What bounds the unpacking. */
interface Room {
  readonly budget: LookBudget;
  readonly limits: Pick<ContentLimits, "archiveRatioMax">;
}

/** What is in an archive. */
export interface ZipListing {
  readonly entries: readonly ZipEntry[];
  /** `cut`: there are more entries than were asked for. `damaged`: no more can be made out. */
  readonly end: "complete" | "cut" | "damaged";
}

const UTF8_FLAG = 0x800;
const STORED = 0;
const DEFLATED = 8;
/** Small files may be packed as tightly as they like. */
const RATIO_FREE_BYTES = 1024 * 1024;

/** Lists a zip archive (APPNOTE 6.3). Rejects when it has no list of entries that can be found. */
export async function listZip(bytes: Buffer, entriesMax: number): Promise<ZipListing> {
  const zip = await openZip(bytes);
  const entries: ZipEntry[] = [];
  const { promise, resolve } = Promise.withResolvers<ZipListing["end"]>();
  zip.on("entry", (entry: Entry) => {
    if (entries.length >= entriesMax) {
      resolve("cut");
      return;
    }
    entries.push(zipEntry(zip, entry));
    zip.readEntry();
  });
  zip.on("end", () => resolve("complete"));
  zip.on("error", () => resolve("damaged"));
  zip.readEntry();
  return { entries, end: await promise };
}

function openZip(bytes: Buffer): Promise<ZipFile> {
  // Names are not decoded by the library, which ends the listing at a name that it finds unsafe.
  const options = { lazyEntries: true, decodeStrings: false, validateEntrySizes: false };
  return new Promise((resolve, reject) => {
    fromBuffer(bytes, options, (error, zip) => {
      if (error === null) resolve(zip);
      else reject(error);
    });
  });
}

function zipEntry(zip: ZipFile, entry: Entry): ZipEntry {
  const name = entryName(entry);
  return {
    name,
    bytes: entry.uncompressedSize,
    isEncrypted: entry.isEncrypted(),
    isFolder: name.endsWith("/"),
    async read({ budget, limits }) {
      const { uncompressedSize, compressedSize, compressionMethod } = entry;
      if (compressionMethod !== STORED && compressionMethod !== DEFLATED) return "damaged";
      const max = Math.min(
        budget.bytesLeft,
        Math.max(RATIO_FREE_BYTES, compressedSize * limits.archiveRatioMax),
      );
      if (uncompressedSize > max || compressedSize > max) return "limitExceeded";
      const packed = await packedBytes(zip, entry);
      if (packed === undefined) return "damaged";
      const content = compressionMethod === STORED ? packed : inflate(packed, max);
      if (typeof content !== "string" && !budget.spend(content.length)) return "limitExceeded";
      return content;
    },
  };
}

/** Bytes past ASCII are UTF-8 when the entry says so, else code page 437 (APPNOTE 4.4.4, D.1). */
function entryName(entry: Entry): string {
  const raw = Buffer.from(entry.fileNameRaw);
  const isUtf8 = (entry.generalPurposeBitFlag & UTF8_FLAG) !== 0;
  return (isUtf8 ? raw.toString() : iconv.decode(raw, "cp437")).replaceAll("\\", "/");
}

async function packedBytes(zip: ZipFile, entry: Entry): Promise<Buffer | undefined> {
  try {
    const stream = await zip.openReadStreamPromise(entry, { decodeFileData: false });
    const pieces: Buffer[] = [];
    for await (const piece of stream) pieces.push(piece);
    return Buffer.concat(pieces);
  } catch {
    return undefined;
  }
}

function inflate(packed: Buffer, maxOutputLength: number): Buffer | "damaged" | "limitExceeded" {
  try {
    return inflateRawSync(packed, { maxOutputLength: Math.max(1, maxOutputLength) });
  } catch (error) {
    return isTooLarge(error) ? "limitExceeded" : "damaged";
  }
}

/** Whether unpacking failed because the result is larger than it may be. */
export function isTooLarge(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE";
}
