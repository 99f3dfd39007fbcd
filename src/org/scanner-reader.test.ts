import assert from "node:assert/strict";
import { test } from "node:test";
import { parseConfiguration } from "./configuration.ts";
import { formatFault } from "./configuration-fault.ts";
import { organizationOf } from "./sample-objects.fake.ts";

function faultsOf(text: string): string {
  const context = { fileName: "t.yaml", hostName: "mail.contoso.test", cores: 1 };
  const read = parseConfiguration(text, context);
  return read.ok ? "" : read.fault.map(formatFault).join("\n");
}

test("scanners: milters in the order of their priority, then of their names", () => {
  const { milters } = organizationOf(`
milters:
  - { name: last, endpoint: "127.0.0.1:1" }
  - { name: first, endpoint: "/run/first", priority: 1 }
  - { name: "between", endpoint: "[::1]:3" }
`).scanning;
  assert.deepEqual(
    milters.map(({ name }) => name),
    ["first", "between", "last"],
  );
});

for (const [why, text, want] of [
  ["no scanner", 'malwareFilterConfig: { scanners: ["clamav"] }', /no scanner/],
  ["no place", 'contentFilterConfig: { endpoint: "here" }', /no place of a scanner/],
  ["no macro", 'milters: [{ name: A, endpoint: "h:1", macros: ["if_name"] }]', /no macro/],
  [
    "no value of a macro",
    'milters: [{ name: A, endpoint: "h:1", macroDefaults: ["{if_name}"] }]',
    /no macro with a value/,
  ],
  ["no domain", 'contentFilterConfig: { bypassedSenderDomains: ["*.a b"] }', /not a domain name/],
  ["eight scores", "contentFilterConfig: { sclScores: [1, 2, 3, 4, 5, 6, 7, 8] }", /nine rising/],
  [
    "scores that fall",
    "contentFilterConfig: { sclScores: [1, 2, 3, 4, 5, 6, 7, 8, 8] }",
    /nine rising/,
  ],
  [
    "a quarantine behind the refusal",
    "contentFilterConfig: { sclQuarantineEnabled: true, sclQuarantineThreshold: 7 }",
    /sclRejectThreshold: must be higher than sclQuarantineThreshold, 7/,
  ],
  [
    "a refusal behind the deletion",
    "contentFilterConfig: { sclDeleteEnabled: true, sclDeleteThreshold: 6 }",
    /sclDeleteThreshold: must be higher than sclRejectThreshold, 7/,
  ],
] as const) {
  test(`scanners: ${why} is a fault`, () => {
    assert.match(faultsOf(text), want);
  });
}

test("scanners: thresholds that are not in force may be anything", () => {
  const text = "contentFilterConfig: { sclRejectThreshold: 1, sclQuarantineThreshold: 9 }";
  assert.equal(organizationOf(text).scanning.contentFilterConfig.sclRejectThreshold, 1);
});
