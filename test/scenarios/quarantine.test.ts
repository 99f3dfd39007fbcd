// The quarantine from the client's 250 to the mailbox, with administrators and crashes in between.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { textOf } from "../../src/base/text-of.fake.ts";
import type { OutputObject } from "../../src/cmdlet/output-type.ts";
import { runCmdlet } from "../harness/cmdlets.ts";
import { contoso } from "../harness/contoso.ts";
import { eventually } from "../harness/eventually.ts";
import { freePort } from "../harness/free-port.ts";
import { readMaildir, waitForMail } from "../harness/maildir.ts";
import { later } from "../harness/scope.ts";
import { startServer, type TestServer } from "../harness/server.ts";
import { SmtpClient } from "../harness/smtp-client.ts";
import { readTracking } from "../harness/tracking.ts";
import { startDnsServer } from "../peers/dns-server.ts";

const ALICE = "alice@contoso.test";
const ROUNDS = 3;
const MESSAGES = 40;

/** A server that keeps what has no From, by an agent, and what goes to `kept@`, by a rule. */
async function openBench(t: TestContext) {
  const dns = await startDnsServer({});
  later(t, () => dns.close());
  const smtpPort = await freePort();
  const server = await startServer(t, {
    configuration: contoso({
      smtpPort,
      internet: { dnsPort: dns.port, port: await freePort() },
      receiveConnector: { senderAuthenticationEnabled: true },
      transportConfig: { maxReceiveSize: "40MB", maxSendSize: "40MB" },
      more: {
        senderIdConfig: { missingFromAction: "Quarantine" },
        transportRules: [{ name: "Keep", sentTo: ["kept@contoso.test"], quarantine: true }],
        mailboxes: [
          { name: "alice", primarySmtpAddress: ALICE },
          { name: "kept", primarySmtpAddress: "kept@contoso.test" },
          { name: "bob", primarySmtpAddress: "bob@contoso.test" },
        ],
      },
    }),
  });
  return { server, smtpPort };
}

interface Letter {
  readonly to: readonly string[];
  readonly subject: string;
  readonly from?: string;
}

/** Sends messages until one is not taken; resolves with the subjects that got their 250. */
async function sendAll(port: number, letters: readonly Letter[]): Promise<readonly string[]> {
  const taken: string[] = [];
  try {
    const client = await SmtpClient.open(port);
    await client.command("EHLO client.example", 250);
    for (const { to, subject, from } of letters) {
      const author = from === undefined ? "" : `From: ${from}\r\n`;
      const content = `${author}Subject: ${subject}\r\n\r\nHello ${subject}`;
      const { code } = await client.sendMessage({ from: "ann@fabrikam.test", to, content });
      if (code === 250) taken.push(subject);
    }
    await client.quit();
  } catch {
    // The server has died: what was taken by then counts.
  }
  return taken;
}

function kept(server: TestServer, parameters: object = {}): Promise<readonly OutputObject[]> {
  return runCmdlet(server, "Get-QuarantineMessage", { PageSize: 1000, ...parameters });
}

const subjectOf = ({ Subject }: OutputObject) => textOf(Subject);

async function mailboxSubjects(server: TestServer): Promise<readonly string[]> {
  const messages = await readMaildir(server.dataFolder, ALICE);
  return messages.map((text) => /^Subject: (.*)\r?$/m.exec(text)?.[1] ?? "").sort();
}

test("what an agent keeps is seen everywhere, and arrives once it is released", async (t) => {
  const { server, smtpPort } = await openBench(t);
  const letter = { to: [ALICE, "bob@contoso.test"], subject: "no author" };
  assert.deepEqual(await sendAll(smtpPort, [letter]), ["no author"]);
  const [message] = await kept(server);
  assert.equal(message?.["Subject"], "no author");
  assert.equal(message["Type"], "Policy");
  assert.equal(message["Agent"], "Sender Id Agent");
  assert.deepEqual(message["RecipientAddress"], [ALICE, "bob@contoso.test"]);

  const queues = await runCmdlet(server, "Get-Queue");
  const queue = queues.find(({ Identity }) => Identity === "mail\\Quarantine");
  assert.deepEqual([queue?.["Status"], queue?.["MessageCount"]], ["Suspended", 1]);
  const [waiting] = await runCmdlet(server, "Get-Message", { Queue: "Quarantine" });
  assert.equal(waiting?.["Status"], "Suspended");
  assert.equal(waiting["ExpirationTime"], message["Expires"]);
  const traced = await runCmdlet(server, "Get-MessageTrace", { Status: "Quarantined" });
  assert.equal(traced.length, 2);
  const MessageTraceId = textOf(message["NetworkMessageId"]);
  const detail = await runCmdlet(server, "Get-MessageTraceDetail", { MessageTraceId });
  const story = JSON.stringify(detail);
  assert.match(story, /put in quarantine, and kept from alice@contoso\.test/);
  assert.match(story, /waits in queue Quarantine/);
  const explained = await runCmdlet(server, "Explain-Message", { Identity: waiting["Identity"] });
  assert.match(JSON.stringify(explained), /Release-QuarantineMessage/);

  const { Identity } = message;
  await runCmdlet(server, "Release-QuarantineMessage", { Identity, User: ALICE });
  const [text = ""] = await waitForMail(server.dataFolder, { address: ALICE, count: 1 });
  assert.match(text, /^X-MS-Exchange-Organization-SCL: -1\r?$/m);
  assert.doesNotMatch(text, /X-MS-Exchange-Organization-Quarantine/);
  assert.match(text, /Hello no author/);
  const [left] = await kept(server);
  assert.deepEqual(left?.["RecipientAddress"], ["bob@contoso.test"]);
  await runCmdlet(server, "Delete-QuarantineMessage", { Identity });
  assert.deepEqual(await kept(server), []);
  const ends = await runCmdlet(server, "Get-MessageTrace", { MessageTraceId });
  assert.deepEqual(
    ends.map(({ RecipientAddress, Status }) => textOf([RecipientAddress, Status])).sort(),
    [`${ALICE},Delivered`, "bob@contoso.test,Failed"],
  );
  const events = readTracking(server.dataFolder).map(
    (row) => `${row["event-id"]} ${row["source"]}`,
  );
  assert.deepEqual(events, [
    "RECEIVE SMTP",
    "FAIL AGENT",
    "RESUBMIT ADMIN",
    "DELIVER STOREDRIVER",
    "DROP ADMIN",
  ]);
  const audited = await runCmdlet(server, "Search-AdminAuditLog", {});
  const acts = audited.map(({ CmdletName }) => CmdletName);
  assert(acts.includes("Release-QuarantineMessage") && acts.includes("Delete-QuarantineMessage"));
});

test("twenty megabytes, parts in parts and broken HTML are looked into at once", async (t) => {
  const { server, smtpPort } = await openBench(t);
  const client = await SmtpClient.open(smtpPort);
  await client.command("EHLO client.example", 250);
  const parts = Array.from({ length: 500 }, (_, at) => {
    return `Content-Type: multipart/mixed; boundary="b${at}"\r\n\r\n--b${at}\r\n`;
  }).join("");
  const letters = {
    big: `\r\n${"word word word\r\n".repeat(1_310_720)}`,
    deep: `MIME-Version: 1.0\r\n${parts}\r\ndeep\r\n`,
    broken: `Content-Type: text/html\r\n\r\n${"<div><!--<table <a href='".repeat(20_000)}\r\n`,
  };
  for (const [subject, rest] of Object.entries(letters)) {
    const content = `Subject: ${subject}\r\n${rest}`;
    const reply = await client.sendMessage({ from: "ann@fabrikam.test", to: [ALICE], content });
    assert.equal(reply.code, 250, subject);
  }
  await client.quit();
  for (const subject of Object.keys(letters)) {
    const [message] = await kept(server, { Subject: subject });
    const Identity = message?.["Identity"];
    const [preview] = await runCmdlet(server, "Preview-QuarantineMessage", { Identity });
    assert.equal(preview?.["Subject"], subject);
    assert.equal(preview["IsTruncated"], true, subject);
  }
});

test("kill -9 while mail is put in quarantine: all that was taken is there, once", async (t) => {
  const { server, smtpPort } = await openBench(t);
  const taken: string[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const letters = Array.from({ length: MESSAGES }, (_, at): Letter => {
      const subject = `${round}-${at}`;
      // The first by an agent at the end of its data, the second by a rule in the categorizer.
      if (at % 2 === 0) return { to: ["bob@contoso.test"], subject };
      return { to: ["kept@contoso.test", "bob@contoso.test"], subject, from: "ann@fabrikam.test" };
    });
    const sent = sendAll(smtpPort, letters);
    await eventually({ what: "some of them" }, () => {
      const lines = readTracking(server.dataFolder).length;
      return lines > (round + 1) * 8 || undefined;
    });
    await server.kill9();
    taken.push(...(await sent));
    await server.start();
  }
  assert(taken.length > ROUNDS, `${taken.length} were taken`);
  const all = await eventually({ what: "all of them in quarantine" }, async () => {
    const found = await kept(server);
    const subjects = found.map(subjectOf);
    return taken.every((subject) => subjects.includes(subject)) ? found : undefined;
  });
  assert.equal(new Set(all.map(subjectOf)).size, all.length, "none is there twice");
  const kinds = all.map(({ Type, PolicyName }) => textOf([Type, PolicyName]));
  assert.deepEqual(new Set(kinds), new Set(["Policy,", "TransportRule,Keep"]));
});

test("kill -9 while mail is released: it is in quarantine or in the mailbox, once", async (t) => {
  const { server, smtpPort } = await openBench(t);
  const subjects = Array.from({ length: MESSAGES }, (_, at) => `message ${at}`).sort();
  const letters = subjects.map((subject) => ({ to: [ALICE], subject }));
  assert.equal((await sendAll(smtpPort, letters)).length, MESSAGES);
  for (let round = 0; round < ROUNDS; round += 1) {
    const Identities = (await kept(server)).map(({ Identity }) => textOf(Identity));
    if (Identities.length === 0) break;
    const releasing = { Identities, ReleaseToAll: true };
    const before = (await mailboxSubjects(server)).length;
    const released = runCmdlet(server, "Release-QuarantineMessage", releasing).catch(() => {
      // The server dies in the middle of it.
    });
    await eventually({ what: "the first of them" }, async () => {
      return (await mailboxSubjects(server)).length > before || undefined;
    });
    await server.kill9();
    await released;
    await server.start();
  }
  const rest = (await kept(server)).map(({ Identity }) => textOf(Identity));
  if (rest.length > 0) {
    const parameters = { Identities: rest, ReleaseToAll: true };
    await runCmdlet(server, "Release-QuarantineMessage", parameters);
  }
  await eventually({ what: "all of them in the mailbox" }, async () => {
    return (await mailboxSubjects(server)).length >= MESSAGES || undefined;
  });
  assert.deepEqual(await mailboxSubjects(server), subjects);
  assert.deepEqual(await kept(server), []);
});
