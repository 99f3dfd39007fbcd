import assert from "node:assert/strict";
import { test } from "node:test";
import { contoso } from "../harness/contoso.ts";
import { startMailboxServer } from "../harness/dovecot.ts";
import { formatRow, waitForRows, waitForStory } from "../harness/evidence.ts";
import { freePort } from "../harness/free-port.ts";
import { readInbox } from "../harness/imap.ts";
import { readMaildir, waitForMail } from "../harness/maildir.ts";
import { readNotices } from "../harness/notices.ts";
import { startServer } from "../harness/server.ts";
import { submit } from "../harness/transaction.ts";

const ROOMY = 10_000_000;
const BODY = "one\r\n.\r\n..two\r\n\r\nGr\u00fc\u00dfe\r\n";

function contentOf(id: string, body = BODY): string {
  return (
    `Message-ID: <${id}@contoso.test>\r\nFrom: alice@contoso.test\r\nSubject: ${id}\r\n` +
    `MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n` +
    `Content-Transfer-Encoding: 8bit\r\n\r\n${body}`
  );
}

test("mailboxes of a Dovecot beside mailboxes of our own, in one message", async (t) => {
  const dovecot = await startMailboxServer(t, { "bob@contoso.test": ROOMY });
  const smtpPort = await freePort();
  const mailboxes = [
    { name: "alice", primarySmtpAddress: "alice@contoso.test" },
    {
      name: "bob",
      primarySmtpAddress: "bob@contoso.test",
      emailAddresses: ["robert@contoso.test"],
      lmtpHost: `127.0.0.1:${dovecot.lmtpPort}`,
    },
  ];
  const server = await startServer(t, {
    configuration: contoso({ smtpPort, more: { mailboxes } }),
  });
  await submit(smtpPort, {
    from: "<alice@contoso.test> BODY=8BITMIME",
    to: ["<robert@contoso.test> NOTIFY=SUCCESS", "<alice@contoso.test>"],
    content: contentOf("mixed"),
  });
  // Her copy, and the notice that Bob's was delivered.
  const alice = await waitForMail(server.dataFolder, { address: "alice@contoso.test", count: 2 });
  const [message = "", ...rest] = await readInbox(dovecot.imapPort, "bob@contoso.test");
  assert.equal(rest.length, 0);
  assert.deepEqual(await readMaildir(server.dataFolder, "bob@contoso.test"), []);
  assert.match(message, /^Return-Path: <alice@contoso\.test>\r$/m);
  assert.match(message, /^Received: from client\.example /m);
  const body = message.slice(message.indexOf("\r\n\r\n") + 4);
  assert.equal(Buffer.from(body, "latin1").toString("utf8"), BODY);

  const raw = alice.filter((text) => text.includes("Subject: Delivered: mixed"));
  const [notice] = await readNotices(raw);
  const [recipient = {}] = notice?.recipients ?? [];
  assert.equal(recipient["Action"], "delivered");
  assert.match(recipient["Original-Recipient"] ?? "", /robert@contoso\.test/);
  assert.match(recipient["Final-Recipient"] ?? "", /bob@contoso\.test/);
  const rows = await waitForRows(server, "<mixed@contoso.test>", { event: "DELIVER", count: 2 });
  const byLmtp = rows.find(
    (row) => row["event-id"] === "DELIVER" && row["recipient-address"] === "bob@contoso.test",
  );
  assert.match(byLmtp?.["recipient-status"] ?? "", /^250 2\.0\.0 <bob@contoso\.test> /);
});

test("a domain held by Dovecot: each recipient has an outcome of its own", async (t) => {
  const dovecot = await startMailboxServer(t, {
    "carol@sales.test": ROOMY,
    "dave@sales.test": ROOMY,
    "full@sales.test": 2000,
  });
  const smtpPort = await freePort();
  const names = ["carol", "dave", "full", "ghost"];
  const base = contoso({ smtpPort });
  const configuration = {
    ...base,
    acceptedDomains: [
      { name: "contoso.test", default: true },
      { name: "sales.test", lmtpHost: dovecot.lmtpSocket },
    ],
    mailboxes: [
      { name: "alice", primarySmtpAddress: "alice@contoso.test" },
      // Ghost is in our directory but not in Dovecot's.
      ...names.map((name) => ({ name, primarySmtpAddress: `${name}@sales.test` })),
    ],
  };
  const server = await startServer(t, { configuration });
  const large = "0123456789\r\n".repeat(500);
  await submit(smtpPort, {
    from: "<alice@contoso.test>",
    to: names.map((name) => `<${name}@sales.test>`),
    content: contentOf("each", large),
  });
  const want = { address: "alice@contoso.test", count: 1 };
  const [notice, ...others] = await readNotices(await waitForMail(server.dataFolder, want));
  assert.equal(others.length, 0);
  const failures = notice?.recipients.map((recipient) => [
    recipient["Final-Recipient"],
    recipient["Status"],
  ]);
  assert.deepEqual(failures?.toSorted(), [
    ["rfc822;full@sales.test", "5.2.2"],
    ["rfc822;ghost@sales.test", "5.1.1"],
  ]);
  assert.match(notice?.text ?? "", /Quota exceeded/);
  for (const name of ["carol", "dave"]) {
    const [message = "", ...rest] = await readInbox(dovecot.imapPort, `${name}@sales.test`);
    assert.equal(rest.length, 0);
    assert.ok(message.endsWith(`\r\n\r\n${large}`));
  }
  assert.deepEqual(await readInbox(dovecot.imapPort, "full@sales.test"), []);
  const rows = await waitForStory(server, "<each@contoso.test>", (seen) =>
    seen.some((row) => row["event-id"] === "DELIVER"),
  );
  const ends = rows.filter((row) => /^(?:DELIVER|FAIL)$/.test(row["event-id"] ?? ""));
  assert.deepEqual(
    ends
      .flatMap((row) =>
        (row["recipient-address"] ?? "").split(";").map((one) => `${row["event-id"]} ${one}`),
      )
      .sort(),
    [
      "DELIVER carol@sales.test",
      "DELIVER dave@sales.test",
      "FAIL full@sales.test",
      "FAIL ghost@sales.test",
    ],
    rows.map(formatRow).join(" | "),
  );
});

test("mail waits while Dovecot is away, and its own mailboxes get theirs meanwhile", async (t) => {
  const smtpPort = await freePort();
  const lmtpPort = await freePort();
  const configuration = contoso({
    smtpPort,
    transportService: { retryJitter: 0, queueGlitchRetryInterval: "00:00:01" },
    more: {
      mailboxes: [
        { name: "alice", primarySmtpAddress: "alice@contoso.test" },
        {
          name: "bob",
          primarySmtpAddress: "bob@contoso.test",
          lmtpHost: `127.0.0.1:${lmtpPort}`,
        },
      ],
    },
  });
  const server = await startServer(t, { configuration });
  await submit(smtpPort, {
    from: "<you@example.com>",
    to: ["<bob@contoso.test>", "<alice@contoso.test>"],
    content: contentOf("waits"),
  });
  await waitForMail(server.dataFolder, { address: "alice@contoso.test", count: 1 });
  const rows = await waitForRows(server, "<waits@contoso.test>", { event: "DEFER" });
  const deferred = rows.find((row) => row["event-id"] === "DEFER");
  assert.equal(deferred?.["recipient-address"], "bob@contoso.test");
  assert.match(deferred?.["recipient-status"] ?? "", /Connection refused/);
  const dovecot = await startMailboxServer(t, { "bob@contoso.test": ROOMY }, { lmtpPort });
  await waitForRows(server, "<waits@contoso.test>", { event: "DELIVER", count: 2 });
  assert.equal((await readInbox(dovecot.imapPort, "bob@contoso.test")).length, 1);
});
