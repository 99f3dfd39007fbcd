import assert from "node:assert/strict";
import { test } from "node:test";
import { readConversation, waitBefore } from "./conversation.ts";

const LINES = [
  "  0.000 + 192.0.2.7:4711",
  "  0.002 > 220 mail.contoso.test",
  "  1.250 < MAIL FROM:<x@y.test> (masked)",
  "        … 12 more",
  " 61.000 -",
];

test("a recorded session is read line by line", () => {
  assert.deepEqual(
    readConversation(LINES).map(({ atMs, kind, text }) => [atMs, kind, text]),
    [
      [0, "connect", "192.0.2.7:4711"],
      [2, "sent", "220 mail.contoso.test"],
      [1250, "received", "MAIL FROM:<x@y.test> (masked)"],
      [1250, "gap", "… 12 more"],
      [61_000, "disconnect", ""],
    ],
  );
});

test("playing keeps the times, within what one can wait for", () => {
  const lines = readConversation(LINES);
  assert.equal(waitBefore(lines, 1, 1), 40);
  assert.equal(waitBefore(lines, 2, 1), 1248);
  assert.equal(waitBefore(lines, 2, 4), 312);
  assert.equal(waitBefore(lines, 4, 1), 3000);
});
