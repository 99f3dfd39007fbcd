import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { createServer, type TLSSocket } from "node:tls";
import type { Zone } from "../../src/dns/zone.fake.ts";
import {
  createTestAuthority,
  sha256Record,
  type TestAuthority,
} from "../../src/tls/test-authority.fake.ts";
import { contoso } from "../harness/contoso.ts";
import { eventually } from "../harness/eventually.ts";
import { saidOf, waitForRows } from "../harness/evidence.ts";
import { freePort } from "../harness/free-port.ts";
import { startPolicyServer } from "../harness/policy-server.ts";
import { later } from "../harness/scope.ts";
import type { TestServer } from "../harness/server.ts";
import { submit } from "../harness/transaction.ts";
import { startDnsServer } from "../peers/dns-server.ts";
import { startTlsPeer } from "../peers/tls-peer.ts";

/** What the web server of a domain's policy does in place of an answer. */
const ANSWERS: Readonly<Record<string, (socket: TLSSocket) => void>> = {
  upgrade: (socket) =>
    void socket.write(
      "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n",
    ),
  redirect: (socket) =>
    void socket.end(
      "HTTP/1.1 302 Found\r\nLocation: https://127.0.0.1/\r\nContent-Length: 0\r\n\r\n",
    ),
  flood: (socket) =>
    void socket.end(`HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n${"x".repeat(1_000_000)}`),
  header: (socket) => void socket.end(`HTTP/1.1 200 OK\r\nA: ${"x".repeat(100_000)}\r\n\r\n`),
  nonsense: (socket) => void socket.end("\0\0\0\r\n\r\n"),
  cut: (socket) => void socket.end("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nversion"),
};
const SILENT = "silent.test";
const NAMELESS = "nameless.test";
const GOOD = "good.test";

async function startPolicies(t: TestContext, authority: TestAuthority): Promise<number> {
  const domains = [...Object.keys(ANSWERS).map((name) => `${name}.test`), SILENT];
  const { pem, key } = await authority.issue({ names: domains.map((one) => `mta-sts.${one}`) });
  const sockets = new Set<TLSSocket>();
  const server = createServer({ key, cert: pem }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.once("data", (bytes) => {
      const name = /^host: mta-sts\.(\w+)\.test/im.exec(String(bytes))?.[1] ?? "";
      ANSWERS[name]?.(socket);
    });
  });
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  later(t, () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return port;
}

interface Bench {
  readonly server: TestServer;
  readonly send: (domain: string) => Promise<void>;
}

async function openBench(t: TestContext): Promise<Bench> {
  const [trusted, anchor] = [await createTestAuthority("Trusted"), await createTestAuthority("A")];
  const [host, port, relayPort] = ["127.0.8.1", await freePort(), await freePort()];
  // Expired, and its subject has no name: what is said of it must do without.
  const names = ["mx.test"];
  const nameless = await anchor.issue({ names, subject: "", toMs: Date.UTC(2021, 0) });
  const certificate = { chain: nameless.pem + anchor.pem, key: nameless.key };
  await startTlsPeer(t, { host, port, certificate });
  const signed = { authenticated: true };
  const { usage, selector, matchingType, data } = sha256Record(2, anchor.pem);
  const tlsa = [usage, selector, matchingType, Buffer.from(data).toString("hex")] as const;
  const zone: Zone = {
    "mx.test": { A: [host] },
    "mx.nameless.test": { A: [host], ...signed },
    [NAMELESS]: { MX: [[10, "mx.nameless.test"]], ...signed },
    [`_${port}._tcp.mx.nameless.test`]: { TLSA: [[...tlsa]], ...signed },
    [GOOD]: { MX: [[10, "mx.test"]] },
  };
  for (const domain of [...Object.keys(ANSWERS).map((name) => `${name}.test`), SILENT]) {
    zone[domain] = { MX: [[10, "mx.test"]] };
    zone[`_mta-sts.${domain}`] = { TXT: ["v=STSv1; id=1"] };
    zone[`mta-sts.${domain}`] = { A: ["127.0.0.1"] };
  }
  const dns = await startDnsServer(zone);
  later(t, () => dns.close());
  const server = await startPolicyServer(t, {
    trusted: trusted.pem,
    policyPort: await startPolicies(t, trusted),
    configuration: contoso({
      smtpPort: await freePort(),
      relayPort,
      internet: { dnsPort: dns.port, port },
    }),
  });
  return {
    server,
    async send(domain) {
      const content = `Message-ID: <${domain}@contoso.test>\r\nSubject: x\r\n\r\nx\r\n`;
      const to = [`<someone@${domain}>`];
      await submit(relayPort, { from: "<alice@contoso.test>", to, content });
    },
  };
}

test("domains that mean ill harm themselves alone, and do not hold up a stop", async (t) => {
  const { server, send } = await openBench(t);
  await send(SILENT);
  await send(NAMELESS);
  const others = [...Object.keys(ANSWERS).map((name) => `${name}.test`), GOOD];
  for (const domain of others) await send(domain);
  // A policy that cannot be had is none (RFC 8461 §5.1): mail goes as it would without.
  for (const domain of others) {
    await waitForRows(server, `<${domain}@contoso.test>`, { event: "SEND" });
  }
  await eventually({ what: "what is said of the nameless host" }, () =>
    saidOf(server, NAMELESS).includes("certificate-expired") ? true : undefined,
  );
  assert.doesNotMatch(server.output, /thread-died|courier-broke|message-broke-us/);
  // The silent one is still waited for.
  assert.deepEqual(await server.terminate(), { code: 0, signal: null });
  assert.doesNotMatch(server.output, /stopped-before-drained/);
  assert.equal(existsSync(join(server.dataFolder, "running")), false);
});
