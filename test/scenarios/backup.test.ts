import assert from "node:assert/strict";
import { appendFile, cp, mkdir, readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { textOf } from "../../src/base/text-of.fake.ts";
import { runCmdlet, tryCmdlet } from "../harness/cmdlets.ts";
import { contoso } from "../harness/contoso.ts";
import { eventually } from "../harness/eventually.ts";
import { freePort } from "../harness/free-port.ts";
import { prepareServer, startServer, type TestServer, temporaryFolder } from "../harness/server.ts";
import { startSink } from "../harness/sink.ts";
import { SmtpClient } from "../harness/smtp-client.ts";
import { readTracking } from "../harness/tracking.ts";

/** A server whose smart host does not listen yet. */
async function openBench(t: TestContext, environment: Readonly<Record<string, string>> = {}) {
  const [smtpPort, relayPort, sinkPort] = [await freePort(), await freePort(), await freePort()];
  const retry = "00:00:01";
  const transportService = {
    queueGlitchRetryInterval: retry,
    transientFailureRetryInterval: retry,
    outboundConnectionFailureRetryInterval: retry,
  };
  const options = { smtpPort, relayPort, smartHostPort: sinkPort, transportService };
  const server = await startServer(t, { configuration: contoso(options), environment });
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
  return { server, received, listen, send, relayPort };
}

test("a backup of a running server is restored: what was queued is sent, and marked", async (t) => {
  const { server, received, listen, send } = await openBench(t);
  for (let count = 0; count < 5; count += 1) await send(`queued ${count}`);
  const path = join(await temporaryFolder(t), "monday");
  const [backup] = await runCmdlet(server, "Backup-Postrider", { Path: path });
  assert.equal(backup?.["Messages"], 5);
  assert.equal(backup["HasKeys"], true);
  assert.equal(backup["HasFigures"], true);
  const names = (await readdir(path)).toSorted();
  assert.deepEqual(names, [
    "backup.json",
    "certificates",
    "figures.db",
    "organization.db",
    "queue.db",
    "secret.key",
  ]);
  assert.equal((await stat(path)).mode & 0o777, 0o700);

  await listen();
  await eventually({ what: "the first delivery" }, () => received.length === 5 || undefined);
  const plan = await eventually({ what: "a plan once nothing waits" }, async () => {
    const asked = { Path: path };
    return (await tryCmdlet(server, "Restore-Postrider", asked, { whatIf: true })).plan;
  });
  assert.match(plan.actions.join("\n") ?? "", /5 messages for 5 recipients/);
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
  // Mail flows before the last surface is open.
  const audit = await eventually({ what: "the Unix socket" }, () =>
    runCmdlet(server, "Search-AdminAuditLog", { Cmdlets: "*-Postrider" }).catch(
      (error: unknown) => {
        if (String(error).includes("ENOENT")) return undefined;
        throw error;
      },
    ),
  );
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

test("no mail comes between a restore and its restart; what was under way is kept", async (t) => {
  const { server, received, listen, send, relayPort } = await openBench(t);
  const path = join(await temporaryFolder(t), "backup");
  await runCmdlet(server, "Backup-Postrider", { Path: path });
  const late = await SmtpClient.open(relayPort);
  await late.command("EHLO client.example", 250);
  await late.command("MAIL FROM:<app@contoso.test>", 250);
  await late.command("RCPT TO:<someone@fabrikam.test>", 250);
  await late.command("DATA", 354);
  await runCmdlet(server, "Restore-Postrider", { Path: path });
  await assert.rejects(send("refused"), /421/);
  late.sendRaw("Subject: late\r\n\r\nx\r\n.\r\n");
  await late.expect(250);
  await eventually(
    { what: "the restart", withinMs: 60_000 },
    async () => server.output.includes("restore-abandoned") || undefined,
  );
  await listen();
  await eventually(
    { what: "what was taken", withinMs: 30_000 },
    () => received.includes("late") || undefined,
  );
  await eventually({ what: "mail goes on" }, async () => {
    await send("after").catch(() => undefined);
    return received.includes("after") || undefined;
  });
});

test("a second server is kept off the data directory, also after kill -9", async (t) => {
  const { server, send } = await openBench(t);
  const second = async () => {
    const other = await prepareServer(t, {
      configuration: contoso({ smtpPort: await freePort() }),
      dataFolder: server.dataFolder,
    });
    return other.start();
  };
  await assert.rejects(second(), /is in use: another Postrider runs on this data directory/);
  await send("one");
  await server.kill9();
  await server.start();
  // Views and copies open the databases from other threads, and close them again.
  await runCmdlet(server, "Get-Message", {});
  const path = join(await temporaryFolder(t), "backup");
  await runCmdlet(server, "Backup-Postrider", { Path: path });
  await assert.rejects(second(), /is in use: another Postrider runs on this data directory/);
  await send("two");
  assert.equal((await runCmdlet(server, "Get-Message", {})).length, 2);
});

/** Messages that were taken in the last hours. */
async function receivedIn(server: Pick<TestServer, "dataFolder">): Promise<number> {
  const rows = await runCmdlet(server, "Get-MailTrafficReport", { AggregateBy: "Hour" });
  return rows.reduce((sum, row) => sum + Number(row["Received"]), 0);
}

test("a backup is listed and tested, its configuration put back; others are told", async (t) => {
  const { server } = await openBench(t);
  const folder = join(server.dataFolder, "backups");
  const path = join(folder, "monday");
  await runCmdlet(server, "New-AcceptedDomain", { Name: "then.test" });
  await runCmdlet(server, "Backup-Postrider", { Path: path });
  await mkdir(join(folder, "broken off"));
  const listed = await tryCmdlet(server, "Get-PostriderBackup");
  assert.deepEqual(
    listed.objects.map((one) => one["Path"]),
    [path],
  );
  assert.match(listed.warnings.join(), /broken off is no backup/);
  assert.equal((await runCmdlet(server, "Test-PostriderBackup", { Path: path })).length, 1);

  await runCmdlet(server, "Remove-AcceptedDomain", { Identity: "then.test" });
  const text = await runCmdlet(server, "Export-PostriderConfiguration", { BackupPath: path });
  const FileData = text.map((one) => textOf(one["Text"])).join("");
  const dry = { FileData, DryRun: true };
  const changes = await runCmdlet(server, "Import-PostriderConfiguration", dry);
  assert.deepEqual(
    changes.map((one) => [one["Change"], one["Kind"], one["Name"]]),
    [["Added", "acceptedDomains", "then.test"]],
  );
  await runCmdlet(server, "Import-PostriderConfiguration", { FileData });
  await runCmdlet(server, "Get-AcceptedDomain", { Identity: "then.test" });
  // To have been read has not changed it.
  await runCmdlet(server, "Test-PostriderBackup", { Path: path });
  const none = { BackupPath: join(folder, "none") };
  const refused = await tryCmdlet(server, "Export-PostriderConfiguration", none);
  assert.match(refused.failure?.message ?? "", /ENOENT/);
  await appendFile(join(path, "figures.db"), "x");
  const damaged = await tryCmdlet(server, "Test-PostriderBackup", { Path: path });
  assert.match(damaged.failure?.message ?? "", /figures\.db is not the file that was backed up/);
});

test("a backup that is laid by hand where a server starts is taken up, figures too", async (t) => {
  // Figures are kept each second, not each minute.
  const hurried = { POSTRIDER_TEST_FAULTS: join(import.meta.dirname, "figure-faults.ts") };
  const { server, send, received, listen } = await openBench(t, hurried);
  await send("queued");
  await eventually({ what: "figures" }, async () => (await receivedIn(server)) === 1 || undefined);
  const path = join(await temporaryFolder(t), "monday");
  await runCmdlet(server, "Backup-Postrider", { Path: path });
  await server.kill9();
  // As the admin center says it: the queue cannot be read, so Restore-Postrider cannot be run.
  await writeFile(join(server.dataFolder, "queue.db"), "x".repeat(10_000));
  await cp(path, join(server.dataFolder, "restore"), { recursive: true });
  await writeFile(join(server.dataFolder, "restore", "ready"), "put-aside");
  await server.start();
  await listen();
  await eventually({ what: "delivery" }, () => received.includes("queued") || undefined);
  assert.ok((await receivedIn(server)) >= 1);
  await send("after");
  await eventually({ what: "mail goes on" }, () => received.includes("after") || undefined);
});
