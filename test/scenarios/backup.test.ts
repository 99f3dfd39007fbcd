import assert from "node:assert/strict";
import { appendFile, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { runCmdlet, tryCmdlet } from "../harness/cmdlets.ts";
import { contoso } from "../harness/contoso.ts";
import { eventually } from "../harness/eventually.ts";
import { freePort } from "../harness/free-port.ts";
import { startServer, temporaryFolder } from "../harness/server.ts";
import { startSink } from "../harness/sink.ts";
import { SmtpClient } from "../harness/smtp-client.ts";
import { readTracking } from "../harness/tracking.ts";

/** A server whose smart host does not listen yet. */
async function openBench(t: TestContext) {
  const [smtpPort, relayPort, sinkPort] = [await freePort(), await freePort(), await freePort()];
  const retry = "00:00:01";
  const transportService = {
    queueGlitchRetryInterval: retry,
    transientFailureRetryInterval: retry,
    outboundConnectionFailureRetryInterval: retry,
  };
  const options = { smtpPort, relayPort, smartHostPort: sinkPort, transportService };
  const server = await startServer(t, { configuration: contoso(options) });
  const received: string[] = [];
  const listen = () =>
    startSink(t, {
      port: sinkPort,
      onMessage: ({ content }) =>
        void received.push(/^Subject: (.*)$/m.exec(content.toString())?.[1]?.trim() ?? ""),
    });
  const send = async (subject: string) => {
    const client = await SmtpClient.open(relayPort);
    await client.command("EHLO client.example", 250);
    const content = `Subject: ${subject}\r\n\r\nx`;
    const to = ["someone@fabrikam.test"];
    const { code } = await client.sendMessage({ from: "app@contoso.test", to, content });
    assert.equal(code, 250);
    client.destroy();
  };
  return { server, received, listen, send };
}

test("a backup of a running server is restored: what was queued is sent, and marked", async (t) => {
  const { server, received, listen, send } = await openBench(t);
  for (let count = 0; count < 5; count += 1) await send(`queued ${count}`);
  const path = join(await temporaryFolder(t), "monday");
  const [backup] = await runCmdlet(server, "Backup-Postrider", { Path: path });
  assert.equal(backup?.["Messages"], 5);
  assert.equal(backup["HasKeys"], true);
  const names = (await readdir(path)).toSorted();
  assert.deepEqual(names, [
    "backup.json",
    "certificates",
    "organization.db",
    "queue.db",
    "secret.key",
  ]);
  assert.equal((await stat(path)).mode & 0o777, 0o700);

  await listen();
  await eventually({ what: "the first delivery" }, () => received.length === 5 || undefined);
  const { plan } = await tryCmdlet(server, "Restore-Postrider", { Path: path }, { whatIf: true });
  assert.match(plan?.actions.join("\n") ?? "", /5 messages for 5 recipients/);
  await eventually({ what: "settlement" }, async () => {
    const { failure } = await tryCmdlet(server, "Restore-Postrider", { Path: path });
    return failure === undefined || undefined;
  });
  await eventually({ what: "the second delivery" }, () => received.length === 10 || undefined);
  await send("after");
  await eventually({ what: "mail goes on" }, () => received.includes("after") || undefined);
  const marked = await eventually({ what: "tracking" }, () => {
    const sent = readTracking(server.dataFolder).filter((row) => row["event-id"] === "SEND");
    if (sent.length < 11) return undefined;
    return sent.filter((row) => row["custom-data"]?.includes("PossibleDuplicate") === true);
  });
  assert.equal(marked.length, 5);
  const audit = await runCmdlet(server, "Search-AdminAuditLog", { Cmdlets: "*-Postrider" });
  const recorded = audit.map((one) => one["CmdletName"]);
  assert.deepEqual([...new Set(recorded)], ["Restore-Postrider", "Backup-Postrider"]);
  const kept = (await readdir(server.dataFolder)).filter((name) => /^before-restore-/.test(name));
  assert.equal(kept.length, 1);
  assert.deepEqual(await server.terminate(), { code: 0, signal: null });
});

test("a restore is refused while mail waits, from a damaged backup, from none", async (t) => {
  const { server, send } = await openBench(t);
  const folder = await temporaryFolder(t);
  const path = join(folder, "backup");
  await runCmdlet(server, "Backup-Postrider", { Path: path, WithoutKeys: true });
  const failureOf = async (parameters: Record<string, unknown>) =>
    (await tryCmdlet(server, "Restore-Postrider", parameters)).failure?.message ?? "";
  assert.match(await failureOf({ Path: join(folder, "none") }), /ENOENT/);
  assert.match(await failureOf({ Path: "backup" }), /not a whole path/);
  await send("waits");
  assert.match(await failureOf({ Path: path }), /1 recipients wait .*-DiscardCurrentQueue/);
  await appendFile(join(path, "queue.db"), "x");
  assert.match(await failureOf({ Path: path, DiscardCurrentQueue: true }), /digest differs/);
  const again = await tryCmdlet(server, "Backup-Postrider", { Path: path });
  assert.match(again.failure?.message ?? "", /not empty/);
});
