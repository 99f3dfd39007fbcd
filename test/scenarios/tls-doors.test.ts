import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { contoso } from "../harness/contoso.ts";
import { freePort } from "../harness/free-port.ts";
import { run } from "../harness/peers.ts";
import { startServer } from "../harness/server.ts";

const CONNECTOR = {
  remoteIPRanges: ["127.0.0.0/8"],
  permissionGroups: ["AnonymousUsers"],
  maxInboundConnection: "unlimited",
  maxInboundConnectionPerSource: "unlimited",
  maxInboundConnectionPercentagePerSource: 100,
};
const STRONG = /^(?:TLS_(?:AES|CHACHA20)_\S+|ECDHE-\S+-(?:GCM-SHA\d+|CHACHA20-POLY1305))$/;

/** A server with a door of each kind, two threads. */
async function startDoors(t: TestContext) {
  const ports = {
    smtp: await freePort(),
    submission: await freePort(),
    smtps: await freePort(),
    modern: await freePort(),
    legacy: await freePort(),
    admin: await freePort(),
  };
  const base = contoso({ smtpPort: ports.smtp, adminPort: ports.admin });
  const door = (name: string, port: number, more: object = {}) => ({
    ...CONNECTOR,
    name,
    bindings: [`127.0.0.1:${port}`],
    ...more,
  });
  const server = base["server"] as object;
  const receiveConnectors = [
    ...(base["receiveConnectors"] as readonly object[]),
    door("Client", ports.submission),
    door("Client TLS", ports.smtps, { implicitTlsEnabled: true }),
    door("Modern", ports.modern, { tlsProfile: "modern" }),
    door("Old devices", ports.legacy, { tlsProfile: "legacy" }),
  ];
  const configuration = { ...base, server: { ...server, transportThreads: 2 }, receiveConnectors };
  await startServer(t, { configuration });
  return ports;
}

interface Scan {
  readonly versions: readonly string[];
  readonly ciphers: readonly string[];
  readonly text: string;
}

/** What sslscan finds. */
async function scan(port: number, ...options: readonly string[]): Promise<Scan> {
  const words = ["--no-colour", "--show-certificate", ...options, `127.0.0.1:${port}`];
  const { stdout: text } = await run("sslscan", words);
  const versions = [...text.matchAll(/^(\S+)\s+enabled$/gm)].map(([, version = ""]) => version);
  const lines = [...text.matchAll(/^(?:Preferred|Accepted)\s+\S+\s+\d+ bits\s+(\S+)/gm)];
  return { versions, ciphers: lines.map(([, cipher = ""]) => cipher), text };
}

/** The version that openssl's client gets to; `undefined` when it is refused. */
async function versionAt(port: number, ...options: readonly string[]): Promise<string | undefined> {
  const words = ["s_client", "-connect", `127.0.0.1:${port}`, ...options];
  const { stdout } = await run("openssl", words, "QUIT\r\n");
  return /^New, (TLS\S+), Cipher is (?!\(NONE\))/m.test(stdout)
    ? /^ *Protocol *: (\S+)|^New, (TLSv1\.3)/m.exec(stdout)?.slice(1).find(Boolean)
    : undefined;
}

const SMTP = ["-starttls", "smtp"];
const WEAKEST = ["-cipher", "DEFAULT@SECLEVEL=0"];

test("every default door has TLS 1.2 and up, and no weak cipher", async (t) => {
  const ports = await startDoors(t);
  for (const [door, port, options] of [
    ["25", ports.smtp, ["--starttls-smtp"]],
    ["587", ports.submission, ["--starttls-smtp"]],
    ["465", ports.smtps, []],
    ["management", ports.admin, []],
  ] as const) {
    const found = await scan(port, ...options);
    assert.deepEqual(found.versions, ["TLSv1.2", "TLSv1.3"], `${door}: ${found.text}`);
    assert.ok(found.ciphers.length >= 5, found.text);
    for (const cipher of found.ciphers) assert.match(cipher, STRONG, door);
    assert.match(found.text, /not vulnerable to heartbleed/);
    assert.match(found.text, /Session renegotiation not supported|Secure session renegotiation/);
    assert.doesNotMatch(found.text, /Compression enabled/);
  }
  for (const version of ["-tls1", "-tls1_1"]) {
    assert.equal(await versionAt(ports.smtp, ...SMTP, version, ...WEAKEST), undefined);
  }
  const modern = await scan(ports.modern, "--starttls-smtp");
  assert.deepEqual(modern.versions, ["TLSv1.3"], modern.text);
});

test("the door for old devices takes TLS 1.0 and CBC, and prefers what is good", async (t) => {
  const ports = await startDoors(t);
  assert.equal(await versionAt(ports.legacy, ...SMTP, "-tls1", ...WEAKEST), "TLSv1");
  assert.equal(await versionAt(ports.legacy, ...SMTP, "-tls1_1", ...WEAKEST), "TLSv1.1");
  assert.equal(await versionAt(ports.legacy, ...SMTP), "TLSv1.3");
  const { ciphers, text } = await scan(ports.legacy, "--starttls-smtp");
  assert.ok(ciphers.includes("ECDHE-ECDSA-AES128-SHA"), text);
  assert.doesNotMatch(ciphers.join(" "), /RC4|DES|NULL|EXP|MD5|anon|ADH|AECDH/i);
});

test("a session is resumed on whichever thread the next connection lands", async (t) => {
  const ports = await startDoors(t);
  // One full handshake and five that resume it, on connections of their own.
  const words = ["s_client", "-connect", `127.0.0.1:${ports.smtps}`, "-tls1_2", "-reconnect"];
  const { stdout } = await run("openssl", words, "QUIT\r\n");
  assert.equal(stdout.match(/^Reused, TLSv1\.2/gm)?.length, 5, stdout);
});
