import assert from "node:assert/strict";
import { StoreFailure } from "./queue-store.ts";
import {
  RECORD_JSON_CHARS_MAX,
  RECORD_KEY_CHARS_MAX,
  RECORD_PAGE_MAX,
  type RecordStore,
  type StoredRecord,
} from "./record-store.ts";

/** How many records of one kind the store under test holds. */
export const CONTRACT_RECORDS_MAX = 20;

function record(key: string, changes: Partial<StoredRecord> = {}): StoredRecord {
  return { kind: "policy", key, json: `{"of":"${key}"}`, expiresMs: 1000, ...changes };
}

async function keysOf(store: RecordStore, kind = "policy"): Promise<readonly string[]> {
  const found = await store.list(kind, { after: "", limit: RECORD_PAGE_MAX });
  return found.map(({ key }) => key);
}

/** What every backend must do, checked on an empty store of CONTRACT_RECORDS_MAX. */
export const RECORD_STORE_CONTRACT: readonly {
  readonly promise: string;
  readonly run: (store: RecordStore) => Promise<void>;
}[] = [
  {
    promise: "gives back what was written last, by kind and exact key",
    async run(store) {
      assert.equal(await store.read("policy", "a.test"), undefined);
      await store.write([record("a.test"), record("b.test")]);
      await store.write([record("a.test", { json: "{}", expiresMs: 2000 })]);
      assert.deepEqual(
        await store.read("policy", "a.test"),
        record("a.test", { json: "{}", expiresMs: 2000 }),
      );
      assert.deepEqual(await store.read("policy", "b.test"), record("b.test"));
      assert.equal(await store.read("policy", "A.test"), undefined);
      assert.equal(await store.read("report", "a.test"), undefined);
    },
  },
  {
    promise: "lists a kind in pages, in the order of its keys",
    async run(store) {
      await store.write(["d", "B", "a", "c", "_"].map((key) => record(key)));
      await store.write([record("z", { kind: "report" })]);
      assert.deepEqual(await keysOf(store), ["B", "_", "a", "c", "d"]);
      const page = await store.list("policy", { after: "_", limit: 2 });
      assert.deepEqual(page, [record("a"), record("c")]);
      assert.deepEqual(await store.list("policy", { after: "d", limit: 2 }), []);
      await assert.rejects(
        store.list("policy", { after: "", limit: RECORD_PAGE_MAX + 1 }),
        StoreFailure,
      );
    },
  },
  {
    promise: "removes by key and by age, and nothing else",
    async run(store) {
      await store.write(["a", "b", "c"].map((key, index) => record(key, { expiresMs: index })));
      await store.write([record("a", { kind: "report", expiresMs: 1 })]);
      await store.remove("policy", ["b", "nobody"]);
      assert.deepEqual(await keysOf(store), ["a", "c"]);
      assert.equal(await store.prune(1), 2);
      assert.deepEqual([await keysOf(store), await keysOf(store, "report")], [["c"], []]);
      assert.equal(await store.prune(1), 0);
    },
  },
  {
    promise: "takes a record at the limits, and refuses all of a call with one beyond",
    async run(store) {
      const longest = record("k".repeat(RECORD_KEY_CHARS_MAX), {
        json: "j".repeat(RECORD_JSON_CHARS_MAX),
      });
      await store.write([longest]);
      assert.deepEqual(await store.read("policy", longest.key), longest);
      for (const longer of [
        record(`${longest.key}k`),
        record("long", { json: `${longest.json}j` }),
      ]) {
        await assert.rejects(store.write([record("a"), longer]), StoreFailure);
        assert.equal(await store.read("policy", "a"), undefined);
      }
    },
  },
  {
    promise: "holds so many of a kind; what expires first makes room",
    async run(store) {
      await store.write([record("other", { kind: "report", expiresMs: 0 })]);
      for (let index = 0; index < CONTRACT_RECORDS_MAX; index++) {
        await store.write([record(`k${index}`, { expiresMs: 1000 - index })]);
      }
      assert.equal((await keysOf(store)).length, CONTRACT_RECORDS_MAX);
      await store.write([record("x", { expiresMs: 5000 }), record("y", { expiresMs: 5000 })]);
      const keys = await keysOf(store);
      assert.equal(keys.length, CONTRACT_RECORDS_MAX);
      const last = CONTRACT_RECORDS_MAX - 1;
      assert.ok(!keys.includes(`k${last}`) && !keys.includes(`k${last - 1}`));
      assert.ok(keys.includes(`k${last - 2}`) && keys.includes("x") && keys.includes("y"));
      assert.deepEqual(await keysOf(store, "report"), ["other"]);
    },
  },
];
