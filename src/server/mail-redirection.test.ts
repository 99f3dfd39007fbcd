import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeClock } from "../base/clock.fake.ts";
import { MemoryRecordStore } from "../store/record-memory.ts";
import { MailRedirectionKeeper } from "./mail-redirection.ts";

const TARGETS = ["[192.0.2.5]:2525"];

/** A keeper whose process dies before its `steps`-th step that lasts. */
function open(records: MemoryRecordStore, lasting: string[], steps = Number.POSITIVE_INFINITY) {
  const die = () => {
    if (lasting.length >= steps) throw new Error("the process has died");
  };
  return new MailRedirectionKeeper({
    records: {
      read: (kind, key) => records.read(kind, key),
      list: (kind, page) => records.list(kind, page),
      prune: (nowMs) => records.prune(nowMs),
      async write(written) {
        die();
        lasting.push("redirected");
        await records.write(written);
      },
      async remove(kind, keys) {
        die();
        lasting.push("not redirected");
        await records.remove(kind, keys);
      },
    },
    supervisor: { useRedirection: () => undefined },
    components: {
      async request({ state }) {
        die();
        lasting.push(state);
      },
    },
    clock: fakeClock(),
  });
}

test("at no moment is mail taken that would be sent away at once", async () => {
  const records = new MemoryRecordStore();
  const lasting: string[] = [];
  const keeper = open(records, lasting);
  await keeper.begin({ targets: TARGETS, by: "carol" });
  await keeper.end("carol");
  assert.deepEqual(lasting, ["Draining", "redirected", "not redirected", "Active"]);
});

test("what a crash has broken off is completed by repeating it", async () => {
  const records = new MemoryRecordStore();
  const begun: string[] = [];
  const order = { targets: TARGETS, by: "carol" };
  await assert.rejects(open(records, begun, 1).begin(order), /died/);
  const second = open(records, begun);
  await second.open();
  assert.equal(second.state, undefined);
  await second.begin(order);
  const ended: string[] = [];
  await assert.rejects(open(records, ended, 1).end("carol"), /died/);
  const third = open(records, ended);
  await third.open();
  assert.equal(third.state, undefined);
  await third.end("carol");
  assert.equal(ended.at(-1), "Active");
});
