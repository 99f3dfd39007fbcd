import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { rm, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { promisify } from "node:util";
import { textOf } from "../../src/base/text-of.fake.ts";
import { runCmdlet } from "../harness/cmdlets.ts";
import { contoso } from "../harness/contoso.ts";
import { eventually } from "../harness/eventually.ts";
import { freePort } from "../harness/free-port.ts";
import { startHop } from "../harness/hop.ts";
import { openHttps, openSocket } from "../harness/rest-client.ts";
import { startServer, type TestServer } from "../harness/server.ts";
import { submit } from "../harness/transaction.ts";

const POSTRIDER = join(import.meta.dirname, "../../bin/postrider");
const PASSWORD = "correct horse battery";

/** A server whose hop refuses `unknown` and defers `busy`; its log files are small. */
async function openBench(t: TestContext, more: Readonly<Record<string, unknown>> = {}) {
  const hop = await startHop(t, {
    port: await freePort(),
    respond: ({ line }) => {
      if (line.startsWith("RCPT TO:<unknown@")) return { reply: "550 5.1.1 No, nobody" };
      return line.startsWith("RCPT TO:<busy@") ? { reply: "451 4.2.1 Come back" } : undefined;
    },
  });
  const [smtpPort, relayPort, adminPort] = [await freePort(), await freePort(), await freePort()];
  const configuration = contoso({
    smtpPort,
    relayPort,
    adminPort,
    smartHostPort: hop.port,
    transportService: {
      messageRetryInterval: "01:00:00",
      messageTrackingLogMaxFileSize: "8KB",
      ...more,
    },
    more: {
      distributionGroups: [
        {
          name: "team",
          primarySmtpAddress: "team@contoso.test",
          members: ["bob@contoso.test", "someone@fabrikam.test"],
        },
      ],
    },
  });
  const server = await startServer(t, { configuration });
  const https = await openHttps(server, { port: adminPort, name: "mail.contoso.test" });
  return { server, https, smtpPort, relayPort };
}

async function send(port: number, id: string, ...to: readonly string[]): Promise<void> {
  const header = `Message-ID: <${id}@contoso.test>\r\nFrom: alice@contoso.test\r\n`;
  await submit(port, {
    from: "<alice@contoso.test>",
    to: to.map((address) => `<${address}>`),
    content: `${header}Subject: Secret plan ${id}\r\n\r\nx\r\n`,
  });
}

async function commandLine(server: TestServer, ...words: readonly string[]): Promise<string> {
  const options = ["--data-dir", server.dataFolder, "-Format", "json", "-Confirm:$false"];
  const { stdout } = await promisify(execFile)(POSTRIDER, [...words, ...options]);
  return stdout;
}

/** The statuses of a message by recipient. */
async function statusesOf(server: TestServer, id: string): Promise<Record<string, unknown>> {
  const rows = await runCmdlet(server, "Get-MessageTrace", { MessageId: `${id}@contoso.test` });
  return Object.fromEntries(rows.map((row) => [row["RecipientAddress"], row["Status"]]));
}

/** One message for the world: sent, failed, put off, resolved, expanded. */
async function sendWorld(bench: {
  readonly server: TestServer;
  readonly smtpPort: number;
  readonly relayPort: number;
}): Promise<string> {
  const { server, smtpPort, relayPort } = bench;
  await send(smtpPort, "inside", "a.smith@contoso.test", "team@contoso.test");
  const outside = ["someone", "unknown", "busy"].map((name) => `${name}@fabrikam.test`);
  await send(relayPort, "outside", ...outside);
  await eventually({ what: "all is traced" }, async () => {
    const inside = Object.values(await statusesOf(server, "inside"));
    const outside = Object.values(await statusesOf(server, "outside"));
    const pending = [...inside, ...outside].filter((status) => status === "Pending");
    return (inside.length === 4 && outside.length === 3 && pending.length === 1) || undefined;
  });
  const [row] = await runCmdlet(server, "Get-MessageTrace", { MessageId: "outside@contoso.test" });
  return textOf(row?.["MessageTraceId"]);
}

test("traces and stories of messages to aliases, groups, and a hop that says no", async (t) => {
  const bench = await openBench(t);
  const { server } = bench;
  const id = await sendWorld(bench);
  assert.deepEqual(await statusesOf(server, "inside"), {
    "alice@contoso.test": "Delivered",
    "team@contoso.test": "Expanded",
    "bob@contoso.test": "Delivered",
    "someone@fabrikam.test": "Delivered",
  });
  assert.deepEqual(await statusesOf(server, "outside"), {
    "someone@fabrikam.test": "Delivered",
    "unknown@fabrikam.test": "Failed",
    "busy@fabrikam.test": "Pending",
  });
  const failed = await runCmdlet(server, "Get-MessageTrace", { Status: "Failed" });
  assert.deepEqual(
    failed.map((row) => row["Detail"]),
    ["550 5.1.1 No, nobody"],
  );
  const story = await runCmdlet(server, "Get-MessageTraceDetail", {
    MessageTraceId: id,
    RecipientAddress: "busy@fabrikam.test",
  });
  assert.deepEqual(
    story.map((one) => one["Event"]),
    ["Receive", "Defer", "Wait"],
  );
  const texts = story.map((one) => textOf(one["Detail"]));
  assert.match(texts[1] ?? "", /busy@fabrikam\.test: hop\.test \[127\.0\.0\.1\] said "451 4\.2\.1/);
  assert.match(texts[2] ?? "", /^It waits in queue \S+ for busy@fabrikam\.test; next try at 20/);
  const member = await runCmdlet(server, "Get-MessageTraceDetail", {
    MessageId: "<inside@contoso.test>",
    RecipientAddress: "bob@contoso.test",
  });
  assert.deepEqual(
    member.map((one) => one["Event"]),
    ["Receive", "Expand", "Deliver"],
  );
});

test("every cmdlet of tracking runs from the command line and by REST", async (t) => {
  const bench = await openBench(t);
  const { server } = bench;
  const id = await sendWorld(bench);
  const rest = openSocket(server);
  const lines: readonly (readonly [readonly string[], string, object | undefined, RegExp])[] = [
    [
      ["Get-MessageTrackingLog", "-Sender", "alice@contoso.test", "-EventId", "FAIL"],
      "GET /api/v1/message-tracking-log?sender=alice@contoso.test&eventId=FAIL",
      undefined,
      /550 5\.1\.1 No, nobody/,
    ],
    [
      ["Get-MessageTrace", "-RecipientAddress", "*@fabrikam.test", "-Status", "Pending"],
      "GET /api/v1/message-trace?recipientAddress=*@fabrikam.test&status=Pending",
      undefined,
      /busy@fabrikam\.test/,
    ],
    [
      ["Get-MessageTraceDetail", id],
      `GET /api/v1/message-trace-detail?messageTraceId=${id}`,
      undefined,
      /It was received by connector/,
    ],
    [
      ["New-MessageTraceLink", id, "-ExpiresAfter", "01:00:00"],
      "POST /api/v1/message-trace-link",
      { messageTraceId: id },
      /\/api\/v1\/story\/[\w-]{32}/,
    ],
    [
      ["Update-MessageTrackingIndex", "-Rebuild"],
      "POST /api/v1/message-tracking-index/update",
      { rebuild: true },
      /"IndexedEvents"/,
    ],
    [
      ["Get-MessageTrackingIndex"],
      "GET /api/v1/message-tracking-index",
      undefined,
      /"Enabled": ?true/,
    ],
  ];
  for (const [words, what, body, expected] of lines) {
    assert.match(await commandLine(server, ...words), expected, words.join(" "));
    const answer = await rest(what, body === undefined ? {} : { body });
    assert.equal(answer.status, 200, `${what}: ${JSON.stringify(answer.body)}`);
    assert.match(JSON.stringify(answer.body), expected, what);
  }
});

test("links to a story: for those with an account, or for whoever has them", async (t) => {
  const bench = await openBench(t);
  const { server, https } = bench;
  const id = await sendWorld(bench);
  const link = async (more: object) => {
    const given = { MessageTraceId: id, RecipientAddress: "unknown@fabrikam.test", ...more };
    const [made] = await runCmdlet(server, "New-MessageTraceLink", given);
    return `GET ${textOf(made?.["Path"])}`;
  };
  const closed = await link({});
  assert.equal((await https(closed)).status, 401);
  const helen = { Name: "helen", Password: PASSWORD, RoleGroups: ["Help Desk"] };
  await runCmdlet(server, "New-Administrator", helen);
  const login = { body: { name: "helen", password: PASSWORD } };
  const { body } = await https("POST /api/v1/login", login);
  assert.ok(typeof body === "object" && body !== null && "token" in body);
  const token = String(body.token);
  const open = await link({ Anonymous: true });
  for (const answer of [await https(closed, { token }), await https(open)]) {
    assert.equal(answer.status, 200);
    const text = JSON.stringify(answer.body);
    assert.match(text, /550 5\.1\.1 No, nobody/);
    assert.doesNotMatch(text, /Secret plan|busy@fabrikam/);
  }
  assert.equal((await https(`${open.slice(0, -1)}x`)).status, 404);
  const trace = await https("GET /api/v1/message-trace", { token });
  assert.doesNotMatch(JSON.stringify(trace.body), /Secret plan/);
  assert.match(JSON.stringify(trace.body), /busy@fabrikam/);
  await server.kill9();
  await server.start();
  assert.equal((await https(open)).status, 200, "links outlive the server");
  const links = await runCmdlet(server, "Get-MessageTraceLink");
  assert.equal(links.length, 2);
  const Identity = links.map((one) => textOf(one["Identity"]));
  await runCmdlet(server, "Remove-MessageTraceLink", { Identity });
  assert.equal((await https(open)).status, 404);
});

test("the index outlives kill -9, damage and lost files, and is built by itself", async (t) => {
  const bench = await openBench(t);
  const { server, relayPort } = bench;
  for (let at = 0; at < 30; at += 1) await send(relayPort, `m${at}`, "someone@fabrikam.test");
  const indexed = async () => {
    const [status] = await runCmdlet(server, "Get-MessageTrackingIndex");
    return Number(status?.["IndexedEvents"]);
  };
  await eventually({ what: "the index" }, async () => (await indexed()) >= 30 || undefined);
  const find = async (number: number) => {
    const MessageId = `m${number}@contoso.test`;
    const events = await runCmdlet(server, "Get-MessageTrackingLog", { MessageId });
    return events.map((one) => one["EventId"]);
  };
  await server.kill9();
  await server.start();
  assert.deepEqual(await find(0), ["RECEIVE", "SEND"]);
  await server.kill9();
  const database = join(server.dataFolder, "tracking.db");
  await writeFile(database, "no database");
  await server.start();
  assert.deepEqual(await find(0), ["RECEIVE", "SEND"]);
  await eventually({ what: "another index" }, async () => (await indexed()) >= 30 || undefined);
  await server.kill9();
  await truncate(database, Math.floor((await stat(database)).size / 2));
  await rm(`${database}-wal`, { force: true });
  await server.start();
  for (const number of [0, 15, 29]) assert.deepEqual(await find(number), ["RECEIVE", "SEND"]);
});
