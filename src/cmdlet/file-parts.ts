/** Bytes of content in one object: a multiple of three, so that base64 can be strung together. */
const PART_BYTES = 192 * 1024;

/** Cuts a file into the objects that a cmdlet puts out for it; no object for an empty one. */
export async function* cutParts(
  head: Buffer,
  content: AsyncIterable<Uint8Array>,
): AsyncGenerator<Buffer> {
  let waiting = head;
  for await (const piece of content) {
    waiting = Buffer.concat([waiting, piece]);
    while (waiting.length >= PART_BYTES) {
      yield waiting.subarray(0, PART_BYTES);
      waiting = waiting.subarray(PART_BYTES);
    }
  }
  if (waiting.length > 0) yield waiting;
}
