import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type ConfigJson, toConfigJson } from "./config-value.ts";
import { FaultList } from "./configuration-fault.ts";
import { formatListedObject, formatSingleObject } from "./configuration-text.ts";
import type { ObjectProperties } from "./organization-editor.ts";
import { parseYamlTree } from "./yaml-tree.ts";

function readBack(yaml: string): ConfigJson {
  const faults = new FaultList("f.yaml");
  const tree = parseYamlTree(yaml, faults);
  assert.ok(tree, JSON.stringify(faults.list()));
  return toConfigJson(tree);
}

test("an object is written as people write it", () => {
  const properties: ObjectProperties = {
    name: "Default Frontend",
    bindings: ["0.0.0.0:25", "[::]:25"],
    permissionGroups: ["AnonymousUsers"],
    banner: null,
    comment: "",
    extendedRights: { AnonymousUsers: ["ms-Exch-SMTP-Submit"] },
    credential: { userName: "u", password: "a: b # c" },
    devices: [{ name: "Scanner", senders: [] }, { name: "null" }],
  };
  const text = `receiveConnectors:\n${formatListedObject(properties)}`;
  assert.equal(
    text,
    `receiveConnectors:
  - name: Default Frontend
    bindings: ["0.0.0.0:25", "[::]:25"]
    permissionGroups: [AnonymousUsers]
    banner: null
    comment: ""
    extendedRights:
      AnonymousUsers: [ms-Exch-SMTP-Submit]
    credential:
      userName: u
      password: "a: b # c"
    devices:
      - name: Scanner
        senders: []
      - name: "null"
`,
  );
  assert.deepEqual(readBack(text), { receiveConnectors: [properties] });
});

const text = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 40 }),
  fc.constantFrom(
    "null",
    "~",
    "-",
    "- a",
    "a:",
    "a: b",
    "# x",
    "'",
    '"',
    "&a",
    "*a",
    "!t",
    "%",
    "@",
    "`",
    "yes",
    "007",
    "[",
    "{",
    "a, b",
    " x",
    "x ",
    "a\nb",
    "\u2028",
    "\ufeff",
    "\u0000",
    "=",
    "?",
    "|",
  ),
);
const { value } = fc.letrec<{ value: ConfigJson }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    text,
    fc.constant(null),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(fc.stringMatching(/^[a-z][a-zA-Z.@]{0,9}$/), tie("value"), { maxKeys: 4 }),
  ),
}));
const object = fc.dictionary(fc.stringMatching(/^[a-z][a-zA-Z]{0,9}$/), value, {
  minKeys: 1,
  maxKeys: 5,
  noNullPrototype: true,
});

test("whatever is written is read back as it was", () => {
  fc.assert(
    fc.property(object, object, (one, other) => {
      const plain = JSON.parse(JSON.stringify([one, other]));
      const listed = `all:\n${formatListedObject(one)}${formatListedObject(other)}`;
      assert.deepEqual(readBack(listed), { all: plain });
      assert.deepEqual(readBack(`one:\n${formatSingleObject(one)}`), { one: plain[0] });
    }),
    { numRuns: 500 },
  );
});
