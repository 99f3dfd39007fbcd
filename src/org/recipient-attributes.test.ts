import assert from "node:assert/strict";
import { test } from "node:test";
import { ATTRIBUTE_NAMES, attributeOf } from "./recipient-attributes.ts";
import { recipientFromRow } from "./recipient-reader.ts";

function recipient(kind: string, properties: object) {
  const all = { name: "alice", primarySmtpAddress: "alice@contoso.test", ...properties };
  return recipientFromRow({ kind, name: "alice", json: JSON.stringify(all), memberCount: 0 });
}

const SET = {
  displayName: "Alice Smith",
  department: "Sales",
  poBox: "12",
  customAttribute15: "blue",
  manager: "bob@contoso.test",
};

for (const [name, want] of [
  ["Department", "Sales"],
  ["department", "Sales"],
  ["DisplayName", "Alice Smith"],
  ["POBox", "12"],
  ["CustomAttribute15", "blue"],
  ["CustomAttribute16", undefined],
  ["Manager", "bob@contoso.test"],
  ["Email", "alice@contoso.test"],
  ["UserLogonName", "alice"],
  ["City", undefined],
  ["constructor", undefined],
  ["__proto__", undefined],
] as const) {
  test(`attributeOf: ${name} of a mailbox`, () => {
    assert.equal(attributeOf(recipient("mailbox", SET), name), want);
  });
}

test("attributes are kept of mail users and mail contacts, and apart from other settings", () => {
  for (const kind of ["mailUser", "mailContact"]) {
    const external = { externalEmailAddress: "a@example.test" };
    const found = recipient(kind, { ...external, ...SET });
    assert.deepEqual(found.attributes, SET);
    assert.ok(!("department" in found));
  }
  assert.equal(attributeOf(recipient("mailbox", {}), "DisplayName"), "alice");
  assert.equal(attributeOf(recipient("distributionGroup", {}), "Department"), undefined);
});

test("every attribute of the list is known, whoever is asked", () => {
  const full = Object.fromEntries(
    ATTRIBUTE_NAMES.filter((name) => name !== "Email" && name !== "UserLogonName").map((name) => [
      name === "POBox" ? "poBox" : name.charAt(0).toLowerCase() + name.slice(1),
      name === "Manager" ? "bob@contoso.test" : "x",
    ]),
  );
  for (const name of ATTRIBUTE_NAMES) {
    assert.notEqual(attributeOf(recipient("mailbox", full), name), undefined, name);
  }
});

test("a value with a line end, or too long, is no attribute", () => {
  for (const department of ["Sales\r\nBcc: x@example.test", "x".repeat(65)]) {
    assert.throws(() => recipient("mailbox", { department }), /department/);
  }
});
