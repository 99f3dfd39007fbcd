import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { Diagnostics } from "../base/diagnostics.ts";
import { createSecretBox } from "../base/secret-box.ts";
import { address } from "../mail/address.fake.ts";
import { MemoryOrganizationStore } from "../store/organization-memory.ts";
import type { OrganizationStore } from "../store/organization-store.ts";
import { StoreFailure } from "../store/queue-store.ts";
import { OrganizationKeeper } from "./organization-keeper.ts";
import { StartFailure } from "./start-failure.ts";

const folder = mkdtempSync(join(tmpdir(), "postrider-keeper-"));
after(() => rmSync(folder, { recursive: true }));
let files = 0;
const BOX = createSecretBox(Buffer.alloc(32));

const REST = "acceptedDomains: [{ name: contoso.test }]\nreceiveConnectors: []\n";
const FIRST = `server: { fqdn: first.test }\n${REST}`;
const SECOND = `server: { fqdn: second.test }\n${REST}`;

/** A keeper on a file and a store whose named call can be made to fail. */
async function openKeeper(text = FIRST) {
  files += 1;
  const configFile = join(folder, `${files}.yaml`);
  writeFileSync(configFile, text);
  const said: string[] = [];
  const say = (event: string) => void said.push(event);
  const diagnostics: Diagnostics = { info: say, warn: say, error: say };
  const memory = new MemoryOrganizationStore();
  const failing = new Set<string>();
  const store: OrganizationStore = new Proxy(memory, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== "function") return method;
      return async (...parameters: unknown[]) => {
        if (failing.has(String(name))) throw new StoreFailure(String(name), { full: false });
        return Reflect.apply(method, target, parameters) as unknown;
      };
    },
  });
  const keeper = new OrganizationKeeper({ configFile, diagnostics });
  await keeper.readFile();
  await keeper.open(store, BOX);
  return {
    keeper,
    said,
    failing,
    memory,
    configFile,
    write: (next: string) => writeFileSync(configFile, next),
  };
}

test("a reload puts the changed file in force, and an unchanged one changes nothing", async () => {
  const { keeper, said, write } = await openKeeper();
  assert.equal(keeper.organization.server.fqdn, "first.test");
  assert.equal(await keeper.reload(), false);
  write(SECOND);
  assert.equal(await keeper.reload(), true);
  assert.equal(keeper.organization.server.fqdn, "second.test");
  assert.deepEqual(said, ["reload-without-change", "reloaded"]);
});

const REFUSED = [
  ["a file that is not YAML", "server: ["],
  ["an unknown property", `${FIRST}servers: {}\n`],
  ["a bad value", "server: { fqdn: 'not a name' }\n"],
] as const;
for (const [name, text] of REFUSED) {
  test(`a reload of ${name} leaves everything as it was`, async () => {
    const { keeper, said, memory, write } = await openKeeper();
    const before = { ...keeper.organization };
    const stored = await memory.readObjects();
    write(text);
    assert.equal(await keeper.reload(), false);
    assert.deepEqual(said, ["reload-refused"]);
    assert.deepEqual(keeper.organization, before);
    assert.deepEqual(await memory.readObjects(), stored);
  });
}

test("a store that fails during a reload is asked again by the next, even half-way", async () => {
  for (const call of ["change", "readObjects"]) {
    const { keeper, said, failing, write } = await openKeeper();
    write(SECOND);
    failing.add(call);
    assert.equal(await keeper.reload(), false);
    assert.deepEqual(said, ["reload-failed"]);
    assert.equal(keeper.organization.server.fqdn, "first.test");
    failing.clear();
    assert.equal(await keeper.reload(), true, `after a failure of ${call}`);
    assert.equal(keeper.organization.server.fqdn, "second.test");
  }
});

test("without a file nothing is read again; an organization is made, once", async () => {
  const said: string[] = [];
  const say = (event: string) => void said.push(event);
  const diagnostics = { info: say, warn: say, error: say };
  const memory = new MemoryOrganizationStore();
  const keeper = new OrganizationKeeper({ configFile: undefined, diagnostics });
  assert.throws(() => keeper.organization, StartFailure);
  await keeper.readFile();
  await keeper.open(memory, BOX);
  assert.equal(keeper.organization.receiveConnectors.length, 3);
  assert.equal(keeper.organization.acceptedDomains.length, 1);
  assert.equal(await keeper.reload(), false);
  assert.deepEqual(said, ["organization-created", "reload-without-file"]);
  const again = new OrganizationKeeper({ configFile: undefined, diagnostics });
  await again.open(memory, BOX);
  assert.equal(again.organization.version, keeper.organization.version);
  assert.equal(said.length, 2);
});

const SILENT = "server: { fqdn: mail.contoso.test }\nacceptedDomains: [{ name: contoso.test }]\n";

test("secrets of another key file are told at the start, and mended by the file", async () => {
  const connector = `
sendConnectors:
  - name: Out
    addressSpaces: ["*"]
    smartHosts: [relay.test]
    smartHostAuthMechanism: BasicAuth
    authenticationCredential: { userName: u, password: p }
`;
  const { memory, configFile } = await openKeeper(FIRST + connector);
  const said: string[] = [];
  const say = (event: string, fields?: object) =>
    void said.push(`${event} ${JSON.stringify(fields)}`);
  const diagnostics: Diagnostics = { info: say, warn: say, error: say };
  const other = createSecretBox(Buffer.alloc(32, 1));
  await new OrganizationKeeper({ configFile: undefined, diagnostics }).open(memory, other);
  assert.equal(said.length, 1);
  assert.match(said[0] ?? "", /^secret-unreadable .*"Out".*authenticationCredential\.password/);
  const again = new OrganizationKeeper({ configFile, diagnostics });
  await again.readFile();
  await again.open(memory, other);
  assert.equal(said.length, 1);
});

test("a file that says nothing of connectors gets the default ones, and leaves them", async () => {
  const { keeper, said, write } = await openKeeper(SILENT);
  const names = () => keeper.organization.receiveConnectors.map(({ name }) => name);
  const defaults = ["Client Frontend mail", "Client Implicit TLS mail", "Default Frontend mail"];
  assert.deepEqual(names().toSorted(), defaults);
  assert.deepEqual(said, ["receive-connectors-created"]);
  assert.equal(await keeper.reload(), false);
  write(SILENT.replace("mail.contoso", "mx.contoso"));
  assert.equal(await keeper.reload(), true);
  assert.deepEqual(names().toSorted(), defaults);
  write(`${SILENT}receiveConnectors: []\n`);
  assert.equal(await keeper.reload(), true);
  assert.deepEqual(names(), []);
  write(SILENT);
  assert.equal(await keeper.reload(), false);
  assert.deepEqual(names(), []);
  write(`${SILENT}receiveConnectors: [{ name: a, bindings: "127.0.0.1:26" }]\n`);
  assert.equal(await keeper.reload(), true);
  assert.deepEqual(names(), ["a"]);
  write(SILENT);
  assert.equal(await keeper.reload(), true, "what the file declared goes from it");
  assert.deepEqual(names(), []);
});

test("connectors that a file says nothing about must fit what it says", async () => {
  const { keeper, said, write } = await openKeeper(`${SILENT}receiveConnectors: []\n`);
  const name = "a";
  const properties = { name, bindings: "127.0.0.1:26", defaultDomain: "contoso.test" };
  const edit = { kind: "receiveConnector", name, change: () => properties } as const;
  assert.ok((await keeper.editor.edit([edit], { mode: "store" })).ok);
  write("server: { fqdn: mail.contoso.test }\nacceptedDomains: [{ name: fabrikam.test }]\n");
  assert.equal(await keeper.reload(), false);
  assert.deepEqual(said, ["reload-refused"]);
});

test("a large file is read in a thread of its own, faults and all", async () => {
  const many = Array.from({ length: 4000 }, (_, index) => {
    const name = `u${index}`;
    return `  - { name: ${name}, primarySmtpAddress: ${name}@contoso.test }\n`;
  });
  const large = `${FIRST}mailboxes:\n${many.join("")}`;
  const { keeper, said, memory, write } = await openKeeper(large);
  const found = await memory.findRecipients([address("u3999@contoso.test")]);
  assert.equal(found.value[0]?.name, "u3999");
  write(large.replace("u3999,", "u0,"));
  assert.equal(await keeper.reload(), false);
  assert.deepEqual(said, ["reload-refused"]);
  write(large.replace("first.test", "second.test"));
  assert.equal(await keeper.reload(), true);
  const parsed = await keeper.editor.parse(large, "f.yaml");
  assert.ok(parsed.ok && parsed.value.declaredKinds.has("mailbox"));
});
