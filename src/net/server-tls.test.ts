import assert from "node:assert/strict";
import { createHash, X509Certificate } from "node:crypto";
import { connect } from "node:net";
import { type TestContext, test } from "node:test";
import {
  type ConnectionOptions,
  connect as connectTls,
  createSecureContext,
  type TLSSocket,
} from "node:tls";
import type { SessionTls, TlsFacts } from "../smtp/session-handler.ts";
import { FAKE_CERTIFICATE, FAKE_KEY, fakeServerTls } from "./certificate.fake.ts";
import { readServerBinding } from "./channel-binding.ts";
import { FakeHandler, openHarness } from "./server-harness.fake.ts";

/** Both ends of one handshake, and what was counted. */
async function shakeHands(
  context: TestContext,
  options: { readonly tls?: SessionTls; readonly client?: ConnectionOptions } = {},
): Promise<{ client: TLSSocket; facts: TlsFacts; counted: readonly string[] }> {
  const handler = new FakeHandler();
  handler.tls = options.tls ?? fakeServerTls;
  const counted: string[] = [];
  const secured = new Promise<TlsFacts>((resolve) => {
    handler.onSecured = resolve;
  });
  const harness = await openHarness([handler, handler], {
    implicitTls: true,
    count: (metric) => void counted.push(metric),
  });
  const client = connectTls({
    socket: connect({ port: harness.listener.port, host: "127.0.0.1" }),
    ca: FAKE_CERTIFICATE,
    servername: "mail.contoso.test",
    ...options.client,
  });
  context.after(() => {
    client.destroy();
    return harness.close();
  });
  const connected = new Promise((resolve) => client.once("secureConnect", resolve));
  const facts = await secured;
  await connected;
  return { client, facts, counted };
}

const SHOWN = { cert: FAKE_CERTIFICATE, key: FAKE_KEY };
const TRUSTING: SessionTls = {
  secureContext: () => createSecureContext({ ...SHOWN, ca: FAKE_CERTIFICATE }),
  heedsServerName: true,
  requestsCertificate: true,
};
const DISTRUSTING: SessionTls = { ...TRUSTING, secureContext: fakeServerTls.secureContext };

test("nobody is asked for a certificate unless the connector wants it", async (context) => {
  const { facts, counted } = await shakeHands(context, { client: SHOWN });
  assert.equal(facts.peerCertificate, undefined);
  assert.deepEqual(counted, ["postrider_tls_handshakes_total:in_done"]);
});

test("the name that was asked for is known, whether it decides or not", async (context) => {
  for (const heedsServerName of [true, false]) {
    const { facts } = await shakeHands(context, { tls: { ...fakeServerTls, heedsServerName } });
    assert.equal(facts.serverName, "mail.contoso.test");
  }
});

test("who is asked and shows none goes on without", async (context) => {
  const { facts } = await shakeHands(context, { tls: TRUSTING });
  assert.equal(facts.peerCertificate, undefined);
});

test("a certificate of a trusted authority is verified", async (context) => {
  const { facts } = await shakeHands(context, { tls: TRUSTING, client: SHOWN });
  assert.deepEqual(facts.peerCertificate, {
    subject: "CN=mail.contoso.test",
    issuer: "CN=mail.contoso.test",
    dnsNames: ["mail.contoso.test"],
    emailAddresses: [],
    fingerprint: new X509Certificate(FAKE_CERTIFICATE).fingerprint256,
    verified: true,
    fault: undefined,
  });
});

test("another one is shown, and why it is not trusted; the session goes on", async (context) => {
  const { facts } = await shakeHands(context, { tls: DISTRUSTING, client: SHOWN });
  assert.equal(facts.peerCertificate?.verified, false);
  assert.equal(facts.peerCertificate.fault, "DEPTH_ZERO_SELF_SIGNED_CERT");
});

test("channel binding over TLS 1.3: both ends have the same exporter", async (context) => {
  const { client, facts } = await shakeHands(context);
  const binding = facts.channelBinding?.("tls-exporter");
  const empty = Buffer.alloc(0);
  assert.deepEqual(binding, client.exportKeyingMaterial(32, "EXPORTER-Channel-Binding", empty));
  assert.equal(facts.channelBinding?.("tls-unique"), undefined);
  const { raw } = new X509Certificate(FAKE_CERTIFICATE);
  assert.deepEqual(
    facts.channelBinding?.("tls-server-end-point"),
    createHash("sha256").update(raw).digest(),
  );
});

for (const version of ["TLSv1.3", "TLSv1.2"] as const) {
  test(`channel binding over ${version}: client and server see the same`, async (t) => {
    const { client, facts } = await shakeHands(t, { client: { maxVersion: version } });
    const certificate = client.getPeerX509Certificate();
    for (const type of ["tls-exporter", "tls-server-end-point"] as const) {
      const seen = readServerBinding(client, certificate, type);
      assert.deepEqual(seen, facts.channelBinding?.(type), type);
    }
    assert.equal(readServerBinding(client, certificate, "tls-unique"), undefined);
  });
}

test("channel binding over TLS 1.2: the first Finished, resumed or not", async (context) => {
  const { client, facts } = await shakeHands(context, { client: { maxVersion: "TLSv1.2" } });
  assert.equal(facts.channelBinding?.("tls-exporter"), undefined);
  // The client's own comes first in a full handshake.
  assert.deepEqual(facts.channelBinding?.("tls-unique"), client.getFinished());
  const session = client.getSession();
  assert.ok(session !== undefined);
  const again = await shakeHands(context, { client: { maxVersion: "TLSv1.2", session } });
  assert.ok(again.client.isSessionReused());
  assert.deepEqual(again.facts.channelBinding?.("tls-unique"), again.client.getPeerFinished());
});

test("no channel, no binding", async (context) => {
  const { client, facts } = await shakeHands(context);
  const closed = new Promise((resolve) => client.once("close", resolve));
  client.destroy();
  await closed;
  while (facts.channelBinding?.("tls-exporter") !== undefined) {
    await new Promise((resolve) => setImmediate(resolve));
  }
});

test("a failed handshake is counted", async (context) => {
  const counted: string[] = [];
  const handler = new FakeHandler();
  const harness = await openHarness([handler], {
    implicitTls: true,
    count: (metric) => void counted.push(metric),
  });
  context.after(() => harness.close());
  harness.connect().send("EHLO c\r\n");
  assert.match(await handler.closedReason, /^TLS handshake failed/);
  assert.deepEqual(counted, ["postrider_tls_handshakes_total:in_failed"]);
});

test("a certificate that cannot be had ends the session and no other", async (context) => {
  const broken = new FakeHandler({ startTls: true });
  broken.tls = {
    secureContext() {
      throw new Error("no such file");
    },
    heedsServerName: true,
    requestsCertificate: false,
  };
  const harness = await openHarness([broken]);
  context.after(() => harness.close());
  const [client, other] = [harness.connect(), harness.connect()];
  await client.talk("EHLO c\r\nSTARTTLS\r\n", 3);
  assert.equal(await broken.closedReason, "internal error");
  assert.deepEqual(await other.talk("HELO c\r\n", 2), ["220", "250"]);
});
