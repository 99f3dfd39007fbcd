import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { contoso } from "../harness/contoso.ts";
import { eventually } from "../harness/eventually.ts";
import { formatRow, readConnectivity, waitForRows, waitForStory } from "../harness/evidence.ts";
import { freePort } from "../harness/free-port.ts";
import { type Hop, startHop } from "../harness/hop.ts";
import { python } from "../harness/peers.ts";
import { startServer, type TestServer } from "../harness/server.ts";
import { SmtpClient } from "../harness/smtp-client.ts";
import { readTracking, type TrackingRow } from "../harness/tracking.ts";
import { submit } from "../harness/transaction.ts";

const SECRET = "the-secret-of-the-body";
const PASSWORD = "correct horse";

/** Reads logs with a reader of CSV that is not ours; a line of another width ends the program. */
const CSV_READER = `
import csv, os, re, sys
for path in sys.argv[1:]:
    with open(path, newline="", encoding="utf-8") as file:
        lines = file.read().split("\\r\\n")
    assert lines.pop() == ""
    comments = [line for line in lines if line.startswith("#")]
    names = next(line for line in comments if line.startswith("#Fields: "))[9:].split(",")
    rows = list(csv.reader([line for line in lines if not line.startswith("#")], strict=True))
    assert all(len(row) == len(names) for row in rows), rows
    print(re.match("[A-Z]+", os.path.basename(path))[0], len(names), len(rows))
`;

interface Bench {
  readonly server: TestServer;
  readonly hop: Hop;
  readonly smtpPort: number;
  readonly relayPort: number;
}

/** fabrikam.test is a hop that refuses `unknown` and defers `busy` once. */
async function openBench(t: TestContext): Promise<Bench> {
  let isBusy = true;
  const hop = await startHop(t, {
    port: await freePort(),
    respond: ({ line }) => {
      if (line.startsWith("RCPT TO:<unknown@")) return { reply: "550 5.1.1 No, nobody" };
      if (!line.startsWith("RCPT TO:<busy@") || !isBusy) return undefined;
      isBusy = false;
      return { reply: "451 4.2.1 Busy, come back" };
    },
  });
  const [smtpPort, relayPort] = [await freePort(), await freePort()];
  const configuration = contoso({
    smtpPort,
    relayPort,
    smartHostPort: hop.port,
    transportService: { retryJitter: 0, messageRetryInterval: "00:00:01" },
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
  return { server: await startServer(t, { configuration }), hop, smtpPort, relayPort };
}

async function send(port: number, id: string, ...to: readonly string[]): Promise<void> {
  const header = `Message-ID: <${id}@contoso.test>\r\nFrom: alice@contoso.test\r\n`;
  await submit(port, {
    from: "<alice@contoso.test>",
    to: to.map((address) => `<${address}>`),
    content: `${header}Subject: ${id}, "quoted", Grüße\r\n\r\n${SECRET}\r\n`,
  });
}

/** One internal message id, one network message id, and what every event says of the message. */
function assertOneMessage(rows: readonly TrackingRow[], id: string): void {
  const internal = new Set(rows.map((row) => row["internal-message-id"]));
  assert.equal(internal.size, 1, rows.map(formatRow).join(" | "));
  assert.match([...internal][0] ?? "", /^[1-9]\d*$/);
  const network = new Set(rows.map((row) => row["network-message-id"]));
  assert.equal(network.size, 1);
  assert.match([...network][0] ?? "", /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/);
  assert.equal(new Set(rows.map((row) => row["log-id"])).size, rows.length);
  for (const row of rows) {
    assert.equal(row["message-subject"], `${id}, "quoted", Grüße`);
    assert.equal(row["sender-address"], "alice@contoso.test");
    assert.equal(row["return-path"], "alice@contoso.test");
    assert.equal(row["original-client-ip"], "127.0.0.1");
    assert.equal(
      row["recipient-count"],
      String((row["recipient-address"] ?? "").split(";").length),
    );
    assert.ok(!Number.isNaN(Date.parse(row["date-time"] ?? "")));
  }
  const times = rows.map((row) => Date.parse(row["date-time"] ?? ""));
  assert.deepEqual(
    times,
    times.toSorted((left, right) => left - right),
  );
}

/** The events that name a recipient, oldest first. */
function storyOf(rows: readonly TrackingRow[], recipient: string): readonly string[] {
  return rows
    .filter((row) => (row["recipient-address"] ?? "").split(";").includes(recipient))
    .map((row) => `${row["event-id"]}(${row["source"]})`);
}

test("relay: RECEIVE, then SEND, with the two ends of each and the hop's reply", async (t) => {
  const { server, hop, relayPort } = await openBench(t);
  await send(relayPort, "relay", "someone@fabrikam.test", "other@fabrikam.test");
  const rows = await waitForRows(server, "<relay@contoso.test>", { event: "SEND" });
  assertOneMessage(rows, "relay");
  assert.deepEqual(
    rows.map((row) => `${row["event-id"]}(${row["source"]})`),
    ["RECEIVE(SMTP)", "SEND(SMTP)"],
  );
  const [receive = {}, sent = {}] = rows;
  assert.equal(receive["connector-id"], "Application Relay");
  assert.equal(receive["client-hostname"], "client.example");
  assert.equal(receive["client-ip"], "127.0.0.1");
  assert.equal(sent["connector-id"], "Smart Host");
  assert.equal(sent["server-ip"], "127.0.0.1");
  assert.equal(sent["server-hostname"], "hop.test");
  assert.equal(sent["client-hostname"], "mail.contoso.test");
  assert.equal(sent["recipient-address"], "someone@fabrikam.test;other@fabrikam.test");
  assert.equal(sent["recipient-status"], "250 2.0.0 Taken;250 2.0.0 Taken");
  assert.ok(Date.parse(sent["message-info"] ?? "") > 0);
  assert.equal(hop.messages.length, 1);
});

test("mailbox: RECEIVE, RESOLVE where the address was another, DELIVER", async (t) => {
  const { server, smtpPort } = await openBench(t);
  await send(smtpPort, "mailbox", "a.smith@contoso.test", "bob@contoso.test");
  const rows = await waitForStory(server, "<mailbox@contoso.test>", (seen) => {
    const delivered = seen.filter((row) => row["event-id"] === "DELIVER");
    return delivered.reduce((sum, row) => sum + Number(row["recipient-count"]), 0) === 2;
  });
  assertOneMessage(rows, "mailbox");
  assert.deepEqual(storyOf(rows, "a.smith@contoso.test"), ["RECEIVE(SMTP)"]);
  assert.deepEqual(storyOf(rows, "alice@contoso.test"), [
    "RESOLVE(ROUTING)",
    "DELIVER(STOREDRIVER)",
  ]);
  assert.deepEqual(storyOf(rows, "bob@contoso.test"), ["RECEIVE(SMTP)", "DELIVER(STOREDRIVER)"]);
  const resolved = rows.find((row) => row["event-id"] === "RESOLVE");
  assert.equal(resolved?.["related-recipient-address"], "a.smith@contoso.test");
});

test("failure: RECEIVE, FAIL with the hop's words, DSN that leads to the notice", async (t) => {
  const { server, relayPort } = await openBench(t);
  await send(relayPort, "failure", "unknown@fabrikam.test");
  const rows = await waitForRows(server, "<failure@contoso.test>", { event: "DSN" });
  assertOneMessage(rows, "failure");
  assert.deepEqual(storyOf(rows, "unknown@fabrikam.test").toSorted(), [
    "DSN(DSN)",
    "FAIL(SMTP)",
    "RECEIVE(SMTP)",
  ]);
  const failed = rows.find((row) => row["event-id"] === "FAIL");
  assert.equal(failed?.["recipient-status"], "550 5.1.1 No, nobody");
  const noticeId = rows.find((row) => row["event-id"] === "DSN")?.["reference"] ?? "";
  const notice = await waitForRows(server, noticeId, { event: "DELIVER" });
  assert.deepEqual(storyOf(notice, "alice@contoso.test"), ["RECEIVE(DSN)", "DELIVER(STOREDRIVER)"]);
  assert.equal(notice[0]?.["reference"], "<failure@contoso.test>");
  assert.equal(notice[0]?.["return-path"], "<>");
  assert.notEqual(notice[0]?.["internal-message-id"], rows[0]?.["internal-message-id"]);
});

test("deferral: RECEIVE, DEFER with the hop's words, SEND; the others at once", async (t) => {
  const { server, relayPort } = await openBench(t);
  await send(relayPort, "deferral", "busy@fabrikam.test", "ready@fabrikam.test");
  const rows = await waitForRows(server, "<deferral@contoso.test>", { event: "SEND", count: 2 });
  assertOneMessage(rows, "deferral");
  assert.deepEqual(storyOf(rows, "busy@fabrikam.test"), [
    "RECEIVE(SMTP)",
    "DEFER(SMTP)",
    "SEND(SMTP)",
  ]);
  assert.deepEqual(storyOf(rows, "ready@fabrikam.test"), ["RECEIVE(SMTP)", "SEND(SMTP)"]);
  const deferred = rows.find((row) => row["event-id"] === "DEFER");
  assert.equal(deferred?.["recipient-status"], "451 4.2.1 Busy, come back");
});

test("group: RECEIVE, EXPAND with its members, DELIVER and SEND", async (t) => {
  const { server, smtpPort } = await openBench(t);
  await send(smtpPort, "group", "team@contoso.test");
  const rows = await waitForStory(server, "<group@contoso.test>", (seen) => {
    const events = seen.map((row) => row["event-id"]);
    return events.includes("DELIVER") && events.includes("SEND");
  });
  assertOneMessage(rows, "group");
  assert.deepEqual(storyOf(rows, "team@contoso.test"), ["RECEIVE(SMTP)"]);
  const expanded = rows.find((row) => row["event-id"] === "EXPAND");
  assert.equal(expanded?.["related-recipient-address"], "team@contoso.test");
  assert.equal(expanded?.["recipient-address"], "bob@contoso.test;someone@fabrikam.test");
  assert.deepEqual(storyOf(rows, "bob@contoso.test"), ["EXPAND(ROUTING)", "DELIVER(STOREDRIVER)"]);
  assert.deepEqual(storyOf(rows, "someone@fabrikam.test"), ["EXPAND(ROUTING)", "SEND(SMTP)"]);
});

test("the connectivity log tells of each connection from its beginning to its end", async (t) => {
  const { server, relayPort } = await openBench(t);
  await send(relayPort, "first", "someone@fabrikam.test");
  await waitForRows(server, "<first@contoso.test>", { event: "SEND" });
  await server.terminate(); // and with that every connection is closed, every log complete
  const rows = readConnectivity(server.dataFolder);
  const opened = rows.filter((row) => row["direction"] === "+");
  assert.equal(opened.length, 1);
  assert.match(opened[0]?.["description"] ?? "", /SmartHostConnectorDelivery Smart Host/);
  const session = opened[0]?.["session"] ?? "";
  assert.match(session, /^[\dA-F]{16}$/);
  const lines = rows.filter((row) => row["session"] === session);
  assert.deepEqual([lines[0]?.["direction"], lines.at(-1)?.["direction"]], ["+", "-"]);
  assert.ok(
    lines.some((row) =>
      /^Established connection to 127\.0\.0\.1:\d+$/.test(row["description"] ?? ""),
    ),
  );
  assert.match(lines.at(-1)?.["description"] ?? "", /^Messages: 1 Bytes: [1-9]\d* /);
  assert.ok(lines.every((row) => row["source"] === "SMTP" && row["Destination"] === "[127.0.0.1]"));
});

test("no content and no password comes into a log, a message or the standard error", async (t) => {
  const { server, smtpPort, relayPort } = await openBench(t);
  await send(relayPort, "open", "unknown@fabrikam.test", "busy@fabrikam.test");
  await send(smtpPort, "inside", "bob@contoso.test");
  // A client that is cut off in the midst of a message, one that makes mistakes, one with a secret.
  const cut = await SmtpClient.open(smtpPort);
  await cut.command("EHLO client.example", 250);
  await cut.command("MAIL FROM:<you@example.com>", 250);
  await cut.command("RCPT TO:<bob@contoso.test>", 250);
  await cut.command("DATA", 354);
  cut.sendRaw(`Subject: cut\r\n\r\n${SECRET}`);
  cut.destroy();
  const wrong = await SmtpClient.open(smtpPort);
  await wrong.command("EHLO client.example", 250);
  const token = Buffer.from(`\0alice\0${PASSWORD}`).toString("base64");
  wrong.send(`AUTH PLAIN ${token}`);
  assert.ok((await wrong.reply()).code >= 500);
  await wrong.quit();
  await waitForRows(server, "<open@contoso.test>", { event: "SEND" });
  await waitForRows(server, "<inside@contoso.test>", { event: "DELIVER" });
  await server.terminate();

  const logs = globSync("logs/**/*", { cwd: server.dataFolder, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"));
  assert.ok(logs.length >= 2);
  for (const text of [...logs, server.output]) {
    for (const secret of [SECRET, PASSWORD, token, "battery staple", "argon2id"]) {
      assert.ok(!text.includes(secret), `${secret} in: ${text.slice(0, 2000)}`);
    }
  }
});

test("both logs are CSV of a fixed width whatever clients send", async (t) => {
  const { server, relayPort } = await openBench(t);
  const hostile = [
    "a, b",
    'a,b,"c",d',
    '"; DROP "',
    "=cmd|calc!A1",
    "=?utf-8?q?line=0D=0Abreak=2C=22?=",
    "tab\there",
  ];
  for (const [at, subject] of hostile.entries()) {
    const header = `Message-ID: <h${at},"x"@contoso.test>\r\nFrom: "a, b" <a@b.test>\r\n`;
    await submit(relayPort, {
      from: '<"a,b;c"@contoso.test>',
      to: ['<"x;y,z"@fabrikam.test>', "<someone@fabrikam.test>"],
      content: `${header}Subject: ${subject}\r\n\r\n${SECRET}\r\n`,
    });
  }
  await eventually({ what: "all sent" }, () => {
    const sent = readTracking(server.dataFolder).filter((row) => row["event-id"] === "SEND");
    return sent.length === hostile.length || undefined;
  });
  await server.terminate();
  const paths = globSync("logs/*/*.LOG", { cwd: server.dataFolder });
  assert.deepEqual(paths.map((path) => path.replace(/^.*\/([A-Z]+).*$/, "$1")).sort(), [
    "CONNECTLOG",
    "MSGTRK",
  ]);
  const files = paths.map((path) => join(server.dataFolder, path));
  const { code, stdout, stderr } = await python(CSV_READER, ...files);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^(?:CONNECTLOG 6 \d+\nMSGTRK 30 12\n|MSGTRK 30 12\nCONNECTLOG 6 \d+\n)$/);
  for (const row of readTracking(server.dataFolder)) {
    assert.equal(row["recipient-address"], '"x,y,z"@fabrikam.test;someone@fabrikam.test');
  }
});
