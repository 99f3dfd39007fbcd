import { CONTENT_CHUNK_BYTES } from "../../store/queue-store.ts";

/** Most messages fit; a session that has sent little holds little. */
const SMALL_BYTES = 16 * 1024;
/** Buffers kept for the next message; more are left to the collector. */
const SMALL_KEPT_MAX = 256;
const LARGE_KEPT_MAX = 64;

const small: Buffer[] = [];
const large: Buffer[] = [];

/**
 * A buffer to gather content in, of 16 KiB while that is enough and of a whole chunk beyond. They
 * are used again and again by all sessions of the thread: content that arrives costs no allocation
 * until its size is known. What is in it from before must never be sent.
 */
export function takeScratch(bytes: number): Buffer {
  if (bytes <= SMALL_BYTES) return small.pop() ?? Buffer.allocUnsafeSlow(SMALL_BYTES);
  return large.pop() ?? Buffer.allocUnsafeSlow(CONTENT_CHUNK_BYTES);
}

/** Gives a buffer back; the caller keeps no reference to it. */
export function releaseScratch(buffer: Buffer): void {
  const [kept, max] =
    buffer.length > SMALL_BYTES ? [large, LARGE_KEPT_MAX] : [small, SMALL_KEPT_MAX];
  if (kept.length < max) kept.push(buffer);
}

/** A full buffer as a piece to be given away to the store; it moves there without being copied. */
export function ownCopy(buffer: Buffer): Uint8Array {
  const copy = Buffer.allocUnsafeSlow(buffer.length);
  copy.set(buffer);
  return copy;
}

/**
 * The first `length` bytes as content that every thread can read: it goes to the store and perhaps
 * to another transport thread, and shared memory makes that journey without being copied.
 */
export function sharedCopy(buffer: Buffer, length: number): Uint8Array {
  const copy = new Uint8Array(new SharedArrayBuffer(length));
  copy.set(length === buffer.length ? buffer : buffer.subarray(0, length));
  return copy;
}
