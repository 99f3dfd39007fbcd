import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { systemClock } from "../../src/base/clock.ts";
import { silentDiagnostics } from "../../src/base/diagnostics.ts";
import {
  fakeContent,
  fakeDelivery,
  fakeDirectory,
  fakeLane,
} from "../../src/transport/deliver/delivery.fake.ts";
import { openMailboxCourier } from "../../src/transport/deliver/mailbox-courier.ts";

const run = promisify(execFile);
const ALICE = "alice@contoso.test";
const KIBIBYTE = Buffer.alloc(1024, "x");

/** A disk of 1 MiB: needs root, as mounting does. */
test("a full mailbox disk defers, leaves nothing, and heals without a restart", async (t) => {
  const data = await mkdtemp(join(tmpdir(), "postrider-full-"));
  t.after(() => rm(data, { recursive: true, force: true }));
  await run("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", data]);
  try {
    const courier = openMailboxCourier({
      dataDirectory: data,
      hostName: "mail.contoso.test",
      directory: fakeDirectory({ [ALICE]: 100 * 1024 * 1024 }),
      clock: systemClock,
      diagnostics: silentDiagnostics,
    });
    const pieces = Array.from({ length: 600 }, () => KIBIBYTE);
    const send = async (id: number) => {
      const content = fakeContent(pieces, { stored: id % 2 === 0 });
      const lane = fakeLane([fakeDelivery({ id, to: [ALICE], content })]);
      await courier.run(lane);
      return lane.settled.get(id)?.[0]?.outcome;
    };
    await writeFile(join(data, "filler"), Buffer.alloc(600 * 1024));
    for (const id of [1, 2]) {
      const outcome = await send(id);
      assert.ok(outcome?.kind === "deferred");
      assert.match(outcome.fault.diagnostic, /^452 4\.3\.1 Insufficient system resources /);
    }
    const maildir = join(data, "mailboxes", ALICE, "Maildir");
    assert.deepEqual(await readdir(join(maildir, "tmp")), []);
    assert.deepEqual(await readdir(join(maildir, "new")), []);
    await rm(join(data, "filler"));
    assert.equal((await send(1))?.kind, "delivered");
    assert.equal((await readdir(join(maildir, "new"))).length, 1);
  } finally {
    await run("umount", [data]);
  }
});
