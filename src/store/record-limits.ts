import { StoreFailure } from "./queue-store.ts";
import {
  RECORD_JSON_CHARS_MAX,
  RECORD_KEY_CHARS_MAX,
  RECORD_PAGE_MAX,
  type RecordPage,
  type StoredRecord,
} from "./record-store.ts";

/** @throws StoreFailure when one of them is too long */
export function checkRecords(records: readonly StoredRecord[]): void {
  for (const { kind, key, json } of records) {
    if (key.length > RECORD_KEY_CHARS_MAX || json.length > RECORD_JSON_CHARS_MAX) {
      const what = `${kind} ${key.slice(0, RECORD_KEY_CHARS_MAX)}`;
      throw new StoreFailure(`record ${what} is too long to be stored`, { full: false });
    }
  }
}

/** @throws StoreFailure when the page is longer than pages may be */
export function checkPage({ limit }: RecordPage): void {
  if (limit > RECORD_PAGE_MAX) {
    throw new StoreFailure(`a page has at most ${RECORD_PAGE_MAX} records`, { full: false });
  }
}
