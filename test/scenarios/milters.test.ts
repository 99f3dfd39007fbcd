import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { type TestContext, test } from "node:test";
import { attempt, attemptOn } from "../harness/attempt.ts";
import { runCmdlet } from "../harness/cmdlets.ts";
import { contoso } from "../harness/contoso.ts";
import { askDkimVerifiers } from "../harness/dkim-verifiers.ts";
import { eventually } from "../harness/eventually.ts";
import { freePort } from "../harness/free-port.ts";
import { waitForMail } from "../harness/maildir.ts";
import {
  GTUBE,
  type Scanner,
  startOpenDkim,
  startPythonMilter,
  startRspamd,
} from "../harness/scanners.ts";
import { startServer } from "../harness/server.ts";
import { SmtpClient } from "../harness/smtp-client.ts";

const ALICE = "alice@contoso.test";
const BOB = "bob@contoso.test";

async function openBench(t: TestContext) {
  const port = await freePort();
  const server = await startServer(t, { configuration: contoso({ smtpPort: port }) });
  return {
    port,
    server,
    add: (milter: Scanner, properties: Readonly<Record<string, unknown>> = {}) =>
      runCmdlet(server, "New-Milter", {
        ...{ Name: "Everything", Endpoint: `127.0.0.1:${milter.port}` },
        ...properties,
      }),
    set: (properties: Readonly<Record<string, unknown>>) =>
      runCmdlet(server, "Set-Milter", { Identity: "Everything", ...properties }),
    send: (given: {
      readonly from?: string;
      readonly to?: readonly string[];
      readonly change?: readonly string[];
      readonly helo?: string;
      readonly body?: string;
    }) => {
      const { from = "ann@client.test", to = [ALICE], change = [], body = "hello" } = given;
      const fields = [
        "From: ann@client.test",
        `To: ${ALICE}`,
        "Subject: hi",
        "X-Delete: one",
        "X-Delete: two",
        ...change.map((word) => `X-Change: ${word}`),
      ];
      const content = `${fields.join("\r\n")}\r\n\r\n${body}\r\n`;
      return attempt(port, { from, to, content, ...(given.helo && { helo: given.helo }) });
    },
    read: (address: string, count: number) => waitForMail(server.dataFolder, { address, count }),
  };
}

test("a milter changes all that can be changed", async (t) => {
  const milter = await startPythonMilter(t);
  const { add, send, read, server } = await openBench(t);
  await add(milter);
  const words = ["add", "insert", "change", "delete", "progress", "log"];
  assert.match(await send({ change: words }), /^250 /);
  const [mail = ""] = await read(ALICE, 1);
  assert.match(mail, /^X-Inserted: folded\r\n over lines\r$/m);
  assert.match(mail, /\r\nSubject: changed\r\nX-Delete: one\r\nX-Change: add\r\n/);
  assert.doesNotMatch(mail, /X-Delete: two/);
  assert.match(mail, /\r\nX-Added: at the end\r\nX-Log: .*\r\nX-Body-Bytes: 7\r\n\r\nhello\r\n/);
  const [, log = ""] = /^X-Log: (.*)\r$/m.exec(mail) ?? [];
  for (const part of [
    "connect=[127.0.0.1],127.0.0.1",
    "helo=client.example",
    "mail=<ann@client.test>",
    "{mail_addr}=ann@client.test",
    "{client_addr}=127.0.0.1",
    "j=mail.contoso.test",
    "v=Postrider",
    "rcpt=<alice@contoso.test>",
  ]) {
    assert.ok(log.includes(part), `${part} in ${log}`);
  }
  const other = ["from", "rcpt", "unrcpt", "body"];
  assert.match(await send({ change: other }), /^250 /);
  const [forBob = ""] = await read(BOB, 1);
  assert.match(forBob, /^Return-Path: <changed@client\.test>\r$/m);
  assert.match(forBob, /\r\n\r\na new body\r\n/);
  assert.doesNotMatch(forBob, /hello/);
  assert.match(await send({ change: ["rcptpar", "quarantine", "add"] }), /^250 /);
  const kept = await eventually({ what: "a message in quarantine" }, async () => {
    const all = await runCmdlet(server, "Get-QuarantineMessage");
    return all.length > 0 ? all : undefined;
  });
  assert.equal(kept[0]?.["Type"], "Policy");
  assert.equal((await read(ALICE, 1)).length, 1);
});

test("a milter's verdicts reach the client, whenever they come", async (t) => {
  const milter = await startPythonMilter(t);
  const { add, send, read, port } = await openBench(t);
  await add(milter);
  for (const [word, want] of [
    ["reject", /^550 5\.7\.1 Command rejected$/],
    ["tempfail", /^451 4\.7\.1 Service unavailable - try again later$/],
    ["reply", /^550 5\.7\.9 no such luck\/(?:5\.7\.9 )?at /],
    ["later", /^451 4\.7\.9 come back 100%$/],
    ["discard", /^250 /],
  ] as const) {
    for (const stage of ["mail", "data", "header", "eoh", "body", "eom"]) {
      const said = await send({ from: `${stage}-${word}@client.test` });
      assert.match(said, want, `${word} at ${stage}`);
    }
    const to = word === "discard" ? ["victim@contoso.test"] : [BOB];
    if (word === "discard") continue;
    assert.match(await send({ from: `rcpt-${word}@client.test`, to }), /^250 /);
  }
  assert.match(await send({ helo: "helo-reject.test" }), /^550 5\.7\.1 /);
  assert.match(await send({ from: "mail-accept@client.test", change: ["add"] }), /^250 /);
  const [accepted = ""] = await read(ALICE, 1);
  assert.doesNotMatch(accepted, /X-Added/);
  // One session, message after message: what was said of one is not said of the next.
  const client = await SmtpClient.open(port);
  const message = { to: [BOB], content: "From: a@b.test\r\n\r\nhi\r\n" };
  for (const [from, want] of [
    ["eom-reject@client.test", /^550 /],
    ["ann@client.test", /^250 /],
    ["mail-tempfail@client.test", /^451 /],
    ["ann@client.test", /^250 /],
  ] as const) {
    assert.match(await attemptOn(client, { ...message, from }), want);
  }
  await client.quit();
});

test("a milter that is slow, hangs or is gone: its fail mode decides", async (t) => {
  const milter = await startPythonMilter(t);
  const { add, set, send, server, read } = await openBench(t);
  await add(milter, { CommandTimeout: "00:00:02", ContentTimeout: "00:00:02" });
  assert.match(await send({ from: "mail-slow@client.test" }), /^250 /);
  assert.match(await send({ from: "mail-hang@client.test" }), /^451 4\.7\.1 /);
  assert.match(await send({ from: "eom-hang@client.test" }), /^451 4\.7\.1 /);
  await set({ FailMode: "Reject" });
  assert.match(await send({ from: "eom-hang@client.test" }), /^550 5\.5\.0 /);
  await set({ FailMode: "Accept" });
  assert.match(await send({ from: "eom-hang@client.test", change: ["add"] }), /^250 /);
  const [, unchanged = ""] = (await read(ALICE, 2)).toSorted((one, other) =>
    one.includes("X-Body-Bytes") ? -1 : other.includes("X-Body-Bytes") ? 1 : 0,
  );
  assert.doesNotMatch(unchanged, /X-Added/);
  // Between two messages of one session the milter goes, and comes back.
  await milter.kill();
  assert.match(await send({}), /^250 /);
  await set({ FailMode: "Defer" });
  assert.match(await send({}), /^451 4\.7\.1 Service unavailable/);
  await set({ FailMode: "Quarantine" });
  assert.match(await send({}), /^250 /);
  const kept = await eventually({ what: "a message in quarantine" }, async () => {
    const all = await runCmdlet(server, "Get-QuarantineMessage");
    return all.length > 0 ? all : undefined;
  });
  assert.equal(kept.length, 1);
  await set({ Enabled: false });
  assert.match(await send({}), /^250 /);
  await set({ Enabled: true, Connectors: ["Another"], FailMode: "Reject" });
  assert.match(await send({}), /^250 /);
});

test("OpenDKIM signs as a milter, and the signature holds", async (t) => {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const keyPem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const openDkim = await startOpenDkim(t, { domain: "client.test", keyPem });
  const { add, set, send, read } = await openBench(t);
  await add(openDkim, { CommandTimeout: "00:00:02", ContentTimeout: "00:00:02" });
  assert.match(await send({ body: "hello\r\n..dots\r\n" }), /^250 /);
  const [mail = ""] = await read(ALICE, 1);
  assert.match(mail, /^DKIM-Signature: v=1; .*d=client\.test;\s+s=milter;/m);
  const key = publicKey.export({ type: "spki", format: "der" }).toString("base64");
  const opinions = await askDkimVerifiers(t, mail, {
    "milter._domainkey.client.test": `v=DKIM1; p=${key}`,
  });
  assert.deepEqual(opinions, {
    dkimpy: { milter: "pass" },
    mailDkim: { milter: "pass" },
    openDkim: { milter: "pass" },
  });
  openDkim.pause();
  assert.match(await send({ body: "it hangs" }), /^451 4\.7\.1 /);
  openDkim.resume();
  assert.match(await send({ body: "it goes on" }), /^250 /);
  await openDkim.kill();
  await set({ FailMode: "Reject" });
  assert.match(await send({ body: "it is gone" }), /^550 5\.5\.0 /);
  await set({ FailMode: "Accept" });
  assert.match(await send({ body: "it is gone, and not needed" }), /^250 /);
});

test("rspamd as a milter refuses spam and lets mail through", async (t) => {
  const rspamd = await startRspamd(t, "milter");
  const { add, send, read } = await openBench(t);
  await add(rspamd, { Name: "rspamd" });
  assert.match(await send({ body: GTUBE }), /^5\d\d 5\.7\.1 Gtube pattern/);
  assert.match(await send({ body: "how are you?" }), /^250 /);
  assert.match((await read(ALICE, 1)).join(""), /\r\n\r\nhow are you\?\r\n$/);
});
