import assert from "node:assert/strict";
import { test } from "node:test";
import { textOf } from "../../base/text-of.fake.ts";
import { openRoom } from "./organization-room.fake.ts";

const BASE = `
server: { fqdn: mail.contoso.test }
acceptedDomains: [{ name: contoso.test }]
transportRules:
  - { name: one, priority: 0, deleteMessage: true }
  - { name: two, priority: 1, deleteMessage: true }
  - { name: three, priority: 2, deleteMessage: true }
`;

async function openRules(base = BASE) {
  const room = await openRoom(base, {});
  const order = async () =>
    (await room.objects("Get-TransportRule"))
      .toSorted((left, right) => Number(left["Priority"]) - Number(right["Priority"]))
      .map((one) => `${textOf(one["Priority"])} ${textOf(one["Name"])}`);
  return { ...room, order };
}

test("a new rule is the last one, or takes the place that is asked for", async () => {
  const { objects, order } = await openRules();
  await objects("New-TransportRule", { Name: "last", SetSCL: 1 });
  assert.deepEqual(await order(), ["0 one", "1 two", "2 three", "3 last"]);
  await objects("New-TransportRule", { Name: "first", SetSCL: 1, Priority: 0 });
  assert.deepEqual(await order(), ["0 first", "1 one", "2 two", "3 three", "4 last"]);
  await objects("New-TransportRule", { Name: "far", SetSCL: 1, Priority: 99 });
  assert.equal((await order()).at(-1), "5 far");
});

test("a rule says for how many messages it has held, and since when", async () => {
  const hits = { sinceMs: 0, hits: [{ name: "Two", count: 3, lastMs: 60_000 }] };
  const { objects } = await openRoom(BASE, { hits });
  const [held] = await objects("Get-TransportRule", { Filter: "HitCount -gt 0" });
  assert.deepEqual(
    [held?.["Identity"], held?.["HitCount"], held?.["LastHit"], held?.["HitsSince"]],
    ["two", 3, "1970-01-01T00:01:00.000Z", "1970-01-01T00:00:00.000Z"],
  );
  const [one] = await objects("Get-TransportRule", { Identity: "one" });
  assert.deepEqual([one?.["HitCount"], one?.["LastHit"]], [0, null]);
});

test("a rule moves up and down, and the others close up", async () => {
  const { objects, order } = await openRules();
  await objects("Set-TransportRule", { Identity: "three", Priority: 0 });
  assert.deepEqual(await order(), ["0 three", "1 one", "2 two"]);
  await objects("Set-TransportRule", { Identity: "three", Priority: 1, Comments: "x" });
  assert.deepEqual(await order(), ["0 one", "1 three", "2 two"]);
  await objects("Set-TransportRule", { Identity: "one", Comments: "stays" });
  assert.deepEqual(await order(), ["0 one", "1 three", "2 two"]);
  await objects("Remove-TransportRule", { Identity: "one" });
  assert.deepEqual(await order(), ["0 three", "1 two"]);
});

test("without a priority, a rule is the last one, and the next comes behind it", async () => {
  const { objects, order } = await openRules();
  await objects("Set-TransportRule", { Identity: "one", Priority: null });
  assert.deepEqual(await order(), ["0 two", "1 three", "2 one"]);
  await objects("New-TransportRule", { Name: "a", SetSCL: 1 });
  assert.deepEqual(await order(), ["0 two", "1 three", "2 one", "3 a"]);
});
