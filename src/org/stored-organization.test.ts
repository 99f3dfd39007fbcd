import assert from "node:assert/strict";
import { test } from "node:test";
import { createSecretBox } from "../base/secret-box.ts";
import { textOf } from "../base/text-of.fake.ts";
import { address } from "../mail/address.fake.ts";
import { MemoryOrganizationStore } from "../store/organization-memory.ts";
import type { Configuration } from "./configuration.ts";
import { parseConfiguration } from "./configuration.ts";
import { CHUNK_ROWS } from "./configuration-comparison.ts";
import { formatFault } from "./configuration-fault.ts";
import type { ObjectEdit, ObjectProperties } from "./organization-editor.ts";
import { verifyPassword } from "./password.ts";
import type { ObjectKind } from "./settings/object-kinds.ts";
import { StoredOrganization } from "./stored-organization.ts";

const MACHINE = { hostName: "mail.contoso.test", cores: 1 };
const FILE = "/etc/postrider.yaml";
const SECRETS = createSecretBox(Buffer.alloc(32, 3));
const BASE = `
acceptedDomains: [{ name: contoso.test }]
receiveConnectors: [{ name: Frontend, bindings: "127.0.0.1:25" }]
sendConnectors:
  - name: Out
    addressSpaces: ["*"]
    smartHosts: [relay.test]
    smartHostAuthMechanism: BasicAuth
    authenticationCredential: { userName: u, password: hush }
mailboxes: [{ name: alice, primarySmtpAddress: alice@contoso.test, password: secret }]
distributionGroups:
  - { name: team, primarySmtpAddress: team@contoso.test, members: [alice@contoso.test] }
`;

function parse(text: string): Configuration {
  const parsed = parseConfiguration(text, { ...MACHINE, fileName: "f.yaml" });
  assert.ok(parsed.ok, parsed.ok ? "" : parsed.fault.map(formatFault).join("\n"));
  return parsed.value;
}

/** As the server's store, which is in another thread: what it is asked with is cloned. */
class DistantStore extends MemoryOrganizationStore {
  override readRecipients(keys: Parameters<MemoryOrganizationStore["readRecipients"]>[0]) {
    return super.readRecipients(structuredClone(keys));
  }
}

/** A running organization; what `text` declares belongs to nobody unless `file` owns it. */
async function open(text = BASE, options: { readonly file?: string } = {}) {
  const store = new DistantStore();
  const { file } = options;
  const stored = new StoredOrganization({ store, secrets: SECRETS, machine: MACHINE, file });
  if (file === undefined) await stored.apply(parse(text), { mode: "store" });
  else assert.ok((await stored.useFile(parse(text))).ok);
  assert.ok((await stored.open()).ok);
  const inForce: string[] = [];
  stored.start(async ({ version }, scope) => {
    inForce.push(`${version} ${scope}`);
    return [];
  });
  return { store, stored, inForce };
}

const put = (kind: ObjectKind, name: string, more: ObjectProperties): ObjectEdit => ({
  kind,
  name,
  change: (stored) => ({ ...(stored?.properties ?? { name }), ...more }),
});
const remove = (kind: ObjectKind, name: string): ObjectEdit => ({
  kind,
  name,
  change: () => undefined,
});
const STORE = { mode: "store" } as const;

test("an edit is in force when it resolves, and says what was before", async () => {
  const { stored, inForce } = await open();
  const done = await stored.edit(
    [put("receiveConnector", "FRONTEND", { maxHopCount: "7" })],
    STORE,
  );
  assert.ok(done.ok);
  assert.equal(stored.organization.receiveConnectors[0]?.maxHopCount, 7);
  assert.deepEqual(inForce, [`${stored.organization.version} all`]);
  const [edited] = done.value.objects;
  assert.equal(edited?.before?.properties["maxHopCount"], undefined);
  assert.equal(edited?.after?.properties["maxHopCount"], "7");
  assert.equal(edited?.after?.name, "Frontend");
});

test("an edit of a recipient is stored, its password hashed, its other secrets kept", async () => {
  const { stored, store, inForce } = await open();
  const change = put("mailbox", "alice", { maxSendSize: "25MB" });
  assert.ok((await stored.edit([change], STORE)).ok);
  const first = await stored.read("mailbox", "ALICE");
  assert.equal(first?.properties["maxSendSize"], "25MB");
  const hash = textOf(first?.properties["passwordHash"]);
  assert.equal(await verifyPassword("secret", hash), true);
  const renew: ObjectEdit = {
    kind: "mailbox",
    name: "alice",
    change(before) {
      const { passwordHash: _, scramVerifiers: __, ...rest } = before?.properties ?? {};
      return { ...rest, password: "other" };
    },
  };
  assert.ok((await stored.edit([renew], STORE)).ok);
  const { value } = await store.findRecipients([address("alice@contoso.test")]);
  assert.equal(
    await verifyPassword("other", JSON.parse(value[0]?.json ?? "{}").passwordHash),
    true,
  );
  assert.deepEqual(
    inForce.map((line) => line.split(" ")[1]),
    ["recipients", "recipients"],
  );
});

test("a group keeps its members and order through an edit, and is renamed with them", async () => {
  const { stored } = await open();
  const members = Array.from({ length: 2500 }, (_, index) => `m${index}@contoso.test`);
  assert.ok((await stored.edit([put("distributionGroup", "team", { members })], STORE)).ok);
  const rename = put("distributionGroup", "team", { name: "crew" });
  const done = await stored.edit([rename], STORE);
  assert.deepEqual(done.ok && done.value.objects[0]?.after?.properties["members"], members);
  assert.equal(await stored.read("distributionGroup", "team"), undefined);
  const crew = await stored.read("distributionGroup", "crew");
  assert.deepEqual(crew?.properties["members"], members);
});

const REFUSED: readonly (readonly [string, readonly ObjectEdit[], string, RegExp])[] = [
  [
    "a value that is none",
    [put("receiveConnector", "Frontend", { maxHopCount: "many" })],
    "invalid",
    /^receive connector "Frontend": maxHopCount: "many" is not valid/,
  ],
  [
    "connectors that overlap",
    [put("receiveConnector", "Other", { bindings: ["127.0.0.1:25"] })],
    "invalid",
    /Frontend/,
  ],
  ["an object without its name", [put("sendConnector", "Out", { name: null })], "invalid", /name/],
  [
    "an address of another recipient",
    [put("mailbox", "bob", { primarySmtpAddress: "TEAM@contoso.test" })],
    "taken",
    /^mailbox "bob": TEAM@contoso\.test already belongs to distribution group "team"$/,
  ],
  [
    "a name of another object",
    [
      put("sendConnector", "Second", { addressSpaces: ["a.test"] }),
      put("receiveConnector", "New", { name: "frontend", bindings: "127.0.0.1:26" }),
    ],
    "taken",
    /there is already a receive connector "frontend"/,
  ],
  [
    "a throttling policy that is not there",
    [put("mailbox", "alice", { throttlingPolicy: "Slow" })],
    "invalid",
    /there is no throttling policy "Slow"/,
  ],
];
for (const [why, edits, kind, message] of REFUSED) {
  test(`an edit with ${why} changes nothing and says why`, async () => {
    const { stored, store, inForce } = await open();
    const before = await store.readObjects();
    const done = await stored.edit(edits, STORE);
    assert.ok(!done.ok);
    assert.equal(done.fault.kind, kind);
    assert.match(done.fault.messages[0] ?? "", message);
    assert.deepEqual(await store.readObjects(), before);
    assert.deepEqual(inForce, []);
  });
}

test("what is shown only is not stored", async () => {
  const { stored, store } = await open();
  const before = await store.readObjects();
  const shown = await stored.edit([remove("receiveConnector", "Frontend")], { mode: "show" });
  assert.ok(shown.ok && shown.value.objects[0]?.before?.name === "Frontend");
  assert.deepEqual(await store.readObjects(), before);
});

test("what a file declares is refused with the cure, or changed till the next reload", async () => {
  const { stored } = await open(BASE, { file: FILE });
  const edits = [put("mailbox", "alice", { maxSendSize: "1MB" })];
  const refused = await stored.edit(edits, STORE);
  assert.ok(!refused.ok && refused.fault.kind === "owned");
  assert.match(refused.fault.messages[0] ?? "", /^mailbox "alice" is declared in \/etc\/.*SIGHUP/);
  const forced = await stored.edit(edits, { mode: "store", override: "file" });
  assert.ok(forced.ok);
  assert.match(forced.value.warnings[0] ?? "", /the next reload of that file undoes/);
  assert.equal((await stored.read("mailbox", "alice"))?.file, FILE);
  assert.ok((await stored.useFile(parse(BASE))).ok);
  assert.equal((await stored.read("mailbox", "alice"))?.properties["maxSendSize"], undefined);
});

test("a file owns what it declares; what was made by cmdlet stays", async () => {
  const { stored } = await open(BASE, { file: FILE });
  await stored.edit([put("acceptedDomain", "made.test", {})], STORE);
  await stored.edit([put("mailbox", "bob", { primarySmtpAddress: "bob@made.test" })], STORE);
  const next = BASE.replace(/mailboxes:.*\n/, "").replace(/receiveConnectors:.*\n/, "");
  assert.ok((await stored.useFile(parse(next))).ok);
  assert.equal(await stored.read("mailbox", "alice"), undefined);
  assert.equal((await stored.read("mailbox", "bob"))?.file, undefined);
  assert.deepEqual(stored.organization.receiveConnectors, []);
  assert.deepEqual(
    stored.organization.acceptedDomains.map(({ name }) => name),
    ["contoso.test", "made.test"],
  );
  const adopting = `${next}mailboxes: [{ name: bob, primarySmtpAddress: bob@made.test }]\n`;
  assert.ok((await stored.useFile(parse(adopting))).ok);
  assert.equal((await stored.read("mailbox", "bob"))?.file, FILE);
});

test("a file's first domain is the default one, unless one made by cmdlet is", async () => {
  const { stored } = await open(BASE, { file: FILE });
  const none = "acceptedDomains: []\n";
  assert.ok((await stored.useFile(parse(none))).ok);
  await stored.edit([put("acceptedDomain", "made.test", { default: "true" })], STORE);
  assert.ok((await stored.useFile(parse(BASE))).ok);
  const chosen = stored.organization.acceptedDomains.find((domain) => domain.default);
  assert.equal(chosen?.name, "made.test");
});

test("apply puts in what is declared, takes nothing away, and says it is the file's", async () => {
  const { stored } = await open(BASE, { file: FILE });
  const extra = parse("mailboxes: [{ name: eve, primarySmtpAddress: eve@contoso.test }]\n");
  const done = await stored.apply(extra, STORE);
  assert.ok(done.ok);
  assert.deepEqual([...done.value.comparison.added], ["mailbox\0eve"]);
  assert.notEqual(await stored.read("mailbox", "alice"), undefined);
  const same = await stored.apply(parse(BASE), STORE);
  assert.ok(same.ok && same.value.comparison.objects.length === 0, "what is the same is no change");
  const other = parse("mailboxes: [{ name: alice, primarySmtpAddress: a@contoso.test }]\n");
  const refused = await stored.apply(other, STORE);
  assert.ok(!refused.ok && refused.fault.kind === "owned");
});

test("many recipients are written in chunks, an address that moves among them", async () => {
  const { stored, store } = await open();
  const boxes = (shift: number) =>
    Array.from({ length: CHUNK_ROWS * 2 + 1 }, (_, index) => {
      const at = (index + shift) % (CHUNK_ROWS * 2 + 1);
      return `  - { name: m${index}, primarySmtpAddress: m${at}@contoso.test }\n`;
    }).join("");
  const progress: number[] = [];
  const options = { mode: "store", progress: (done: number) => void progress.push(done) } as const;
  assert.ok((await stored.apply(parse(`mailboxes:\n${boxes(0)}`), options)).ok);
  assert.deepEqual(progress, [CHUNK_ROWS, CHUNK_ROWS * 2, CHUNK_ROWS * 2 + 1, CHUNK_ROWS * 2 + 1]);
  assert.ok((await stored.apply(parse(`mailboxes:\n${boxes(1)}`), STORE)).ok);
  const { value } = await store.findRecipients([
    address("m1@contoso.test"),
    address("m0@contoso.test"),
  ]);
  assert.deepEqual(
    value.map((row) => row?.name),
    ["m0", `m${CHUNK_ROWS * 2}`],
  );
  const aborted = AbortSignal.abort(new Error("cancelled"));
  const again = stored.apply(parse(`mailboxes:\n${boxes(2)}`), { mode: "store", signal: aborted });
  await assert.rejects(again, /cancelled/);
});

test("edits at one time are made one after the other", async () => {
  const { stored } = await open();
  const edits = Array.from({ length: 20 }, (_, index) =>
    stored.edit([put("mailUser", `u${index}`, user(index))], STORE),
  );
  for (const done of await Promise.all(edits)) assert.ok(done.ok);
  const page = { kind: "mailUser", after: "", limit: 100 } as const;
  assert.equal((await stored.listRecipients(page)).length, 20);
});

function user(index: number): ObjectProperties {
  const primarySmtpAddress = `u${index}@contoso.test`;
  return { primarySmtpAddress, externalEmailAddress: `u${index}@away.test` };
}
