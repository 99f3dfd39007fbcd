import assert from "node:assert/strict";
import { generateKeyPairSync, X509Certificate } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fakeClock } from "../base/clock.fake.ts";
import { type DiagnosticFields, silentDiagnostics } from "../base/diagnostics.ts";
import { DAY, MiB } from "../base/units.ts";
import { readCertificateFolder } from "./certificate-folder.ts";
import { makeSelfSigned } from "./self-signed.ts";
import { ensureSelfSigned } from "./self-signed-file.ts";

const NAMES = ["mail.contoso.test", "mail"] as const;
const P256 = generateKeyPairSync("ec", { namedCurve: "P-256" })
  .privateKey.export({ type: "pkcs8", format: "pem" })
  .toString();

async function folder(t: TestContext) {
  const data = await mkdtemp(join(tmpdir(), "postrider-tls-"));
  t.after(() => rm(data, { recursive: true, force: true }));
  const clock = fakeClock();
  const said: DiagnosticFields[] = [];
  const diagnostics = {
    ...silentDiagnostics,
    warn: (_event: string, fields: DiagnosticFields = {}) => void said.push(fields),
  };
  const directory = join(data, "certificates");
  const fingerprint = async () =>
    (await readCertificateFolder(directory)).materials[0]?.fingerprint;
  return { directory, clock, said, fingerprint, options: { directory, clock, diagnostics } };
}

test("the first start makes a pair and says so, the second keeps it", async (t) => {
  const { directory, options, said } = await folder(t);
  await ensureSelfSigned({ ...options, names: NAMES });
  const first = await readFile(join(directory, "self-signed.crt"), "utf8");
  assert.equal((await stat(join(directory, "self-signed.key"))).mode & 0o777, 0o600);
  assert.equal((await stat(directory)).mode & 0o777, 0o700);
  assert.deepEqual(said[0]?.["names"], NAMES);
  assert.equal(said[0]?.["fingerprint"], new X509Certificate(first).fingerprint256);
  assert.match(String(said[0]?.["cure"]), /import-certificate/);
  await ensureSelfSigned({ ...options, names: NAMES });
  const [material] = (await readCertificateFolder(directory)).materials;
  assert.equal(material?.selfSigned, true);
  assert.equal(said.length, 1);
  assert.equal(await readFile(join(directory, "self-signed.crt"), "utf8"), first);
  assert.deepEqual((await readdir(directory)).sort(), ["self-signed.crt", "self-signed.key"]);
});

for (const [why, spoil, reason] of [
  [
    "its key is gone",
    (directory: string) => rm(join(directory, "self-signed.key")),
    /^there was no whole pair$/,
  ],
  [
    "its key is another's",
    (directory: string) => writeFile(join(directory, "self-signed.key"), P256),
    /belongs to another/,
  ],
  [
    "it is cut short",
    (directory: string) => writeFile(join(directory, "self-signed.crt"), "-----BEGIN"),
    /no PEM certificate/,
  ],
  [
    "it is too large",
    (directory: string) => writeFile(join(directory, "self-signed.crt"), Buffer.alloc(2 * MiB)),
    /^larger than/,
  ],
] as const) {
  test(`a new pair is made when ${why}`, async (t) => {
    const { directory, options, said } = await folder(t);
    await ensureSelfSigned({ ...options, names: NAMES });
    await spoil(directory);
    await ensureSelfSigned({ ...options, names: NAMES });
    assert.match(String(said[1]?.["reason"]), reason);
    const read = await readCertificateFolder(directory);
    assert.equal(read.materials.length, 1);
    assert.deepEqual(read.faults, []);
  });
}

test("a new pair is made for another name, and before the old one expires", async (t) => {
  const { clock, options, fingerprint, said } = await folder(t);
  await ensureSelfSigned({ ...options, names: NAMES });
  const first = await fingerprint();
  await ensureSelfSigned({ ...options, names: ["other.contoso.test"] });
  const second = await fingerprint();
  assert.notEqual(first, second);
  clock.advance((5 * 365 - 41) * DAY);
  await ensureSelfSigned({ ...options, names: ["other.contoso.test"] });
  assert.equal(await fingerprint(), second);
  clock.advance(2 * DAY);
  await ensureSelfSigned({ ...options, names: ["other.contoso.test"] });
  assert.notEqual(await fingerprint(), second);
  assert.deepEqual(
    said.map((fields) => fields["reason"]),
    ["there was no whole pair", "the one before bears other names", "the one before ends soon"],
  );
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
  const host = `${"a".repeat(63)}.contoso.test`;
  const long = await makeSelfSigned([host], 1_700_000_000_000);
  assert.equal(new X509Certificate(long.certificatePem).checkHost(host), host);
});
