import assert from "node:assert/strict";
import { test } from "node:test";
import { textOf } from "../../base/text-of.fake.ts";
import { keptMessage, openRoom } from "./quarantine-room.fake.ts";

async function openWaiting() {
  const room = await openRoom();
  room.moderation.kept = [3, 2, 1].map((id) =>
    keptMessage(id, {
      subject: `offer ${id}`,
      to: ["board@contoso.test", "sales@contoso.test"],
      quarantine: {
        ...{ type: "RecipientModeration", agent: "Moderation", reason: "board@contoso.test" },
        moderators: ["carol@contoso.test", "dave@contoso.test"],
      },
    }),
  );
  return room;
}

test("what waits, for what, and who may decide", async () => {
  const { run } = await openWaiting();
  const [shown] = (await run("Get-ModeratedMessage", { Identity: 2 })).values;
  assert.equal(shown?.["Identity"], 2);
  assert.equal(shown["HeldFor"], "Recipient");
  assert.equal(shown["Rule"], "board@contoso.test");
  assert.equal(shown["RecipientCount"], 2);
  assert.deepEqual(shown["ModeratedBy"], ["carol@contoso.test", "dave@contoso.test"]);
  const { failed } = await run("Get-ModeratedMessage", { Identity: 9 });
  assert.match(failed?.message ?? "", /no message 9 waits/);
});

test("one looks into it before one decides, and that is on record", async () => {
  const { run, moderation, audited } = await openWaiting();
  moderation.text =
    "Subject: offer\r\nMIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n<b>Buy</b>";
  const { values } = await run("Preview-ModeratedMessage", { Identity: 3 });
  assert.equal(textOf(values[0]?.["Body"]).trim(), "Buy");
  assert.equal(values[0]?.["HtmlBody"], "<b>Buy</b>");
  assert.match(textOf(values[0]?.["Header"]), /^Subject: offer/);
  assert.equal(audited.length, 1);
  const role = "View-Only Organization Management";
  const { failed } = await run("Preview-ModeratedMessage", { Identity: 3 }, { role });
  assert.equal(failed?.code, "forbidden");
});

test("several are decided about at once; who is too late hears of it", async () => {
  const { run, moderation, audited } = await openWaiting();
  const plan = await run("Approve-ModeratedMessage", { Identity: [1, 2] }, { whatIf: true });
  assert.deepEqual(plan.actions, [
    "Approve message 1 from <a@b.test>: offer 1",
    "Approve message 2 from <a@b.test>: offer 2",
  ]);
  const first = await run("Approve-ModeratedMessage", { Identity: [1, 2, 2, 7], Comment: "Fine" });
  assert.equal(first.values.length, 2);
  assert.match(first.warnings.join(), /somebody else has decided about 7/);
  const decision = { kind: "approve", text: "Fine" };
  assert.deepEqual(moderation.orders, [
    { messageId: 1, by: "hana", decision },
    { messageId: 2, by: "hana", decision },
  ]);
  assert.equal(audited[0]?.changes.length, 2);
  const late = await run("Deny-ModeratedMessage", { Identity: 2, Comment: "No" });
  assert.match(late.failed?.message ?? "", /no message 2 waits for approval/);
  const text = "no";
  await run("Deny-ModeratedMessage", { Identity: 3, Comment: text });
  assert.deepEqual(moderation.orders.at(-1), {
    ...{ messageId: 3, by: "hana", decision: { kind: "deny", text } },
  });
});
