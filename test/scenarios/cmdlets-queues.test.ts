import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { textOf } from "../../src/base/text-of.fake.ts";
import type { OutputObject } from "../../src/cmdlet/output-type.ts";
import { runCmdlet, tryCmdlet } from "../harness/cmdlets.ts";
import { contoso } from "../harness/contoso.ts";
import { eventually } from "../harness/eventually.ts";
import { freePort } from "../harness/free-port.ts";
import { readMaildir } from "../harness/maildir.ts";
import { run } from "../harness/peers.ts";
import { openSocket } from "../harness/rest-client.ts";
import { startServer, type TestServer } from "../harness/server.ts";
import { type SinkMessage, startSink } from "../harness/sink.ts";
import { SmtpClient } from "../harness/smtp-client.ts";

const BULK = 5_000;

/** A server whose smart host does not listen yet. */
async function prepareBench(t: TestContext) {
  const [smtpPort, relayPort, sinkPort] = [await freePort(), await freePort(), await freePort()];
  const server = await startServer(t, {
    configuration: contoso({ smtpPort, relayPort, smartHostPort: sinkPort }),
  });
  return { server, relayPort, sinkPort };
}

async function send(
  port: number,
  mails: readonly { readonly to: string; readonly from?: string; readonly content?: string }[],
): Promise<void> {
  const client = await SmtpClient.open(port);
  await client.command("EHLO client.example", 250);
  for (const { to, from = "alice@contoso.test", content = "Subject: x\r\n\r\ny" } of mails) {
    assert.equal((await client.sendMessage({ from, to: [to], content })).code, 250);
  }
  client.destroy();
}

/** The delivery queue of the smart host, once it waits for its retry with so many messages. */
function waitForRetry(server: TestServer, count: number): Promise<OutputObject> {
  return eventually({ what: `${count} messages in Retry` }, async () => {
    const queues = await runCmdlet(server, "Get-Queue", { Identity: "[127.0.0.1]" }).catch(
      () => [],
    );
    return queues.find(({ Status, MessageCount }) => Status === "Retry" && MessageCount === count);
  });
}

test("a queue with a dead hop: seen, suspended, resumed, retried", async (t) => {
  const { server, relayPort, sinkPort } = await prepareBench(t);
  await send(relayPort, [{ to: "one@fabrikam.test" }, { to: "two@fabrikam.test" }]);
  const queue = await waitForRetry(server, 2);
  assert.equal(queue["DeliveryType"], "SmartHostConnectorDelivery");
  assert.equal(queue["NextHopConnector"], "Smart Host");
  assert.equal(queue["RetryCount"], 1);
  assert.match(textOf(queue["LastError"]), /Connection refused/);
  assert.deepEqual(queue["MessageCountsPerPriority"], ["0", "2", "0", "0"]);
  assert.ok(Number(queue["IncomingRate"]) > 0);
  // The queue knows of the failed attempt a moment before its messages do.
  const [first, second] = await eventually({ what: "messages that wait" }, async () => {
    const those = { Queue: queue["Identity"], IncludeRecipientInfo: true };
    const messages = await runCmdlet(server, "Get-Message", those);
    return messages.every(({ Status }) => Status === "Retry") ? messages : undefined;
  });
  assert.equal(first?.["FromAddress"], "alice@contoso.test");
  assert.equal(first?.["MessageSourceName"], "SMTP:Application Relay");
  assert.match(JSON.stringify(first?.["Recipients"]), /one@fabrikam\.test/);
  assert.equal(second?.["Subject"], "x");
  const paged = await runCmdlet(server, "Get-Message", {
    SortOrder: "-Identity",
    BookmarkObject: first?.["Identity"],
    SearchForward: false,
    IncludeBookmark: false,
  });
  assert.deepEqual(
    paged.map(({ Identity }) => Identity),
    [second?.["Identity"]],
  );

  await runCmdlet(server, "Suspend-Queue", { Identity: queue["Identity"] });
  const sink = await startSink(t, { port: sinkPort });
  const refused = await tryCmdlet(server, "Retry-Queue", { Identity: queue["Identity"] });
  assert.match(refused.failure?.message ?? "", /suspended/);
  await server.kill9();
  await server.start();
  const [again] = await runCmdlet(server, "Get-Queue", { Filter: "Status -eq 'Suspended'" });
  assert.equal(again?.["Identity"], queue["Identity"], "queues keep their numbers");
  assert.equal(again?.["SuspendedBy"], "root");
  assert.equal(sink.messages.length, 0);
  await runCmdlet(server, "Resume-Queue", { Identity: queue["Identity"] });
  await runCmdlet(server, "Retry-Queue", { Filter: "Status -ne 'Suspended'" });
  await eventually({ what: "both" }, () => sink.messages.length === 2 || undefined);
});

test("a message: suspended, exported, removed, sent again from the file, whole", async (t) => {
  const { server, relayPort, sinkPort } = await prepareBench(t);
  const lines = `.dots\r\n${"z".repeat(990)}\r\n${"text\r\n".repeat(70_000)}`;
  const content = `Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n\r\n${lines}`;
  await send(relayPort, [{ to: "one@fabrikam.test", content }]);
  await waitForRetry(server, 1);
  const [message] = await runCmdlet(server, "Get-Message", { Filter: "Size -gt 300KB" });
  const Identity = message?.["Identity"];
  const early = await tryCmdlet(server, "Export-Message", { Identity });
  assert.match(early.failure?.message ?? "", /suspend it first/);
  const [act] = await runCmdlet(server, "Suspend-Message", { Identity });
  assert.equal(act?.["State"], "Completed");
  const parts = await runCmdlet(server, "Export-Message", { Identity });
  assert.ok(parts.length > 1);
  const file = Buffer.concat(parts.map((one) => Buffer.from(textOf(one["Content"]), "base64")));
  assert.match(file.toString("latin1"), /^X-Sender: <alice@contoso\.test>/);
  const path = join(server.folder, "exported.eml");
  const saved = await run(join(import.meta.dirname, "../../bin/postrider"), [
    ...["Export-Message", textOf(Identity), "-Path", path, "--data-dir", server.dataFolder],
  ]);
  assert.equal(saved.code, 0, saved.stderr);
  assert.ok(file.equals(await readFile(path)), "the command line writes the same file");

  const sink = await startSink(t, { port: sinkPort });
  await runCmdlet(server, "Remove-Message", { Identity, WithNDR: false });
  const gone = await tryCmdlet(server, "Get-Message", { Identity });
  assert.equal(gone.failure?.code, "not-found");
  await runCmdlet(server, "Retry-Queue", { Filter: "Status -eq 'Retry'" });
  await writeFile(join(server.dataFolder, "replay", "again.eml"), file);
  const received = await eventually({ what: "the message again" }, () => sink.messages[0]);
  assert.equal(sink.messages.length, 1);
  assert.deepEqual([received.from, received.to], ["alice@contoso.test", ["one@fabrikam.test"]]);
  assert.equal(afterHeaderOf(received), `${content.slice(content.indexOf("\r\n\r\n"))}\r\n`);
});

test("removed with a notice, its sender is told; redirected, it goes elsewhere", async (t) => {
  const { server, relayPort } = await prepareBench(t);
  await send(relayPort, [{ to: "one@fabrikam.test" }, { to: "two@fabrikam.test" }]);
  await waitForRetry(server, 2);
  const [one, two] = await runCmdlet(server, "Get-Message");
  const planned = await tryCmdlet(
    server,
    "Remove-Message",
    { Filter: "Size -gt 0" },
    { whatIf: true },
  );
  assert.equal(planned.plan?.count, 2);
  await runCmdlet(server, "Remove-Message", { Identity: one?.["Identity"] });
  await runCmdlet(server, "Redirect-Message", {
    Identity: two?.["Identity"],
    NewRecipient: "bob@contoso.test",
  });
  const notice = await eventually(
    { what: "the notice" },
    async () => (await readMaildir(server.dataFolder, "alice@contoso.test"))[0],
  );
  assert.match(notice, /removed by an administrator/);
  const redirected = await eventually(
    { what: "bob's copy" },
    async () => (await readMaildir(server.dataFolder, "bob@contoso.test"))[0],
  );
  assert.match(redirected, /Subject: x/);
});

test("Submission suspended: mail is taken, and goes on with Resume-Queue", async (t) => {
  const { server, relayPort, sinkPort } = await prepareBench(t);
  const sink = await startSink(t, { port: sinkPort });
  await runCmdlet(server, "Suspend-Queue", { Identity: "Submission" });
  await send(relayPort, [{ to: "one@fabrikam.test" }, { to: "two@fabrikam.test" }]);
  const waiting = await eventually({ what: "mail in Submission" }, async () => {
    const [queue] = await runCmdlet(server, "Get-Queue", { Identity: "Submission" });
    return queue?.["MessageCount"] === 2 ? queue : undefined;
  });
  assert.equal(waiting["Status"], "Suspended");
  await server.terminate();
  await server.start();
  assert.equal(sink.messages.length, 0);
  await runCmdlet(server, "Resume-Queue", { Identity: "Submission" });
  await eventually({ what: "both" }, () => sink.messages.length === 2 || undefined);
});

test("an act on five thousand goes on after a kill in the middle", async (t) => {
  const { server, relayPort, sinkPort } = await prepareBench(t);
  await runCmdlet(server, "Suspend-Queue", { Identity: "Submission" });
  const mails = Array.from({ length: BULK }, (_, index) => ({
    to: `r${index}@fabrikam.test`,
    content: `Subject: ${index % 5 === 0 ? "keep" : "drop"}\r\n\r\nx`,
  }));
  await Promise.all(
    [0, 1, 2, 3].map((part) =>
      send(
        relayPort,
        mails.filter((_, i) => i % 4 === part),
      ),
    ),
  );
  await runCmdlet(server, "Resume-Queue", { Identity: "Submission" });
  await waitForRetry(server, BULK);
  const filter = { Filter: "Subject -eq 'drop'", WithNDR: false };
  const cancelled = tryCmdlet(server, "Remove-Message", filter).catch(() => undefined);
  await eventually({ what: "some are removed" }, async () => {
    const [job] = await runCmdlet(server, "Get-QueueJob");
    return Number(job?.["Done"] ?? 0) > 0 || undefined;
  });
  await server.kill9();
  await cancelled;
  await server.start();
  const job = await eventually({ what: "the end of the job", withinMs: 60_000 }, async () => {
    const [first] = await runCmdlet(server, "Get-QueueJob");
    return first?.["State"] === "Running" ? undefined : first;
  });
  assert.equal(job["State"], "Completed");
  assert.equal(job["By"], "root");
  assert.equal(job["Expected"], BULK * 0.8);
  const left = await runCmdlet(server, "Get-Queue", { Identity: "[127.0.0.1]" });
  assert.equal(left[0]?.["MessageCount"], BULK * 0.2);
  const sink = await startSink(t, { port: sinkPort });
  await runCmdlet(server, "Retry-Queue", { Identity: "[127.0.0.1]" });
  await eventually(
    { what: "what is left", withinMs: 60_000 },
    () => sink.messages.length >= BULK * 0.2 || undefined,
  );
  assert.ok(sink.messages.every(({ content }) => content.includes("Subject: keep")));
});

test("all mail goes to another server, over a restart too, and none is taken", async (t) => {
  const { server, relayPort } = await prepareBench(t);
  await send(relayPort, [{ to: "one@fabrikam.test" }]);
  await waitForRetry(server, 1);
  const other = await startSink(t, { port: await freePort() });
  const target = `[127.0.0.1]:${other.port}`;
  await runCmdlet(server, "Suspend-Queue", { Identity: "Submission" });
  await send(relayPort, [{ to: "alice@contoso.test" }]);
  await runCmdlet(server, "Redirect-Message", { Target: [target] });
  await eventually({ what: "what waited" }, () => other.messages.length === 1 || undefined);
  await assert.rejects(SmtpClient.open(relayPort), /421/);
  await server.kill9();
  await server.start();
  await runCmdlet(server, "Resume-Queue", { Identity: "Submission" });
  await eventually({ what: "mail for a mailbox" }, () => other.messages.length === 2 || undefined);
  assert.deepEqual(other.messages[1]?.to, ["alice@contoso.test"]);
  await runCmdlet(server, "Redirect-Message", { Stop: true });
  await send(relayPort, [{ to: "bob@contoso.test" }]);
  await eventually(
    { what: "bob's mail, here" },
    async () => (await readMaildir(server.dataFolder, "bob@contoso.test"))[0],
  );
});

test("the digest adds up the queues, and says which server it cannot ask", async (t) => {
  const { server, relayPort } = await prepareBench(t);
  await send(relayPort, [{ to: "one@fabrikam.test" }, { to: "two@fabrikam.test" }]);
  await waitForRetry(server, 2);
  const [digest] = await runCmdlet(server, "Get-QueueDigest", { Threshold: 1, GroupBy: "Status" });
  assert.equal(digest?.["GroupByValue"], "Retry");
  assert.equal(digest?.["MessageCount"], 2);
  const other = await tryCmdlet(server, "Get-QueueDigest", { Server: "mx2.contoso.test" });
  assert.match(other.failure?.message ?? "", /servers\/mx2\.contoso\.test\.json/);
});

test("the digest of two servers, one asked over HTTPS with a token", async (t) => {
  const { server, relayPort } = await prepareBench(t);
  const [smtpPort, otherRelay, smartHostPort] = [
    await freePort(),
    await freePort(),
    await freePort(),
  ];
  const adminPort = await freePort();
  const options = { smtpPort, relayPort: otherRelay, smartHostPort };
  const admin = { listen: `127.0.0.1:${adminPort}` };
  const more = { server: { fqdn: "mx2.contoso.test", admin } };
  const other = await startServer(t, { configuration: contoso({ ...options, more }) });
  await send(relayPort, [{ to: "one@fabrikam.test" }]);
  await send(otherRelay, [{ to: "one@fabrikam.test" }, { to: "two@fabrikam.test" }]);
  await waitForRetry(server, 1);
  await waitForRetry(other, 2);
  const RoleGroups = ["View-Only Organization Management"];
  const [made] = await runCmdlet(other, "New-ApiToken", { Name: "digest", RoleGroups });
  const path = join(other.dataFolder, "certificates", "self-signed.crt");
  const certificate = await readFile(path, "utf8");
  const file = { url: `https://127.0.0.1:${adminPort}`, token: made?.["Token"], certificate };
  await mkdir(join(server.dataFolder, "servers"));
  const target = join(server.dataFolder, "servers", "mx2.contoso.test.json");
  await writeFile(target, JSON.stringify(file));
  const digest = { Threshold: 1, GroupBy: "NextHopDomain" };
  const [both] = await runCmdlet(server, "Get-QueueDigest", digest);
  assert.deepEqual([both?.["MessageCount"], both?.["QueueCount"]], [3, 2]);
  await other.kill9();
  const rest = await tryCmdlet(server, "Get-QueueDigest", digest);
  assert.equal(rest.objects[0]?.["MessageCount"], 1);
  assert.match(rest.warnings.join(), /^mx2\.contoso\.test: .*ECONNREFUSED/);
});

test("every cmdlet answers over REST and on the command line", async (t) => {
  const { server, relayPort } = await prepareBench(t);
  await send(relayPort, [{ to: "one@fabrikam.test" }]);
  await waitForRetry(server, 1);
  const rest = openSocket(server);
  for (const [what, status] of [
    ["GET /api/v1/queue", 200],
    ["GET /api/v1/queue-digest?Threshold=1", 200],
    ["GET /api/v1/message", 200],
    ["GET /api/v1/queue-job", 200],
    ["POST /api/v1/queue/suspend?Identity=[127.0.0.1]", 200],
    ["POST /api/v1/queue/resume?Identity=[127.0.0.1]", 200],
    ["POST /api/v1/queue/retry?Identity=[127.0.0.1]", 200],
    ["POST /api/v1/message/suspend?Identity=4711", 404],
    ["POST /api/v1/message/resume?Identity=4711", 404],
    ["POST /api/v1/message/export?Identity=4711", 404],
    ["POST /api/v1/message/redirect?Identity=4711&NewRecipient=a@b.test", 404],
    ["DELETE /api/v1/message?Identity=4711", 404],
    ["POST /api/v1/queue-job/stop?Identity=job-1", 404],
  ] as const) {
    const [target = "", query] = what.split("?");
    const isBody = what.startsWith("POST");
    const body = Object.fromEntries(new URLSearchParams(query));
    const answer = isBody ? await rest(target, { body }) : await rest(what);
    assert.equal(answer.status, status, `${what}: ${JSON.stringify(answer.body)}`);
  }
  for (const [words, code] of [
    [["Get-Queue", "-Format", "json"], 0],
    [["Get-QueueDigest"], 0],
    [["Get-Message", "-Filter", "Status -eq 'Retry'"], 0],
    [["Get-QueueJob"], 0],
    [["Suspend-Queue", "[127.0.0.1]", "-Confirm:$false"], 0],
    [["Resume-Queue", "[127.0.0.1]"], 0],
    [["Retry-Queue", "[127.0.0.1]", "-WhatIf"], 0],
    [["Suspend-Message", "-Filter", "Subject -eq 'x'"], 0],
    [["Resume-Message", "-Filter", "Status -eq 'Suspended'"], 0],
    [["Redirect-Message", "4711", "-NewRecipient", "a@b.test", "-Confirm:$false"], "fails"],
    [["Remove-Message", "4711", "-Confirm:$false"], "fails"],
    [["Stop-QueueJob", "job-1"], "fails"],
  ] as const) {
    const command = join(import.meta.dirname, "../../bin/postrider");
    const ended = await run(command, [...words, "--data-dir", server.dataFolder]);
    const name = `${words.join(" ")}: ${ended.stderr}`;
    if (code === 0) assert.equal(ended.code, 0, name);
    else assert.notEqual(ended.code, 0, name);
  }
});

function afterHeaderOf({ content }: SinkMessage): string {
  return content.slice(content.indexOf("\r\n\r\n"));
}
