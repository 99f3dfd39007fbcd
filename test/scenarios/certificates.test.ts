import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { createTestAuthority } from "../../src/tls/test-authority.fake.ts";
import { contoso } from "../harness/contoso.ts";
import { eventually } from "../harness/eventually.ts";
import { freePort } from "../harness/free-port.ts";
import { run } from "../harness/peers.ts";
import { startServer, type TestServer, temporaryFolder } from "../harness/server.ts";
import { shownCertificate, type TlsProbe } from "../harness/tls-client.ts";

const ROOT = join(import.meta.dirname, "../..");
const FQDN = "mail.contoso.test";
const authority = await createTestAuthority("Contoso CA");
const DAY_MS = 24 * 3600 * 1000;

const folderOf = (server: TestServer) => join(server.dataFolder, "certificates");

async function subjectAt(port: number, probe: TlsProbe = {}): Promise<string | undefined> {
  return (await shownCertificate(port, probe))?.certificate.subject;
}

function waitForSubject(port: number, subject: string, probe: TlsProbe = {}): Promise<true> {
  return eventually({ what: `${subject} on ${port}`, withinMs: 30_000 }, async () =>
    (await subjectAt(port, probe)) === subject ? true : undefined,
  );
}

function logged(server: TestServer, event: string): readonly Record<string, unknown>[] {
  return server.output
    .split("\n")
    .filter((line) => line.includes(`"${event}"`))
    .map((line) => JSON.parse(line));
}

test("files are taken up without a restart; what is broken keeps the old one", async (t) => {
  const [smtpPort, adminPort] = [await freePort(), await freePort()];
  const server = await startServer(t, { configuration: contoso({ smtpPort, adminPort }) });
  const folder = folderOf(server);
  const [notice] = logged(server, "self-signed-certificate-made");
  assert.match(JSON.stringify(notice?.["names"]), /^\["mail\.contoso\.test"/);
  const first = await shownCertificate(smtpPort, {});
  assert.equal(notice?.["fingerprint"], first?.certificate.fingerprint256);

  const good = await authority.issue({ names: [FQDN], subject: "CN=good" });
  await writeFile(join(folder, "good.crt"), good.pem);
  await writeFile(join(folder, "good.key"), good.key);
  await waitForSubject(smtpPort, "CN=good");
  assert.equal(await subjectAt(adminPort, { implicit: true }), "CN=good");

  const other = await authority.issue({ names: ["www.fabrikam.test"], subject: "CN=other" });
  await writeFile(join(folder, "other.pem"), other.pem + other.key);
  // Half of a pair: the new certificate with the old one's key.
  const next = await authority.issue({ names: [FQDN], subject: "CN=next" });
  await writeFile(join(folder, "good.crt"), next.pem);
  await waitForSubject(smtpPort, "CN=other", { servername: "www.fabrikam.test" });
  assert.equal(await subjectAt(smtpPort), "CN=good");
  const [unusable] = logged(server, "certificate-unusable");
  assert.match(String(unusable?.["reason"]), /belongs to another certificate/);
  await writeFile(join(folder, "good.key"), next.key);
  await waitForSubject(smtpPort, "CN=next");

  await rm(join(folder, "good.crt"));
  await rm(join(folder, "other.pem"));
  await waitForSubject(smtpPort, `CN=${FQDN}`);
  assert.doesNotMatch(server.output, /PRIVATE KEY/);
});

test("a connector shows what it pins, or offers no TLS and says why", async (t) => {
  const [smtpPort, relayPort] = [await freePort(), await freePort()];
  const pinned = await authority.issue({ names: ["x.test"], subject: "O=Contoso, CN=pinned" });
  const tlsCertificateName = "<I>CN = Contoso CA<S>cn=pinned,o=contoso";
  const base = contoso({ smtpPort, relayPort });
  const [frontend = {}, relay = {}] = base["receiveConnectors"] as Record<string, unknown>[];
  const receiveConnectors = [frontend, { ...relay, tlsCertificateName }];
  const server = await startServer(t, { configuration: { ...base, receiveConnectors } });
  const [missing] = logged(server, "certificate-missing");
  assert.match(String(missing?.["problem"]), /"Application Relay" offers no TLS.*cn=pinned/);
  assert.match(String(missing?.["cure"]), /certificates of the data directory/);
  assert.equal(await shownCertificate(relayPort, {}), undefined);
  await writeFile(join(folderOf(server), "p.pem"), pinned.pem + pinned.key);
  await waitForSubject(relayPort, "O=Contoso\nCN=pinned");
  assert.equal(await subjectAt(relayPort, { servername: FQDN }), "O=Contoso\nCN=pinned");
  assert.equal(await subjectAt(smtpPort), `CN=${FQDN}`);
  assert.equal(logged(server, "certificate-missing").length, 1);
});

test("what expires soon is told in log, metrics and health, and mail goes on", async (t) => {
  const [smtpPort, adminPort] = [await freePort(), await freePort()];
  const dataFolder = join(await temporaryFolder(t), "data");
  await mkdir(join(dataFolder, "certificates"), { recursive: true });
  const toMs = Date.now() + 10.5 * DAY_MS;
  const ending = await authority.issue({ names: [FQDN], toMs });
  await writeFile(join(dataFolder, "certificates/ending.pem"), ending.pem + ending.key);
  const configuration = contoso({ smtpPort, adminPort });
  const server = await startServer(t, { configuration, dataFolder });
  const [warning] = logged(server, "certificate-expires-soon");
  assert.equal(warning?.["daysLeft"], 10);
  const ask = async (path: string) =>
    (await run("curl", ["-sk", `https://127.0.0.1:${adminPort}${path}`])).stdout;
  const metrics = await ask("/metrics");
  assert.match(metrics, /^postrider_certificates_near_expiry 1$/m);
  const seconds = /^postrider_certificate_expiry_seconds ([\d.]+)$/m.exec(metrics)?.[1];
  assert.ok(Math.abs(Number(seconds) - 10.5 * 86_400) < 300, seconds);
  assert.match(await ask("/healthz"), /"status":"ok".*ending\.pem expires in 10 days/);
  assert.doesNotMatch(await ask("/readyz"), /ending/);
});

/** The command as an administrator runs it. */
function importCertificate(dataFolder: string, ...words: readonly string[]) {
  const program = join(ROOT, "bin/postrider");
  return run(program, ["import-certificate", ...words, "--data-dir", dataFolder]);
}

test("import-certificate takes PEM and PFX, and a server shows them", async (t) => {
  const smtpPort = await freePort();
  const server = await startServer(t, { configuration: contoso({ smtpPort }) });
  const folder = await temporaryFolder(t);
  const path = (name: string) => join(folder, name);
  const rsa = await authority.issue({ names: [FQDN], keyType: "rsa", subject: "CN=from PFX" });
  await writeFile(path("c.pem"), rsa.pem + authority.pem);
  await writeFile(path("k.pem"), rsa.key);
  await writeFile(path("word"), "open sesame\n");
  const word = ["-passout", `file:${path("word")}`];
  const pfx = ["pkcs12", "-export", "-inkey", path("k.pem"), "-in", path("c.pem"), ...word];
  const oldCiphers = ["-legacy", "-keypbe", "PBE-SHA1-3DES", "-certpbe"];
  for (const [name, options] of [
    ["new.pfx", []],
    ["triple-des.p12", [...oldCiphers, "PBE-SHA1-3DES"]],
    ["rc2.pfx", [...oldCiphers, "PBE-SHA1-RC2-40"]],
  ] as const) {
    assert.equal((await run("openssl", [...pfx, "-out", path(name), ...options])).code, 0, name);
  }
  const imports = (...words: readonly string[]) => importCertificate(server.dataFolder, ...words);
  const secret = ["--passphrase-file", path("word")];

  const locked = await imports(path("new.pfx"));
  assert.equal(locked.code, 1);
  assert.match(locked.stderr, /protected by a passphrase[\s\S]*--passphrase-file/);
  const old = await imports(path("rc2.pfx"), ...secret);
  assert.equal(old.code, 1);
  assert.match(old.stderr, /RC2[\s\S]*openssl pkcs12 -legacy/);
  assert.equal((await imports(path("triple-des.p12"), "--name", "old", ...secret)).code, 0);
  const taken = await imports(path("new.pfx"), "--name", "mail", ...secret);
  assert.equal(taken.code, 0, taken.stderr);
  assert.match(taken.stdout, /names\s+mail\.contoso\.test/);
  assert.doesNotMatch(taken.stdout + taken.stderr, /sesame/);
  assert.equal(statSync(join(folderOf(server), "mail.pfx")).mode & 0o777, 0o600);
  assert.equal(statSync(join(folderOf(server), "mail.pass")).mode & 0o777, 0o600);
  await waitForSubject(smtpPort, "CN=from PFX", { ca: authority.pem, servername: FQDN });

  const lacking = await imports(path("c.pem"), "--name", "mail");
  assert.equal(lacking.code, 1);
  assert.match(lacking.stderr, /no PEM private key[\s\S]*--key/);
  const encrypted = [
    "pkcs8",
    "-topk8",
    "-in",
    path("k.pem"),
    "-out",
    path("e.pem"),
    ...word.slice(0, 2),
  ];
  assert.equal((await run("openssl", encrypted)).code, 0);
  const done = await imports(path("c.pem"), "--name", "mail", "--key", path("e.pem"), ...secret);
  assert.equal(done.code, 0, done.stderr);
  assert.equal(done.stderr, "");
  assert.ok(!existsSync(join(folderOf(server), "mail.pfx")));
  assert.match(readFileSync(join(folderOf(server), "mail.pem"), "utf8"), /BEGIN PRIVATE KEY/);
  for (const [what, words, code] of [
    ["a name that leads elsewhere", [path("c.pem"), "--name", "../x"], 1],
    ["the server's own", [path("c.pem"), "--key", path("k.pem"), "--name", "acme"], 1],
    ["no such file", [path("none.pem")], 1],
    ["no file", [], 2],
  ] as const) {
    assert.equal((await imports(...words)).code, code, what);
  }
});
