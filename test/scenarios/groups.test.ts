import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import { contoso } from "../harness/contoso.ts";
import { eventually } from "../harness/eventually.ts";
import { formatRow, waitForRows, waitForStory } from "../harness/evidence.ts";
import { freePort } from "../harness/free-port.ts";
import { type Hop, startHop } from "../harness/hop.ts";
import { readMaildir, waitForMail } from "../harness/maildir.ts";
import { readNotices } from "../harness/notices.ts";
import { type Configuration, startServer, type TestServer } from "../harness/server.ts";
import { startSink } from "../harness/sink.ts";
import { submit } from "../harness/transaction.ts";

interface Bench {
  readonly server: TestServer;
  readonly hop: Hop;
  readonly send: (id: string, ...to: readonly string[]) => Promise<void>;
}

const mailbox = (name: string, more: Configuration = {}) => ({
  name,
  primarySmtpAddress: `${name}@contoso.test`,
  ...more,
});

/** A server with these recipients, in front of a hop that refuses `unknown`. Alice sends. */
async function openBench(t: TestContext, recipients: Configuration): Promise<Bench> {
  const hop = await startHop(t, {
    port: await freePort(),
    extensions: ["PIPELINING", "ENHANCEDSTATUSCODES", "DSN"],
    respond: ({ line }) =>
      line.startsWith("RCPT TO:<unknown@") ? { reply: "550 5.1.1 Not here" } : undefined,
  });
  const smtpPort = await freePort();
  const configuration = contoso({ smtpPort, smartHostPort: hop.port, more: recipients });
  const server = await startServer(t, { configuration });
  const send = async (id: string, ...to: readonly string[]) => {
    const content = `Message-ID: <${id}@contoso.test>\r\nSubject: ${id}\r\n\r\nx\r\n`;
    const from = "<alice@contoso.test>";
    await submit(smtpPort, { from, to: to.map((address) => `<${address}>`), content });
  };
  return { server, hop, send };
}

async function countMail({ server }: Bench, ...names: readonly string[]): Promise<number[]> {
  return Promise.all(
    names.map(
      async (name) => (await readMaildir(server.dataFolder, `${name}@contoso.test`)).length,
    ),
  );
}

/** Waits until the message has gone to so many recipients, and returns its story in brief. */
async function waitForEnds(
  { server }: Bench,
  id: string,
  recipientCount: number,
): Promise<readonly string[]> {
  const rows = await waitForStory(server, `<${id}@contoso.test>`, (seen) => {
    const ended = seen.filter((row) => /^(?:DELIVER|SEND|FAIL)$/.test(row["event-id"] ?? ""));
    return ended.reduce((sum, row) => sum + Number(row["recipient-count"]), 0) >= recipientCount;
  });
  return rows.map(formatRow);
}

test("nested groups that contain one another reach everybody once", async (t) => {
  const bench = await openBench(t, {
    mailboxes: ["alice", "bob", "carol"].map((name) => mailbox(name)),
    distributionGroups: [
      { ...mailbox("all"), members: ["alice@contoso.test", "staff@contoso.test"] },
      {
        ...mailbox("staff"),
        members: ["bob@contoso.test", "all@contoso.test", "pair@contoso.test", "x@fabrikam.test"],
      },
      {
        ...mailbox("pair"),
        members: ["bob@contoso.test", "carol@contoso.test", "staff@contoso.test"],
      },
    ],
  });
  // Bob is named beside the group, too.
  await bench.send("nested", "all@contoso.test", "bob@contoso.test");
  const story = await waitForEnds(bench, "nested", 4);
  await eventually({ what: "the copy outside" }, () => bench.hop.messages.length > 0 || undefined);
  assert.deepEqual(await countMail(bench, "alice", "bob", "carol"), [1, 1, 1]);
  assert.deepEqual(
    bench.hop.messages.map(({ recipients }) => recipients.length),
    [1],
  );
  assert.equal(story.filter((line) => line.startsWith("EXPAND(ROUTING)")).length, 3);
  assert.ok(
    story.some((line) => line.startsWith("DUPLICATEEXPAND(ROUTING)")),
    story.join(" | "),
  );
  assert.ok(!story.some((line) => line.startsWith("FAIL")), story.join(" | "));
});

test("a group that leads to nobody but itself comes back with 5.4.6", async (t) => {
  const bench = await openBench(t, {
    distributionGroups: [
      { ...mailbox("left"), members: ["right@contoso.test"] },
      { ...mailbox("right"), members: ["left@contoso.test"] },
    ],
  });
  await bench.send("circle", "left@contoso.test");
  const want = { address: "alice@contoso.test", count: 1 };
  const [notice] = await readNotices(await waitForMail(bench.server.dataFolder, want));
  assert.deepEqual(
    notice?.recipients.map((recipient) => [recipient["Final-Recipient"], recipient["Status"]]),
    [["rfc822;left@contoso.test", "5.4.6"]],
  );
});

test("forwarding goes with and without a copy, in a ring of copies once to each", async (t) => {
  const keeping = { deliverToMailboxAndForward: true };
  const bench = await openBench(t, {
    mailboxes: [
      mailbox("alice"),
      mailbox("away", { forwardingAddress: "bob@contoso.test" }),
      mailbox("bob"),
      mailbox("both", { forwardingAddress: "private@fabrikam.test", ...keeping }),
      mailbox("ring1", { forwardingAddress: "ring2@contoso.test", ...keeping }),
      mailbox("ring2", { forwardingAddress: "ring1@contoso.test", ...keeping }),
    ],
  });
  await bench.send("away", "away@contoso.test");
  const story = await waitForEnds(bench, "away", 1);
  assert.ok(story.some((line) => line.startsWith("REDIRECT(ROUTING) bob@contoso.test")));
  assert.deepEqual(await countMail(bench, "away", "bob"), [0, 1]);
  await bench.send("both", "both@contoso.test");
  await waitForEnds(bench, "both", 2);
  assert.deepEqual(await countMail(bench, "both"), [1]);
  assert.match(bench.hop.messages[0]?.recipients[0] ?? "", /^RCPT TO:<private@fabrikam\.test>/);
  await bench.send("ring", "ring1@contoso.test");
  await waitForEnds(bench, "ring", 2);
  assert.deepEqual(await countMail(bench, "ring1", "ring2", "alice"), [1, 1, 0]);
});

test("a ring of forwardings without copies comes back with 5.4.6", async (t) => {
  const bench = await openBench(t, {
    mailboxes: [
      mailbox("alice"),
      mailbox("one", { forwardingAddress: "two@contoso.test" }),
      mailbox("two", { forwardingAddress: "three@contoso.test" }),
      mailbox("three", { forwardingAddress: "one@contoso.test" }),
    ],
  });
  await bench.send("loop", "one@contoso.test");
  const want = { address: "alice@contoso.test", count: 1 };
  const [notice] = await readNotices(await waitForMail(bench.server.dataFolder, want));
  const [recipient = {}] = notice?.recipients ?? [];
  assert.equal(recipient["Status"], "5.4.6");
  assert.match(recipient["Original-Recipient"] ?? "", /one@contoso\.test/);
  assert.deepEqual(await countMail(bench, "one", "two", "three"), [0, 0, 0]);
});

test("detail after a plus, second addresses and contacts lead where they should", async (t) => {
  const bench = await openBench(t, {
    mailContacts: [{ ...mailbox("partner"), externalEmailAddress: "support@fabrikam.test" }],
    mailUsers: [{ ...mailbox("cloudy"), externalEmailAddress: "cloudy@cloud.test" }],
  });
  await bench.send("plus", "alice+lists@contoso.test");
  const plus = await waitForEnds(bench, "plus", 1);
  assert.match(plus.at(-1) ?? "", /^DELIVER\(STOREDRIVER\) alice@contoso\.test /);
  await bench.send("proxy", "A.SMITH@contoso.test");
  const rows = await waitForRows(bench.server, "<proxy@contoso.test>", { event: "DELIVER" });
  const resolved = rows.find((row) => row["event-id"] === "RESOLVE");
  assert.equal(resolved?.["recipient-address"], "alice@contoso.test");
  assert.match(resolved?.["related-recipient-address"] ?? "", /^a\.smith@contoso\.test$/i);
  const mail = await readMaildir(bench.server.dataFolder, "alice@contoso.test");
  assert.equal(mail.length, 2);
  assert.ok(mail.every((text) => /^Delivered-To: alice@contoso\.test\r?$/m.test(text)));

  await bench.send("outward", "partner@contoso.test", "cloudy@contoso.test");
  await waitForEnds(bench, "outward", 2);
  const commands = bench.hop.messages.flatMap(({ recipients }) => recipients).sort();
  assert.equal(commands.length, 2);
  // The next hop's notice shall name the address that the sender knows (RFC 3461 §5.2.1).
  assert.match(
    commands[0] ?? "",
    /^RCPT TO:<cloudy@cloud\.test>.* ORCPT=rfc822;cloudy@contoso\.test$/,
  );
  assert.match(
    commands[1] ?? "",
    /^RCPT TO:<support@fabrikam\.test>.* ORCPT=rfc822;partner@contoso\.test$/,
  );
});

test("notices about a group's members go to its manager, or to nobody, as it says", async (t) => {
  const members = ["unknown@fabrikam.test", "bob@contoso.test"];
  const notOriginator = { reportToOriginatorEnabled: false };
  const bench = await openBench(t, {
    mailboxes: ["alice", "bob", "manager"].map((name) => mailbox(name)),
    distributionGroups: [
      {
        ...mailbox("managed"),
        members,
        ...notOriginator,
        reportToManagerEnabled: true,
        managedBy: "manager@contoso.test",
      },
      { ...mailbox("quiet"), members, ...notOriginator },
      { ...mailbox("loud"), members },
    ],
  });
  await bench.send("managed", "managed@contoso.test");
  const want = { address: "manager@contoso.test", count: 1 };
  const [toManager] = await readNotices(await waitForMail(bench.server.dataFolder, want));
  assert.equal(toManager?.recipients[0]?.["Final-Recipient"], "rfc822;unknown@fabrikam.test");
  assert.ok(bench.hop.lines.some((line) => line.startsWith("MAIL FROM:<manager@contoso.test>")));
  await bench.send("quiet", "quiet@contoso.test");
  const quiet = await waitForEnds(bench, "quiet", 2);
  assert.ok(!quiet.some((line) => line.startsWith("DSN")), quiet.join(" | "));
  await bench.send("loud", "loud@contoso.test");
  const loud = { address: "alice@contoso.test", count: 1 };
  const [toSender] = await readNotices(await waitForMail(bench.server.dataFolder, loud));
  assert.equal(toSender?.headers["Subject"], "Undeliverable: loud");
  assert.deepEqual(await countMail(bench, "manager", "bob"), [1, 3]);
});

test("10,000 members: one stored body, one message to each", async (t) => {
  const memberCount = 10_000;
  const members = Array.from({ length: memberCount }, (_, at) => `m${at}@fabrikam.test`);
  const sink = await startSink(t, { port: await freePort() });
  await sink.close();
  const smtpPort = await freePort();
  const configuration = contoso({
    smtpPort,
    smartHostPort: sink.port,
    transportService: {
      queueGlitchRetryCount: 0,
      transientFailureRetryCount: 0,
      outboundConnectionFailureRetryInterval: "00:00:01",
    },
    more: { distributionGroups: [{ ...mailbox("everybody"), members }] },
  });
  const server = await startServer(t, { configuration });
  const body = `${"x".repeat(76)}\r\n`.repeat(1300);
  await submit(smtpPort, {
    from: "<alice@contoso.test>",
    to: ["<everybody@contoso.test>"],
    content: `Message-ID: <large@contoso.test>\r\n\r\n${body}`,
  });
  await waitForStory(server, "<large@contoso.test>", (rows) => {
    const expanded = rows.filter((row) => row["event-id"] === "EXPAND");
    return expanded.reduce((sum, row) => sum + Number(row["recipient-count"]), 0) === memberCount;
  });
  assert.deepEqual(await server.terminate(), { code: 0, signal: null });

  const database = new DatabaseSync(join(server.dataFolder, "queue.db"), { readOnly: true });
  const read = (sql: string) => Object.values(database.prepare(sql).get() ?? {}).map(Number);
  const [pieces, bytes = 0] = read("SELECT count(*), sum(length(bytes)) FROM content");
  const [recipients] = read("SELECT count(*) FROM recipient");
  const [copies, bodies] = read("SELECT count(*), count(DISTINCT content_id) FROM message");
  database.close();
  assert.equal(recipients, memberCount);
  assert.deepEqual([pieces, bodies], [1, 1]);
  assert.ok(bytes < 2 * body.length, `${bytes} bytes of content`);
  assert.equal(copies, 10); // ExpansionSizeLimit is 1000

  await sink.open();
  await server.start();
  await eventually({ what: "a copy for each member" }, () => {
    const count = sink.messages.reduce((sum, { to }) => sum + to.length, 0);
    return count >= memberCount || undefined;
  });
  assert.equal(new Set(sink.messages.flatMap(({ to }) => to)).size, memberCount);
  assert.ok(sink.messages.every(({ to }) => to.length <= 100)); // RFC 5321 §4.5.3.1.8
});
