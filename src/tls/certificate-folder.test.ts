import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createPrivateKey } from "node:crypto";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { chooseCertificates } from "./certificate-choice.ts";
import { readCertificateFolder, readFolderState } from "./certificate-folder.ts";
import { createTestAuthority } from "./test-authority.fake.ts";

const root = await createTestAuthority("Root");
const middle = await root.authority("Middle");
const mail = await middle.issue({ names: ["mail.contoso.test", "*.Contoso.test"] });
const other = await root.issue({ names: ["other.test"] });
const asKey = (pem: string, passphrase: string) =>
  createPrivateKey(pem)
    .export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase })
    .toString();

async function folderWith(t: TestContext, files: Readonly<Record<string, string | Buffer>>) {
  const directory = await mkdtemp(join(tmpdir(), "postrider-tls-"));
  t.after(() => rm(directory, { recursive: true, force: true }));
  await mkdir(join(directory, "authorities"));
  for (const [name, content] of Object.entries(files)) {
    if (content === "pipe") execFileSync("mkfifo", [join(directory, name)]);
    else await writeFile(join(directory, name), content);
  }
  return directory;
}

for (const [why, files] of [
  ["a pair with its chain", { "m.crt": mail.pem + middle.pem, "m.key": mail.key }],
  ["a chain in the wrong order", { "m.crt": root.pem + middle.pem + mail.pem, "m.key": mail.key }],
  ["a bundle", { "m.pem": mail.key + mail.pem }],
  ["a bundle, key last", { "m.pem": `# from the authority\n${mail.pem}${mail.key}` }],
  ["CRLF", { "m.pem": (mail.key + mail.pem).replaceAll("\n", "\r\n") }],
  [
    "an encrypted key with its passphrase",
    { "m.crt": mail.pem, "m.key": asKey(mail.key, "secret word"), "m.pass": "secret word\n" },
  ],
] as const) {
  test(`read: ${why}`, async (t) => {
    const directory = await folderWith(t, files);
    const { materials, faults } = await readCertificateFolder(directory);
    assert.deepEqual(faults, []);
    assert.equal(materials.length, 1);
    assert.deepEqual(materials[0]?.names, ["mail.contoso.test", "*.contoso.test"]);
    assert.equal(materials[0]?.selfSigned, false);
    assert.equal(materials[0]?.keyType, "ec");
  });
}

for (const [why, files, reason, cure] of [
  ["no key", { "m.crt": mail.pem }, /ENOENT/, /put the private key beside it, as m\.key/],
  ["another's key", { "m.crt": mail.pem, "m.key": other.key }, /belongs to another/, /each other/],
  [
    "an encrypted key",
    { "m.crt": mail.pem, "m.key": asKey(mail.key, "x") },
    /encrypted/,
    /file of the same name with \.pass/,
  ],
  [
    "a wrong passphrase",
    { "m.crt": mail.pem, "m.key": asKey(mail.key, "x"), "m.pass": "y" },
    /passphrase of the private key is wrong/,
    /\.pass/,
  ],
  ["nonsense", { "m.crt": "x", "m.key": mail.key }, /no PEM certificate/, /as PEM/],
  ["nonsense for a key", { "m.crt": mail.pem, "m.key": "x" }, /no PEM private key/, /as PEM/],
  [
    "half a file",
    { "m.crt": mail.pem.slice(0, 400), "m.key": mail.key },
    /no PEM certificate/,
    /as PEM/,
  ],
  [
    "a damaged certificate",
    { "m.crt": mail.pem.replace(/\n.{20}/, "\nAAAAAAAAAAAAAAAAAAAA"), "m.key": mail.key },
    /damaged/,
    /as PEM/,
  ],
  ["a bundle without a key", { "m.pem": mail.pem }, /no PEM private key/, /in the same file/],
  ["no PFX", { "m.pfx": "x" }, /no PFX/, /export the certificate again/],
  ["a pipe", { "m.pem": "pipe" }, /no regular file/, /in its place again/],
  ["too large", { "m.crt": Buffer.alloc(1024 * 1024 + 1) }, /larger than/, /again/],
  [
    "a collection",
    { "m.crt": root.pem.repeat(33), "m.key": mail.key },
    /more than 32 certificates/,
    /the authority gave/,
  ],
] as const) {
  test(`told with its cure, the others serve: ${why}`, async (t) => {
    const directory = await folderWith(t, { "other.pem": other.pem + other.key, ...files });
    const { materials, faults } = await readCertificateFolder(directory);
    assert.deepEqual(
      materials.map(({ file }) => file),
      ["other.pem"],
    );
    assert.equal(faults.length, 1);
    assert.match(faults[0]?.reason ?? "", reason);
    assert.match(faults[0]?.cure ?? "", cure);
    assert.ok(faults[0]?.file.startsWith(directory));
    assert.doesNotMatch(JSON.stringify(faults), /PRIVATE KEY-|secret word/);
  });
}

test("a certificate without a subject is one like any other", async (t) => {
  const bare = await root.issue({ names: ["bare.test"], subject: "" });
  const directory = await folderWith(t, { "bare.pem": bare.pem + bare.key });
  const { materials, faults } = await readCertificateFolder(directory);
  assert.deepEqual(faults, []);
  assert.equal(materials[0]?.subject, "");
  assert.equal(materials[0]?.selfSigned, false);
  const pinned = { issuer: undefined, subject: "CN=bare.test" };
  assert.deepEqual(chooseCertificates(materials, { pinned, fqdns: [] }, Date.UTC(2030, 0)), []);
  const wish = { pinned: undefined, fqdns: ["bare.test"] };
  assert.equal(chooseCertificates(materials, wish, Date.UTC(2030, 0)).length, 1);
});

test("authorities are read one by one, what is none is told", async (t) => {
  const directory = await folderWith(t, {
    README: "x",
    "authorities/ours.pem": `# two\n${root.pem}${middle.pem}`,
    "authorities/notes.txt": "x",
    "authorities/bad.crt": "x",
  });
  const { authorities, faults, materials } = await readCertificateFolder(directory);
  assert.deepEqual(
    authorities.map((pem) => pem.trim()),
    [root.pem.trim(), middle.pem.trim()],
  );
  assert.deepEqual(
    faults.map(({ file }) => file),
    [join(directory, "authorities/bad.crt")],
  );
  assert.deepEqual(materials, []);
});

test("the state changes with every file, and a link that leads nowhere does no harm", async (t) => {
  const directory = await folderWith(t, { "m.crt": mail.pem });
  const first = await readFolderState(directory);
  assert.equal(await readFolderState(directory), first);
  await symlink("/nowhere", join(directory, "link.crt"));
  assert.equal(await readFolderState(directory), first);
  await writeFile(join(directory, "authorities", "a.pem"), root.pem);
  const second = await readFolderState(directory);
  assert.notEqual(second, first);
  await rm(join(directory, "m.crt"));
  assert.notEqual(await readFolderState(directory), second);
});
