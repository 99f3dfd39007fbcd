import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createSecretBox, isSealed } from "../base/secret-box.ts";
import { parseScramVerifier } from "../sasl/scram-verifier.ts";
import { MemoryOrganizationStore } from "../store/organization-memory.ts";
import { applyRows } from "./apply-rows.fake.ts";
import { parseConfiguration } from "./configuration.ts";
import { formatFault } from "./configuration-fault.ts";
import { createConfigurationRows } from "./configuration-rows.ts";
import { findPassword, sharedSalt, verifyPassword } from "./password.ts";
import { mailboxFromRow } from "./recipient-reader.ts";
import { CREDENTIALS } from "./settings/credentials.ts";
import { RECIPIENT_ATTRIBUTES } from "./settings/recipient-attributes.ts";
import { MAILBOX } from "./settings/recipients.ts";
import { buildOrganization } from "./snapshot.ts";

const BOX = createSecretBox(Buffer.alloc(32, 7));
const CONTEXT = { fileName: "f.yaml", hostName: "host.contoso.test", cores: 1 };

async function apply(store: MemoryOrganizationStore, text: string) {
  const parsed = parseConfiguration(text, CONTEXT);
  assert.ok(parsed.ok, parsed.ok ? "" : parsed.fault.map(formatFault).join("\n"));
  const rows = await createConfigurationRows(parsed.value, store, BOX);
  const { changed } = await applyRows(store, rows);
  const alice = rows.recipients.find(({ name }) => name === "alice");
  return { rows, changed, alice: JSON.parse(alice?.json ?? "{}") };
}

const ALICE = `
acceptedDomains: [{ name: contoso.test }]
mailboxes:
  - name: alice
    primarySmtpAddress: alice@contoso.test
    password: correct horse
    ntlmEnabled: true
    appPasswords:
      - { name: Scanner, password: paper jam, senders: [scan@contoso.test], messagesPerHour: 60 }
      - { name: ERP, password: "four eyes", enabled: false }
`;

test("a password becomes a hash, two verifiers and a sealed NT hash", async () => {
  const { alice } = await apply(new MemoryOrganizationStore(), ALICE);
  assert.equal(await verifyPassword("correct horse", alice.passwordHash), true);
  const hashes = alice.scramVerifiers.map((text: string) => parseScramVerifier(text)?.hash);
  assert.deepEqual(hashes, ["sha256", "sha1"]);
  // iconv -t utf-16le | openssl dgst -provider legacy -md4, for "password"
  const known = await apply(
    new MemoryOrganizationStore(),
    ALICE.replace("correct horse", "password"),
  );
  assert.equal(BOX.open(known.alice.ntHash), "8846f7eaee8fb117ad06bdd830b7586c");
});

test("passwords of one mailbox share a salt, and one calculation finds each", async () => {
  const { alice } = await apply(new MemoryOrganizationStore(), ALICE);
  const [scanner, erp] = alice.appPasswords;
  const hashes: string[] = [alice.passwordHash, scanner.passwordHash, erp.passwordHash];
  assert.equal(new Set(hashes.map((hash) => sharedSalt(hash)?.toString("hex"))).size, 1);
  assert.deepEqual(await findPassword("paper jam", hashes), [1]);
  assert.deepEqual(await findPassword("four eyes", hashes), [2]);
  assert.deepEqual(await findPassword("no", hashes), []);
  assert.deepEqual(await findPassword("no", []), []);
  assert.deepEqual([scanner.senders, scanner.messagesPerHour], [["scan@contoso.test"], "60"]);
  assert.deepEqual([erp.enabled, erp.messagesPerHour], ["false", "unlimited"]);
});

test("verifiers of one mailbox share a salt, whatever changes about its passwords", async () => {
  const store = new MemoryOrganizationStore();
  const saltsOf = ({ alice }: Awaited<ReturnType<typeof apply>>): ReadonlySet<string> => {
    const owners: { readonly scramVerifiers: readonly string[] }[] = [alice, ...alice.appPasswords];
    assert.deepEqual(
      owners.map(({ scramVerifiers }) => scramVerifiers.length),
      [2, 2, 2],
    );
    const texts = owners.flatMap(({ scramVerifiers }) => scramVerifiers);
    assert.equal(new Set(texts).size, 6);
    return new Set(texts.map((text) => text.split("$").slice(0, 2).join("$")));
  };
  const first = saltsOf(await apply(store, ALICE));
  assert.equal(first.size, 2);
  assert.deepEqual(saltsOf(await apply(store, ALICE.replace("paper jam", "toner"))), first);
  const own = saltsOf(await apply(store, ALICE.replace("correct horse", "staple")));
  assert.equal(own.size, 2);
  assert.notDeepEqual(own, first);
});

test("a file applied again changes nothing; a new password what is made of it", async () => {
  const store = new MemoryOrganizationStore();
  const first = await apply(store, ALICE);
  const second = await apply(store, ALICE);
  assert.deepEqual([second.changed, second.rows], [false, first.rows]);
  const third = await apply(store, ALICE.replace("paper jam", "toner"));
  assert.equal(third.changed, true);
  const unchanged = ["passwordHash", "scramVerifiers", "ntHash"];
  for (const name of unchanged) assert.deepEqual(third.alice[name], first.alice[name], name);
  assert.notDeepEqual(third.alice.appPasswords[0], first.alice.appPasswords[0]);
  assert.deepEqual(third.alice.appPasswords[1], first.alice.appPasswords[1]);
  const fourth = await apply(store, ALICE.replace("correct horse", "staple"));
  for (const name of unchanged) assert.notDeepEqual(fourth.alice[name], first.alice[name], name);
});

test("a file may give hashes only, and what is sealed already is taken as it is", async () => {
  const store = new MemoryOrganizationStore();
  const { alice } = await apply(store, ALICE);
  const text = `
mailboxes:
  - name: alice
    primarySmtpAddress: alice@contoso.test
    passwordHash: ${alice.passwordHash}
    scramVerifiers: ${JSON.stringify(alice.scramVerifiers)}
    ntlmEnabled: true
    ntHash: ${alice.ntHash}
    appPasswords:
      - name: Scanner
        passwordHash: "${alice.appPasswords[0].passwordHash}"
        scramVerifiers: ${JSON.stringify(alice.appPasswords[0].scramVerifiers)}
      - { name: ERP, password: four eyes }
`;
  const again = await apply(store, text);
  for (const index of [0, 1]) {
    const { scramVerifiers } = alice.appPasswords[index];
    assert.deepEqual(again.alice.appPasswords[index].scramVerifiers, scramVerifiers);
  }
  for (const name of ["passwordHash", "scramVerifiers", "ntHash"]) {
    assert.deepEqual(again.alice[name], alice[name], name);
  }
  const hex = await apply(store, text.replace(alice.ntHash, BOX.open(alice.ntHash) ?? ""));
  assert.equal(hex.changed, false);
});

test("what a directory holds of a mailbox has none of its secrets", async () => {
  const { rows } = await apply(new MemoryOrganizationStore(), ALICE);
  const [row] = rows.recipients;
  assert.ok(row);
  const { mailbox, secrets } = mailboxFromRow({ ...row, memberCount: 0 }) ?? {};
  assert.deepEqual(Object.keys(secrets ?? {}).sort(), Object.keys(CREDENTIALS).sort());
  const apart = { ...CREDENTIALS, ...RECIPIENT_ATTRIBUTES };
  const properties = Object.keys(MAILBOX).filter((property) => !(property in apart));
  const want = ["kind", "attributes", ...properties].sort();
  assert.deepEqual(Object.keys(mailbox ?? {}).sort(), want);
});

test("without ntlmEnabled no NT hash is made", async () => {
  const { rows } = await apply(
    new MemoryOrganizationStore(),
    ALICE.replace("ntlmEnabled: true", "ntlmEnabled: false"),
  );
  assert.doesNotMatch(JSON.stringify(rows), /ntHash/);
});

const SMART_HOST = `
acceptedDomains: [{ name: contoso.test }]
sendConnectors:
  - name: Out
    addressSpaces: ["*"]
    smartHosts: [relay.test]
    requireTLS: true
    smartHostAuthMechanism: BasicAuth
    authenticationCredential: { userName: postrider, password: hunter2 }
`;

test("secrets of objects are sealed, and stay as they are while they fit", async () => {
  const store = new MemoryOrganizationStore();
  const first = await apply(store, SMART_HOST);
  assert.doesNotMatch(JSON.stringify(first.rows), /hunter2/);
  const built = buildOrganization(await store.readObjects(), CONTEXT);
  assert.ok(built.ok);
  const sealed = built.value.sendConnectors[0]?.authenticationCredential?.password ?? "";
  assert.ok(isSealed(sealed));
  assert.equal(BOX.open(sealed), "hunter2");
  const second = await apply(store, SMART_HOST);
  assert.deepEqual([second.changed, second.rows], [false, first.rows]);
  const third = await apply(store, SMART_HOST.replace("hunter2", sealed));
  assert.equal(third.changed, false);
  const fourth = await apply(store, SMART_HOST.replace("hunter2", "hunter3"));
  assert.equal(fourth.changed, true);
});

/** RFC 5802 §5, user with the password pencil. */
const VERIFIER =
  "SCRAM-SHA-1$4096:QSXCR+Q6sek8bf92$6dlGYMOdZcOPutkcNY8U2g7vK9Y=:D+CSWLOshSulAsxiupA+qs2/fTE=";
const SALTED = VERIFIER.replace("QSXC", "QSXD");
const PHC = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$c29tZXNhbHRzb21lc2FsdA";

for (const [why, properties, fault] of [
  [
    "verifiers beside a password",
    `password: hunter2, scramVerifiers: ["${VERIFIER}"]`,
    /scramVerifiers: give password or scramVerifiers, not both/,
  ],
  [
    "an app password's verifier with another salt",
    `scramVerifiers: ["${VERIFIER}"],
     appPasswords: [{ name: A, passwordHash: "${PHC}", scramVerifiers: ["${SALTED}"] }]`,
    /appPasswords\[1\]\.scramVerifiers: all of a mailbox must have one salt/,
  ],
  [
    "an app password with two verifiers for one hash",
    `appPasswords:
       [{ name: A, passwordHash: "${PHC}", scramVerifiers: ["${SALTED}", "${SALTED}"] }]`,
    /appPasswords\[1\]\.scramVerifiers: give one for SHA-256/,
  ],
  ["a verifier that is none", "scramVerifiers: [hunter2]", /scramVerifiers: the value is no SCRAM/],
  ["an NT hash without NTLM", `ntHash: ${"0".repeat(32)}`, /ntHash: needs ntlmEnabled: true/],
  ["an NT hash that is none", "ntHash: hunter2", /ntHash: the value is not an NT hash/],
  [
    "two devices of one name",
    "appPasswords: [{ name: A, password: hunter2 }, { name: a, password: hunter22 }]",
    /appPasswords\[2\]\.name: is taken/,
  ],
  [
    "a device without a password",
    "appPasswords: [{ name: A }]",
    /appPasswords\[1\]\.password: give/,
  ],
  [
    "a device's unknown property",
    "appPasswords: [{ name: A, pasword: hunter2 }]",
    /unknown property "appPasswords\[1\]\.pasword"; did you mean "password"/,
  ],
  [
    "a device that is no mapping",
    "appPasswords: [hunter2]",
    /appPasswords: the value is not a mapping/,
  ],
  ["a fingerprint that is none", "certificateFingerprints: [AB]", /not a SHA-256 fingerprint/],
] as const) {
  test(`a mailbox is refused with ${why}, and no secret is told`, () => {
    const text = `mailboxes: [{ name: a, primarySmtpAddress: a@b.test, ${properties} }]`;
    const parsed = parseConfiguration(text, CONTEXT);
    assert.equal(parsed.ok, false);
    const faults = JSON.stringify(parsed.ok ? [] : parsed.fault.map(formatFault));
    assert.match(faults, new RegExp(fault.source.replaceAll('"', String.raw`\\"`)));
    assert.doesNotMatch(faults, /hunter2/);
  });
}

test("no secret of a file occurs in rows or faults, wherever it stands", async () => {
  const secret = "xyzzy-plugh-42";
  const place = fc.constantFrom(
    `password: ${secret}`,
    `passwordHash: ${secret}`,
    `scramVerifiers: ${secret}`,
    `scramVerifiers: [[${secret}]]`,
    `ntHash: { ${secret}: 1 }`,
    `password: [${secret}]`,
    `appPasswords: [{ name: A, password: ${secret} }]`,
    `appPasswords: { name: A, password: ${secret}, ntHash: ${secret} }`,
    `appPasswords: [{ name: A, passwordHash: [${secret}] }]`,
    "ntlmEnabled: true",
  );
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(place, { minLength: 1, maxLength: 4 }), async (given) => {
      const text = `mailboxes: [{ name: a, primarySmtpAddress: a@b.test, ${given.join(", ")} }]`;
      const parsed = parseConfiguration(text, CONTEXT);
      if (!parsed.ok) return assert.doesNotMatch(JSON.stringify(parsed.fault), /xyzzy/);
      const rows = await createConfigurationRows(parsed.value, new MemoryOrganizationStore(), BOX);
      assert.doesNotMatch(JSON.stringify(rows), /xyzzy/);
    }),
    { numRuns: 40 },
  );
});
