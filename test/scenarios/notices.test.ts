import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { contoso } from "../harness/contoso.ts";
import { eventually } from "../harness/eventually.ts";
import { formatRow, waitForRows } from "../harness/evidence.ts";
import { freePort } from "../harness/free-port.ts";
import { type Hop, startHop } from "../harness/hop.ts";
import { readMaildir, waitForMail } from "../harness/maildir.ts";
import { type ReadNotice, readNotices } from "../harness/notices.ts";
import { startServer, type TestServer } from "../harness/server.ts";
import { type RawTransaction, submit } from "../harness/transaction.ts";

const ALICE = "alice@contoso.test";
const REFUSAL = "550 5.1.1 <unknown@fabrikam.test>: No such person here; see 100% of our staff";

interface Bench {
  readonly server: TestServer;
  /** fabrikam.test: knows no DSN, refuses `unknown`. */
  readonly plain: Hop;
  /** adatum.test: knows DSN. */
  readonly dsn: Hop;
  readonly relayPort: number;
}

/** Two next hops, a third that is down (down.test), and a group. */
async function openBench(t: TestContext): Promise<Bench> {
  const plain = await startHop(t, {
    port: await freePort(),
    respond: ({ line }) => (/^RCPT TO:<unknown@/.test(line) ? { reply: REFUSAL } : undefined),
  });
  const dsn = await startHop(t, {
    port: await freePort(),
    extensions: ["PIPELINING", "ENHANCEDSTATUSCODES", "DSN", "8BITMIME"],
  });
  const connector = (domain: string, port: number) => ({
    name: domain,
    addressSpaces: [`SMTP:${domain};1`],
    smartHosts: ["[127.0.0.1]"],
    port,
  });
  const relayPort = await freePort();
  const base = contoso({
    smtpPort: await freePort(),
    relayPort,
    transportService: {
      retryJitter: 0,
      queueGlitchRetryCount: 0,
      transientFailureRetryCount: 0,
      outboundConnectionFailureRetryInterval: "00:00:01",
      delayNotificationTimeout: "00:00:01",
      messageExpirationTimeout: "00:00:04",
    },
  });
  const configuration = {
    ...base,
    sendConnectors: [
      connector("fabrikam.test", plain.port),
      connector("adatum.test", dsn.port),
      connector("down.test", await freePort()),
    ],
    mailboxes: [
      { name: "alice", primarySmtpAddress: ALICE },
      { name: "bob", primarySmtpAddress: "bob@contoso.test", emailAddresses: ["b@contoso.test"] },
      { name: "jörg", primarySmtpAddress: "jörg@contoso.test" },
    ],
    distributionGroups: [
      {
        name: "team",
        primarySmtpAddress: "team@contoso.test",
        members: ["bob@contoso.test", "someone@fabrikam.test"],
      },
    ],
  };
  return { server: await startServer(t, { configuration }), plain, dsn, relayPort };
}

function contentOf(id: string): string {
  const header = `Message-ID: <${id}@contoso.test>\r\nFrom: ${ALICE}\r\nSubject: ${id}\r\n`;
  return `${header}\r\nSecret body\r\n`;
}

/** Sends a message of alice's, or of whom `from` says. */
async function send(
  { relayPort }: Bench,
  id: string,
  transaction: Partial<RawTransaction> & Pick<RawTransaction, "to">,
): Promise<void> {
  await submit(relayPort, { from: `<${ALICE}>`, content: contentOf(id), ...transaction });
}

async function waitForNotices(
  { server }: Bench,
  count: number,
  address = ALICE,
): Promise<readonly ReadNotice[]> {
  const raw = await waitForMail(server.dataFolder, { address, count });
  assert.equal(raw.length, count);
  for (const notice of raw) {
    assert.match(notice, /^Return-Path: <>\r?$/m);
    assert.match(notice, /^Auto-Submitted: auto-replied\r?$/m);
  }
  return readNotices(raw);
}

/** Waits until the message has met its end, and asserts that no notice came of it. */
async function assertSilence(
  { server }: Bench,
  id: string,
  want: { readonly event: string; readonly count?: number },
): Promise<void> {
  const rows = await waitForRows(server, `<${id}@contoso.test>`, want);
  assert.ok(!rows.some((row) => row["event-id"] === "DSN"), rows.map(formatRow).join(" | "));
}

test("failed: verbatim reply, ENVID, ORCPT, and the header back when that was asked", async (t) => {
  const bench = await openBench(t);
  await send(bench, "hdrs", {
    from: `<${ALICE}> RET=HDRS ENVID=QQ+2B314159`,
    to: ["<unknown@fabrikam.test> NOTIFY=FAILURE ORCPT=rfc822;Bob+2BX@outside.test"],
  });
  const [notice] = await waitForNotices(bench, 1);
  assert.ok(notice);
  assert.equal(notice.reportType, "delivery-status");
  assert.deepEqual(notice.parts, [
    "multipart/alternative",
    "message/delivery-status",
    "text/rfc822-headers",
  ]);
  assert.equal(notice.headers["Subject"], "Undeliverable: hdrs");
  assert.equal(notice.headers["To"], ALICE);
  assert.equal(notice.headers["In-Reply-To"], "<hdrs@contoso.test>");
  assert.equal(notice.message["Original-Envelope-Id"], "QQ+314159");
  assert.match(notice.message["Reporting-MTA"] ?? "", /^dns;\s*mail\.contoso\.test$/);
  assert.ok(!Number.isNaN(Date.parse(notice.message["Arrival-Date"] ?? "")));
  assert.equal(notice.recipients.length, 1);
  const [recipient = {}] = notice.recipients;
  assert.match(recipient["Original-Recipient"] ?? "", /^rfc822;\s*Bob\+X@outside\.test$/);
  assert.match(recipient["Final-Recipient"] ?? "", /^rfc822;\s*unknown@fabrikam\.test$/);
  assert.equal(recipient["Action"], "failed");
  assert.equal(recipient["Status"], "5.1.1");
  assert.equal(recipient["Diagnostic-Code"]?.replace(/^smtp;\s*/, ""), REFUSAL);
  assert.match(recipient["Remote-MTA"] ?? "", /^dns;/);
  for (const human of [notice.text, notice.html]) {
    assert.match(human, /unknown@fabrikam\.test/);
    assert.match(human, /Diagnostic information for administrators/);
  }
  assert.ok(notice.text.replace(/\s+/g, " ").includes(REFUSAL), notice.text);
  assert.match(notice.returned, /^Subject: hdrs\r?$/m);
  assert.doesNotMatch(notice.returned, /Secret body/);
});

test("failed: the whole message back when that was asked", async (t) => {
  const bench = await openBench(t);
  await send(bench, "full", { from: `<${ALICE}> RET=FULL`, to: ["<unknown@fabrikam.test>"] });
  const [notice] = await waitForNotices(bench, 1);
  assert.equal(notice?.parts[2], "message/rfc822");
  assert.match(notice?.returned ?? "", /Secret body/);
});

test("failed: one notice for all that failed together, none for the others", async (t) => {
  const bench = await openBench(t);
  await send(bench, "some", {
    to: ["<unknown@fabrikam.test>", "<known@fabrikam.test>", "<unknown@fabrikam.test>"],
  });
  const [notice] = await waitForNotices(bench, 1);
  assert.deepEqual(
    notice?.recipients.map((recipient) => recipient["Final-Recipient"]),
    ["rfc822;unknown@fabrikam.test"],
  );
  assert.deepEqual(bench.plain.messages[0]?.recipients, ["RCPT TO:<known@fabrikam.test>"]);
});

test("relayed by a hop without DSN; passed on to a hop with it", async (t) => {
  const bench = await openBench(t);
  await send(bench, "relayed", {
    from: `<${ALICE}> RET=HDRS ENVID=envelope`,
    to: ["<someone@fabrikam.test> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;orig@outside.test"],
  });
  const [notice] = await waitForNotices(bench, 1);
  assert.equal(notice?.headers["Subject"], "Relayed: relayed");
  const [recipient = {}] = notice?.recipients ?? [];
  assert.equal(recipient["Action"], "relayed");
  assert.match(recipient["Status"] ?? "", /^2\./);
  assert.match(recipient["Original-Recipient"] ?? "", /orig@outside\.test/);
  assert.doesNotMatch(notice?.returned ?? "", /Secret body/);
  assert.doesNotMatch(bench.plain.lines.join("\n"), /NOTIFY|ORCPT|RET=|ENVID/);

  await send(bench, "passed", {
    from: `<${ALICE}> RET=HDRS ENVID=envelope`,
    to: ["<someone@adatum.test> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;orig@outside.test"],
  });
  await assertSilence(bench, "passed", { event: "SEND" });
  const [message] = bench.dsn.messages;
  assert.match(message?.mail ?? "", / RET=HDRS ENVID=envelope/);
  assert.match(
    message?.recipients[0] ?? "",
    / NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;orig@outside\.test$/,
  );
  assert.equal((await readMaildir(bench.server.dataFolder, ALICE)).length, 1);
});

test("delivered, under the address that the sender wrote", async (t) => {
  const bench = await openBench(t);
  await send(bench, "delivered", { to: ["<b@contoso.test> NOTIFY=SUCCESS"] });
  const [notice] = await waitForNotices(bench, 1);
  assert.equal(notice?.headers["Subject"], "Delivered: delivered");
  const [recipient = {}] = notice?.recipients ?? [];
  assert.equal(recipient["Action"], "delivered");
  assert.match(recipient["Original-Recipient"] ?? "", /^rfc822;\s*b@contoso\.test$/);
  assert.match(recipient["Final-Recipient"] ?? "", /^rfc822;\s*bob@contoso\.test$/);
  assert.equal((await readMaildir(bench.server.dataFolder, "bob@contoso.test")).length, 1);
});

test("expanded: one notice for the group, none for its members", async (t) => {
  const bench = await openBench(t);
  await send(bench, "group", { to: ["<team@contoso.test> NOTIFY=SUCCESS"] });
  const [notice] = await waitForNotices(bench, 1);
  assert.equal(notice?.headers["Subject"], "Expanded: group");
  const [recipient = {}] = notice?.recipients ?? [];
  assert.equal(recipient["Action"], "expanded");
  assert.match(recipient["Final-Recipient"] ?? "", /team@contoso\.test$/);
  const rows = await waitForRows(bench.server, "<group@contoso.test>", { event: "SEND" });
  await waitForMail(bench.server.dataFolder, { address: "bob@contoso.test", count: 1 });
  assert.equal(rows.filter((row) => row["event-id"] === "DSN").length, 1);
  // Members are no business of the sender's (RFC 3461 §5.2.7).
  assert.doesNotMatch(notice?.text ?? "", /bob@|someone@/);
  assert.equal((await readMaildir(bench.server.dataFolder, ALICE)).length, 1);
});

test("delayed once, then failed; only delayed for whom asked for that alone", async (t) => {
  const bench = await openBench(t);
  await send(bench, "both", { to: ["<someone@down.test>"] });
  await send(bench, "delay", { to: ["<someone@down.test> NOTIFY=DELAY"] });
  await send(bench, "failure", { to: ["<someone@down.test> NOTIFY=FAILURE"] });
  for (const id of ["both", "delay", "failure"]) {
    await waitForRows(bench.server, `<${id}@contoso.test>`, { event: "FAIL" });
  }
  const notices = await waitForNotices(bench, 4);
  assert.deepEqual(notices.map(({ headers }) => headers["Subject"]).sort(), [
    "Delivery delayed: both",
    "Delivery delayed: delay",
    "Undeliverable: both",
    "Undeliverable: failure",
  ]);
  const delayed = notices.find(({ headers }) => headers["Subject"] === "Delivery delayed: both");
  const [recipient = {}] = delayed?.recipients ?? [];
  assert.equal(recipient["Action"], "delayed");
  assert.match(recipient["Status"] ?? "", /^4\./);
  assert.ok(Date.parse(recipient["Will-Retry-Until"] ?? "") > 0);
  const failed = notices.find(({ headers }) => headers["Subject"] === "Undeliverable: both");
  assert.equal(failed?.recipients[0]?.["Status"], "4.4.7");
});

test("NOTIFY=NEVER and NOTIFY=SUCCESS keep a failure quiet, NEVER a success too", async (t) => {
  const bench = await openBench(t);
  await send(bench, "never", { to: ["<unknown@fabrikam.test> NOTIFY=NEVER"] });
  await send(bench, "success", { to: ["<unknown@fabrikam.test> NOTIFY=SUCCESS"] });
  await send(bench, "quiet", { to: ["<bob@contoso.test> NOTIFY=NEVER"] });
  await send(bench, "default", { to: ["<bob@contoso.test>"] });
  await assertSilence(bench, "never", { event: "FAIL" });
  await assertSilence(bench, "success", { event: "FAIL" });
  await assertSilence(bench, "quiet", { event: "DELIVER" });
  await assertSilence(bench, "default", { event: "DELIVER" });
  assert.deepEqual(await readMaildir(bench.server.dataFolder, ALICE), []);
});

test("no notice to the null sender, and none about a notice", async (t) => {
  const bench = await openBench(t);
  await send(bench, "null", { from: "<>", to: ["<unknown@fabrikam.test> NOTIFY=FAILURE,SUCCESS"] });
  await assertSilence(bench, "null", { event: "FAIL" });
  await send(bench, "null-success", { from: "<>", to: ["<bob@contoso.test> NOTIFY=SUCCESS"] });
  await assertSilence(bench, "null-success", { event: "DELIVER" });
  // A sender outside, to whom even the notice cannot be delivered.
  await send(bench, "outside", {
    from: "<unknown@fabrikam.test>",
    to: ["<unknown@fabrikam.test>"],
  });
  const rows = await waitForRows(bench.server, "<outside@contoso.test>", { event: "DSN" });
  const noticeId = rows.find((row) => row["event-id"] === "DSN")?.["reference"] ?? "";
  assert.match(noticeId, /^<.*@mail\.contoso\.test>$/);
  const story = await waitForRows(bench.server, noticeId, { event: "FAIL" });
  assert.ok(!story.some((row) => row["event-id"] === "DSN"), story.map(formatRow).join(" | "));
  const mails = bench.plain.lines.filter((line) => line.startsWith("MAIL"));
  assert.equal(mails.filter((line) => line.startsWith("MAIL FROM:<>")).length, 2);
});

test("a sender outside gets the notice over SMTP, from the postmaster", async (t) => {
  const bench = await openBench(t);
  const from = "<customer@adatum.test>";
  await send(bench, "away", { from, to: ["<unknown@fabrikam.test>"] });
  const message = await eventually({ what: "the notice" }, () => bench.dsn.messages[0]);
  assert.match(message.mail, /^MAIL FROM:<>/);
  assert.deepEqual(
    message.recipients.map((line) => line.split(" NOTIFY")[0]),
    ["RCPT TO:<customer@adatum.test>"],
  );
  const [notice] = await readNotices([message.content.toString("latin1")]);
  assert.match(notice?.headers["From"] ?? "", /postmaster@contoso\.test/);
  assert.equal(notice?.recipients[0]?.["Action"], "failed");
});

test("a sender with an address in UTF-8 gets a notice of the international form", async (t) => {
  const bench = await openBench(t);
  await send(bench, "utf8", {
    from: "<jörg@contoso.test> BODY=8BITMIME SMTPUTF8",
    to: ["<ünbekannt@fabrikam.test> ORCPT=utf-8;ünbekannt@fabrikam.test"],
    content:
      "Message-ID: <utf8@contoso.test>\r\nFrom: jörg@contoso.test\r\nSubject: Grüße\r\n\r\nx\r\n",
  });
  // In the name of a folder, what is no plain ASCII stands as %XX.
  const [notice] = await waitForNotices(bench, 1, "j%C3%B6rg@contoso.test");
  assert.equal(notice?.headers["Subject"], "Undeliverable: Grüße");
  assert.equal(notice?.headers["To"], "jörg@contoso.test");
  assert.deepEqual(notice?.parts.slice(1), [
    "message/global-delivery-status",
    "message/global-headers",
  ]);
  const [recipient = {}] = notice?.recipients ?? [];
  assert.equal(recipient["Action"], "failed");
  assert.match(recipient["Final-Recipient"] ?? "", /^utf-8;\s*ünbekannt@fabrikam\.test$/);
  assert.match(recipient["Original-Recipient"] ?? "", /^utf-8;\s*ünbekannt@fabrikam\.test$/);
  assert.match(notice?.returned ?? "", /^Subject: Grüße\r?$/m);
});
