import assert from "node:assert/strict";
import { test } from "node:test";
import { textOf } from "../../base/text-of.fake.ts";
import { sampleMessage } from "../../store/queue-contract.ts";
import { guidOf, keptMessage, openRoom } from "./quarantine-room.fake.ts";

const HOUR_MS = 3_600_000;

/** Three messages of different kinds, the newest first. */
async function openFilled() {
  const room = await openRoom();
  const nowMs = room.clock.nowMs();
  const { origin, envelope } = sampleMessage(1);
  room.quarantine.kept = [
    keptMessage(3, {
      subject: "Your invoice",
      headerFrom: "ceo@evil.test",
      to: ["alice@contoso.test", "bob@contoso.test"],
      quarantine: { type: "Phish", policy: "Impersonation" },
      receivedMs: nowMs - HOUR_MS,
      expiresMs: nowMs + 30 * HOUR_MS,
    }),
    keptMessage(2, {
      subject: "Viagra",
      scl: 9,
      receivedMs: nowMs - 2 * HOUR_MS,
      expiresMs: nowMs + 20 * HOUR_MS,
    }),
    keptMessage(1, {
      subject: "Grüße",
      envelope: { ...envelope, sender: "" },
      headerFrom: "",
      origin: { ...origin, directionality: "Originating" },
      quarantine: { type: "TransportRule", policy: "No passports" },
      receivedMs: nowMs - 3 * HOUR_MS,
      expiresMs: nowMs + 10 * HOUR_MS,
    }),
  ];
  return room;
}

for (const [why, parameters, want] of [
  ["all", {}, [3, 2, 1]],
  ["a type", { Type: "spam" }, [2]],
  ["types", { QuarantineTypes: ["Spam", "TransportRule"] }, [2, 1]],
  ["a sender of the header", { SenderAddress: "*@evil.test" }, [3]],
  ["the sender of the envelope", { SenderAddress: ["A@b.test"] }, [3, 2]],
  ["no sender", { SenderAddress: "<>" }, [1]],
  ["any of the recipients", { RecipientAddress: "BOB@contoso.test" }, [3]],
  ["a domain", { Domain: "evil.test" }, [3]],
  ["a domain of recipients", { Domain: "contoso.test" }, [3, 2, 1]],
  ["a part of the subject", { Subject: "VIA" }, [2]],
  ["a pattern of the subject", { Subject: "gr*E" }, [1]],
  ["the whole subject", { Subject: "?iagr" }, []],
  ["a Message-ID without brackets", { MessageId: "2@b.test" }, [2]],
  ["a policy", { PolicyName: "no *" }, [1]],
  ["the direction", { Direction: "Outbound" }, [1]],
  ["received from", { StartReceivedDate: "-130m" }, [3, 2]],
  ["received before", { EndReceivedDate: "-90m" }, [2, 1]],
  ["expires", { StartExpiresDate: "now+15h", EndExpiresDate: "now+25h" }, [2]],
  ["a filter", { Filter: "SCL -ge 5 -or RecipientCount -eq 2" }, [3, 2]],
  ["two conditions", { Subject: "i", RecipientAddress: "bob*" }, [3]],
  ["one by its identity", { Identity: `${guidOf(2)}\\2` }, [2]],
  ["one by its number", { Identity: "2" }, [2]],
  ["one that is not from that sender", { Identity: "2", SenderAddress: "x@y.test" }, []],
] as const) {
  test(`Get-QuarantineMessage: ${why}`, async () => {
    const { run } = await openFilled();
    const { values, failed } = await run("Get-QuarantineMessage", parameters);
    assert.equal(failed, undefined);
    const ids = values.map(({ Identity }) => Number(textOf(Identity).split("\\")[1]));
    assert.deepEqual(ids, want);
  });
}

test("Get-QuarantineMessage: what is shown", async () => {
  const { run } = await openFilled();
  const [shown] = (await run("Get-QuarantineMessage", { Identity: "3" })).values;
  assert.equal(shown?.["Identity"], `${guidOf(3)}\\3`);
  assert.deepEqual(shown["RecipientAddress"], ["alice@contoso.test", "bob@contoso.test"]);
  assert.equal(shown["Type"], "Phish");
  assert.equal(shown["PolicyName"], "Impersonation");
  assert.equal(shown["Reason"], "SCL 9");
  assert.equal(shown["FromAddress"], "ceo@evil.test");
  assert.equal(shown["Direction"], "Inbound");
});

test("Get-QuarantineMessage: a page, and no more is read than it needs", async () => {
  const { run, quarantine } = await openRoom();
  quarantine.kept = Array.from({ length: 100 }, (_, at) => keptMessage(100 - at));
  const second = await run("Get-QuarantineMessage", { PageSize: 3, Page: 2 });
  assert.deepEqual(
    second.values.map(({ Identity }) => textOf(Identity).split("\\")[1]),
    ["97", "96", "95"],
  );
  assert.match(second.warnings.join(), /-Page 3/);
  assert.equal(quarantine.pagesRead, 4);
  const last = await run("Get-QuarantineMessage", { PageSize: 60, Page: 2 });
  assert.deepEqual([last.values.length, last.warnings.length], [40, 0]);
});

for (const [why, identity, problem] of [
  ["what is no identity", "nonsense", /is no identity/],
  ["one that has gone", "77", /there is no message 77 in quarantine/],
  ["a number with another GUID", `${guidOf(9)}\\2`, /there is no message/],
] as const) {
  test(`${why} is told`, async () => {
    const { run } = await openFilled();
    for (const verb of ["Get", "Preview", "Export", "Delete"]) {
      const { failed } = await run(`${verb}-QuarantineMessage`, { Identity: identity });
      assert.match(failed?.message ?? "", problem, verb);
    }
  });
}

test("who may do what", async () => {
  const { run } = await openFilled();
  const role = "View-Only Organization Management";
  assert.equal((await run("Get-QuarantineMessage", {}, { role })).values.length, 3);
  for (const verb of ["Release", "Delete", "Export", "Preview"]) {
    const { failed } = await run(`${verb}-QuarantineMessage`, { Identity: "2" }, { role });
    assert.equal(failed?.code, "forbidden", verb);
  }
  const helpDesk = await run("Get-QuarantineMessage", {}, { role: "Help Desk" });
  assert.equal(helpDesk.failed?.code, "forbidden");
});

test("Release-QuarantineMessage: to all, audited", async () => {
  const { run, quarantine, audited } = await openFilled();
  const { values } = await run("Release-QuarantineMessage", { Identity: "3", ReleaseToAll: true });
  assert.deepEqual(quarantine.orders, [{ act: "release", messageIds: [3], by: "hana" }]);
  assert.deepEqual([values[0]?.["Released"], values[0]?.["StillKept"]], [2, 0]);
  assert.equal(audited[0]?.cmdlet, "Release-QuarantineMessage");
  assert.match(audited[0].changes[0]?.object ?? "", /^QuarantineMessage .*\\3 <3@b\.test>$/);
});

test("Release-QuarantineMessage: to one of them, reported as no spam", async () => {
  const { run, quarantine } = await openFilled();
  const { values } = await run("Release-QuarantineMessage", {
    Identities: ["3"],
    User: ["Bob@contoso.test"],
    ReportFalsePositive: true,
  });
  assert.deepEqual(quarantine.orders, [
    { act: "release", messageIds: [3], to: ["bob@contoso.test"], by: "hana" },
    { act: "reportFalsePositive", id: 3, by: "hana" },
  ]);
  assert.deepEqual([values[0]?.["Released"], values[0]?.["StillKept"]], [1, 1]);
});

for (const [why, parameters, problem] of [
  ["without a word to whom", { Identity: "3" }, /-ReleaseToAll, -User/],
  ["to somebody else", { Identity: "2", User: "eve@contoso.test" }, /is not kept from eve@/],
  ["to all and to one", { Identity: "2", User: "a@b.test", ReleaseToAll: true }, /ReleaseToAll/],
  ["without a message", { ReleaseToAll: true }, /say which message/],
] as const) {
  test(`Release-QuarantineMessage: ${why}`, async () => {
    const { run, quarantine } = await openFilled();
    const { failed } = await run("Release-QuarantineMessage", parameters);
    assert.match(failed?.message ?? "", problem);
    assert.deepEqual(quarantine.orders, []);
  });
}

test("-AllowSender puts the author on the lists of those mailboxes, once", async () => {
  const { run, organization, audited, quarantine } = await openFilled();
  const to = ["r.b@contoso.test", "alice@contoso.test", "stranger@contoso.test"];
  quarantine.kept = [keptMessage(5, { to, headerFrom: "News@Fabrikam.test" })];
  const parameters = { Identity: "5", ReleaseToAll: true, AllowSender: true };
  const first = await run("Release-QuarantineMessage", parameters);
  assert.equal(first.failed, undefined);
  assert.match(first.warnings.join(), /1 of the recipients are no mailboxes/);
  await run("Release-QuarantineMessage", parameters);
  const lists = ["alice", "bob"].map(async (name) => {
    const stored = await organization.read("mailbox", name);
    return stored?.properties["safeSenders"];
  });
  assert.deepEqual(await Promise.all(lists), [
    ["news@fabrikam.test"],
    ["friend@fabrikam.test", "news@fabrikam.test"],
  ]);
  const objects = audited[0]?.changes.map(({ object }) => object) ?? [];
  assert(objects.includes("Mailbox bob"));
});

test("-AllowSender needs -Force where a file declares the mailbox", async () => {
  const { run, organization, quarantine } = await openRoom({ owned: true });
  quarantine.kept = [keptMessage(5, { headerFrom: "news@fabrikam.test" })];
  const parameters = { Identity: "5", ReleaseToAll: true, AllowSender: true };
  const { failed } = await run("Release-QuarantineMessage", parameters);
  assert.match(failed?.message ?? "", /postrider\.yaml/);
  assert.deepEqual(quarantine.orders, []);
  const forced = await run("Release-QuarantineMessage", { ...parameters, Force: true });
  assert.equal(forced.failed, undefined);
  const stored = await organization.read("mailbox", "alice");
  assert.deepEqual(stored?.properties["safeSenders"], ["news@fabrikam.test"]);
});

test("a message without any sender is released, and nobody is allowed", async () => {
  const { run, quarantine } = await openFilled();
  const parameters = { Identity: "1", ReleaseToAll: true, AllowSender: true };
  const { warnings, failed } = await run("Release-QuarantineMessage", parameters);
  assert.equal(failed, undefined);
  assert.match(warnings.join(), /no sender/);
  assert.equal(quarantine.orders.length, 1);
});

test("Delete-QuarantineMessage, and what it would do", async () => {
  const { run, quarantine } = await openFilled();
  const parameters = { Identities: ["1", "2", "2"] };
  const { actions } = await run("Delete-QuarantineMessage", parameters, { whatIf: true });
  assert.equal(actions?.length, 2);
  assert.match(actions[1] ?? "", /from <a@b\.test>: Viagra$/);
  assert.deepEqual(quarantine.orders, []);
  await run("Delete-QuarantineMessage", parameters);
  assert.deepEqual(quarantine.orders, [
    { act: "delete", messageIds: [1], by: "hana" },
    { act: "delete", messageIds: [2], by: "hana" },
  ]);
});

test("Export-QuarantineMessage puts out the message with its edits, and is audited", async () => {
  const { run, quarantine, audited } = await openRoom();
  const edits = [{ kind: "prepend", text: "Received: here\r\n" }] as const;
  quarantine.kept = [keptMessage(5, { edits })];
  quarantine.text = `Subject: x\r\n\r\n${"body\r\n".repeat(50_000)}`;
  const given = { Identity: "5", ReasonForExport: "analysis" };
  const { values } = await run("Export-QuarantineMessage", given);
  assert.equal(values.length, 2);
  const file = Buffer.concat(values.map(({ Eml }) => Buffer.from(textOf(Eml), "base64")));
  assert.equal(file.toString(), `Received: here\r\n${quarantine.text}`);
  assert.equal(audited[0]?.parameters["ReasonForExport"], "analysis");
});
