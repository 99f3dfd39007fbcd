import { freeBytes } from "../../base/free-bytes.ts";
import { KiB } from "../../base/units.ts";
import type { ClientConnection } from "../../net/client-connection.ts";
import type { ClientMachine } from "../../smtp/client-machine.ts";
import { DotStuffer } from "../../smtp/dot-stuffing.ts";

/** A message's content as it is to go out. */
export interface ContentSource {
  /** All of it, when it is in memory. */
  readonly pieces: readonly Uint8Array[] | undefined;
  /** All of it, from the start, in pieces of any size; rejects when the store cannot read it. */
  readonly open: () => AsyncIterable<Uint8Array>;
}

/** Content, and where it goes. */
export interface Transfer {
  readonly content: ContentSource;
  readonly transfer: "data" | "chunks";
  readonly machine: ClientMachine;
  readonly connection: ClientConnection;
}

/**
 * Up to this size content in memory goes out in one write, buffered by the socket if it must be.
 */
const ONE_WRITE_BYTES_MAX = 512 * KiB;
/**
 * Up to this size pieces are put together: copying costs less than a second buffer in the write.
 */
const JOIN_BYTES_MAX = 64 * KiB;
/** Smaller pieces of a stream are gathered into blocks of at least this size. */
const BLOCK_BYTES = 64 * KiB;
/** BDAT chunks sent ahead of their replies to a server that offers PIPELINING (RFC 3030 §4.2). */
const CHUNKS_IN_FLIGHT_MAX = 4;

/** Its size where it is known, for logs that have no content. */
export function describeContent({ pieces }: ContentSource): string {
  if (pieces === undefined) return "<content>";
  return `<${pieces.reduce((sum, { length }) => sum + length, 0)} octets>`;
}

/**
 * Small content as it is to be written, its end included, when all of it is in memory; `undefined`
 * leaves it to `streamContent`. The machine takes it for sent.
 */
export function contentInMemory(parts: Omit<Transfer, "connection">): Uint8Array[] | undefined {
  const { content, transfer, machine } = parts;
  const pieces = content.pieces;
  if (pieces === undefined) return undefined;
  let bytes = 0;
  for (const piece of pieces) bytes += piece.length;
  if (bytes > ONE_WRITE_BYTES_MAX) return undefined;
  if (transfer === "chunks") return [Buffer.from(machine.chunk(bytes, "last")), ...pieces];
  const stuffer = new DotStuffer();
  const stuffed: Uint8Array[] = [];
  for (const piece of pieces) stuffed.push(stuffer.stuff(piece));
  stuffed.push(Buffer.from(stuffer.end()));
  machine.contentSent();
  return stuffed;
}

/** Writes content and the commands that follow it at once. */
export function writeJoined(
  connection: ClientConnection,
  pieces: Uint8Array[],
  commands: string,
): void {
  if (commands !== "") pieces.push(Buffer.from(commands));
  let bytes = 0;
  for (const piece of pieces) bytes += piece.length;
  if (bytes > JOIN_BYTES_MAX) connection.writeAll(pieces);
  else connection.write(Buffer.concat(pieces, bytes));
}

/** Ways of a stream to tell and to wait. */
interface Streaming extends Transfer {
  /** Whether the rest of this content is still of use. */
  readonly isWanted: () => boolean;
  /** A block has left: the time for the next one starts. */
  readonly progress: () => void;
  /** Resolves when a reply has come, or the session is over. */
  readonly replied: () => Promise<void>;
}

/**
 * Sends content of any size in constant memory, stopping when the server has refused it or is gone.
 * Rejects with the store's failure; the end of content has not been sent then.
 */
export async function streamContent(streaming: Streaming): Promise<void> {
  if (streaming.transfer === "data") await streamData(streaming);
  else await streamChunks(streaming);
}

async function streamData(streaming: Streaming): Promise<void> {
  const { content, machine, connection, progress, isWanted } = streaming;
  const stuffer = new DotStuffer();
  const written: Uint8Array[] = [];
  for await (const block of gather(content.open())) {
    if (!isWanted()) return;
    const stuffed = stuffer.stuff(block);
    // The kernel has all that was written before: nobody reads those blocks again.
    if (connection.isFlushed) for (const sent of written.splice(0)) freeBytes(sent);
    written.push(stuffed);
    if (!connection.write(stuffed)) await connection.drained();
    if (!isWanted()) return;
    progress();
  }
  if (!isWanted()) return;
  machine.contentSent();
  connection.write(stuffer.end());
}

async function streamChunks(streaming: Streaming): Promise<void> {
  const { content, machine, isWanted } = streaming;
  let held: Uint8Array | undefined;
  for await (const block of gather(content.open())) {
    if (held !== undefined) await sendChunk(held, streaming);
    if (!isWanted()) return;
    held = block;
  }
  const last = held ?? new Uint8Array(0);
  streaming.connection.writeAll([machine.chunk(last.length, "last"), last]);
}

async function sendChunk(block: Uint8Array, streaming: Streaming): Promise<void> {
  const { machine, connection, progress, replied, isWanted } = streaming;
  const limit = machine.offers.pipelining ? CHUNKS_IN_FLIGHT_MAX : 1;
  if (!isWanted()) return;
  const ready = connection.writeAll([machine.chunk(block.length, "middle"), block]);
  if (!ready) await connection.drained();
  while (isWanted() && machine.chunksInFlight >= limit) await replied();
  if (isWanted()) progress();
}

/**
 * Blocks of a fair size from pieces of any: a system call, or a BDAT, for each line would be dear.
 */
async function* gather(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of source) {
    if (piece.length === 0) continue;
    if (bytes === 0 && piece.length >= BLOCK_BYTES) {
      yield piece;
      continue;
    }
    parts.push(piece);
    bytes += piece.length;
    if (bytes < BLOCK_BYTES) continue;
    yield Buffer.concat(parts, bytes);
    parts = [];
    bytes = 0;
  }
  if (bytes > 0) yield Buffer.concat(parts, bytes);
}
