import assert from "node:assert/strict";
import { test } from "node:test";
import { textOf } from "../../base/text-of.fake.ts";
import { keptMessage, openRoom } from "./quarantine-room.fake.ts";

async function openFull(count: number) {
  const room = await openRoom();
  const messages = Array.from({ length: count }, (_, at) => {
    const id = count - at;
    return keptMessage(id, { subject: `s${id % 7}`, contentBytes: (id * 37) % 100 });
  });
  room.quarantine.kept = messages;
  room.moderation.kept = messages.map((one) => ({
    ...one,
    message: {
      ...one.message,
      quarantine: { type: "Moderation", agent: "", reason: "r", sinceMs: 0 },
    },
  }));
  return room;
}

type Room = Awaited<ReturnType<typeof openFull>>;

async function ids({ run }: Room, cmdlet: string, parameters: object) {
  const { values, warnings, failed } = await run(cmdlet, parameters);
  assert.equal(failed, undefined, failed?.message);
  const found = values.map(({ Identity }) => Number(textOf(Identity).split("\\").at(-1)));
  return { found, warnings };
}

for (const cmdlet of ["Get-QuarantineMessage", "Get-ModeratedMessage"]) {
  test(`${cmdlet}: pages out of the middle, and how many there are`, async () => {
    const room = await openFull(50);
    const page = { ResultSize: 3, ReturnPageInfo: true };
    const middle = await ids(room, cmdlet, { ...page, BookmarkIndex: 11 });
    assert.deepEqual(middle.found, [40, 39, 38]);
    assert.deepEqual(middle.warnings, ["Results 11 to 13 of 50."]);
    assert.deepEqual((await ids(room, cmdlet, { ...page, BookmarkIndex: 50 })).found, [1]);
    const past = await ids(room, cmdlet, { ...page, BookmarkIndex: 51 });
    assert.deepEqual(past, { found: [], warnings: ["None of the 50 results."] });
    const filter = { ...page, Filter: "Subject -eq 's3'" };
    const some = await ids(room, cmdlet, { ...filter, BookmarkIndex: 2 });
    assert.deepEqual(some, { found: [38, 31, 24], warnings: ["Results 2 to 4 of 7."] });
  });

  test(`${cmdlet}: in another order; what is the same stays newest first`, async () => {
    const room = await openFull(20);
    const { found } = await ids(room, cmdlet, { SortOrder: "+Subject", ResultSize: 4 });
    assert.deepEqual(found, [14, 7, 15, 8]);
    const last = await ids(room, cmdlet, {
      SortOrder: "-Subject",
      SearchForward: false,
      ResultSize: 2,
    });
    assert.deepEqual(last.found, [14, 7]);
  });

  test(`${cmdlet}: the first ones, and no more is read than they need`, async () => {
    const room = await openFull(50);
    const { found, warnings } = await ids(room, cmdlet, { ResultSize: 3 });
    assert.deepEqual(found, [50, 49, 48]);
    assert.match(warnings.join(), /more than these 3/);
    const desk = cmdlet === "Get-ModeratedMessage" ? room.moderation : room.quarantine;
    assert.equal(desk.pagesRead, 2);
    assert.equal((await ids(room, cmdlet, { ResultSize: "Unlimited" })).found.length, 50);
  });
}

test("a bookmark by identity, and one that is not there", async () => {
  const room = await openFull(10);
  const [one] = (await room.run("Get-QuarantineMessage", { Identity: "7" })).values;
  const BookmarkObject = textOf(one?.["Identity"]);
  const page = { BookmarkObject, IncludeBookmark: false, ResultSize: 2 };
  assert.deepEqual((await ids(room, "Get-QuarantineMessage", page)).found, [6, 5]);
  const gone = await room.run("Get-QuarantineMessage", { BookmarkObject: "77" });
  assert.match(gone.failed?.message ?? "", /not among the results/);
  const both = await room.run("Get-QuarantineMessage", { Page: 2, BookmarkIndex: 3 });
  assert.match(both.failed?.message ?? "", /BookmarkIndex/);
});
