/** A file of the tracking log as it was when it was indexed. */
export interface IndexedFile {
  readonly name: string;
  readonly bytes: number;
  readonly modifiedMs: number;
  /** A digest of its first bytes, which hold the time it was begun. */
  readonly head: string;
}

/** A stretch of a log file that has been indexed. */
export interface IndexedSegment {
  /** Never used again for another one. */
  readonly id: number;
  readonly file: string;
  /** The first byte, and the one behind the last. */
  readonly fromByte: number;
  readonly toByte: number;
  /** Epoch ms of its earliest and latest event; both 0 when it has none. */
  readonly firstMs: number;
  readonly lastMs: number;
  readonly events: number;
  /** There are 2 to the power of it buckets. */
  readonly bucketBits: number;
}

/**
 * The index over the message tracking log. The log is the truth: all of this can be thrown away and
 * built again. One owner, on a thread that may wait for the disk; calls throw StoreFailure.
 */
export interface TrackingIndexStore {
  listFiles(): readonly IndexedFile[];
  putFile(file: IndexedFile): void;
  /** All segments; those of one file in order. */
  listSegments(): readonly IndexedSegment[];
  /** Adds a segment with its buckets and its filter, whole or not at all. */
  addSegment(
    segment: Omit<IndexedSegment, "id">,
    data: { readonly buckets: readonly Uint8Array[]; readonly filter: Uint8Array },
  ): IndexedSegment;
  /** The filter of a segment; `undefined` when the segment is not there (any more). */
  readFilter(segmentId: number): Uint8Array | undefined;
  /** One bucket; `undefined` when the segment is not there (any more). */
  readBucket(segmentId: number, bucket: number): Uint8Array | undefined;
  /** Forgets a file and its segments. */
  removeFile(name: string): void;
  /** Bytes that it takes on the disk. */
  bytes(): number;
  close(): void;
}
