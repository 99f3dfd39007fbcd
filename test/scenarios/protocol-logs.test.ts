import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { stringify } from "yaml";
import { textOf } from "../../src/base/text-of.fake.ts";
import type { OutputObject } from "../../src/cmdlet/output-type.ts";
import { runCmdlet, tryCmdlet } from "../harness/cmdlets.ts";
import { contoso } from "../harness/contoso.ts";
import { eventually } from "../harness/eventually.ts";
import { freePort } from "../harness/free-port.ts";
import { run, swaks } from "../harness/peers.ts";
import { openSocket } from "../harness/rest-client.ts";
import { startServer, type TestServer } from "../harness/server.ts";
import { startSink } from "../harness/sink.ts";
import { SmtpClient } from "../harness/smtp-client.ts";

const POSTRIDER = join(import.meta.dirname, "../../bin/postrider");
const SECRET = "c0rrect-h0rse-battery";

/** A server with both protocol logs, and a smart host that refuses who is called no@…. */
async function openBench(t: TestContext) {
  const ports = [await freePort(), await freePort(), await freePort()] as const;
  const [smtpPort, relayPort, smartHostPort] = ports;
  const verbose = { protocolLoggingLevel: "Verbose" };
  const server = await startServer(t, {
    configuration: contoso({
      smtpPort,
      relayPort,
      smartHostPort,
      receiveConnector: { ...verbose, maxProtocolErrors: 50 },
      sendConnector: verbose,
      transportService: { queueLoggingInterval: "00:00:01" },
    }),
  });
  const sink = await startSink(t, {
    port: smartHostPort,
    script: ({ line }) => (/^RCPT TO:<no@/i.test(line) ? { reply: "550 5.1.1 Nobody" } : undefined),
  });
  return { server, sink, smtpPort, relayPort };
}

/** What a cmdlet finds, once that is something. */
function find(
  server: TestServer,
  cmdlet: string,
  parameters: Readonly<Record<string, unknown>> = {},
  isEnough: (found: readonly OutputObject[]) => boolean = ({ length }) => length > 0,
): Promise<readonly OutputObject[]> {
  return eventually({ what: `${cmdlet} ${JSON.stringify(parameters)}` }, async () => {
    const { objects } = await tryCmdlet(server, cmdlet, parameters);
    return isEnough(objects) ? objects : undefined;
  });
}

const linesOf = (rows: readonly OutputObject[]) =>
  rows.map((row) => `${textOf(row["Event"])} ${textOf(row["Data"])}`.trimEnd());

function everyLog(server: TestServer): string {
  return globSync("logs/**/*.LOG", { cwd: server.dataFolder })
    .map((path) => readFileSync(join(server.dataFolder, path), "utf8"))
    .join("\n");
}

test("mail comes in and goes out: both protocol logs tell it, without the content", async (t) => {
  const { server, relayPort } = await openBench(t);
  const sent = await swaks(
    relayPort,
    ...["--from", "app@contoso.test", "--to", "someone@fabrikam.test", "--helo", "app.test"],
    ...["--body", "eyes only"],
  );
  assert.equal(sent.code, 0, sent.stdout);
  const isOver = (rows: readonly OutputObject[]) => rows.at(-1)?.["Event"] === "-";
  const incoming = await find(server, "Get-ProtocolLog", { Direction: "Receive" }, isOver);
  assert.deepEqual(
    incoming.map((row) => row["SequenceNumber"]),
    incoming.map((_, index) => index),
  );
  const [first, permissions, banner, hello] = incoming;
  assert.equal(first?.["Event"], "+");
  assert.match(textOf(first?.["SessionId"]), /^[0-9A-F]{16}$/);
  assert.equal(first?.["ConnectorId"], "Application Relay");
  assert.equal(first?.["LocalEndpoint"], `127.0.0.1:${relayPort}`);
  assert.equal(permissions?.["Context"], "Set Session Permissions");
  assert.match(textOf(permissions?.["Data"]), /\bSMTPSubmit\b.*\bSMTPAcceptAnyRecipient\b/);
  assert.match(textOf(banner?.["Data"]), /^220 /);
  assert.equal(hello?.["Data"], "EHLO app.test");
  assert.equal(incoming.at(-1)?.["Context"], "Local");
  const said = linesOf(incoming).join("\n");
  assert.match(said, /^< MAIL FROM:<app@contoso\.test>/m);
  assert.match(said, /^> 354 .*\n< <\d+ octets>\n> 250 2\.6\.0 /m);
  const outgoing = await find(server, "Get-ProtocolLog", { Direction: "Send" }, (rows) =>
    linesOf(rows).some((line) => line.startsWith("< 250 2.0.0") || /^< 250.*queued/i.test(line)),
  ).catch(() => runCmdlet(server, "Get-ProtocolLog", { Direction: "Send" }));
  assert.match(linesOf(outgoing).join("\n"), /^> RCPT TO:<someone@fabrikam\.test>/m);
  assert.match(linesOf(outgoing).join("\n"), /^> <\d+ octets>$/m);
  const session = outgoing[0]?.["SessionId"];
  const [connection] = await find(server, "Get-ConnectivityLog", { Session: session });
  assert.equal(connection?.["Direction"], "+", "the connectivity log names the same session");
  assert.ok(!everyLog(server).includes("eyes only"));
  const byAddress = { RemoteAddress: "127.0.0.1", Connector: "application*", Pattern: "RCPT TO" };
  assert.equal((await runCmdlet(server, "Get-ProtocolLog", byAddress)).length, 1);
  assert.equal((await runCmdlet(server, "Get-ProtocolLog", { End: "-1h" })).length, 0);
});

test("a session that fails is kept, in both directions, and can be replayed", async (t) => {
  const { server, relayPort, smtpPort } = await openBench(t);
  await swaks(smtpPort, "--from", "x@fabrikam.test", "--to", "nobody@contoso.test");
  const [incoming] = await find(server, "Get-SessionRecording", { Direction: "Receive" });
  assert.match(textOf(incoming?.["Reason"]), /^550 5\.1\.10 /);
  assert.equal(incoming?.["ConnectorId"], "Default Frontend");
  const Identity = incoming?.["Identity"];
  const [whole] = await runCmdlet(server, "Get-SessionRecording", { Identity });
  const told = [whole?.["Conversation"]].flat().map(textOf).join("\n");
  assert.match(told, /< RCPT TO:<nobody@contoso\.test>\n.*> 550 5\.1\.10 /);
  const none = await tryCmdlet(server, "Get-SessionRecording", { Identity: "0000" });
  assert.equal(none.failure?.code, "not-found");

  const sent = await swaks(relayPort, "--from", "x@contoso.test", "--to", "no@fabrikam.test");
  assert.equal(sent.code, 0, sent.stdout);
  const [outgoing] = await find(server, "Get-SessionRecording", { Direction: "Send" });
  assert.match(textOf(outgoing?.["Reason"]), /^550 5\.1\.1 Nobody/);
  const [failed] = await find(server, "Get-MessageTrackingLog", { EventId: "FAIL" });
  assert.equal(failed?.["SourceContext"], outgoing?.["Identity"], "the log names the session");
  const MessageTraceId = failed?.["NetworkMessageId"];
  const story = await runCmdlet(server, "Get-MessageTraceDetail", { MessageTraceId });
  const sessionOf = (event: string) =>
    textOf(story.find((one) => one["Event"] === event)?.["SessionId"]);
  assert.equal(sessionOf("Fail"), outgoing?.["Identity"]);
  const SessionId = sessionOf("Receive");
  const [begun] = await runCmdlet(server, "Get-ProtocolLog", { SessionId });
  assert.deepEqual([begun?.["Event"], begun?.["ConnectorId"]], ["+", "Application Relay"]);

  const client = await SmtpClient.open(smtpPort);
  await client.command("EHLO broken.test", 250);
  await client.command("MAIL FROM:<x@fabrikam.test>", 250);
  client.destroy();
  const broken = await find(server, "Get-SessionRecording", { Pattern: "broken.test" });
  assert.match(textOf(broken[0]?.["Reason"]), /connection lost|closed the connection/);

  const [agent] = await find(server, "Get-AgentLog", { Recipient: "nobody@contoso.test" });
  assert.equal(agent?.["Agent"], "Recipient Filter Agent");
  assert.equal(agent?.["Reason"], "RecipientDoesNotExist");
  assert.equal(agent?.["SessionId"], Identity);
  const { dataFolder } = server;
  const same = await run(POSTRIDER, ["replay", textOf(Identity), "--data-dir", dataFolder]);
  assert.equal(same.code, 0, same.stdout + same.stderr);
  assert.match(same.stdout, /RCPT TO:<nobody@contoso\.test>/);
  const mended = contoso({
    smtpPort,
    more: { mailboxes: [{ name: "n", primarySmtpAddress: "nobody@contoso.test" }] },
  });
  const file = join(server.folder, "mended.yaml");
  await writeFile(file, stringify(mended));
  const other = await run(POSTRIDER, [
    ...["replay", textOf(Identity), "--data-dir", dataFolder, "--config", file],
  ]);
  assert.equal(other.code, 3, other.stdout + other.stderr);
  assert.match(other.stdout, /then 550 5\.1\.10.*\n.*now {2}250 2\.1\.5/);
});

test("what is no command after AUTH, and AUTH itself, is in no log", async (t) => {
  const { server, smtpPort } = await openBench(t);
  const client = await SmtpClient.open(smtpPort);
  const base64 = Buffer.from(SECRET).toString("base64");
  const plain = Buffer.from(`\0alice@contoso.test\0${SECRET}`).toString("base64");
  await client.command("EHLO client.test", 250);
  for (const line of [
    `AUTH PLAIN ${plain}`,
    `AUTH ${base64}`,
    "AUTH LOGIN",
    base64,
    `AUTH LOGIN ${base64}`,
    SECRET,
    `LOGIN alice ${SECRET}`,
    `NOOP ${SECRET}`,
    `XCLIENT LOGIN=${SECRET}`,
  ]) {
    client.send(line);
    await client.reply();
  }
  client.destroy();
  await find(server, "Get-SessionRecording", { Pattern: "client.test" });
  const [recorded] = await find(server, "Get-ProtocolLog", { Pattern: "XCLIENT" });
  assert.equal(recorded?.["Data"], "XCLIENT LOGIN=<not shown>");
  const told = everyLog(server) + server.output;
  for (const secret of [SECRET, base64, plain, plain.slice(4, -4)]) {
    assert.ok(!told.includes(secret), secret);
  }
});

test("queues and routing; every log by command line and REST; age is enforced", async (t) => {
  const { server, relayPort } = await openBench(t);
  await swaks(relayPort, "--from", "x@contoso.test", "--to", "someone@fabrikam.test");
  const [queue] = await find(server, "Get-QueueLog", { NextHopDomain: "[127.0.0.1]" });
  assert.equal(queue?.["NextHopConnector"], "Smart Host");
  assert.equal(queue?.["DeliveryType"], "SmartHostConnectorDelivery");
  const [table] = await find(server, "Get-RoutingTableLog");
  const Identity = textOf(table?.["Identity"]);
  assert.match(Identity, /^RoutingConfig#\d+@\d{8}T\d{9}Z\.xml$/);
  const [shown] = await runCmdlet(server, "Get-RoutingTableLog", { Identity });
  assert.match(textOf(shown?.["Content"]), /<AddressSpace type="SMTP" space="\*" cost="1"\/>/);
  const rest = openSocket(server);
  for (const noun of [
    "protocol-log",
    "connectivity-log",
    "agent-log",
    "queue-log",
    "routing-table-log",
    "session-recording",
  ]) {
    const answer = await rest(`GET /api/v1/${noun}`);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    const cmdlet = `Get-${noun.replaceAll("-", "")}`;
    const words = [cmdlet, "-Format", "json", "--data-dir", server.dataFolder];
    const line = await run(POSTRIDER, words);
    assert.equal(line.code, 0, `${cmdlet}: ${line.stderr}`);
  }
  const old = join(server.dataFolder, "logs/AgentLog/AGENTLOG20200101-1.LOG");
  await writeFile(old, "#Fields: x\r\n");
  server.signal("SIGHUP");
  await eventually({ what: "the end of an old file" }, () => !existsSync(old) || undefined);
});
