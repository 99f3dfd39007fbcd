import { assert } from "../base/assert.ts";
import { LineTokenizer } from "./line-tokens.ts";
import { buildTokenFilter } from "./token-filter.ts";

/** Bytes that a bucket is meant to have: one page of the database holds one or two. */
const BUCKET_BYTES = 8 * 1024;
const BUCKET_BITS_MAX = 12;
/** 2^21 lines and 32 bits of hash fill the 53 bits that a number holds exactly. */
const LINES_MAX = 2 ** 21;
const ENTRIES_AT_FIRST = 64 * 1024;
/** An entry's hash and the end of its lines. */
const ENTRY_BYTES = 8;
const HEAD_BYTES = 4;

/** The index of one segment of the log, ready to be stored. */
export interface TokenIndex {
  /** Epoch ms of the earliest and the latest event; NaN when there is none. */
  readonly firstMs: number;
  readonly lastMs: number;
  readonly events: number;
  /** A token's bucket is the first that many bits of its hash. */
  readonly bucketBits: number;
  readonly buckets: readonly Uint8Array[];
  /** As `buildTokenFilter` makes it. */
  readonly filter: Uint8Array;
}

/**
 * Gathers the tokens of a segment's lines and writes them as sorted buckets: a count, the hashes,
 * for each the end of its lines, then the lines as differences of their offsets in seven-bit
 * groups. All numbers are little-endian.
 */
export class TokenIndexBuilder {
  readonly #tokenizer = new LineTokenizer();
  #entries = new Float64Array(ENTRIES_AT_FIRST);
  #entryCount = 0;
  readonly #offsets: number[] = [];
  #firstMs = Number.NaN;
  #lastMs = Number.NaN;

  /** Adds whole lines; `offset` is where they begin, counted from the segment's begin. */
  add(bytes: Uint8Array, offset: number): void {
    this.#tokenizer.read(bytes, offset, this);
  }

  /** For the tokenizer. */
  line(offset: number, atMs: number): void {
    assert(this.#offsets.length < LINES_MAX, "a segment has fewer lines");
    this.#offsets.push(offset);
    // Not Math.min: a time that cannot be read would spread.
    if (!(atMs >= this.#firstMs)) this.#firstMs = Number.isNaN(atMs) ? this.#firstMs : atMs;
    if (!(atMs <= this.#lastMs)) this.#lastMs = Number.isNaN(atMs) ? this.#lastMs : atMs;
  }

  /** For the tokenizer. */
  token(hash: number): void {
    if (this.#entryCount === this.#entries.length) {
      const grown = new Float64Array(this.#entries.length * 2);
      grown.set(this.#entries);
      this.#entries = grown;
    }
    this.#entries[this.#entryCount] = hash * LINES_MAX + (this.#offsets.length - 1);
    this.#entryCount += 1;
  }

  /** The whole index; the builder is used up. */
  finish(): TokenIndex {
    const entries = this.#entries.subarray(0, this.#entryCount).sort();
    const bucketBits = bitsFor(this.#entryCount);
    const buckets: Uint8Array[] = [];
    const perBucket = 2 ** (32 - bucketBits) * LINES_MAX;
    const hashes: number[] = [];
    let from = 0;
    for (let bucket = 0; bucket < 2 ** bucketBits; bucket += 1) {
      const end = (bucket + 1) * perBucket;
      let to = from;
      while (to < entries.length && (entries[to] ?? 0) < end) to += 1;
      buckets.push(this.#encode(entries.subarray(from, to), hashes));
      from = to;
    }
    return {
      firstMs: this.#firstMs,
      lastMs: this.#lastMs,
      events: this.#offsets.length,
      bucketBits,
      buckets,
      filter: buildTokenFilter(hashes, hashes.length),
    };
  }

  /** @param all gets the hashes of the bucket behind those it has */
  #encode(entries: Float64Array, all: number[]): Uint8Array {
    const lines = new Uint8Array(entries.length * 5);
    const hashes: number[] = [];
    const ends: number[] = [];
    let length = 0;
    let lastOffset = 0;
    let previous = -1;
    for (const entry of entries) {
      if (entry === previous) continue;
      previous = entry;
      const hash = Math.floor(entry / LINES_MAX);
      const offset = this.#offsets[entry - hash * LINES_MAX] ?? 0;
      if (hash !== hashes.at(-1)) {
        if (hashes.length > 0) ends.push(length);
        hashes.push(hash);
        all.push(hash);
        lastOffset = 0;
      }
      length = writeNumber(lines, length, offset - lastOffset);
      lastOffset = offset;
    }
    if (hashes.length > 0) ends.push(length);
    const bucket = new Uint8Array(HEAD_BYTES + hashes.length * ENTRY_BYTES + length);
    const view = new DataView(bucket.buffer);
    view.setUint32(0, hashes.length, true);
    const endsAt = HEAD_BYTES + hashes.length * 4;
    for (const [at, hash] of hashes.entries()) {
      view.setUint32(HEAD_BYTES + at * 4, hash, true);
      view.setUint32(endsAt + at * 4, ends[at] ?? 0, true);
    }
    bucket.set(lines.subarray(0, length), HEAD_BYTES + hashes.length * ENTRY_BYTES);
    return bucket;
  }
}

function bitsFor(entryCount: number): number {
  // About eight bytes an entry, as most tokens of a message are its own.
  const wanted = Math.ceil(Math.log2(Math.max(1, (entryCount * ENTRY_BYTES) / BUCKET_BYTES)));
  return Math.min(wanted, BUCKET_BITS_MAX);
}

/** Unsigned, seven bits an octet, the low ones first; returns where the next one goes. */
function writeNumber(bytes: Uint8Array, at: number, value: number): number {
  let next = at;
  let rest = value;
  while (rest >= 0x80) {
    bytes[next++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  bytes[next++] = rest;
  return next;
}

/** The bucket of a segment in which a hash is, if it is anywhere. */
export function bucketOf(hash: number, bucketBits: number): number {
  return bucketBits === 0 ? 0 : hash >>> (32 - bucketBits);
}

/**
 * The offsets of the lines that may have a token, ascending. Total: a damaged bucket has whatever
 * lines it has, and each line is looked at before it is believed.
 */
export function findLines(bucket: Uint8Array, hash: number): readonly number[] {
  const view = new DataView(bucket.buffer, bucket.byteOffset, bucket.byteLength);
  const count = bucket.length < HEAD_BYTES ? 0 : view.getUint32(0, true);
  const linesAt = HEAD_BYTES + count * ENTRY_BYTES;
  if (linesAt > bucket.length) return [];
  let low = 0;
  let high = count - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const found = view.getUint32(HEAD_BYTES + middle * 4, true);
    if (found === hash) return readLines(bucket, bounds(view, { count, at: middle, linesAt }));
    if (found < hash) low = middle + 1;
    else high = middle - 1;
  }
  return [];
}

function bounds(
  view: DataView,
  entry: { readonly count: number; readonly at: number; readonly linesAt: number },
): { readonly from: number; readonly to: number } {
  const { count, at, linesAt } = entry;
  const end = (index: number) => view.getUint32(HEAD_BYTES + (count + index) * 4, true);
  return {
    from: linesAt + (at === 0 ? 0 : end(at - 1)),
    to: Math.min(linesAt + end(at), view.byteLength),
  };
}

function readLines(
  bytes: Uint8Array,
  { from, to }: { readonly from: number; readonly to: number },
): readonly number[] {
  const offsets: number[] = [];
  let offset = 0;
  let value = 0;
  let shift = 0;
  for (let at = from; at < to; at += 1) {
    const octet = bytes[at] ?? 0;
    value |= (octet & 0x7f) << shift;
    shift += 7;
    if (octet >= 0x80) continue;
    offset += value >>> 0;
    offsets.push(offset);
    value = 0;
    shift = 0;
  }
  return offsets;
}
