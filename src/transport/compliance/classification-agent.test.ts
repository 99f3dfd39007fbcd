import assert from "node:assert/strict";
import { test } from "node:test";
import { organizationOf } from "../../org/sample-objects.fake.ts";
import { classificationStamps } from "./classification-agent.ts";

const ORGANIZATION = organizationOf(`
messageClassifications:
  - { name: Internal, displayName: Company Internal }
  - { name: Secret, classificationID: 4d3-77 }
transportRules:
  - { name: a, hasClassification: secret, applyClassification: Company Internal }
  - { name: b, hasClassification: Other, setSCL: 1 }
`);
const FIELD = "X-MS-Exchange-Organization-Classification";

for (const [why, values, want] of [
  ["by name", ["internal"], ["Internal"]],
  ["by display name", ["Company Internal"], ["Internal"]],
  ["by id, and by encoded words", ["4D3-77", "=?utf-8?q?Secret?="], ["4d3-77"]],
  ["what nobody has made", ["Anything", ""], []],
  ["several", ["Secret", "Internal"], ["4d3-77", "Internal"]],
] as const) {
  test(`classification by the sender: ${why}`, () => {
    const header = values.map((value) => `${FIELD.toLowerCase()}: ${value}\r\n`).join("");
    const text = classificationStamps(
      Buffer.from(`To: x\r\n${header}\r\n`),
      ORGANIZATION.messageClassifications,
    );
    assert.equal(text, want.map((key) => `${FIELD}: ${key}\r\n`).join(""));
  });
}

test("rules name classifications as headers have them", () => {
  const rules = ORGANIZATION.transportRules.map((rule) => [
    rule.hasClassification,
    rule.applyClassification,
  ]);
  assert.deepEqual(rules, [
    ["4d3-77", "Internal"],
    ["Other", undefined],
  ]);
});
