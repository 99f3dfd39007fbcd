/**
 * RC4, which NTLM hides a session key with (MS-NLMP §3.4.3) and OpenSSL 3 has no more. Broken for
 * anything else. The same call encrypts and decrypts.
 */
export function rc4(key: Uint8Array, data: Uint8Array): Buffer {
  const state = Uint8Array.from({ length: 256 }, (_, index) => index);
  const at = (index: number): number => state[index & 255] ?? 0;
  const swap = (left: number, right: number): void => {
    const kept = at(left);
    state[left & 255] = at(right);
    state[right & 255] = kept;
  };
  for (let i = 0, j = 0; i < 256; i++) {
    j = (j + at(i) + (key[i % key.length] ?? 0)) & 255;
    swap(i, j);
  }
  const out = Buffer.alloc(data.length);
  let j = 0;
  for (const [index, byte] of data.entries()) {
    j = (j + at(index + 1)) & 255;
    swap(index + 1, j);
    out[index] = byte ^ at(at(index + 1) + at(j));
  }
  return out;
}
