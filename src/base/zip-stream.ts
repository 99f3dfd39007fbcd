import { constants, crc32, createDeflateRaw } from "node:zlib";

/** A file of an archive. */
export interface ZipFile {
  /** Within the archive: a plain name. */
  readonly name: string;
  readonly atMs: number;
  readonly content: AsyncIterable<Uint8Array>;
}

/** What an archive without 64-bit fields can hold. */
const BYTES_MAX = 0xffff_ffff;
const FILES_MAX = 0xffff;
/** Sizes follow the content, and names are UTF-8 (APPNOTE.TXT 6.3.10 §4.4.4). */
const FLAGS = 0x0808;
const DEFLATED = 8;
const VERSION = 20;
/** Made on Unix; whoever unpacks it may read and write it, nobody else. */
const MADE_BY = (3 << 8) | VERSION;
const MODE = 0o100_600 * 0x1_0000;

/** More than an archive can hold. */
export class ZipOverflow extends Error {}

interface Written {
  readonly name: Buffer;
  readonly moment: number;
  readonly offset: number;
  readonly crc: number;
  readonly packedBytes: number;
  readonly bytes: number;
}

/**
 * A ZIP archive of files that are read one after the other, in pieces as they come; nothing of it
 * is held in memory but the list of files. Rejects with ZipOverflow past 4 GiB or 65,535 files.
 */
export async function* zipStream(files: AsyncIterable<ZipFile>): AsyncGenerator<Uint8Array> {
  const written: Written[] = [];
  let offset = 0;
  for await (const { name: text, atMs, content } of files) {
    const name = Buffer.from(text);
    const moment = dosMoment(atMs);
    const head = localHead(name, moment);
    yield head;
    let [crc, bytes, packedBytes] = [0, 0, 0];
    const counted = async function* () {
      for await (const piece of content) {
        crc = crc32(piece, crc);
        bytes += piece.length;
        yield piece;
      }
    };
    for await (const piece of deflated(counted())) {
      packedBytes += piece.length;
      yield piece;
    }
    const sizes = { crc, packedBytes, bytes };
    const tail = descriptor(sizes);
    yield tail;
    written.push({ name, moment, offset, ...sizes });
    offset += head.length + packedBytes + tail.length;
    if (offset > BYTES_MAX || bytes > BYTES_MAX || written.length > FILES_MAX) {
      throw new ZipOverflow("the archive would be larger than 4 GiB, or have too many files");
    }
  }
  yield directory(written, offset);
}

async function* deflated(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const deflate = createDeflateRaw({ level: constants.Z_BEST_SPEED });
  const fed = (async () => {
    for await (const piece of content) {
      // Whoever reads has gone.
      if (deflate.destroyed) return;
      if (deflate.write(piece)) continue;
      await new Promise<void>((resolve) => {
        deflate.once("drain", resolve);
        deflate.once("close", resolve);
      });
    }
    deflate.end();
  })();
  // What goes wrong with the content ends the stream, which tells it to whoever reads.
  fed.catch((error: unknown) => deflate.destroy(error instanceof Error ? error : undefined));
  yield* deflate as AsyncIterable<Uint8Array>;
  await fed;
}

/** Two numbers of 16 bits, in local time, of which there is none here: UTC (§4.4.6). */
function dosMoment(atMs: number): number {
  const at = new Date(atMs);
  const year = Math.min(Math.max(at.getUTCFullYear(), 1980), 2107);
  const day = ((year - 1980) << 9) | ((at.getUTCMonth() + 1) << 5) | at.getUTCDate();
  const time = (at.getUTCHours() << 11) | (at.getUTCMinutes() << 5) | (at.getUTCSeconds() >> 1);
  return day * 0x1_0000 + time;
}

function localHead(name: Buffer, moment: number): Buffer {
  const head = Buffer.alloc(30);
  head.writeUInt32LE(0x0403_4b50, 0);
  head.writeUInt16LE(VERSION, 4);
  head.writeUInt16LE(FLAGS, 6);
  head.writeUInt16LE(DEFLATED, 8);
  head.writeUInt32LE(moment, 10);
  head.writeUInt16LE(name.length, 26);
  return Buffer.concat([head, name]);
}

function descriptor(sizes: Pick<Written, "crc" | "packedBytes" | "bytes">): Buffer {
  const tail = Buffer.alloc(16);
  tail.writeUInt32LE(0x0807_4b50, 0);
  tail.writeUInt32LE(sizes.crc, 4);
  tail.writeUInt32LE(sizes.packedBytes % 0x1_0000_0000, 8);
  tail.writeUInt32LE(sizes.bytes % 0x1_0000_0000, 12);
  return tail;
}

function directory(written: readonly Written[], offset: number): Buffer {
  const entries = written.map((one) => {
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x0201_4b50, 0);
    entry.writeUInt16LE(MADE_BY, 4);
    entry.writeUInt16LE(VERSION, 6);
    entry.writeUInt16LE(FLAGS, 8);
    entry.writeUInt16LE(DEFLATED, 10);
    entry.writeUInt32LE(one.moment, 12);
    entry.writeUInt32LE(one.crc, 16);
    entry.writeUInt32LE(one.packedBytes, 20);
    entry.writeUInt32LE(one.bytes, 24);
    entry.writeUInt16LE(one.name.length, 28);
    entry.writeUInt32LE(MODE, 38);
    entry.writeUInt32LE(one.offset, 42);
    return Buffer.concat([entry, one.name]);
  });
  const all = Buffer.concat(entries);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x0605_4b50, 0);
  end.writeUInt16LE(written.length, 8);
  end.writeUInt16LE(written.length, 10);
  end.writeUInt32LE(all.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([all, end]);
}
