import assert from "node:assert/strict";
import { test } from "node:test";
import { createSecretBox, isSealed } from "./secret-box.ts";

test("what was sealed can be opened, and only with the key", () => {
  const box = createSecretBox(Buffer.alloc(32, 1));
  const sealed = box.seal("correct horse ä");
  assert.ok(isSealed(sealed));
  assert.ok(!sealed.includes("horse"));
  assert.notEqual(box.seal("correct horse ä"), sealed);
  assert.equal(box.open(sealed), "correct horse ä");
  assert.equal(createSecretBox(Buffer.alloc(32, 2)).open(sealed), undefined);
});

for (const text of ["", "correct horse", "sealed:v1:", "sealed:v1:AAAA", "sealed:v2:AAAA"]) {
  test(`"${text}" cannot be opened`, () => {
    assert.equal(createSecretBox(Buffer.alloc(32)).open(text), undefined);
  });
}

test("a changed text cannot be opened", () => {
  const box = createSecretBox(Buffer.alloc(32));
  const sealed = box.seal("secret");
  const other = sealed[20] === "A" ? "B" : "A";
  assert.equal(box.open(sealed.slice(0, 20) + other + sealed.slice(21)), undefined);
});

test("what is derived is the same each time, and another for each text and key", () => {
  const box = createSecretBox(Buffer.alloc(32, 1));
  const derived = box.derive("alice");
  assert.equal(derived.length, 32);
  assert.deepEqual(box.derive("alice"), derived);
  assert.notDeepEqual(box.derive("bob"), derived);
  assert.notDeepEqual(createSecretBox(Buffer.alloc(32, 2)).derive("alice"), derived);
});
