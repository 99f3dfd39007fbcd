import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { Zone } from "../../src/dns/zone.fake.ts";
import { contoso } from "../harness/contoso.ts";
import { eventually } from "../harness/eventually.ts";
import { formatRow, waitForRows } from "../harness/evidence.ts";
import { freePort } from "../harness/free-port.ts";
import { type Hop, type HopOptions, startHop } from "../harness/hop.ts";
import { waitForMail } from "../harness/maildir.ts";
import { readNotices } from "../harness/notices.ts";
import { later } from "../harness/scope.ts";
import { type Configuration, startServer, type TestServer } from "../harness/server.ts";
import { submit } from "../harness/transaction.ts";
import { startDnsServer } from "../peers/dns-server.ts";

interface Bench {
  readonly server: TestServer;
  /** Sends a message from alice to `to`; its Message-ID is `<id@contoso.test>`. */
  readonly send: (id: string, ...to: readonly string[]) => Promise<void>;
  /** A hop on another loopback address, on the port that the send connector uses. */
  readonly hop: (host: string, respond?: HopOptions["respond"]) => Promise<Hop>;
  readonly questions: () => number;
}

/** A server that finds its next hops by DNS, in a zone that the test may change meanwhile. */
async function openBench(
  t: TestContext,
  zone: Zone,
  sendConnector: Configuration = {},
): Promise<Bench> {
  const dns = await startDnsServer(zone);
  later(t, () => dns.close());
  const port = await freePort();
  const relayPort = await freePort();
  const configuration = contoso({
    smtpPort: await freePort(),
    relayPort,
    // A failure of DNS is remembered for 5 s (RFC 9520 §3.2): retries until after that.
    transportService: {
      retryJitter: 0,
      queueGlitchRetryInterval: "00:00:01",
      queueGlitchRetryCount: 15,
    },
    internet: { dnsPort: dns.port, port },
    sendConnector,
  });
  const server = await startServer(t, { configuration });
  const send = async (id: string, ...to: readonly string[]) => {
    const content = `Message-ID: <${id}@contoso.test>\r\nSubject: ${id}\r\n\r\nx\r\n`;
    await submit(relayPort, {
      from: "<alice@contoso.test>",
      to: to.map((one) => `<${one}>`),
      content,
    });
  };
  const hop = (host: string, respond?: HopOptions["respond"]) =>
    startHop(t, { host, port, ...(respond === undefined ? {} : { respond }) });
  return { server, send, hop, questions: () => dns.counts.udp };
}

function waitForMessages(hop: Hop, count: number): Promise<unknown> {
  const what = `${count} messages at the hop`;
  return eventually({ what }, () => hop.messages.length >= count || undefined);
}

test("MX hosts are tried by preference, the next one when one fails, equals in turn", async (t) => {
  const zone: Zone = {
    "ranked.test": {
      MX: [
        [20, "second.ranked.test"],
        [10, "first.ranked.test"],
        [30, "third.ranked.test"],
      ],
    },
    "first.ranked.test": { A: ["127.0.0.2"] },
    "second.ranked.test": { A: ["127.0.0.3"] },
    "third.ranked.test": { A: ["127.0.0.4"] },
    "failing.test": {
      MX: [
        [10, "nobody.failing.test"],
        [20, "second.ranked.test"],
      ],
    },
    "nobody.failing.test": { A: ["127.0.0.99"] },
    "equal.test": {
      MX: [
        [10, "first.ranked.test"],
        [10, "third.ranked.test"],
      ],
    },
  };
  const bench = await openBench(t, zone, { smtpMaxMessagesPerConnection: 1 });
  const first = await bench.hop("127.0.0.2");
  const second = await bench.hop("127.0.0.3");
  const third = await bench.hop("127.0.0.4");

  await bench.send("ranked", "someone@ranked.test");
  await waitForMessages(first, 1);
  assert.equal(second.connectionCount + third.connectionCount, 0);

  await bench.send("failing", "someone@failing.test");
  await waitForMessages(second, 1);
  const [row] = await waitForRows(bench.server, "<failing@contoso.test>", { event: "SEND" }).then(
    (rows) => rows.filter((one) => one["event-id"] === "SEND"),
  );
  assert.equal(row?.["server-hostname"], "second.ranked.test");
  assert.equal(row?.["server-ip"], "127.0.0.3");

  // Equals share: that one of two gets none of 24 by chance happens once in 8 million runs.
  const count = 24;
  for (let index = 0; index < count; index++) await bench.send(`equal-${index}`, "x@equal.test");
  await eventually({ what: "all of the equals' mail" }, () =>
    first.messages.length + third.messages.length === count + 1 ? true : undefined,
  );
  assert.ok(first.messages.length > 1 && third.messages.length > 0);
});

test("a host that refuses its greeting leaves the mail to the next one", async (t) => {
  const bench = await openBench(t, {
    "two.test": {
      MX: [
        [10, "a.two.test"],
        [20, "b.two.test"],
      ],
    },
    "a.two.test": { A: ["127.0.0.2"] },
    "b.two.test": { A: ["127.0.0.3"] },
  });
  const first = await bench.hop("127.0.0.2", ({ verb }) =>
    verb === "connect" ? { reply: "554 No service here" } : undefined,
  );
  const second = await bench.hop("127.0.0.3");
  await bench.send("greeting", "someone@two.test");
  await waitForMessages(second, 1);
  assert.equal(first.connectionCount, 1);
});

test("without MX the domain's own addresses count, also over aliases and IPv6", async (t) => {
  const bench = await openBench(t, {
    "plain.test": { A: ["127.0.0.2"] },
    "alias.test": { CNAME: "plain.test" },
    "six.test": { MX: [[10, "mx.six.test"]] },
    "mx.six.test": { AAAA: ["::1"] },
    "chain.test": { MX: [[10, "www.chain.test"]] },
    "www.chain.test": { CNAME: "plain.test" },
  });
  const four = await bench.hop("127.0.0.2");
  const six = await bench.hop("::1");
  await bench.send("plain", "someone@plain.test");
  await waitForMessages(four, 1);
  await bench.send("alias", "someone@alias.test");
  await waitForMessages(four, 2);
  await bench.send("chain", "someone@chain.test");
  await waitForMessages(four, 3);
  // The alias stays in the address: rewriting it is no business of a relay (RFC 5321 §2.3.5).
  assert.deepEqual(four.messages[1]?.recipients, ["RCPT TO:<someone@alias.test>"]);
  await bench.send("six", "someone@six.test");
  await waitForMessages(six, 1);
  const [sent] = await waitForRows(bench.server, "<six@contoso.test>", { event: "SEND" }).then(
    (rows) => rows.filter((row) => row["event-id"] === "SEND"),
  );
  assert.equal(sent?.["server-ip"], "::1");
});

const IMPOSSIBLE = [
  ["null MX", "nullmx", "5.1.10", /null MX/],
  ["an MX that is ourselves", "self", "5.4.6", /loop/i],
  ["a domain that does not exist", "nowhere", "5.4.4", /NonExistentDomain/],
  ["MX hosts without an address", "bare", "5.4.4", /no server of the domain has an address/],
] as const;

test("a domain that can take no mail fails at once, and the sender is told why", async (t) => {
  const bench = await openBench(t, {
    "nullmx.test": { MX: [[0, "."]] },
    "self.test": {
      MX: [
        [10, "mail.contoso.test"],
        [20, "worse.self.test"],
      ],
    },
    "worse.self.test": { A: ["127.0.0.2"] },
    "bare.test": { MX: [[10, "mx.bare.test"]] },
    "mx.bare.test": {},
  });
  const worse = await bench.hop("127.0.0.2");
  for (const [, name] of IMPOSSIBLE) await bench.send(name, `someone@${name}.test`);
  const want = { address: "alice@contoso.test", count: IMPOSSIBLE.length };
  const notices = await readNotices(await waitForMail(bench.server.dataFolder, want));
  for (const [why, name, status, words] of IMPOSSIBLE) {
    const of = notices.filter(({ headers }) => headers["Subject"]?.endsWith(`: ${name}`));
    assert.equal(of.length, 1, why);
    const [recipient] = of[0]?.recipients ?? [];
    assert.equal(recipient?.["Final-Recipient"], `rfc822;someone@${name}.test`, why);
    assert.equal(recipient?.["Action"], "failed", why);
    assert.equal(recipient?.["Status"], status, why);
    assert.match(recipient?.["Diagnostic-Code"] ?? "", words, why);
    const rows = await waitForRows(bench.server, `<${name}@contoso.test>`, { event: "FAIL" });
    assert.ok(
      rows.some((row) => formatRow(row).startsWith("FAIL(DNS)")),
      why,
    );
  }
  // RFC 5321 §5.1: what is as good as we are or worse would send the mail back to us.
  assert.equal(worse.connectionCount, 0);
});

test("a name server in trouble makes mail wait, and it goes once there is an answer", async (t) => {
  const zone: Zone = { "flaky.test": { fault: "SERVFAIL" } };
  const bench = await openBench(t, zone);
  const hop = await bench.hop("127.0.0.2");
  await bench.send("flaky", "someone@flaky.test");
  const rows = await waitForRows(bench.server, "<flaky@contoso.test>", { event: "DEFER" });
  const deferred = rows.find((row) => row["event-id"] === "DEFER");
  assert.equal(deferred?.["source"], "QUEUE"); // all of the domain's mail waits, not this one alone
  assert.match(deferred?.["recipient-status"] ?? "", /^451 4\.4\.3 DNS query failed/);
  assert.ok(bench.questions() > 0);
  zone["flaky.test"] = { A: ["127.0.0.2"] };
  await waitForMessages(hop, 1);
  const story = await waitForRows(bench.server, "<flaky@contoso.test>", { event: "SEND" });
  assert.ok(!story.some((row) => row["event-id"] === "FAIL"));
});

test("a domain whose host hangs, or whose name server is silent, delays no other", async (t) => {
  const bench = await openBench(t, {
    "mute.test": { A: ["127.0.0.2"] },
    "silent.test": { fault: "silent" },
    "living.test": { A: ["127.0.0.3"] },
  });
  const mute = await bench.hop("127.0.0.2", ({ verb }) =>
    verb === "connect" ? { reply: "" } : undefined,
  );
  const living = await bench.hop("127.0.0.3");
  for (let index = 0; index < 5; index++) {
    await bench.send(`mute-${index}`, "someone@mute.test");
    await bench.send(`silent-${index}`, "someone@silent.test");
  }
  await eventually({ what: "a connection to the mute host" }, () => mute.connectionCount > 0);
  await bench.send("living", "someone@living.test");
  await waitForMessages(living, 1);
  // One message to both: the living domain's copy goes, the other one waits.
  await bench.send("both", "someone@mute.test", "other@living.test");
  await waitForMessages(living, 2);
  assert.equal(mute.messages.length, 0);
  const rows = await waitForRows(bench.server, "<living@contoso.test>", { event: "SEND" });
  assert.ok(!rows.some((row) => row["event-id"] === "DEFER"));
});
