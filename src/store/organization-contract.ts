import assert from "node:assert/strict";
import type { Address } from "../mail/address.ts";
import type { OrganizationRows, OrganizationStore, RecipientRow } from "./organization-store.ts";
import { StoreFailure } from "./queue-store.ts";

/** A mailbox for tests of the store: `name@contoso.test`. */
export function sampleMailbox(name: string, changes: Partial<RecipientRow> = {}): RecipientRow {
  const addresses = [`${name}@contoso.test` as Address];
  return { kind: "mailbox", name, json: `{"name":"${name}"}`, addresses, members: [], ...changes };
}

const SERVER = { kind: "server", name: "", json: '{"fqdn":"mail.contoso.test"}' };
const INTERNET = { kind: "sendConnector", name: "Internet", json: '{"port":"25"}' };

function rows(changes: Partial<OrganizationRows> = {}): OrganizationRows {
  return { objects: [SERVER, INTERNET], recipients: [sampleMailbox("alice")], ...changes };
}

async function findNames(store: OrganizationStore, ...addresses: string[]) {
  const found = await store.findRecipients(addresses as Address[]);
  return found.value.map((recipient) => recipient?.name);
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
      assert.deepEqual(await store.readMembers("a@b.test" as Address, { offset: 0, limit: 9 }), []);
    },
  },

  {
    promise: "gives back objects in order of kind and name",
    async run(store) {
      await store.applyConfiguration(
        rows({ objects: [SERVER, { ...INTERNET, name: "zeta" }, INTERNET] }),
      );
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
      await store.applyConfiguration(rows({ recipients: [sampleMailbox("alice", { addresses })] }));
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
      const steps: readonly (readonly [string, OrganizationRows, number])[] = [
        ["first", rows(), 1],
        ["the same again", rows(), 1],
        ["in another order", rows({ objects: [INTERNET, SERVER] }), 1],
        ["an object differs", rows({ objects: [SERVER, { ...INTERNET, json: "{}" }] }), 2],
        [
          "an object's name changes its case",
          rows({ objects: [SERVER, { ...INTERNET, name: "INTERNET", json: "{}" }] }),
          3,
        ],
        ["an object goes", rows({ objects: [SERVER] }), 4],
        [
          "a recipient comes",
          rows({ objects: [SERVER], recipients: [sampleMailbox("alice"), sampleMailbox("bob")] }),
          5,
        ],
        ["a recipient goes", rows({ objects: [SERVER], recipients: [sampleMailbox("bob")] }), 6],
        [
          "an address differs",
          rows({
            objects: [SERVER],
            recipients: [sampleMailbox("bob", { addresses: ["b@c.test" as Address] })],
          }),
          7,
        ],
        [
          "a member differs",
          rows({
            objects: [SERVER],
            recipients: [
              sampleMailbox("bob", {
                addresses: ["b@c.test" as Address],
                members: ["x@y.test" as Address],
              }),
            ],
          }),
          8,
        ],
        ["all goes", { objects: [], recipients: [] }, 9],
        ["nothing again", { objects: [], recipients: [] }, 9],
      ];
      let before = 0;
      for (const [why, next, version] of steps) {
        const applied = await store.applyConfiguration(next);
        assert.deepEqual(applied, { version, value: { changed: version !== before } }, why);
        assert.equal((await store.readObjects()).version, version, why);
        before = version;
      }
    },
  },

  {
    promise: "takes over an address that moves to another recipient",
    async run(store) {
      const shared = ["shared@contoso.test" as Address];
      const alice = sampleMailbox("alice");
      const bob = sampleMailbox("bob");
      await store.applyConfiguration(rows({ recipients: [{ ...alice, addresses: shared }, bob] }));
      await store.applyConfiguration(rows({ recipients: [{ ...bob, addresses: shared }, alice] }));
      assert.deepEqual(await findNames(store, "shared@contoso.test", "bob@contoso.test"), [
        "bob",
        undefined,
      ]);
    },
  },

  {
    promise: "leaves nothing of a call that fails",
    async run(store) {
      await store.applyConfiguration(rows());
      const twice = sampleMailbox("mallory", { addresses: ["ALICE@contoso.test" as Address] });
      const faulty: readonly (readonly [string, OrganizationRows])[] = [
        ["one address twice", { objects: [], recipients: [sampleMailbox("alice"), twice] }],
        [
          "one recipient twice",
          { objects: [], recipients: [sampleMailbox("bob"), sampleMailbox("BOB")] },
        ],
        ["one object twice", { objects: [SERVER, { ...SERVER, json: "{}" }], recipients: [] }],
      ];
      for (const [why, next] of faulty) {
        await assert.rejects(store.applyConfiguration(next), StoreFailure, why);
        assert.deepEqual(await store.readObjects(), { version: 1, value: [INTERNET, SERVER] }, why);
        assert.deepEqual(await findNames(store, "alice@contoso.test", "bob@contoso.test"), [
          "alice",
          undefined,
        ]);
      }
      const { version } = await store.applyConfiguration(
        rows({ recipients: [sampleMailbox("bob")] }),
      );
      assert.equal(version, 2, "works on after a failure");
    },
  },

  {
    promise: "reads members in pages, in order",
    async run(store) {
      const members = Array.from({ length: 25 }, (_, index) => `m${index}@contoso.test` as Address);
      const team = sampleMailbox("team", { kind: "distributionGroup", members });
      await store.applyConfiguration(rows({ recipients: [team, sampleMailbox("alice")] }));
      const group = "TEAM@contoso.test" as Address;
      for (const [offset, limit] of [
        [0, 10],
        [10, 10],
        [20, 10],
        [25, 10],
        [0, 25],
      ] as const) {
        const page = await store.readMembers(group, { offset, limit });
        assert.deepEqual(page, members.slice(offset, offset + limit));
      }
      const { value } = await store.findRecipients([group]);
      assert.equal(value[0]?.memberCount, 25);
      await store.applyConfiguration(
        rows({ recipients: [{ ...team, members: members.slice(0, 3) }] }),
      );
      assert.deepEqual(
        await store.readMembers(group, { offset: 0, limit: 99 }),
        members.slice(0, 3),
      );
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
      function* recipients() {
        for (let index = 0; index < count; index += 1) yield sampleMailbox(`u${index}`);
        yield all;
      }
      await store.applyConfiguration({ objects: [], recipients: recipients() });
      const asked = [
        "u0@contoso.test",
        "u19999@contoso.test",
        "u20000@contoso.test",
        "all@contoso.test",
      ];
      assert.deepEqual(await findNames(store, ...asked), ["u0", "u19999", undefined, "all"]);
      const page = { offset: count - 2, limit: 5 };
      assert.deepEqual(
        await store.readMembers("all@contoso.test" as Address, page),
        everybody.slice(-2),
      );
      const again = await store.applyConfiguration({ objects: [], recipients: recipients() });
      assert.deepEqual(again, { version: 1, value: { changed: false } });
    },
  },
];
