import { CONTENT_CHUNK_BYTES } from "./queue-store.ts";

/** Reads stored content in order. `undefined` is the end; a StoreFailure is thrown. */
export interface ContentReader {
  readonly bytes: number;
  /** Piece `index`, from 0. Pieces are CONTENT_CHUNK_BYTES long but for the last. */
  read(index: number): Promise<Uint8Array | undefined>;
  /** Piece `index` when it is in memory already. */
  peek(index: number): Uint8Array | undefined;
}

/** Content as the store wants it: pieces of one length but for the last, each of its own memory. */
export function inPieces(parts: readonly Uint8Array[]): readonly Uint8Array[] {
  const whole = Buffer.concat(parts);
  const pieces: Uint8Array[] = [];
  for (let start = 0; start < whole.length; start += CONTENT_CHUNK_BYTES) {
    // A view would take all of it along to another thread.
    pieces.push(new Uint8Array(whole.subarray(start, start + CONTENT_CHUNK_BYTES)));
  }
  return pieces;
}

/** Octets of content in memory. */
export function byteCount(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, { byteLength }) => sum + byteLength, 0);
}
