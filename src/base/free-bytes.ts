/** Smaller buffers are left to the collector: freeing them costs more than it gains. */
const FREED_BYTES_MIN = 16 * 1024;

/**
 * Gives the memory of a large buffer back now instead of at some later collection, which comes only
 * after tens of megabytes per thread. For the sole owner of bytes that nobody will read again; what
 * shares its buffer with others is left alone.
 */
export function freeBytes(bytes: Uint8Array): void {
  const { buffer } = bytes;
  if (bytes.byteLength < FREED_BYTES_MIN || bytes.byteLength !== buffer.byteLength) return;
  if (buffer instanceof ArrayBuffer) buffer.transfer(0);
}
