import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { request } from "node:https";
import { join } from "node:path";
import { test } from "node:test";
import { textOf } from "../../src/base/text-of.fake.ts";
import { runCmdlet } from "../harness/cmdlets.ts";
import { contoso } from "../harness/contoso.ts";
import { eventually } from "../harness/eventually.ts";
import { freePort } from "../harness/free-port.ts";
import { startHop } from "../harness/hop.ts";
import { openHttps } from "../harness/rest-client.ts";
import { startServer, type TestServer } from "../harness/server.ts";
import { SmtpClient } from "../harness/smtp-client.ts";

const FAULTS = join(import.meta.dirname, "figure-faults.ts");

type Server = Pick<TestServer, "dataFolder">;

async function send(port: number, to: readonly string[], reply = 250): Promise<void> {
  const client = await SmtpClient.open(port);
  await client.command("EHLO client.example", 250);
  const content = "From: alice@contoso.test\r\nSubject: x\r\n\r\ntext";
  const { code } = await client.sendMessage({ from: "alice@contoso.test", to, content });
  assert.equal(code, reply);
  await client.quit();
}

/** Sums of the last hours. */
async function traffic(server: Server) {
  const rows = await runCmdlet(server, "Get-MailTrafficReport", { AggregateBy: "Hour" });
  const sum = (name: string) => rows.reduce((all, row) => all + Number(row[name]), 0);
  return {
    received: sum("Received"),
    delivered: sum("Delivered"),
    relayed: sum("Relayed"),
    failed: sum("Failed"),
    details: JSON.stringify(rows.map((row) => row["Details"])),
  };
}

async function top(server: Server, Category: string): Promise<readonly string[]> {
  const found = await runCmdlet(server, "Get-MailTrafficTopReport", { Category });
  return found.map(
    (one) => `${textOf(one["Sender"] ?? one["Domain"])} ${textOf(one["MessageCount"])}`,
  );
}

async function open(t: Parameters<typeof startServer>[0]) {
  const hop = await startHop(t, {
    port: await freePort(),
    respond: ({ line }) =>
      line.startsWith("RCPT TO:<gone@") ? { reply: "550 5.1.1 No such user\r\n" } : undefined,
  });
  const relayPort = await freePort();
  const configuration = contoso({
    ...{ smtpPort: await freePort(), relayPort, smartHostPort: hop.port },
  });
  const environment = { POSTRIDER_TEST_FAULTS: FAULTS };
  const server = await startServer(t, { configuration, environment });
  return { server, relayPort };
}

test("what mail did is in the figures, and stays there through kill -9", async (t) => {
  const { server, relayPort } = await open(t);
  await send(relayPort, ["bob@contoso.test", "one@fabrikam.test"]);
  await send(relayPort, ["gone@fabrikam.test"]);
  // The notice about the third recipient is delivered too.
  await eventually({ what: "figures of both messages" }, async () => {
    const { received, delivered, relayed, failed } = await traffic(server);
    return (received === 2 && delivered === 2 && relayed === 1 && failed === 1) || undefined;
  });
  const { details } = await traffic(server);
  assert.match(details, /"Failed":\{"5\.1\.1":1\}/);
  assert.match(details, /"Encryption":\{"in_clear":2,"out_clear":1\}/);
  await eventually({ what: "counted names" }, async () => {
    const tops = [await top(server, "TopSender"), await top(server, "TopDestination")];
    return tops.every(({ length }) => length > 0) || undefined;
  });
  assert.deepEqual(await top(server, "TopSender"), ["alice@contoso.test 2"]);
  assert.deepEqual(await top(server, "TopFailingDestination"), ["fabrikam.test 1"]);
  const before = await traffic(server);
  await server.kill9();
  await server.start();
  assert.deepEqual(await traffic(server), before);
  await send(relayPort, ["two@fabrikam.test"]);
  await eventually({ what: "the third message" }, async () => {
    const { received, relayed } = await traffic(server);
    return (received === 3 && relayed === 2) || undefined;
  });
  await eventually({ what: "its sender" }, async () => {
    const [first] = await top(server, "TopSender");
    assert.notEqual(first, "alice@contoso.test 4", "counted twice");
    return first === "alice@contoso.test 3" || undefined;
  });
});

test("a damaged database of figures is set aside, told, and mail goes on", async (t) => {
  const { server, relayPort } = await open(t);
  await send(relayPort, ["bob@contoso.test"]);
  const names = () => top(server, "TopSender");
  await eventually({ what: "the sender" }, async () => (await names())[0]);
  await server.terminate();
  const path = join(server.dataFolder, "figures.db");
  await writeFile(path, "no database at all ".repeat(5_000));
  await server.start();
  await send(relayPort, ["bob@contoso.test"]);
  await eventually({ what: "figures again" }, async () => {
    const { received } = await traffic(server);
    return received === 1 || undefined;
  });
  assert.ok(existsSync(`${path}.damaged`));
  assert.match(server.output, /"event":"figures-set-aside"/);
  // The log has what the lists had: they are counted anew.
  await eventually({ what: "both messages" }, async () => {
    const [first] = await names();
    return first === "alice@contoso.test 2" || undefined;
  });
});

/** A stream of events, read as it comes. */
async function listen(
  server: Server,
  { port, token }: { readonly port: number; readonly token: string },
): Promise<{ readonly status: number; readonly heard: () => string }> {
  const ca = await readFile(join(server.dataFolder, "certificates", "self-signed.crt"), "utf8");
  const headers = { accept: "text/event-stream", authorization: `Bearer ${token}` };
  const path = "/api/v1/events?topics=overview";
  const at = { host: "127.0.0.1", port, ca, servername: "mail.contoso.test" };
  return new Promise((resolve, reject) => {
    const sent = request({ ...at, path, headers, agent: false });
    sent.on("error", reject);
    sent.on("response", (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (piece: string) => {
        text += piece;
      });
      resolve({ status: response.statusCode ?? 0, heard: () => text });
    });
    sent.end();
  });
}

test("a page hears of mail that waits, until its session ends", async (t) => {
  const adminPort = await freePort();
  const relayPort = await freePort();
  const configuration = contoso({
    ...{ smtpPort: await freePort(), relayPort, adminPort, smartHostPort: await freePort() },
  });
  const server = await startServer(t, { configuration });
  const Password = "correct horse battery";
  const RoleGroups = ["Help Desk"];
  await runCmdlet(server, "New-Administrator", { Name: "alice", Password, RoleGroups });
  const https = await openHttps(server, { port: adminPort, name: "mail.contoso.test" });
  const body = { name: "alice", password: Password };
  const { body: login } = await https("POST /api/v1/login", { body });
  const token = String((login as Readonly<Record<string, unknown>>)["token"]);
  const { status, heard } = await listen(server, { port: adminPort, token });
  assert.equal(status, 200);
  await eventually({ what: "the first event" }, () => /"QueueDepth":0/.test(heard()) || undefined);
  await send(relayPort, ["one@fabrikam.test"]);
  await eventually({ what: "a message that waits" }, () => {
    return /"QueueDepth":1,.*"OldestMessageAge":"00:00:/.test(heard()) || undefined;
  });
  await https("POST /api/v1/logout", { token });
  await eventually({ what: "the end" }, () => /event: end/.test(heard()) || undefined);
  assert.match(heard(), /event: end\ndata: \{"reason":"unauthorized"\}\n\n$/);
});
