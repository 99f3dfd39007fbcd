import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import type { AddressInfo } from "node:net";
import { createServer as createClearServer } from "node:net";
import { type TestContext, test } from "node:test";
import {
  type ConnectionOptions,
  connect,
  createServer,
  type TLSSocket,
  TLSSocket as Tls,
} from "node:tls";
import { systemClock } from "../base/clock.ts";
import type { SessionTls } from "../smtp/session-handler.ts";
import { type CertificateMaterial, parsePemMaterial } from "./certificate-material.ts";
import {
  type CertificateStore,
  type ConnectorTls,
  formatCertificateName,
  openCertificateStore,
} from "./certificate-store.ts";
import { createTestAuthority, type TestAuthority } from "./test-authority.fake.ts";

const root = await createTestAuthority("Root");
const FQDN = "mail.contoso.test";
const CONNECTOR: ConnectorTls = {
  name: "Default",
  fqdn: FQDN,
  tlsCertificateName: undefined,
  tlsProfile: "intermediate",
  tlsMinimumVersion: undefined,
};
const HOW = { serverFqdn: FQDN, requestsCertificate: false };

function materialOf(issued: TestAuthority, file: string): CertificateMaterial {
  const read = parsePemMaterial({
    file,
    certificate: issued.pem,
    key: issued.key,
    passphrase: undefined,
  });
  assert.ok(read.ok);
  return read.value;
}

const ec = materialOf(await root.issue({ names: [FQDN], subject: "CN=ec,O=Contoso" }), "ec.crt");
const rsa = materialOf(await root.issue({ names: [FQDN], keyType: "rsa" }), "rsa.crt");
const other = materialOf(await root.issue({ names: ["other.test"] }), "other.crt");
const expired = materialOf(await root.issue({ names: ["old.test"], toMs: 1e12 }), "old.crt");
const ticketKeys = new Uint8Array(randomBytes(48));

function storeOf(...materials: readonly CertificateMaterial[]): CertificateStore {
  return openCertificateStore({ materials, authorities: [root.pem], ticketKeys }, systemClock);
}

function sessionOf(store: CertificateStore, change: Partial<ConnectorTls> = {}): SessionTls {
  const tls = store.sessionTls({ ...CONNECTOR, ...change }, HOW);
  assert.ok(tls);
  return tls;
}

/** Serves TLS as the driver of a session does. Tells what the server made of the client. */
async function serve(t: TestContext, tls: () => SessionTls) {
  const seen: { readonly authorized: boolean; readonly reused: boolean }[] = [];
  const server = createClearServer((clear) => {
    const { requestsCertificate, secureContext } = tls();
    const usual = secureContext(undefined);
    const socket = new Tls(clear, {
      isServer: true,
      secureContext: usual,
      requestCert: requestsCertificate,
      rejectUnauthorized: false,
      SNICallback: (name, done) => {
        const context = secureContext(name);
        if (context === usual) done(null);
        else done(null, context);
      },
    });
    socket.on("error", () => {});
    socket.on("secure", () => {
      const { ssl } = socket as unknown as { ssl: { verifyError(): unknown } };
      seen.push({ authorized: ssl.verifyError() === null, reused: socket.isSessionReused() });
      socket.end("x");
    });
  });
  server.listen(0, "127.0.0.1");
  t.after(() => void server.close());
  await new Promise((resolve) => server.once("listening", resolve));
  return { port: (server.address() as AddressInfo).port, seen };
}

interface Outcome {
  readonly version: string | null;
  readonly subject: string;
  readonly session: Buffer | undefined;
}

/** A handshake to its end; `undefined` when it fails. */
function handshake(port: number, options: ConnectionOptions): Promise<Outcome | undefined> {
  return new Promise((resolve) => {
    let session: Buffer | undefined;
    let outcome: Omit<Outcome, "session"> | undefined;
    const socket: TLSSocket = connect(
      { port, host: "127.0.0.1", servername: FQDN, rejectUnauthorized: false, ...options },
      () => {
        const subject = socket.getPeerX509Certificate()?.subject ?? "";
        outcome = { version: socket.getProtocol(), subject };
      },
    );
    socket.on("session", (bytes) => {
      session = bytes;
    });
    socket.on("error", () => {});
    socket.resume().on("close", () => resolve(outcome && { ...outcome, session }));
  });
}

for (const [profile, version, works] of [
  ["intermediate", "TLSv1.3", true],
  ["intermediate", "TLSv1.2", true],
  ["intermediate", "TLSv1.1", false],
  ["modern", "TLSv1.3", true],
  ["modern", "TLSv1.2", false],
  ["legacy", "TLSv1", true],
  ["legacy", "TLSv1.3", true],
] as const) {
  test(`${profile}: ${version} ${works ? "gets through" : "is refused"}`, async (t) => {
    const tls = sessionOf(storeOf(ec), { tlsProfile: profile });
    const { port } = await serve(t, () => tls);
    const done = await handshake(port, {
      minVersion: version,
      maxVersion: version,
      ciphers: "DEFAULT@SECLEVEL=0",
    });
    assert.equal(done?.version, works ? version : undefined);
  });
}

test("the client's name decides, then the connector's; each gets a key it knows", async (t) => {
  const tls = sessionOf(storeOf(rsa, ec, other));
  const { port } = await serve(t, () => tls);
  const subject = async (options: ConnectionOptions) => (await handshake(port, options))?.subject;
  assert.equal(await subject({ servername: "other.test" }), "CN=other.test");
  assert.equal(await subject({ servername: "unknown.test" }), "CN=ec\nO=Contoso");
  const rsaOnly = { maxVersion: "TLSv1.2", ciphers: "ECDHE-RSA-AES128-GCM-SHA256" } as const;
  assert.equal(await subject(rsaOnly), `CN=${FQDN}`);
});

test("the client is asked for a name only where it decides", () => {
  assert.equal(sessionOf(storeOf(ec, other)).heedsServerName, true);
  assert.equal(sessionOf(storeOf(ec)).heedsServerName, false);
  const pinned = { issuer: undefined, subject: "O = contoso, CN = ec" };
  const tls = sessionOf(storeOf(ec, other), { tlsCertificateName: pinned });
  assert.equal(tls.heedsServerName, false);
  assert.equal(tls.secureContext("other.test"), tls.secureContext(undefined));
});

test("clients may ask for any number of names", () => {
  const tls = sessionOf(storeOf(ec, other));
  const others = tls.secureContext("other.test");
  for (let index = 0; index < 1000; index += 1) {
    assert.equal(tls.secureContext(`n${index}.test`), tls.secureContext(undefined));
  }
  assert.equal(tls.secureContext("other.test"), others);
  assert.notEqual(others, tls.secureContext(undefined));
});

test("a pinned certificate is shown whatever is asked for, or there is no TLS", async (t) => {
  const store = storeOf(rsa, ec, other);
  const pinned = { issuer: "CN=Root", subject: "O = contoso, CN = ec" };
  const tls = sessionOf(store, { tlsCertificateName: pinned });
  const { port } = await serve(t, () => tls);
  const done = await handshake(port, { servername: "other.test" });
  assert.equal(done?.subject, "CN=ec\nO=Contoso");
  const missing = { issuer: undefined, subject: "CN=nobody" };
  assert.equal(store.sessionTls({ ...CONNECTOR, tlsCertificateName: missing }, HOW), undefined);
  assert.equal(formatCertificateName(pinned), "<I>CN=Root<S>O = contoso, CN = ec");
});

test("no name that fits, or none that is valid: no TLS", () => {
  assert.equal(storeOf(other).sessionTls(CONNECTOR, HOW), undefined);
  assert.equal(storeOf().sessionTls(CONNECTOR, HOW), undefined);
  const old = { ...CONNECTOR, fqdn: "old.test" };
  assert.equal(storeOf(expired).sessionTls(old, { ...HOW, serverFqdn: "old.test" }), undefined);
  // The server's own name stands in for a connector's.
  assert.ok(storeOf(expired, ec).sessionTls(old, HOW));
});

test("any thread resumes what another began, another connector does not", async (t) => {
  let tls = sessionOf(storeOf(ec));
  const { port, seen } = await serve(t, () => tls);
  const first = await handshake(port, {});
  const resume = async (next: SessionTls) => {
    tls = next;
    await handshake(port, first?.session === undefined ? {} : { session: first.session });
    return seen.at(-1)?.reused;
  };
  assert.equal(await resume(sessionOf(storeOf(ec))), true);
  assert.equal(await resume(sessionOf(storeOf(ec), { name: "Client" })), false);
  const keys = new Uint8Array(randomBytes(48));
  const set = { materials: [ec], authorities: [], ticketKeys: keys };
  assert.equal(await resume(sessionOf(openCertificateStore(set, systemClock))), false);
});

test("a client's certificate is verified against our authorities", async (t) => {
  const stranger = await (await createTestAuthority("Stranger")).issue({
    names: ["c.test"],
    purpose: "client",
  });
  const friend = await root.issue({ names: ["c.test"], purpose: "client" });
  const tls = storeOf(ec).sessionTls(CONNECTOR, { ...HOW, requestsCertificate: true });
  assert.ok(tls);
  const { port, seen } = await serve(t, () => tls);
  await handshake(port, { cert: friend.pem, key: friend.key });
  await handshake(port, { cert: stranger.pem, key: stranger.key });
  assert.deepEqual(
    seen.map(({ authorized }) => authorized),
    [true, false],
  );
});

test("clientContext shows the certificate that is named, or says what is missing", async (t) => {
  const friend = materialOf(await root.issue({ names: ["c.test"], purpose: "client" }), "c.crt");
  const store = storeOf(friend);
  const profile = "intermediate";
  const name = { issuer: undefined, subject: "CN=c.test" };
  const context = store.clientContext({
    certificateName: name,
    fqdn: undefined,
    profile,
  });
  assert.ok(context.ok);
  const again = store.clientContext({ certificateName: name, fqdn: "other.test", profile });
  assert.equal(again.ok && again.value, context.value);
  const server = createServer({ cert: issuedPem, key: issuedKey, requestCert: true, ca: root.pem });
  server.on("tlsClientError", () => {});
  const shown = new Promise((resolve) => {
    server.on("secureConnection", (socket) => {
      resolve(socket.authorized && socket.getPeerX509Certificate()?.subject);
      socket.end();
    });
  });
  server.listen(0, "127.0.0.1");
  t.after(() => void server.close());
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => {
    const socket = connect({
      port,
      host: "127.0.0.1",
      servername: FQDN,
      secureContext: context.value,
    });
    socket.resume().on("close", resolve);
  });
  assert.equal(await shown, "CN=c.test");
  const missing = store.clientContext({
    certificateName: { issuer: "CN=X", subject: undefined },
    fqdn: undefined,
    profile,
  });
  assert.deepEqual(missing, { ok: false, fault: "no valid certificate is <I>CN=X" });
  const byName = store.clientContext({ certificateName: undefined, fqdn: "c.test", profile });
  assert.equal(byName.ok && byName.value, context.value);
  const nobodys = store.clientContext({ certificateName: undefined, fqdn: "x.test", profile });
  assert.deepEqual(nobodys, { ok: false, fault: "no valid certificate is for x.test" });
});

const issued = await root.issue({ names: [FQDN] });
const { pem: issuedPem, key: issuedKey } = issued;

test("authorities are the system's and ours, each once", () => {
  const store = storeOf(ec);
  const all = store.authorities();
  assert.ok(all.length > 100);
  assert.equal(new Set(all).size, all.length);
  assert.ok(all.includes(root.pem.trim()));
  assert.deepEqual(storeOf(ec).serverSecret(FQDN), ec.secret);
  assert.equal(store.serverSecret("nobody.test"), undefined);
});
