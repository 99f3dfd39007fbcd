import assert from "node:assert/strict";
import type { Address } from "../mail/address.ts";
import {
  LISTED_MAX,
  type OrganizationChange,
  type OrganizationStore,
  type RecipientRow,
} from "./organization-store.ts";
import { StoreFailure } from "./queue-store.ts";

/** A mailbox for tests of the store: `name@contoso.test`. */
export function sampleMailbox(name: string, changes: Partial<RecipientRow> = {}): RecipientRow {
  const addresses = [`${name}@contoso.test` as Address];
  return { kind: "mailbox", name, json: `{"name":"${name}"}`, addresses, members: [], ...changes };
}

const SERVER = { kind: "server", name: "", json: '{"fqdn":"mail.contoso.test"}' };
const INTERNET = { kind: "sendConnector", name: "Internet", json: '{"port":"25"}' };

async function put(store: OrganizationStore, change: OrganizationChange): Promise<void> {
  const { kind } = await store.change(change);
  assert.equal(kind, "done");
}

async function findNames(store: OrganizationStore, ...addresses: string[]) {
  const found = await store.findRecipients(addresses as Address[]);
  return found.value.map((recipient) => recipient?.name);
}

async function allMembers(store: OrganizationStore, group: Address): Promise<readonly Address[]> {
  return (await store.readMembers(group, { from: 0, limit: 99 })).members;
}

/** One promise of the store, checked on an empty one. */
export interface StorePromise {
  readonly promise: string;
  readonly run: (store: OrganizationStore) => Promise<void>;
}

/** What every backend of the organization store must do. */
export const ORGANIZATION_STORE_CONTRACT: readonly StorePromise[] = [
  {
    promise: "is empty at version 0 when new",
    async run(store) {
      assert.deepEqual(await store.readObjects(), { version: 0, value: [] });
      assert.deepEqual(await findNames(store, "alice@contoso.test"), [undefined]);
      const none = await store.readMembers("a@b.test" as Address, { from: 0, limit: 9 });
      assert.deepEqual(none, { members: [], places: [], next: undefined });
    },
  },

  {
    promise: "gives back objects in order of kind and name",
    async run(store) {
      await put(store, { objects: [SERVER, { ...INTERNET, name: "zeta" }, INTERNET] });
      const { value } = await store.readObjects();
      assert.deepEqual(value, [INTERNET, { ...INTERNET, name: "zeta" }, SERVER]);
    },
  },

  {
    promise: "finds a recipient by any address, whatever the case",
    async run(store) {
      const addresses = [
        "Alice@contoso.test",
        "a.smith@contoso.test",
        "alice@CONTOSO.test",
      ] as Address[];
      await put(store, { recipients: [sampleMailbox("alice", { addresses })] });
      const asked = ["nobody@contoso.test", "ALICE@contoso.test", "A.Smith@contoso.test"];
      assert.deepEqual(await findNames(store, ...asked), [undefined, "alice", "alice"]);
      const { value } = await store.findRecipients(["alice@contoso.test" as Address]);
      assert.deepEqual(value, [
        { kind: "mailbox", name: "alice", json: '{"name":"alice"}', memberCount: 0 },
      ]);
    },
  },

  {
    promise: "goes up by one version with each real change, and with nothing else",
    async run(store) {
      const bob = sampleMailbox("bob");
      const named = { kind: "sendConnector", name: "INTERNET" };
      const steps: readonly (readonly [string, OrganizationChange, number])[] = [
        ["first", { objects: [SERVER, INTERNET], recipients: [sampleMailbox("alice")] }, 1],
        ["the same again", { objects: [INTERNET, SERVER] }, 1],
        ["an object differs", { objects: [{ ...INTERNET, json: "{}" }] }, 2],
        ["a name changes its case", { objects: [{ ...INTERNET, ...named, json: "{}" }] }, 3],
        ["an owner comes", { objects: [{ ...SERVER, owner: "/f.yaml" }] }, 4],
        ["the same owner", { objects: [{ ...SERVER, owner: "/f.yaml" }] }, 4],
        ["an object goes", { removedObjects: [{ ...named, name: "internet" }] }, 5],
        ["it has gone", { removedObjects: [named] }, 5],
        ["a recipient comes", { recipients: [sampleMailbox("alice"), bob] }, 6],
        ["it has an owner", { recipients: [{ ...bob, owner: "/f.yaml" }] }, 7],
        ["it has none any more", { recipients: [bob] }, 8],
        ["an address differs", { recipients: [{ ...bob, addresses: ["b@c.test" as Address] }] }, 9],
        ["a recipient goes", { removedRecipients: [{ kind: "mailbox", name: "Alice" }] }, 10],
        ["it is of another kind", { removedRecipients: [{ kind: "mailUser", name: "bob" }] }, 10],
        ["a member differs", { recipients: [{ ...bob, members: ["x@y.test" as Address] }] }, 11],
        ["nothing", {}, 11],
      ];
      let before = 0;
      for (const [why, next, version] of steps) {
        const done = await store.change(next);
        assert.deepEqual(done, { kind: "done", version, changed: version !== before }, why);
        assert.equal((await store.readObjects()).version, version, why);
        before = version;
      }
    },
  },

  {
    promise: "refuses a change to what somebody else has changed meanwhile",
    async run(store) {
      await put(store, { objects: [SERVER], expectedVersion: 0 });
      const late = { objects: [INTERNET], removedObjects: [SERVER], expectedVersion: 0 };
      assert.deepEqual(await store.change(late), { kind: "conflict", version: 1 });
      assert.deepEqual(await store.readObjects(), { version: 1, value: [SERVER] });
      await put(store, { ...late, expectedVersion: 1 });
      assert.deepEqual(await store.readObjects(), { version: 2, value: [INTERNET] });
    },
  },

  {
    promise: "gives back the owner of each, and of what has none, none",
    async run(store) {
      const owner = "/etc/postrider.yaml";
      const owned = { ...INTERNET, owner };
      await put(store, {
        objects: [SERVER, owned],
        recipients: [sampleMailbox("alice"), sampleMailbox("bob", { owner })],
      });
      assert.deepEqual((await store.readObjects()).value, [owned, SERVER]);
      const asked = ["alice@contoso.test", "bob@contoso.test"] as Address[];
      const { value } = await store.findRecipients(asked);
      assert.deepEqual(
        value.map((row) => row?.owner),
        [undefined, owner],
      );
      const digests = await store.listDigests({ after: { kind: "", name: "" }, limit: 9 });
      assert.deepEqual(
        digests.map((row) => [row.name, row.owner]),
        [
          ["alice", ""],
          ["bob", owner],
        ],
      );
    },
  },

  {
    promise: "takes over an address that moves within a change, or when it is told to",
    async run(store) {
      const addresses = ["shared@contoso.test" as Address];
      const alice = sampleMailbox("alice");
      const bob = sampleMailbox("bob");
      const shared = ["SHARED@contoso.test", "bob@contoso.test"];
      await put(store, { recipients: [{ ...alice, addresses }, bob] });
      await put(store, { recipients: [{ ...bob, addresses }, alice] });
      assert.deepEqual(await findNames(store, ...shared), ["bob", undefined]);
      const claim = { recipients: [{ ...alice, addresses }] };
      await assert.rejects(store.change(claim), StoreFailure);
      await put(store, { ...claim, addresses: "take" });
      assert.deepEqual(await findNames(store, ...shared), ["alice", undefined]);
      await put(store, { removedRecipients: [bob] });
      assert.deepEqual(await findNames(store, ...shared), ["alice", undefined]);
    },
  },

  {
    promise: "leaves nothing of a call that fails",
    async run(store) {
      await put(store, { objects: [SERVER, INTERNET], recipients: [sampleMailbox("alice")] });
      const twice = sampleMailbox("mallory", { addresses: ["ALICE@contoso.test" as Address] });
      const faulty: readonly (readonly [string, OrganizationChange])[] = [
        ["an address of another", { removedObjects: [SERVER], recipients: [twice] }],
        ["one recipient twice", { recipients: [sampleMailbox("bob"), sampleMailbox("BOB")] }],
        ["one object twice", { objects: [SERVER, { ...SERVER, json: "{}" }] }],
        ["one put in and removed", { objects: [SERVER], removedObjects: [SERVER] }],
      ];
      for (const [why, next] of faulty) {
        await assert.rejects(store.change(next), StoreFailure, why);
        assert.deepEqual(await store.readObjects(), { version: 1, value: [INTERNET, SERVER] }, why);
        assert.deepEqual(await findNames(store, "alice@contoso.test", "bob@contoso.test"), [
          "alice",
          undefined,
        ]);
      }
      await put(store, { recipients: [sampleMailbox("bob")] });
      assert.equal((await store.readObjects()).version, 2, "works on after a failure");
    },
  },

  {
    promise: "finds recipients by kind and name, and lists them in pages",
    async run(store) {
      const names = Array.from({ length: 25 }, (_, index) => `m${String(index).padStart(2, "0")}`);
      const user = sampleMailbox("zoe", { kind: "mailUser" });
      await put(store, {
        recipients: [user, ...names.toReversed().map((name) => sampleMailbox(name))],
      });
      const keys = [
        { kind: "mailbox", name: "M03" },
        { kind: "mailUser", name: "m03" },
        { kind: "mailUser", name: "Zoe" },
      ];
      const { version, value } = await store.readRecipients(keys);
      assert.deepEqual([version, value.map((row) => row?.name)], [1, ["m03", undefined, "zoe"]]);
      for (const [after, limit] of [
        ["", 10],
        ["M09", 10],
        ["m24", 10],
        ["", LISTED_MAX],
      ] as const) {
        const page = await store.listRecipients({ kind: "mailbox", after, limit });
        const first = after === "" ? 0 : names.indexOf(after.toLowerCase()) + 1;
        assert.deepEqual(
          page.value.map(({ name }) => name),
          names.slice(first, first + limit),
        );
      }
      // "U" sorts before "b": the order is that of code units.
      const digests = await store.listDigests({ after: { kind: "mailUser", name: "y" }, limit: 2 });
      assert.deepEqual(
        digests.map(({ kind, name }) => [kind, name]),
        [
          ["mailUser", "zoe"],
          ["mailbox", "m00"],
        ],
      );
      const tooLong = { kind: "mailbox", after: "", limit: LISTED_MAX + 1 };
      await assert.rejects(store.listRecipients(tooLong), StoreFailure);
    },
  },

  {
    promise: "reads members slice by slice, in order",
    async run(store) {
      const members = Array.from({ length: 25 }, (_, index) => `m${index}@contoso.test` as Address);
      const team = sampleMailbox("team", { kind: "distributionGroup", members });
      await put(store, { recipients: [team, sampleMailbox("alice")] });
      const group = "TEAM@contoso.test" as Address;
      for (const [from, limit] of [
        [0, 10],
        [10, 10],
        [20, 10],
        [25, 10],
        [0, 25],
        [0, 26],
      ] as const) {
        const end = from + limit;
        assert.deepEqual(await store.readMembers(group, { from, limit }), {
          members: members.slice(from, end),
          places: [...members.keys()].slice(from, end),
          next: end <= 25 ? end : undefined,
        });
      }
      const { value } = await store.findRecipients([group]);
      assert.equal(value[0]?.memberCount, 25);
      await put(store, { recipients: [{ ...team, members: members.slice(0, 3) }] });
      assert.deepEqual(await allMembers(store, group), members.slice(0, 3));
    },
  },

  {
    promise: "adds and removes single members; the others keep their places",
    async run(store) {
      const members = Array.from({ length: 9 }, (_, index) => `m${index}@contoso.test` as Address);
      const team = sampleMailbox("team", { kind: "distributionGroup", members });
      const group = "team@contoso.test" as Address;
      await put(store, { recipients: [team] });
      const change = (added: readonly string[], removed: readonly string[]) =>
        store.change({
          memberChanges: [
            {
              kind: "distributionGroup",
              name: "TEAM",
              added: added as Address[],
              removed: removed as Address[],
            },
          ],
        });
      const first = await store.readMembers(group, { from: 0, limit: 4 });
      await change(["Ä@contoso.test", "M8@contoso.test", "new@contoso.test"], ["M1@contoso.test"]);
      const second = await store.readMembers(group, { from: first.next ?? 0, limit: 99 });
      assert.deepEqual(
        [...first.members, ...second.members],
        [...members, "Ä@contoso.test", "new@contoso.test"],
        "who reads meanwhile misses none that stays",
      );
      assert.deepEqual(second.places.slice(0, 2), [4, 5]);
      const asked = ["ä@contoso.test", "m1@contoso.test", "NEW@contoso.test"] as Address[];
      assert.deepEqual(await store.findMembers(group, asked), [
        "Ä@contoso.test",
        undefined,
        "new@contoso.test",
      ]);
      assert.deepEqual(await store.findMembers("x@y.test" as Address, asked.slice(0, 1)), [
        undefined,
      ]);
      const { version, value } = await store.findRecipients([group]);
      assert.deepEqual([version, value[0]?.memberCount], [2, 10]);
      const membersVersion = async () =>
        (await store.findRecipients([group])).value[0]?.membersVersion;
      assert.equal(await membersVersion(), 2);
      const nothing = await change(["new@contoso.test"], ["m1@contoso.test"]);
      assert.deepEqual(nothing, { kind: "done", version: 2, changed: false });
      const { members: _, ...settings } = { ...team, json: '{"name":"other"}' };
      await put(store, { updatedRecipients: [settings], recipients: [sampleMailbox("bob")] });
      assert.equal(await membersVersion(), 2, "nothing of that is about members");
      await change([], ["ä@CONTOSO.test", "new@contoso.test"]);
      await change(["last@contoso.test"], []);
      assert.deepEqual(await allMembers(store, group), [
        ...members.filter((member) => member !== "m1@contoso.test"),
        "last@contoso.test",
      ]);
      const [digest] = await store.listDigests({ after: { kind: "", name: "" }, limit: 9 });
      assert.equal(digest?.digest, "", "nobody takes it for what was put in");
      assert.equal(await membersVersion(), 5);
      await put(store, { recipients: [team] });
      assert.equal(await membersVersion(), 6);
      assert.deepEqual(await allMembers(store, group), members);
      const stranger = { kind: "distributionGroup", name: "x", added: [], removed: [] };
      await assert.rejects(store.change({ memberChanges: [stranger] }), StoreFailure);
    },
  },

  {
    promise: "changes a recipient without its members",
    async run(store) {
      const members = ["a@contoso.test", "b@contoso.test"] as Address[];
      const { members: _, ...update } = sampleMailbox("team", { kind: "distributionGroup" });
      const addresses = ["crew@contoso.test", "shared@contoso.test"] as Address[];
      const alice = sampleMailbox("alice", { addresses: ["shared@contoso.test" as Address] });
      await put(store, { recipients: [{ ...update, members }, alice] });
      const moved = { ...update, name: "TEAM", addresses };
      await assert.rejects(store.change({ updatedRecipients: [moved] }), StoreFailure);
      await put(store, { updatedRecipients: [moved], recipients: [sampleMailbox("alice")] });
      const asked = ["team@contoso.test", "crew@contoso.test", "shared@contoso.test"];
      assert.deepEqual(await findNames(store, ...asked), [undefined, "TEAM", "TEAM"]);
      assert.deepEqual(await allMembers(store, "crew@contoso.test" as Address), members);
      const again = await store.change({ updatedRecipients: [moved] });
      assert.deepEqual(again, { kind: "done", version: 2, changed: false });
      const stranger = { ...update, name: "nobody" };
      await assert.rejects(store.change({ updatedRecipients: [stranger] }), StoreFailure);
    },
  },

  {
    promise: "holds twenty thousand recipients and a group of them all",
    async run(store) {
      const count = 20_000;
      const everybody = Array.from(
        { length: count },
        (_, index) => `u${index}@contoso.test` as Address,
      );
      const all = sampleMailbox("all", { kind: "distributionGroup", members: everybody });
      const recipients = Array.from({ length: count }, (_, index) => sampleMailbox(`u${index}`));
      await put(store, { recipients: [...recipients, all] });
      const asked = [
        "u0@contoso.test",
        "u19999@contoso.test",
        "u20000@contoso.test",
        "all@contoso.test",
      ];
      assert.deepEqual(await findNames(store, ...asked), ["u0", "u19999", undefined, "all"]);
      const page = { from: count - 2, limit: 5 };
      const { members } = await store.readMembers("all@contoso.test" as Address, page);
      assert.deepEqual(members, everybody.slice(-2));
      const again = await store.change({ recipients: [...recipients, all] });
      assert.deepEqual(again, { kind: "done", version: 1, changed: false });
    },
  },
];
