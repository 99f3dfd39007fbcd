import assert from "node:assert/strict";
import { test } from "node:test";
import { address } from "../mail/address.fake.ts";
import type { Address } from "../mail/address.ts";
import { MemoryOrganizationStore } from "../store/organization-memory.ts";
import type { OrganizationStore } from "../store/organization-store.ts";
import { applyRows } from "./apply-rows.fake.ts";
import { createDirectory } from "./cached-directory.ts";

const ALICE = address("alice@contoso.test");
const BOB = address("bob@contoso.test");
const NOBODY = address("nobody@contoso.test");

async function putMailboxes(store: OrganizationStore, ...names: string[]): Promise<void> {
  const recipients = names.map((name) => {
    const primary = address(`${name}@contoso.test`);
    const json = JSON.stringify({ name, primarySmtpAddress: primary });
    return { kind: "mailbox", name, json, addresses: [primary], members: [] };
  });
  await applyRows(store, { objects: [], recipients });
}

/** A directory over a store that notes what it is asked. */
async function openDirectory(options = {}) {
  const store = new MemoryOrganizationStore();
  await putMailboxes(store, "alice", "bob");
  const asked: Address[][] = [];
  const directory = createDirectory(
    {
      findRecipients(addresses) {
        asked.push([...addresses]);
        return store.findRecipients(addresses);
      },
      readMembers: (group, page) => store.readMembers(group, page),
    },
    options,
  );
  const names = async (...addresses: Address[]) =>
    (await directory.findRecipients(addresses)).map((recipient) => recipient?.name);
  return { store, directory, asked, names };
}

test("asks the store for what it does not know, and once only", async () => {
  const { asked, names } = await openDirectory();
  assert.deepEqual(await names(ALICE, NOBODY), ["alice", undefined]);
  assert.deepEqual(await names(BOB, NOBODY, address("ALICE@contoso.test"), BOB), [
    "bob",
    undefined,
    "alice",
    "bob",
  ]);
  assert.deepEqual(await names(NOBODY, BOB), [undefined, "bob"]);
  assert.deepEqual(asked, [
    [ALICE, NOBODY],
    [BOB, BOB],
  ]);
});

test("peekRecipient tells known, known not to exist, and not known", async () => {
  const { directory, names } = await openDirectory();
  assert.equal(directory.peekRecipient(ALICE), undefined);
  await names(ALICE, NOBODY);
  assert.equal(directory.peekRecipient(address("Alice@contoso.test"))?.name, "alice");
  assert.equal(directory.peekRecipient(NOBODY), null);
  directory.invalidate();
  assert.equal(directory.peekRecipient(ALICE), undefined);
});

test("an answer of a newer version makes it forget the older ones", async () => {
  const { store, directory, names } = await openDirectory();
  await names(ALICE);
  await putMailboxes(store, "bob");
  await names(BOB);
  assert.equal(directory.peekRecipient(ALICE), undefined);
  assert.deepEqual(await names(ALICE), [undefined]);
});

test("an answer that was overtaken by a change is given but not remembered", async () => {
  const store = new MemoryOrganizationStore();
  await putMailboxes(store, "alice");
  const gate = Promise.withResolvers<void>();
  const directory = createDirectory({
    async findRecipients(addresses) {
      const answer = await store.findRecipients(addresses);
      await gate.promise;
      return answer;
    },
    readMembers: (group, page) => store.readMembers(group, page),
  });
  const early = directory.findRecipients([ALICE]);
  await putMailboxes(store, "bob");
  directory.invalidate();
  gate.resolve();
  assert.equal((await early)[0]?.name, "alice");
  assert.equal(directory.peekRecipient(ALICE), undefined);
});

test("holds no more addresses than it may", async () => {
  const { directory, names } = await openDirectory({ addressesMax: 10 });
  const many = Array.from({ length: 50 }, (_, index) => address(`n${index}@contoso.test`));
  await names(...many);
  const held = many.filter((one) => directory.peekRecipient(one) !== undefined);
  assert.deepEqual(held, many.slice(-10));
});

test("a store that fails is not taken for an unknown recipient", async () => {
  const directory = createDirectory({
    findRecipients: () => Promise.reject(new Error("disk")),
    readMembers: () => Promise.reject(new Error("disk")),
  });
  await assert.rejects(directory.findRecipients([ALICE]), /disk/);
  assert.equal(directory.peekRecipient(ALICE), undefined);
});
