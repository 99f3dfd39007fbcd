import assert from "node:assert/strict";
import { test } from "node:test";
import { StoreFailure } from "../../store/queue-store.ts";
import { deferralOf } from "./delivery-fault.ts";

const systemError = (code: string) =>
  Object.assign(new Error(`${code}: something about /var/lib/secret`), { code, syscall: "write" });

for (const [what, error, want] of [
  [
    "a full disk",
    systemError("ENOSPC"),
    "452 4.3.1 Insufficient system resources (no space left on the mailbox disk)",
  ],
  [
    "a disk quota",
    systemError("EDQUOT"),
    "452 4.3.1 Insufficient system resources (disk quota of the mailbox disk exceeded)",
  ],
  [
    "no file handles",
    systemError("EMFILE"),
    "452 4.3.1 Insufficient system resources (too many open files)",
  ],
  [
    "no right",
    systemError("EACCES"),
    "451 4.2.0 STOREDRV.Deliver; mailbox cannot be accessed (EACCES)",
  ],
  [
    "a read-only disk",
    systemError("EROFS"),
    "451 4.2.0 STOREDRV.Deliver; mailbox cannot be accessed (EROFS)",
  ],
  [
    "a broken disk",
    systemError("EIO"),
    "451 4.2.0 STOREDRV.Deliver; mailbox cannot be accessed (EIO)",
  ],
  [
    "the store",
    new StoreFailure("x", { full: true }),
    "451 4.3.0 STOREDRV.Deliver; message content not available",
  ],
  ["our own bug", new TypeError("x is undefined"), undefined],
  [
    "our own misuse of Node",
    Object.assign(new TypeError("x"), { code: "ERR_INVALID_ARG_TYPE" }),
    undefined,
  ],
] as const) {
  test(`deferralOf ${what}`, () => {
    const outcome = deferralOf(error);
    assert.equal(outcome?.kind === "deferred" ? outcome.fault.diagnostic : undefined, want);
  });
}
