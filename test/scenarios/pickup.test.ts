import assert from "node:assert/strict";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { contoso } from "../harness/contoso.ts";
import { eventually } from "../harness/eventually.ts";
import { freePort } from "../harness/free-port.ts";
import { waitForMail } from "../harness/maildir.ts";
import { startServer } from "../harness/server.ts";

test("files in Pickup and Replay arrive, and leave their directories", async (t) => {
  const configuration = contoso({ smtpPort: await freePort() });
  const server = await startServer(t, { configuration });
  const put = (folder: string, text: string) =>
    writeFile(join(server.dataFolder, folder, "one.eml"), text);
  await put("pickup", "From: app@contoso.test\nTo: alice@contoso.test\nSubject: picked\n\nx\n");
  await put(
    "replay",
    "X-Sender: <app@contoso.test>\nX-Receiver: <bob@contoso.test>\nSubject: replayed\n\nx\n",
  );
  for (const [mailbox, subject] of [
    ["alice@contoso.test", "picked"],
    ["bob@contoso.test", "replayed"],
  ] as const) {
    const want = { address: mailbox, count: 1 };
    const [message = ""] = await waitForMail(server.dataFolder, want);
    assert.match(message, new RegExp(`Subject: ${subject}`));
  }
  for (const folder of ["pickup", "replay"]) {
    await eventually({ what: `an empty ${folder}` }, async () => {
      const names = await readdir(join(server.dataFolder, folder));
      return names.length === 0 || undefined;
    });
  }
});
