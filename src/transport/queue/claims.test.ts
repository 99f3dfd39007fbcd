import assert from "node:assert/strict";
import { test } from "node:test";
import { Claims } from "./claims.ts";

const KEY = { messageId: 7, position: 0 };
const LOWER = 0;
const OWN = 1;
const HIGHER = 2;

function claimsAsking(): Claims {
  const claims = new Claims(OWN);
  claims.ask([KEY]);
  return claims;
}

test("what nobody has is taken, and counts as in hand until it is", () => {
  const claims = claimsAsking();
  const { open, again } = claims.answered([], []);
  assert.deepEqual([open.size, again.size], [1, 0]);
  assert.ok(claims.holds(KEY, LOWER));
  assert.ok(claims.holds(KEY, HIGHER));
  claims.release([KEY]);
  assert.ok(!claims.holds(KEY, HIGHER));
});

test("what another thread has is its own, and claimed no more", () => {
  const claims = claimsAsking();
  const { open, again } = claims.answered([KEY], []);
  assert.deepEqual([open.size, again.size], [0, 0]);
  assert.ok(!claims.holds(KEY, HIGHER), "a successor of that thread must find it");
});

test("of two that ask for the same one, that with the lower number takes it", () => {
  const claims = claimsAsking();
  assert.ok(claims.holds(KEY, HIGHER));
  assert.equal(claims.answered([], []).open.size, 1);
  claims.release([KEY]);
  claims.ask([KEY]);
  assert.ok(!claims.holds(KEY, LOWER));
  assert.equal(claims.answered([], []).open.size, 0, "it is left to the one that was told so");
});

test("what was promised is asked about again when others were said to have it", () => {
  const claims = claimsAsking();
  assert.ok(claims.holds(KEY, HIGHER));
  // The one that it was promised to had it in hand when it was asked, and has died since.
  const first = claims.answered([KEY], []);
  assert.deepEqual([first.open.size, first.again.size], [0, 1]);
  claims.ask([KEY]);
  assert.equal(claims.answered([], []).open.size, 1);
});

test("what has come into this thread's own hands meanwhile is not taken twice", () => {
  const claims = claimsAsking();
  claims.holds(KEY, HIGHER);
  const { open, again } = claims.answered([KEY], [KEY]);
  assert.deepEqual([open.size, again.size], [0, 0]);
});
