import assert from "node:assert/strict";
import { test } from "node:test";
import { parseHeaderFields } from "../../mail/header-fields.ts";
import { readPickupHeader } from "./pickup-header.ts";

function read(lines: readonly string[], recipientsMax = 100) {
  return readPickupHeader(parseHeaderFields(Buffer.from(lines.join("\r\n"))), { recipientsMax });
}

for (const [why, lines, want] of [
  ["one From", ["From: a@x.test"], "a@x.test"],
  ["one Sender", ["Sender: s@x.test"], "s@x.test"],
  ["one in each", ["Sender: s@x.test", "From: A <a@x.test>"], "a@x.test"],
  ["several in From, one Sender", ["From: a@x.test, b@x.test", "Sender: s@x.test"], "s@x.test"],
  ["several in From", ["From: a@x.test, b@x.test"], undefined],
  ["two From fields", ["From: a@x.test", "From: b@x.test"], undefined],
  ["several in both", ["From: a@x.test, b@x.test", "Sender: s@x.test, t@x.test"], undefined],
  ["none", ["Subject: x"], undefined],
  ["no address", ["From: root"], undefined],
] as const) {
  test(`sender: ${why}`, () => {
    const reading = read([...lines, "To: bob@contoso.test"]);
    assert.equal(reading.kind === "message" ? reading.sender : undefined, want);
  });
}

for (const [why, lines, want] of [
  ["To", ["To: a@x.test"], "a@x.test To"],
  [
    "all three, in order, each once",
    ["Bcc: c@x.test", "To: A <a@x.test>, A@x.test", "Cc: b@x.test, a@x.test"],
    "a@x.test To, b@x.test Cc, c@x.test Bcc",
  ],
  ["two To fields", ["To: a@x.test", "To: b@x.test"], "a@x.test To, b@x.test To"],
  ["a group", ["To: Team: a@x.test, b@x.test;"], "a@x.test To, b@x.test To"],
  ["one invalid", ["To: a@x.test, Bob"], "a@x.test To; 5.1.3"],
  ["all invalid", ["To: Bob"], "badmail"],
  ["an empty group", ["To: Undisclosed recipients:;"], "badmail"],
  ["none", [], "badmail"],
] as const) {
  test(`recipients: ${why}`, () => {
    const reading = read(["From: a@x.test", ...lines]);
    if (reading.kind === "badmail") {
      assert.equal(want, "badmail");
      return;
    }
    const listed = reading.recipients
      .map(({ address, status }) => `${address} ${status}`)
      .join(", ");
    assert.equal(reading.fault === undefined ? listed : `${listed}; ${reading.fault.status}`, want);
  });
}

test("recipients at the limit and past it", () => {
  const to = (count: number) =>
    `To: ${Array.from({ length: count }, (_, index) => `r${index}@x.test`).join(", ")}`;
  const atLimit = read(["From: a@x.test", to(5)], 5);
  assert.ok(atLimit.kind === "message" && atLimit.fault === undefined);
  const past = read(["From: a@x.test", to(6)], 5);
  assert.ok(past.kind === "message");
  assert.equal(past.fault?.diagnostic, "550 5.5.3 RESOLVER.ADR.RecipLimit; too many recipients");
  assert.equal(past.recipients.length, 5);
});

test("Bcc alone is told apart", () => {
  const alone = read(["From: a@x.test", "Bcc: b@x.test"]);
  assert.ok(alone.kind === "message" && alone.bccOnly);
  const beside = read(["From: a@x.test", "Bcc: b@x.test", "Cc: c@x.test"]);
  assert.ok(beside.kind === "message" && !beside.bccOnly);
});

test("what goes into a notice is printable and short", () => {
  const reading = read(["From: a@x.test", `To: a@x.test, "\u0007${"x".repeat(500)}"`]);
  assert.ok(reading.kind === "message" && reading.fault !== undefined);
  assert.match(reading.fault.diagnostic, /^[ -~]{1,150}$/);
});
