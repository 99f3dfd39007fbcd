import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { contoso } from "../harness/contoso.ts";
import { eventually } from "../harness/eventually.ts";
import { formatRow, waitForRows } from "../harness/evidence.ts";
import { freePort } from "../harness/free-port.ts";
import { type Hop, type HopOptions, type HopStep, startHop } from "../harness/hop.ts";
import { waitForMail } from "../harness/maildir.ts";
import { readNotices } from "../harness/notices.ts";
import { startServer, type TestServer } from "../harness/server.ts";
import { submit } from "../harness/transaction.ts";

interface Bench {
  readonly server: TestServer;
  readonly hop: Hop;
  readonly send: (id: string, ...to: readonly string[]) => Promise<void>;
}

async function openBench(t: TestContext, options: Partial<HopOptions> = {}): Promise<Bench> {
  const hop = await startHop(t, { port: await freePort(), ...options });
  const relayPort = await freePort();
  const configuration = contoso({
    smtpPort: await freePort(),
    relayPort,
    smartHostPort: hop.port,
    transportService: {
      retryJitter: 0,
      queueGlitchRetryInterval: "00:00:00.200",
      queueGlitchRetryCount: 15,
      messageRetryInterval: "00:00:00.200",
    },
  });
  const server = await startServer(t, { configuration });
  const send = async (id: string, ...to: readonly string[]) => {
    const content = `Message-ID: <${id}@contoso.test>\r\nSubject: ${id}\r\n\r\n.${id}\r\n`;
    await submit(relayPort, {
      from: "<alice@contoso.test>",
      to: to.map((address) => `<${address}>`),
      content,
    });
  };
  return { server, hop, send };
}

/** Misbehaves the first time that `isMeant` says so; afterwards as usual. */
function once(
  isMeant: (step: HopStep) => boolean,
  act: { readonly reply: string; readonly drop?: boolean },
): NonNullable<HopOptions["respond"]> {
  let done = false;
  return (step) => {
    if (done || !isMeant(step)) return undefined;
    done = true;
    return act;
  };
}

function waitForMessages(hop: Hop, count: number): Promise<unknown> {
  const what = `${count} messages at the hop`;
  return eventually({ what }, () => hop.messages.length >= count || undefined);
}

function statusOf(rows: readonly Readonly<Record<string, string>>[], event: string): string {
  return rows.find((row) => row["event-id"] === event)?.["recipient-status"] ?? "";
}

test("a greeting of 554 makes mail wait; the log has its words", async (t) => {
  const respond = once(({ verb }) => verb === "connect", { reply: "554 Go away for now" });
  const { server, hop, send } = await openBench(t, { respond });
  await send("greeted", "someone@fabrikam.test");
  await waitForMessages(hop, 1);
  const rows = await waitForRows(server, "<greeted@contoso.test>", { event: "SEND" });
  assert.match(statusOf(rows, "DEFER"), /554 Go away for now/);
  assert.equal(hop.connectionCount, 2);
});

test("a hop that drops after the final dot gets the message again, named as such", async (t) => {
  // It took the message and crashed before it could say so: the worst moment.
  const respond = once(({ verb }) => verb === "content", { reply: "", drop: true });
  const { server, hop, send } = await openBench(t, { respond });
  await send("dropped", "someone@fabrikam.test");
  await waitForMessages(hop, 1);
  const rows = await waitForRows(server, "<dropped@contoso.test>", { event: "SEND" });
  assert.match(statusOf(rows, "DEFER"), /4\.4\.2 Connection dropped; the message may arrive twice/);
  const sent = rows.filter((row) => row["event-id"] === "SEND");
  assert.equal(sent.length, 1);
  assert.equal(sent[0]?.["custom-data"], "S:PossibleDuplicate=True");
});

test("replies that come byte by byte are read as what they say", async (t) => {
  const extensions = ["PIPELINING", "8BITMIME", "SIZE 1000000", "ENHANCEDSTATUSCODES"];
  const { server, hop, send } = await openBench(t, {
    extensions,
    dribbles: true,
    respond: ({ line }) =>
      line.startsWith("RCPT TO:<unknown@")
        ? { reply: "550-5.1.1 Nobody here\r\n550-5.1.1 has that name,\r\n550 5.1.1 sorry" }
        : undefined,
  });
  await send("dribble", "one@fabrikam.test", "unknown@fabrikam.test", "two@fabrikam.test");
  await waitForMessages(hop, 1);
  assert.deepEqual(hop.messages[0]?.recipients, [
    "RCPT TO:<one@fabrikam.test>",
    "RCPT TO:<two@fabrikam.test>",
  ]);
  const rows = await waitForRows(server, "<dribble@contoso.test>", { event: "FAIL" });
  assert.match(statusOf(rows, "FAIL"), /^550 5\.1\.1 Nobody here.*has that name,.*sorry$/);
  const want = { address: "alice@contoso.test", count: 1 };
  const [notice] = await readNotices(await waitForMail(server.dataFolder, want));
  assert.equal(notice?.recipients.length, 1);
});

for (const verb of ["MAIL", "RCPT", "DATA", "content"]) {
  test(`421 in answer to ${verb} costs nothing but time`, async (t) => {
    const act = { reply: "421 4.3.2 Going down", drop: true };
    const { server, hop, send } = await openBench(t, {
      respond: once((step) => step.verb === verb, act),
    });
    await send("closing", "one@fabrikam.test", "two@fabrikam.test");
    await waitForMessages(hop, 1);
    const rows = await waitForRows(server, "<closing@contoso.test>", { event: "SEND" });
    const sent = rows.filter((row) => row["event-id"] === "SEND");
    const recipients = sent.flatMap((row) => (row["recipient-address"] ?? "").split(";")).sort();
    assert.deepEqual(recipients, ["one@fabrikam.test", "two@fabrikam.test"]);
    assert.ok(!rows.some((row) => row["event-id"] === "FAIL"), rows.map(formatRow).join(" | "));
    assert.equal(hop.messages.length, sent.length);
  });
}

test("452 from the third recipient on: the rest follows in further transactions", async (t) => {
  let taken = 0;
  const { server, hop, send } = await openBench(t, {
    respond: ({ verb }) => {
      if (verb === "MAIL") taken = 0;
      if (verb !== "RCPT") return undefined;
      taken += 1;
      return taken > 2 ? { reply: "452 4.5.3 Too many recipients" } : undefined;
    },
  });
  const to = ["a", "b", "c", "d", "e"].map((name) => `${name}@fabrikam.test`);
  await send("many", ...to);
  await waitForMessages(hop, 3);
  const recipients = hop.messages.map((message) => message.recipients.length);
  assert.deepEqual(recipients, [2, 2, 1]);
  const all = hop.messages.flatMap((message) => message.recipients);
  assert.deepEqual(
    all,
    to.map((address) => `RCPT TO:<${address}>`),
  );
  assert.equal(hop.connectionCount, 1);
  const isSent = (row: Readonly<Record<string, string>>) => row["event-id"] === "SEND";
  const rows = await eventually({ what: "five recipients sent" }, async () => {
    const found = await waitForRows(server, "<many@contoso.test>", { event: "SEND" });
    const count = found
      .filter(isSent)
      .reduce((sum, row) => sum + Number(row["recipient-count"]), 0);
    return count === to.length ? found : undefined;
  });
  assert.ok(!rows.some((row) => row["event-id"] === "DEFER"));
});

test("250 to DATA is no invitation: nothing is sent, and the message is tried again", async (t) => {
  const respond = once(({ verb }) => verb === "DATA", { reply: "250 2.0.0 Fine" });
  const { server, hop, send } = await openBench(t, { respond });
  await send("invited", "someone@fabrikam.test");
  await waitForMessages(hop, 1);
  const rows = await waitForRows(server, "<invited@contoso.test>", { event: "SEND" });
  assert.ok(!rows.some((row) => row["event-id"] === "FAIL"), rows.map(formatRow).join(" | "));
  // Content sent without an invitation would have been taken for commands.
  assert.ok(hop.lines.every((line) => !line.startsWith("Subject:") && !line.includes("invited")));
});

test("replies that are nonsense lose nothing and double nothing", async (t) => {
  const nonsense = ["250", "hello there", "999 What", "25O OK", `250 ${"x".repeat(100_000)}`];
  let turn = 0;
  const { server, hop, send } = await openBench(t, {
    respond: ({ verb }) => {
      if (verb !== "MAIL") return undefined;
      const reply = nonsense[turn];
      turn += 1;
      return reply === undefined || reply === "250" ? undefined : { reply, drop: true };
    },
  });
  await send("nonsense-a", "someone@fabrikam.test");
  await send("nonsense-b", "someone@fabrikam.test");
  await waitForRows(server, "<nonsense-a@contoso.test>", { event: "SEND" });
  await waitForRows(server, "<nonsense-b@contoso.test>", { event: "SEND" });
  assert.equal(hop.messages.length, 2);
  assert.ok(hop.messages.every(({ content }) => content.includes("\r\n.nonsense-")));
});

/** Sends `count` messages at once, so that they share connections. */
async function burst(bench: Bench, count: number): Promise<readonly string[]> {
  const ids = Array.from({ length: count }, (_, at) => `burst-${at}`);
  await Promise.all(ids.map((id) => bench.send(id, `${id}@fabrikam.test`)));
  return ids;
}

/** Every message reached the hop, once and whole, for its own recipient. */
async function assertOnceEach({ server, hop }: Bench, ids: readonly string[]): Promise<void> {
  for (const id of ids) await waitForRows(server, `<${id}@contoso.test>`, { event: "SEND" });
  const arrived = hop.messages.map(({ recipients, content }) => {
    const subject = /^Subject: (\S+)\r$/m.exec(content.toString("latin1"))?.[1] ?? "";
    assert.deepEqual(recipients, [`RCPT TO:<${subject}@fabrikam.test>`]);
    assert.ok(content.toString("latin1").endsWith(`\r\n\r\n.${subject}\r\n`));
    return subject;
  });
  assert.deepEqual(arrived.toSorted(), ids.toSorted());
}

/** Says whether a step of this kind is the third, sixth, … of its kind. */
function everyThird(verb: string): (step: HopStep) => boolean {
  let count = 0;
  return (step) => {
    if (step.verb !== verb) return false;
    count += 1;
    return count % 3 === 0;
  };
}

const MOODS = [
  ["hangs up after each message", "content", () => true, "250 2.0.0 Taken, bye", true],
  ["hangs up after every third message", "content", everyThird, "250 2.0.0 Taken, bye", true],
  ["ends every third transaction with 421", "MAIL", everyThird, "421 4.3.2 Enough", true],
  ["says 421 to every third message", "content", everyThird, "421 4.3.2 Enough", true],
  ["defers every third sender", "MAIL", everyThird, "451 4.3.0 Later", false],
  ["defers every third recipient", "RCPT", everyThird, "451 4.3.0 Later", false],
  ["defers every third DATA", "DATA", everyThird, "451 4.3.0 Later", false],
  ["defers every third message", "content", everyThird, "451 4.3.0 Later", false],
  ["drops every third connection at MAIL", "MAIL", everyThird, "", true],
] as const;

for (const [what, verb, when, reply, drop] of MOODS) {
  test(`a burst through a hop that ${what}: each message once`, async (t) => {
    const isMeant = when(verb);
    const bench = await openBench(t, {
      respond: (step) => {
        const isIt = typeof isMeant === "boolean" ? step.verb === verb : isMeant(step);
        return isIt ? { reply, drop } : undefined;
      },
    });
    const ids = await burst(bench, 12);
    await assertOnceEach(bench, ids);
    const rows = await waitForRows(bench.server, "<burst-0@contoso.test>", { event: "SEND" });
    assert.ok(!rows.some((row) => row["event-id"] === "FAIL"));
  });
}

test("a message at which the hop hangs up does not hold the others", async (t) => {
  const bench = await openBench(t, {
    respond: ({ line }) =>
      line.startsWith("RCPT TO:<crash@") ? { reply: "", drop: true } : undefined,
  });
  await bench.send("crash", "crash@fabrikam.test");
  const ids = await burst(bench, 6);
  await assertOnceEach(bench, ids);
  await waitForRows(bench.server, "<crash@contoso.test>", { event: "DEFER" });
});

test("a refusal after the end of data is the refused message's alone", async (t) => {
  let count = 0;
  const bench = await openBench(t, {
    respond: ({ verb }) => {
      if (verb !== "content") return undefined;
      count += 1;
      return count === 2 ? { reply: "554 5.6.0 Not this one" } : undefined;
    },
  });
  const ids = await burst(bench, 6);
  await waitForMessages(bench.hop, 5);
  const want = { address: "alice@contoso.test", count: 1 };
  const [notice] = await readNotices(await waitForMail(bench.server.dataFolder, want));
  const refused = notice?.headers["Subject"]?.replace("Undeliverable: ", "") ?? "";
  assert.ok(ids.includes(refused));
  assert.match(notice?.recipients[0]?.["Diagnostic-Code"] ?? "", /554 5\.6\.0 Not this one/);
  await assertOnceEach(
    bench,
    ids.filter((id) => id !== refused),
  );
});

test("a hop that never greets does not keep other domains waiting", async (t) => {
  const mute = await startHop(t, { port: await freePort(), respond: () => ({ reply: "" }) });
  const good = await startHop(t, { port: await freePort() });
  const relayPort = await freePort();
  const connector = (name: string, port: number) => ({
    name,
    addressSpaces: [`SMTP:${name}.test;1`],
    smartHosts: ["[127.0.0.1]"],
    port,
  });
  const sendConnectors = [connector("mute", mute.port), connector("good", good.port)];
  const base = contoso({ smtpPort: await freePort(), relayPort, more: { sendConnectors } });
  const server = await startServer(t, { configuration: base });
  // Both in one message: they part before either is tried.
  await submit(relayPort, {
    from: "<alice@contoso.test>",
    to: ["<someone@mute.test>", "<someone@good.test>"],
    content: "Message-ID: <parted@contoso.test>\r\n\r\nx\r\n",
  });
  await eventually({ what: "a connection to the mute hop" }, () => mute.connectionCount > 0);
  await waitForMessages(good, 1);
  const rows = await waitForRows(server, "<parted@contoso.test>", { event: "SEND" });
  const ended = rows.filter((row) => /SEND|DEFER|FAIL/.test(row["event-id"] ?? ""));
  assert.deepEqual(
    ended.map((row) => row["recipient-address"]),
    ["someone@good.test"],
  );
});
