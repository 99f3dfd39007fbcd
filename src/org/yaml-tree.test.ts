import assert from "node:assert/strict";
import { test } from "node:test";
import { toConfigJson } from "./config-value.ts";
import { FaultList, formatFault } from "./configuration-fault.ts";
import { parseYamlTree, YAML_ALIASED_MAX } from "./yaml-tree.ts";

function read(text: string) {
  const faults = new FaultList("f.yaml");
  const tree = parseYamlTree(text, faults);
  return { tree, faults: faults.list().map(formatFault) };
}

for (const [why, text, want] of [
  ["an empty file", "", {}],
  ["only a comment", "# nothing\n", {}],
  [
    "scalars stay text",
    "a: 007\nb: no\nc: 00:05:00\nd: 1e3",
    { a: "007", b: "no", c: "00:05:00", d: "1e3" },
  ],
  ["YAML 1.1 changes nothing", "%YAML 1.1\n---\na: 1:30:00\nb: yes", { a: "1:30:00", b: "yes" }],
  [
    "bare null is nothing, in quotes it is text",
    'a: null\nb: ~\nc:\nd: "null"\ne: ""',
    { a: null, b: null, c: null, d: "null", e: "" },
  ],
  ["lists and mappings", "a: [1, {b: c}]\nd:\n  - e", { a: ["1", { b: "c" }], d: ["e"] }],
  [
    "an anchor is repeated by its aliases",
    "a: &x [1]\nb: *x\nc: *x",
    { a: ["1"], b: ["1"], c: ["1"] },
  ],
  ["the latest anchor of a name counts", "a: &x 1\nb: &x 2\nc: *x", { a: "1", b: "2", c: "2" }],
  ["a byte order mark", "\ufeffa: 1", { a: "1" }],
  [
    "names of Object.prototype are names",
    "__proto__: 1\nconstructor: 2",
    JSON.parse('{"__proto__":"1","constructor":"2"}'),
  ],
] as const) {
  test(`parseYamlTree: ${why}`, () => {
    const { tree, faults } = read(text);
    assert.deepEqual(faults, []);
    assert.deepEqual(tree && toConfigJson(tree), want);
  });
}

for (const [why, text, want] of [
  ["broken syntax", "a: [1\nb: 2", /^f\.yaml:\d+:\d+: not YAML: /],
  ["a second document", "a: 1\n---\nb: 2", /^f\.yaml:2:1: not YAML: .*multiple documents/],
  ["a list instead of a mapping", "- a", /^f\.yaml:1:1: the file must be a mapping/],
  ["a tag", "a: !!int 3", /^f\.yaml:1:4: not YAML: Unresolved tag/],
  ["a name that is a list", "? [x]\n: 3", /a property needs a name/],
  ["an alias of nothing", "a: *b", /^f\.yaml:1:4: .*\*b is no anchor/],
  ["an anchor that holds itself", "a: &a [*a]", /nested too deeply/],
  ["deep nesting", `a: ${"[".repeat(40)}${"]".repeat(40)}`, /nested too deeply/],
  ["nesting that would exhaust the stack", "[".repeat(30_000), /./],
  ["mappings that would exhaust the stack", "{a: ".repeat(30_000), /./],
] as const) {
  test(`parseYamlTree refuses ${why}`, () => {
    const { tree, faults } = read(text);
    assert.equal(tree, undefined);
    assert.match(faults.join("\n"), want);
  });
}

test("aliases cannot multiply a small file without end", () => {
  const rows = Array.from({ length: 12 }, (_, index) => {
    const items = Array(9).fill(index === 0 ? "x" : `*a${index - 1}`);
    return `a${index}: &a${index} [${items.join(",")}]`;
  });
  const { faults } = read(rows.join("\n"));
  assert.equal(faults.length, 1);
  assert.match(
    faults[0] ?? "",
    new RegExp(`aliases stand for more than ${YAML_ALIASED_MAX} values`),
  );
});

test("each value knows its place", () => {
  const { tree } = read("a: 1\nbc:\n  - de: x\n");
  const list = tree?.entries[1]?.value;
  const map = list?.kind === "list" ? list.items[0] : undefined;
  const entry = map?.kind === "map" ? map.entries[0] : undefined;
  assert.deepEqual(tree?.entries[1]?.at, { line: 2, column: 1 });
  assert.deepEqual(
    [entry?.at, entry?.value.at],
    [
      { line: 3, column: 5 },
      { line: 3, column: 9 },
    ],
  );
});
