/** Reads stored content in order. `undefined` is the end; a StoreFailure is thrown. */
export interface ContentReader {
  readonly bytes: number;
  /** Piece `index`, from 0. Pieces are CONTENT_CHUNK_BYTES long but for the last. */
  read(index: number): Promise<Uint8Array | undefined>;
  /** Piece `index` when it is in memory already. */
  peek(index: number): Uint8Array | undefined;
}
