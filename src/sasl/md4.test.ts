import assert from "node:assert/strict";
import { test } from "node:test";
import { md4 } from "./md4.ts";
import { ntHash } from "./ntlm-hash.ts";
import { rc4 } from "./rc4.ts";

for (const [text, want] of [
  // RFC 1320 A.5
  ["", "31d6cfe0d16ae931b73c59d7e0c089c0"],
  ["a", "bde52cb31de33e46245e05fbdbd6fb24"],
  ["abc", "a448017aaf21d8525fc10ae87aa6729d"],
  ["message digest", "d9130a8164549fe818874806e1c7014b"],
  ["abcdefghijklmnopqrstuvwxyz", "d79e1c308aa5bbcdeea8ed63df412da9"],
  [
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
    "043f8582f241db351ce627e153e7f0e4",
  ],
  ["1234567890".repeat(8), "e33b4ddc9c38f2199c3e7b164fcc0536"],
] as const) {
  test(`md4 of ${text.length} bytes`, () => {
    assert.equal(md4(Buffer.from(text)).toString("hex"), want);
  });
}

test("ntHash of a well-known password", () => {
  assert.equal(ntHash("password").toString("hex"), "8846f7eaee8fb117ad06bdd830b7586c");
});

for (const [key, text, want] of [
  ["Key", "Plaintext", "bbf316e8d940af0ad3"],
  ["Wiki", "pedia", "1021bf0420"],
  ["Secret", "Attack at dawn", "45a01f645fc35b383552544b9bf5"],
] as const) {
  test(`rc4 with ${key}`, () => {
    const sealed = rc4(Buffer.from(key), Buffer.from(text));
    assert.equal(sealed.toString("hex"), want);
    assert.equal(rc4(Buffer.from(key), sealed).toString(), text);
  });
}
