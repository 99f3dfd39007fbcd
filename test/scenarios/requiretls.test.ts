import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { connect } from "node:tls";
import type { Zone } from "../../src/dns/zone.fake.ts";
import { createTestAuthority, sha256Record } from "../../src/tls/test-authority.fake.ts";
import { contoso } from "../harness/contoso.ts";
import { eventually } from "../harness/eventually.ts";
import { formatRow, readConnectivity, waitForRows, waitForStory } from "../harness/evidence.ts";
import { freePort } from "../harness/free-port.ts";
import { waitForMail } from "../harness/maildir.ts";
import { later } from "../harness/scope.ts";
import { startServer, type TestServer } from "../harness/server.ts";
import { SmtpClient } from "../harness/smtp-client.ts";
import { transact } from "../harness/transaction.ts";
import { startDnsServer } from "../peers/dns-server.ts";
import { startTlsPeer, type TlsPeer } from "../peers/tls-peer.ts";

/** Domains with one host each; TLS is what DANE says it has to be, where there is any. */
const HOSTS = {
  "good.test": { address: "127.0.8.1", offers: ["8BITMIME", "REQUIRETLS"] },
  "lacking.test": { address: "127.0.8.2", offers: ["8BITMIME"] },
  "back.test": { address: "127.0.8.3", offers: ["REQUIRETLS"] },
  "plain.test": { address: "127.0.8.4", offers: undefined },
  "late.test": { address: "127.0.8.5", offers: ["REQUIRETLS"] },
} as const;

type HostedDomain = keyof typeof HOSTS;

interface Bench {
  readonly server: TestServer;
  readonly startPeer: (domain: HostedDomain) => Promise<TlsPeer>;
  /** What stands in MAIL is said under TLS. */
  readonly send: (id: string, from: string, ...to: readonly string[]) => Promise<void>;
}

async function openBench(t: TestContext): Promise<Bench> {
  const authority = await createTestAuthority("Private");
  const { pem, key } = await authority.issue({ names: ["any.test"] });
  const { usage, selector, matchingType, data } = sha256Record(3, pem);
  const port = await freePort();
  const zone: Zone = {};
  const authenticated = true;
  for (const [domain, { address, offers }] of Object.entries(HOSTS)) {
    zone[domain] = { MX: [[10, `mx.${domain}`]], authenticated };
    zone[`mx.${domain}`] = { A: [address], authenticated };
    if (offers === undefined) continue;
    const record = [usage, selector, matchingType, Buffer.from(data).toString("hex")] as const;
    zone[`_${port}._tcp.mx.${domain}`] = { TLSA: [record], authenticated };
  }
  const dns = await startDnsServer(zone);
  later(t, () => dns.close());
  const tlsPort = await freePort();
  const base = contoso({ smtpPort: await freePort(), relayPort: tlsPort });
  const connectors = base["receiveConnectors"] as readonly object[];
  const server = await startServer(t, {
    configuration: {
      ...base,
      server: { fqdn: "mail.contoso.test", dnsServers: [`127.0.0.1:${dns.port}`] },
      transportService: { queueGlitchRetryInterval: "00:00:01" },
      receiveConnectors: connectors.map((one, index) =>
        index === 0 ? one : { ...one, implicitTlsEnabled: true },
      ),
      sendConnectors: [{ name: "Internet", addressSpaces: ["SMTP:*;1"], port }],
      distributionGroups: [
        {
          name: "staff",
          primarySmtpAddress: "staff@contoso.test",
          members: ["x@good.test"],
          managedBy: "bob@contoso.test",
          reportToManagerEnabled: true,
          reportToOriginatorEnabled: false,
        },
      ],
    },
  });
  return {
    server,
    startPeer(domain) {
      const { address: host, offers } = HOSTS[domain];
      const certificate = { chain: pem + authority.pem, key };
      const tls = offers === undefined ? {} : { certificate, offers };
      return startTlsPeer(t, { host, port, ...tls });
    },
    async send(id, from, ...to) {
      const socket = connect({ port: tlsPort, host: "127.0.0.1", rejectUnauthorized: false });
      const client = new SmtpClient(socket);
      await client.expect(220);
      await client.command("EHLO client.example", 250);
      const content = `Message-ID: <${id}@contoso.test>\r\nSubject: ${id}\r\n\r\nthe secret\r\n`;
      await transact(client, { from, to: to.map((address) => `<${address}>`), content });
      await client.quit();
    },
  };
}

const mailsOf = (peer: TlsPeer) => peer.lines.filter((line) => line.startsWith("MAIL"));

function delivered(peer: TlsPeer, count: number): Promise<TlsPeer["messages"]> {
  return eventually({ what: `${count} messages` }, () =>
    peer.messages.length >= count ? peer.messages : undefined,
  );
}

test("REQUIRETLS goes to hops that have it, and to mailboxes; the rest comes back", async (t) => {
  const { server, startPeer, send } = await openBench(t);
  const [good, lacking, back, plain] = await Promise.all([
    startPeer("good.test"),
    startPeer("lacking.test"),
    startPeer("back.test"),
    startPeer("plain.test"),
  ]);
  const to = ["x@good.test", "y@lacking.test", "z@plain.test", "alice@contoso.test"];
  await send("one", "<a@back.test> RET=FULL REQUIRETLS", ...to);
  await waitForMail(server.dataFolder, { address: "alice@contoso.test", count: 1 });
  const [message] = await delivered(good, 1);
  assert.equal(message?.tls, true);
  assert.match(message?.content ?? "", /the secret/);
  assert.deepEqual(mailsOf(good), ["MAIL FROM:<a@back.test> REQUIRETLS"]);
  const rows = await waitForStory(
    server,
    "<one@contoso.test>",
    (seen) => seen.filter((row) => row["event-id"] === "FAIL").length === 2,
  );
  const failures = rows.filter((row) => row["event-id"] === "FAIL").map(formatRow);
  assert.match(failures.find((line) => line.includes("y@lacking.test")) ?? "", /550 5\.7\.30/);
  assert.match(failures.find((line) => line.includes("z@plain.test")) ?? "", /550 5\.7\.10/);
  assert.deepEqual([...mailsOf(lacking), ...mailsOf(plain)], []);
  // The notice is as protected as the message, and quotes no more than its header (RFC 8689 §5).
  const notices = await delivered(back, 2);
  assert.deepEqual(new Set(mailsOf(back)), new Set(["MAIL FROM:<> REQUIRETLS"]));
  for (const { tls, content } of notices) {
    assert.ok(tls);
    assert.doesNotMatch(content, /the secret/);
    assert.match(content, /Subject: one/);
  }
  assert.match(notices.map(({ content }) => content).join(""), /5\.7\.30/);
  // It is not lost where nobody can protect it.
  await send("two", "<b@plain.test> REQUIRETLS", "y@lacking.test");
  const [notice] = await delivered(plain, 1);
  assert.match(notice?.content ?? "", /5\.7\.30/);
  assert.deepEqual(mailsOf(plain), ["MAIL FROM:<>"]);
  // A copy in another's name is the same message.
  await send("three", "<a@back.test> REQUIRETLS", "staff@contoso.test");
  await delivered(good, 2);
  assert.equal(mailsOf(good).at(-1), "MAIL FROM:<bob@contoso.test> REQUIRETLS");
});

test("REQUIRETLS outlives a crash", async (t) => {
  const { server, startPeer, send } = await openBench(t);
  await send("one", "<alice@contoso.test> REQUIRETLS", "x@late.test");
  await eventually({ what: "a failure" }, () =>
    readConnectivity(server.dataFolder).some((row) => row["Destination"] === "late.test"),
  );
  await server.kill9();
  const late = await startPeer("late.test");
  await server.start();
  await waitForRows(server, "<one@contoso.test>", { event: "SEND" });
  assert.deepEqual(mailsOf(late), ["MAIL FROM:<alice@contoso.test> REQUIRETLS"]);
  assert.equal(late.messages[0]?.tls, true);
});
