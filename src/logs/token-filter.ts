/** Bits for each token; with three looks, one token in thirty that is not there seems to be. */
const BITS_PER_TOKEN = 8;
const BYTES_MIN = 64;
const BYTES_MAX = 256 * 1024;

/**
 * A Bloom filter over the tokens of one segment: kept in memory, it spares the disk nearly all
 * segments in which a token is not. The length is a power of two.
 */
export function buildTokenFilter(hashes: Iterable<number>, count: number): Uint8Array {
  const wanted = 2 ** Math.ceil(Math.log2(Math.max(1, (count * BITS_PER_TOKEN) / 8)));
  const filter = new Uint8Array(Math.min(Math.max(wanted, BYTES_MIN), BYTES_MAX));
  const mask = filter.length * 8 - 1;
  for (const hash of hashes) {
    let bit = hash;
    const step = stepOf(hash);
    for (let look = 0; look < LOOKS; look += 1) {
      const at = bit & mask;
      filter[at >>> 3] = (filter[at >>> 3] ?? 0) | (1 << (at & 7));
      bit += step;
    }
  }
  return filter;
}

/** False: the token is not in the segment. True: it may be. */
export function mayHold(filter: Uint8Array, hash: number): boolean {
  const mask = filter.length * 8 - 1;
  let bit = hash;
  const step = stepOf(hash);
  for (let look = 0; look < LOOKS; look += 1) {
    const at = bit & mask;
    if (((filter[at >>> 3] ?? 0xff) & (1 << (at & 7))) === 0) return false;
    bit += step;
  }
  return true;
}

const LOOKS = 3;

/** Odd, so that it leads past every bit. */
function stepOf(hash: number): number {
  return ((Math.imul(hash, 0x9e3779b1) >>> 11) << 1) | 1;
}
