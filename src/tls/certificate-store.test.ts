import assert from "node:assert/strict";
import { generateKeyPairSync, X509Certificate } from "node:crypto";
import { copyFile, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { connect, createServer } from "node:tls";
import { fakeClock } from "../base/clock.fake.ts";
import { systemClock } from "../base/clock.ts";
import { type DiagnosticFields, silentDiagnostics } from "../base/diagnostics.ts";
import { DAY } from "../base/units.ts";
import { ensureSelfSigned, openCertificateStore } from "./certificate-store.ts";
import { makeSelfSigned } from "./self-signed.ts";

const NAMES = ["mail.contoso.test", "mail"] as const;

async function folder(t: TestContext) {
  const data = await mkdtemp(join(tmpdir(), "postrider-tls-"));
  t.after(() => rm(data, { recursive: true, force: true }));
  const clock = fakeClock();
  const said: (readonly [string, DiagnosticFields | undefined])[] = [];
  const diagnostics = {
    ...silentDiagnostics,
    warn: (event: string, fields?: DiagnosticFields) => void said.push([event, fields]),
    error: (event: string, fields?: DiagnosticFields) => void said.push([event, fields]),
  };
  const directory = join(data, "certificates");
  return { directory, clock, said, options: { directory, clock, diagnostics } };
}

test("the first start makes a pair, the second keeps it", async (t) => {
  const { directory, options } = await folder(t);
  await ensureSelfSigned({ ...options, names: NAMES });
  const first = await readFile(join(directory, "self-signed.crt"), "utf8");
  assert.equal((await stat(join(directory, "self-signed.key"))).mode & 0o777, 0o600);
  assert.equal((await stat(directory)).mode & 0o777, 0o700);
  await ensureSelfSigned({ ...options, names: NAMES });
  assert.equal(await readFile(join(directory, "self-signed.crt"), "utf8"), first);
  assert.deepEqual((await readdir(directory)).sort(), ["self-signed.crt", "self-signed.key"]);
});

for (const [why, spoil] of [
  ["its key is gone", (directory: string) => rm(join(directory, "self-signed.key"))],
  [
    "its key is another's",
    (directory: string) => writeFile(join(directory, "self-signed.key"), P256),
  ],
  [
    "it is cut short",
    (directory: string) => writeFile(join(directory, "self-signed.crt"), "-----BEGIN"),
  ],
] as const) {
  test(`a new pair is made when ${why}`, async (t) => {
    const { directory, options, said } = await folder(t);
    await ensureSelfSigned({ ...options, names: NAMES });
    await spoil(directory);
    await ensureSelfSigned({ ...options, names: NAMES });
    const store = await openCertificateStore(options);
    assert.equal(store.certificates.length, 1);
    assert.deepEqual(said, []);
  });
}

test("a new pair is made for another name, and before the old one expires", async (t) => {
  const { clock, options } = await folder(t);
  const fingerprint = async () =>
    (await openCertificateStore(options)).certificates[0]?.fingerprint;
  await ensureSelfSigned({ ...options, names: NAMES });
  const first = await fingerprint();
  await ensureSelfSigned({ ...options, names: ["other.contoso.test"] });
  const second = await fingerprint();
  assert.notEqual(first, second);
  clock.advance((5 * 365 - 31) * DAY);
  await ensureSelfSigned({ ...options, names: ["other.contoso.test"] });
  assert.equal(await fingerprint(), second);
  clock.advance(2 * DAY);
  await ensureSelfSigned({ ...options, names: ["other.contoso.test"] });
  assert.notEqual(await fingerprint(), second);
});

test("the certificate has the names, a positive serial and the usages of a server", async () => {
  const { certificatePem } = await makeSelfSigned(
    ["mail.contoso.test", "mail", "mail"],
    1_700_000_000_000,
  );
  const x509 = new X509Certificate(certificatePem);
  assert.equal(x509.subjectAltName, "DNS:mail.contoso.test, DNS:mail");
  assert.equal(x509.subject, "CN=mail.contoso.test");
  assert.equal(x509.ca, false);
  assert.match(x509.serialNumber, /^[4-7][0-9A-F]{31}$/);
  assert.equal(x509.checkHost("mail.contoso.test"), "mail.contoso.test");
  assert.equal(x509.verify(x509.publicKey), true);
  assert.ok(x509.keyUsage?.includes("1.3.6.1.5.5.7.3.1"));
  const long = await makeSelfSigned([`${"a".repeat(63)}.contoso.test`], 1_700_000_000_000);
  const host = `${"a".repeat(63)}.contoso.test`;
  assert.equal(new X509Certificate(long.certificatePem).checkHost(host), host);
});

const P256 = generateKeyPairSync("ec", { namedCurve: "P-256" })
  .privateKey.export({ type: "pkcs8", format: "pem" })
  .toString();
const ENCRYPTED = generateKeyPairSync("ec", { namedCurve: "P-256" })
  .privateKey.export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "x" })
  .toString();

for (const [what, key, cure] of [
  ["without its key", undefined, /put the private key beside it, as broken\.key/],
  ["with another's key", P256, /broken\.key belongs to another certificate/],
  ["with an encrypted key", ENCRYPTED, /without a passphrase/],
  ["with nonsense for a key", "nonsense", /store the certificate and its chain/],
] as const) {
  test(`a certificate ${what} is reported with its cure, the others serve`, async (t) => {
    const { directory, options, said } = await folder(t);
    await ensureSelfSigned({ ...options, names: NAMES });
    await copyFile(join(directory, "self-signed.crt"), join(directory, "broken.crt"));
    if (key !== undefined) await writeFile(join(directory, "broken.key"), key);
    const store = await openCertificateStore(options);
    assert.equal(store.select("MAIL.contoso.test")?.fileName, "self-signed");
    assert.equal(said.length, 1);
    const [event, fields] = said[0] ?? [];
    assert.equal(event, "certificate-unusable");
    assert.equal(fields?.["file"], join(directory, "broken.crt"));
    assert.match(String(fields?.["cure"]), cure);
    assert.doesNotMatch(JSON.stringify(fields), /PRIVATE KEY/);
  });
}

test("files that are no certificates are left alone, and nonsense is reported", async (t) => {
  const { directory, options, said } = await folder(t);
  await ensureSelfSigned({ ...options, names: NAMES });
  await writeFile(join(directory, "README"), "x");
  await writeFile(join(directory, "nonsense.crt"), "x");
  await writeFile(join(directory, "nonsense.key"), "x");
  await writeFile(join(directory, "huge.crt"), Buffer.alloc(1024 * 1024 + 1));
  const store = await openCertificateStore(options);
  assert.equal(store.certificates.length, 1);
  assert.deepEqual(
    said.map(([event]) => event),
    ["certificate-unusable", "certificate-unusable"],
  );
  assert.equal(store.select("other.contoso.test"), undefined);
});

test("an expired one is reported and not chosen", async (t) => {
  const { clock, options, said } = await folder(t);
  await ensureSelfSigned({ ...options, names: NAMES });
  clock.advance(6 * 365 * DAY);
  const store = await openCertificateStore(options);
  assert.equal(store.select("mail.contoso.test"), undefined);
  assert.deepEqual(
    said.map(([event]) => event),
    ["certificate-expired"],
  );
});

for (const [version, works] of [
  ["TLSv1.3", true],
  ["TLSv1.2", true],
  ["TLSv1.1", false],
] as const) {
  test(`a client with ${version} ${works ? "gets through" : "is refused"}`, async (t) => {
    const { options } = await folder(t);
    await ensureSelfSigned({
      ...options,
      names: NAMES,
      clock: systemClock,
    });
    const context = (await openCertificateStore(options)).certificates[0]?.context;
    const server = createServer({ SNICallback: (_name, done) => done(null, context) });
    server.on("tlsClientError", () => {});
    server.listen(0, "127.0.0.1");
    t.after(() => void server.close());
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as AddressInfo;
    const outcome = await new Promise((resolve) => {
      const socket = connect({
        port,
        host: "127.0.0.1",
        servername: "mail.contoso.test",
        rejectUnauthorized: false,
        minVersion: version,
        maxVersion: version,
        ciphers: "DEFAULT@SECLEVEL=0",
      });
      socket.on("secureConnect", () => {
        resolve(socket.getProtocol());
        socket.destroy();
      });
      socket.on("error", () => resolve(undefined));
    });
    assert.equal(outcome, works ? version : undefined);
  });
}
