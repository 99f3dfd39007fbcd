import type { ExecutionRecord } from "../cmdlet/execution.ts";

/** Characters gathered before they are handed to the socket as one. */
const CHUNK_CHARACTERS = 16 * 1024;

/** The media type of records, one JSON text a line. */
export const NDJSON_CONTENT_TYPE = "application/x-ndjson";

/**
 * Records as lines. Those that come without a pause travel together; one that is followed by
 * silence goes out at once. The iteration of `records` is ended with this one.
 */
export async function* formatRecordLines(
  records: AsyncIterable<ExecutionRecord>,
): AsyncGenerator<string> {
  const iterator = records[Symbol.asyncIterator]();
  let gathered = "";
  let isEnded = false;
  try {
    for (;;) {
      const next = iterator.next();
      if (gathered !== "" && (await isSilent(next))) {
        yield gathered;
        gathered = "";
      }
      const { done, value } = await next;
      if (done === true) break;
      gathered += `${JSON.stringify(value)}\n`;
      if (gathered.length < CHUNK_CHARACTERS) continue;
      yield gathered;
      gathered = "";
    }
    isEnded = true;
    if (gathered !== "") yield gathered;
  } finally {
    if (!isEnded) await iterator.return?.();
  }
}

/** Whether nothing comes within this turn of the event loop. */
function isSilent(next: Promise<unknown>): Promise<boolean> {
  const turn = new Promise<boolean>((resolve) => setImmediate(resolve, true));
  // A failure is seen by whoever awaits the record.
  return Promise.race([
    turn,
    next.then(
      () => false,
      () => false,
    ),
  ]);
}
