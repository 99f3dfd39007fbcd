import assert from "node:assert/strict";
import { test } from "node:test";
import { textOf } from "../../base/text-of.fake.ts";
import { sampleEvent } from "../../logs/sample-story.fake.ts";
import { guidOf, keptMessage, openRoom } from "./quarantine-room.fake.ts";

const of = (id: number) => ({ "network-message-id": guidOf(id), "sender-address": "" });
const TRACKED = [
  sampleEvent("FAIL", "a@contoso.test", { ...of(1), "source-context": "SCL 9" }),
  sampleEvent("RESUBMIT", "a@contoso.test;x@contoso.test", {
    ...of(1),
    ...{ source: "ADMIN", reference: "1", "internal-message-id": "9", "recipient-count": "2" },
    "source-context": "Release-QuarantineMessage;by=hana",
  }),
  sampleEvent("RESUBMIT", "c@contoso.test", { ...of(1), source: "SAFETYNET" }),
  sampleEvent("DROP", "b@contoso.test", {
    ...{ ...of(2), source: "ADMIN", "internal-message-id": "2" },
    "source-context": "Delete-QuarantineMessage;by=token x;y (jo)",
  }),
  sampleEvent("DROP", "b@contoso.test", { ...of(4), "source-context": "Redirected to nobody" }),
  sampleEvent("DROP", "b@contoso.test", {
    ...{ ...of(3), source: "QUEUE", "internal-message-id": "3" },
    "source-context": "Quarantine;expired",
  }),
];

test("what was released, deleted and expired, by whom and for whom; the newest first", async () => {
  const { run } = await openRoom({ tracked: TRACKED });
  const { values, warnings } = await run("Get-QuarantineMessageHistory");
  assert.deepEqual(
    values.map(({ Action, ActionBy, Identity }) => [Action, ActionBy, textOf(Identity).slice(-3)]),
    [
      ["Expired", null, "3\\3"],
      ["Deleted", "token x;y (jo)", "2\\2"],
      ["Released", "hana", "1\\1"],
    ],
  );
  assert.deepEqual(values[2]?.["RecipientAddress"], ["a@contoso.test", "x@contoso.test"]);
  assert.equal(values[2]["SenderAddress"], "<>");
  assert.deepEqual(warnings, []);
});

test("of one message, by a filter, and not more than was asked for", async () => {
  const { run, tracking } = await openRoom({ tracked: TRACKED });
  const one = await run("Get-QuarantineMessageHistory", { Identity: `${guidOf(1)}\\1` });
  assert.equal(one.values.length, 1);
  assert.deepEqual(tracking.log.queries[0]?.networkMessageIds, [guidOf(1)]);
  const other = await run("Get-QuarantineMessageHistory", { Identity: `${guidOf(1)}\\8` });
  assert.deepEqual(other.values, []);
  const gone = await run("Get-QuarantineMessageHistory", { Filter: "Action -ne 'Released'" });
  assert.equal(gone.values.length, 2);
  const first = await run("Get-QuarantineMessageHistory", { ResultSize: 1 });
  assert.match(first.warnings.join(), /more than these 1/);
  const { failed } = await run("Get-QuarantineMessageHistory", { Identity: "42" });
  assert.match(failed?.message ?? "", /is no identity/);
});

test("a copy goes to recipients of ours only, with or without its own", async () => {
  const { run, quarantine } = await openRoom();
  quarantine.kept = [keptMessage(5, { to: ["alice@contoso.test", "joe@contoso.test"] })];
  const CopyTo = ["r.b@contoso.test"];
  const alone = await run("Release-QuarantineMessage", { Identity: "5", CopyTo });
  assert.deepEqual(alone.values[0]?.["ReleasedUser"], CopyTo);
  assert.deepEqual([alone.values[0]["Released"], alone.values[0]["StillKept"]], [1, 2]);
  const both = { Identity: "5", User: ["joe@contoso.test"], CopyTo };
  const plan = await run("Release-QuarantineMessage", both, { whatIf: true });
  assert.match(plan.actions?.join() ?? "", /to 2 recipients/);
  await run("Release-QuarantineMessage", both);
  assert.deepEqual(quarantine.orders, [
    { act: "release", messageIds: [5], to: [], copyTo: CopyTo, by: "hana" },
    { act: "release", messageIds: [5], to: ["joe@contoso.test"], copyTo: CopyTo, by: "hana" },
  ]);
  const stranger = { Identity: "5", ReleaseToAll: true, CopyTo: ["x@fabrikam.test"] };
  for (const whatIf of [true, false]) {
    const { failed } = await run("Release-QuarantineMessage", stranger, { whatIf });
    assert.match(failed?.message ?? "", /x@fabrikam\.test is no recipient/);
  }
});

test("what was wrongly kept is reported, and stays", async () => {
  const { run, quarantine, audited } = await openRoom();
  quarantine.kept = [keptMessage(5), keptMessage(4)];
  const { values } = await run("Submit-QuarantineMessage", { Identities: ["5", "4"] });
  assert.deepEqual(
    values.map(({ Type }) => Type),
    ["Spam", "Spam"],
  );
  assert.deepEqual(quarantine.orders, [
    { act: "reportFalsePositive", id: 5, by: "hana" },
    { act: "reportFalsePositive", id: 4, by: "hana" },
  ]);
  assert.equal(audited[0]?.changes.length, 2);
});
