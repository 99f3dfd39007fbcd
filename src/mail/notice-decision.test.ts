import assert from "node:assert/strict";
import { test } from "node:test";
import type { NotifyCondition } from "./envelope.ts";
import { type NoticeKind, noticeFor } from "./notice-decision.ts";

const KINDS = ["failed", "delayed", "relayed", "delivered", "expanded"] as const;
const MATRIX: readonly [
  why: string,
  notify: readonly NotifyCondition[] | undefined,
  told: readonly NoticeKind[],
][] = [
  ["nothing asked: failure and delay", undefined, ["failed", "delayed"]],
  ["NEVER", [], []],
  ["FAILURE", ["FAILURE"], ["failed"]],
  ["DELAY", ["DELAY"], ["delayed"]],
  ["SUCCESS", ["SUCCESS"], ["relayed", "delivered", "expanded"]],
  ["SUCCESS,FAILURE", ["SUCCESS", "FAILURE"], ["failed", "relayed", "delivered", "expanded"]],
  ["FAILURE,DELAY", ["FAILURE", "DELAY"], ["failed", "delayed"]],
  ["SUCCESS,DELAY", ["SUCCESS", "DELAY"], ["delayed", "relayed", "delivered", "expanded"]],
  ["all three", ["SUCCESS", "FAILURE", "DELAY"], KINDS],
];

for (const [why, notify, told] of MATRIX) {
  test(`NOTIFY: ${why}`, () => {
    assert.deepEqual(
      KINDS.filter((kind) => noticeFor(kind, notify, "alice@contoso.test")),
      told,
    );
  });

  test(`NOTIFY: ${why}, but never about a notice`, () => {
    for (const sender of ["", "<>"]) {
      assert.deepEqual(
        KINDS.filter((kind) => noticeFor(kind, notify, sender)),
        [],
      );
    }
  });
}
