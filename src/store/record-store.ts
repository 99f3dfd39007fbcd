/** Something that the server has learnt and keeps until it expires; whoever wrote it reads it. */
export interface StoredRecord {
  readonly kind: string;
  /** Compared as it is; at most RECORD_KEY_CHARS_MAX characters. */
  readonly key: string;
  /** At most RECORD_JSON_CHARS_MAX characters. */
  readonly json: string;
  /** Epoch ms; from then on it is no longer read, and `prune` removes it. */
  readonly expiresMs: number;
}

/** Limits of a record; a longer one is a StoreFailure. */
export const RECORD_KEY_CHARS_MAX = 512;
/** As RECORD_KEY_CHARS_MAX. */
export const RECORD_JSON_CHARS_MAX = 1024 * 1024;
/** Records of one answer of `list`. */
export const RECORD_PAGE_MAX = 1000;
/**
 * Records of one kind. When there would be more, those that expire first go: others decide how many
 * domains write to us, and what is kept is learnt again when it is missed.
 */
export const RECORDS_OF_KIND_MAX = 100_000;

/** Where a page of records begins, and how long it may be. */
export interface RecordPage {
  /** The last key of the page before; "" for the first page. */
  readonly after: string;
  /** At most RECORD_PAGE_MAX. */
  readonly limit: number;
}

/**
 * Small records that survive a restart: policies of other domains, counts for reports. Each call is
 * one transaction; when it throws StoreFailure, nothing of it remains.
 */
export interface RecordStore {
  /** `undefined` when there is none; one that has expired may still be there until `prune`. */
  read(kind: string, key: string): Promise<StoredRecord | undefined>;
  /** Records of one kind by their keys, in the order of code units. */
  list(kind: string, page: RecordPage): Promise<readonly StoredRecord[]>;
  /** Writes all, each in the place of one with the same kind and key. */
  write(records: readonly StoredRecord[]): Promise<void>;
  /** Keys that are not there are no fault. */
  remove(kind: string, keys: readonly string[]): Promise<void>;
  /** Removes what has expired; returns how many records that were. */
  prune(nowMs: number): Promise<number>;
}
