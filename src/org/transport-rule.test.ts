import assert from "node:assert/strict";
import { test } from "node:test";
import { parseConfiguration } from "./configuration.ts";
import { formatFault } from "./configuration-fault.ts";
import { organizationOf } from "./sample-objects.fake.ts";
import { RULE_CONDITIONS, RULE_EXCEPTIONS } from "./settings/rule-conditions.ts";

const HEAD = `
server: { fqdn: mail.contoso.test }
acceptedDomains: [{ name: contoso.test }]
transportRules:
`;

function parse(rules: string) {
  const context = { fileName: "t.yaml", hostName: "mail.contoso.test", cores: 1 };
  return parseConfiguration(HEAD + rules, context);
}

test("every condition has its exception, and nothing else has one", () => {
  const wanted = Object.keys(RULE_CONDITIONS).map(
    (name) => `exceptIf${name.charAt(0).toUpperCase()}${name.slice(1)}`,
  );
  assert.deepEqual(Object.keys(RULE_EXCEPTIONS), wanted);
  assert.match(RULE_EXCEPTIONS.exceptIfFrom.doc, /^Exception: the sender is one of these/);
});

test("rules come in the order of their priorities, then in that of the file", () => {
  const { transportRules } = organizationOf(`${HEAD}
  - { name: third, deleteMessage: true }
  - { name: second, priority: 7, deleteMessage: true }
  - { name: a fourth, deleteMessage: true }
  - { name: first, priority: 3, deleteMessage: true }
`);
  assert.deepEqual(
    transportRules.map(({ name, priority, statedPriority }) => [name, priority, statedPriority]),
    [
      ["first", 0, 3],
      ["second", 1, 7],
      ["third", 2, undefined],
      ["a fourth", 3, undefined],
    ],
  );
});

test("a file's order is stored, as the store has none", () => {
  const read = parse(`
  - { name: z, deleteMessage: true }
  - { name: m, priority: 4, deleteMessage: true }
  - { name: a, deleteMessage: true }
`);
  assert.ok(read.ok);
  const rules = read.value.objects.filter(({ kind }) => kind === "transportRule");
  assert.deepEqual(
    rules.map(({ name, properties }) => [name, properties["priority"]]),
    [
      ["z", "5"],
      ["m", "4"],
      ["a", "6"],
    ],
  );
});

for (const [why, rule, fault] of [
  ["half of a pair", "headerContainsWords: [x]", /headerContainsWords: needs headerContainsMess/],
  [
    "half of an exception's pair",
    "exceptIfBetweenMemberOf1: [x@y.test]",
    /exceptIfBetweenMemberOf1: needs exceptIfBetweenMemberOf2/,
  ],
  ["an operator alone", "adComparisonOperator: Equal", /needs adComparisonAttribute/],
  ["a value without a header", "setHeaderValue: x", /setHeaderValue: needs setHeaderName/],
  ["an attribute that is none", 'senderADAttributeContainsWords: ["Shoe:9"]', /no.* attribute/],
  ["no attribute at all", "senderADAttributeContainsWords: [Sales]", /is not an attribute, a col/],
  ["look-behind", 'subjectMatchesPatterns: ["(?<=a)b"]', /no look-around/],
  ["a back-reference", 'subjectMatchesPatterns: ["(a)\\\\1"]', /no back-references/],
  ["a pattern that explodes", 'subjectMatchesPatterns: ["((x{99}){99}){9}"]', /pattern/],
  ["an empty pattern", 'subjectMatchesPatterns: [""]', /is empty/],
  ["a word with a space", 'subjectContainsWords: [" x"]', /is not a word/],
  ["another status", "rejectMessageEnhancedStatusCode: 5.1.1", /5.7.900 to 5.7.999/],
  ["a header name", 'removeHeader: "X Y"', /is not the name of a header field/],
  [
    "dates the wrong way round",
    "activationDate: 2026-02-01T00:00:00Z, expiryDate: 2026-01-01T00:00:00Z",
    /expiryDate: must be after/,
  ],
] as const) {
  test(`a rule is refused: ${why}`, () => {
    const read = parse(`  - { name: x, deleteMessage: true, ${rule} }\n`);
    assert.ok(!read.ok);
    assert.match(read.fault.map(formatFault).join("\n"), fault);
  });
}

test("a rule without an action is refused, also when it says how one would be done", () => {
  for (const rule of ["from: [a@b.test]", "applyHtmlDisclaimerLocation: Prepend"]) {
    const read = parse(`  - { name: x, ${rule} }\n`);
    assert.ok(!read.ok);
    assert.match(read.fault.map(formatFault).join("\n"), /the rule does nothing/);
  }
});
