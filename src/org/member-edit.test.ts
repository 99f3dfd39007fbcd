import assert from "node:assert/strict";
import { test } from "node:test";
import { createSecretBox } from "../base/secret-box.ts";
import { address } from "../mail/address.fake.ts";
import { MemoryOrganizationStore } from "../store/organization-memory.ts";
import { parseConfiguration } from "./configuration.ts";
import type { EditOptions, ObjectEdit } from "./organization-editor.ts";
import { StoredOrganization } from "./stored-organization.ts";

const FILE = "/etc/postrider.yaml";
const MACHINE = { hostName: "mail.contoso.test", cores: 1 };
const STORE = { mode: "store" } as const;
const GROUP = address("team@contoso.test");

function yaml(members: readonly string[], more = ""): string {
  const group = `name: team, primarySmtpAddress: ${GROUP}, members: [${members.join(", ")}]`;
  return `acceptedDomains: [{ name: contoso.test }]
receiveConnectors: [{ name: Frontend, bindings: "127.0.0.1:25" }]
distributionGroups: [{ ${group} ${more}}]
`;
}

function parse(text: string) {
  const parsed = parseConfiguration(text, { ...MACHINE, fileName: "f.yaml" });
  assert.ok(parsed.ok);
  return parsed.value;
}

async function open(options: { readonly file?: string } = {}) {
  const store = new MemoryOrganizationStore();
  const secrets = createSecretBox(Buffer.alloc(32, 3));
  const { file } = options;
  const stored = new StoredOrganization({ store, secrets, machine: MACHINE, file });
  const first = parse(yaml(["a@contoso.test", "b@contoso.test"]));
  if (file === undefined) await stored.apply(first, STORE);
  else await stored.useFile(first);
  assert.ok((await stored.open()).ok);
  const inForce: string[] = [];
  stored.start(async ({ version }, scope) => {
    inForce.push(`${version} ${scope}`);
    return [];
  });
  const members = async () => (await store.readMembers(GROUP, { from: 0, limit: 999 })).members;
  const edit = (added: readonly string[], removed: readonly string[], how: EditOptions = STORE) =>
    stored.editMembers(
      { name: "TEAM", added: added.map(address), removed: removed.map(address) },
      how,
    );
  return { store, stored, inForce, members, edit };
}

test("members come and go; what is so already is no change", async () => {
  const { edit, members, inForce } = await open();
  const shown = await edit(["c@contoso.test", "A@contoso.test"], [], { mode: "show" });
  assert.deepEqual(shown.ok && shown.value, {
    added: ["c@contoso.test"],
    removed: [],
    warnings: [],
  });
  assert.deepEqual([await members(), inForce], [["a@contoso.test", "b@contoso.test"], []]);
  const both = ["c@contoso.test", "d@contoso.test", "C@contoso.test"];
  const done = await edit(both, ["A@contoso.test", "x@contoso.test", "d@contoso.test"]);
  assert.deepEqual(done.ok && done.value, {
    added: ["c@contoso.test", "d@contoso.test"],
    removed: ["a@contoso.test"],
    warnings: [],
  });
  assert.deepEqual(await members(), ["b@contoso.test", "c@contoso.test", "d@contoso.test"]);
  assert.equal(inForce.length, 1, "in force once, when all of it is stored");
  await edit(["d@contoso.test"], []);
  assert.equal(inForce.length, 1);
});

test("what a file declares is the file's, unless it is overridden", async () => {
  const { edit, members, stored } = await open({ file: FILE });
  const refused = await edit(["c@contoso.test"], []);
  assert.ok(!refused.ok && refused.fault.kind === "owned");
  const forced = await edit(["c@contoso.test"], [], { mode: "store", override: "file" });
  assert.ok(forced.ok && forced.value.warnings.length === 1);
  assert.equal((await members()).length, 3);
  const back = await stored.useFile(parse(yaml(["a@contoso.test", "b@contoso.test"])));
  assert.ok(back.ok && back.value.comparison.recipients.length === 1);
  assert.deepEqual(await members(), ["a@contoso.test", "b@contoso.test"]);
});

test("a group that has been edited is compared by what is in it", async () => {
  const { edit, stored } = await open();
  await edit(["c@contoso.test"], ["a@contoso.test"]);
  for (const [list, more, isSame] of [
    [["b@contoso.test", "c@contoso.test"], "", true],
    [["c@contoso.test", "b@contoso.test"], "", false],
    [["b@contoso.test"], "", false],
    [["b@contoso.test", "c@contoso.test"], ", maxReceiveSize: 1MB", false],
  ] as const) {
    const shown = await stored.apply(parse(yaml(list, more)), { mode: "show" });
    assert.ok(shown.ok);
    assert.equal(shown.value.comparison.recipients.length === 0, isSame, list.join());
  }
});

test("a change to the group itself leaves its members alone, under another name too", async () => {
  const { stored, members, edit } = await open();
  await edit(["c@contoso.test"], []);
  const change = (more: object): ObjectEdit => ({
    kind: "distributionGroup",
    name: "team",
    members: "stay",
    change(group) {
      assert.equal(group?.properties["members"], undefined);
      return { ...group?.properties, ...more };
    },
  });
  const all = await members();
  const done = await stored.edit([change({ maxReceiveSize: "1MB" })], STORE);
  assert.ok(done.ok);
  assert.equal(done.value.objects[0]?.after?.properties["maxReceiveSize"], "1MB");
  assert.deepEqual(await members(), all);
  assert.ok((await stored.edit([change({ name: "crew" })], STORE)).ok);
  assert.deepEqual(await members(), all);
  assert.equal((await stored.find(GROUP))?.name, "crew");
  assert.equal(await stored.find({ kind: "distributionGroup", name: "team" }), undefined);
});

test("thousands of members are stored in several transactions", async () => {
  const { edit, store, members } = await open();
  const { version } = await store.readObjects();
  const many = Array.from({ length: 2500 }, (_, index) => `m${index}@contoso.test`);
  const done = await edit(many, ["a@contoso.test"]);
  assert.ok(done.ok);
  assert.equal((await store.readObjects()).version, version + 4);
  assert.equal((await store.findRecipients([GROUP])).value[0]?.memberCount, 2501);
  assert.equal((await members()).length, 999);
});
