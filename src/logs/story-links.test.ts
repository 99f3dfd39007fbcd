import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeClock } from "../base/clock.fake.ts";
import { MINUTE } from "../base/units.ts";
import { MemoryRecordStore } from "../store/record-memory.ts";
import { STORY_LINKS_MAX, StoryLinks } from "./story-links.ts";

const LINK = {
  networkMessageId: "0a1b2c3d-0000-4000-8000-0000000000ff",
  recipient: "Bob@Contoso.test",
  expiresMs: MINUTE,
  isAnonymous: true,
  createdBy: "tess",
};

async function open() {
  const [records, clock] = [new MemoryRecordStore(), fakeClock(0)];
  const links = await StoryLinks.open(records, clock);
  const make = async (more: Partial<typeof LINK> = {}) => {
    const made = await links.make({ ...LINK, ...more });
    assert.ok(made);
    return made;
  };
  return { records, clock, links, make };
}

test("a link stands for what it was made of, after a restart too; it is kept nowhere", async () => {
  const { records, clock, links, make } = await open();
  const { reference, link } = await make();
  assert.match(reference, /^[\w-]{32}$/);
  const whole = await make({ recipient: undefined });
  const again = await StoryLinks.open(records, clock);
  for (const one of [links, again]) {
    assert.deepEqual(one.find(reference), { ...LINK, id: link.id, createdMs: 0 });
    assert.equal(one.find(whole.reference)?.recipient, undefined);
    assert.equal(one.find(link.id), undefined);
    assert.equal(one.find(`${reference}A`), undefined);
    assert.equal(one.all().length, 2);
  }
  const stored = JSON.stringify(await records.list("story-link", { after: "", limit: 10 }));
  assert.ok(!stored.includes(reference) && stored.includes(link.id));
});

test("a link ends at its time", async () => {
  const { clock, links, make } = await open();
  const { reference } = await make();
  clock.advance(MINUTE - 1);
  assert.ok(links.find(reference));
  clock.advance(1);
  assert.equal(links.find(reference), undefined);
  assert.deepEqual(links.all(), []);
});

test("links that are removed are gone at once and for good", async () => {
  const { records, clock, links, make } = await open();
  const [one, other] = [await make(), await make()];
  await links.remove([one.link.id, "nothing"]);
  for (const each of [links, await StoryLinks.open(records, clock)]) {
    assert.equal(each.find(one.reference), undefined);
    assert.ok(each.find(other.reference));
  }
  records.failure = "disk";
  await assert.rejects(links.remove([other.link.id]), /disk/);
  assert.ok(links.find(other.reference), "what could not be removed is not shown as removed");
});

test("there are no more than can be listed; those that have ended make room", async () => {
  const { clock, links, make } = await open();
  for (let count = 0; count < STORY_LINKS_MAX; count += 1) await make();
  assert.equal(await links.make(LINK), undefined);
  clock.advance(MINUTE);
  assert.ok(await links.make({ ...LINK, expiresMs: 2 * MINUTE }));
});
