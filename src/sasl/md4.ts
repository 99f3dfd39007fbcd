import { assert } from "../base/assert.ts";

const BLOCK_BYTES = 64;

/** One of the three rounds (RFC 1320 §3.4): word order, shifts, added constant, function. */
interface Round {
  readonly order: readonly number[];
  readonly shifts: readonly [number, number, number, number];
  readonly added: number;
  readonly mix: (x: number, y: number, z: number) => number;
}

const ROUNDS: readonly Round[] = [
  {
    order: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
    shifts: [3, 7, 11, 19],
    added: 0,
    mix: (x, y, z) => (x & y) | (~x & z),
  },
  {
    order: [0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15],
    shifts: [3, 5, 9, 13],
    added: 0x5a827999,
    mix: (x, y, z) => (x & y) | (x & z) | (y & z),
  },
  {
    order: [0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15],
    shifts: [3, 9, 11, 15],
    added: 0x6ed9eba1,
    mix: (x, y, z) => x ^ y ^ z,
  },
];

/** MD4 (RFC 1320), 16 bytes. Long broken; NTLM is built on it and OpenSSL 3 has it no more. */
export function md4(message: Uint8Array): Buffer {
  const padded = pad(message);
  const state: [number, number, number, number] = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];
  for (let at = 0; at < padded.length; at += BLOCK_BYTES) {
    absorb(state, padded.subarray(at, at + BLOCK_BYTES));
  }
  const digest = Buffer.alloc(16);
  state.forEach((word, index) => {
    digest.writeUInt32LE(word >>> 0, index * 4);
  });
  return digest;
}

/** A one bit, zeros, and the length in bits at the end of the last block (RFC 1320 §3.1, §3.2). */
function pad(message: Uint8Array): Buffer {
  const blocks = Math.ceil((message.length + 9) / BLOCK_BYTES);
  const padded = Buffer.alloc(blocks * BLOCK_BYTES);
  padded.set(message);
  padded[message.length] = 0x80;
  padded.writeBigUInt64LE(BigInt(message.length) * 8n, padded.length - 8);
  return padded;
}

function absorb(state: [number, number, number, number], block: Buffer): void {
  let [a, b, c, d] = state;
  for (const { order, shifts, added, mix } of ROUNDS) {
    for (const [step, word] of order.entries()) {
      const shift = shifts[step & 3];
      assert(shift !== undefined, "four shifts to a round");
      const sum = (a + mix(b, c, d) + block.readUInt32LE(word * 4) + added) | 0;
      [a, b, c, d] = [d, (sum << shift) | (sum >>> (32 - shift)), b, c];
    }
  }
  state[0] = (state[0] + a) | 0;
  state[1] = (state[1] + b) | 0;
  state[2] = (state[2] + c) | 0;
  state[3] = (state[3] + d) | 0;
}
