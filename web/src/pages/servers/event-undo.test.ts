import assert from "node:assert/strict";
import { test } from "node:test";
import type { CmdletFacts } from "../../api/facts.ts";
import { undoOf } from "./event-undo.ts";

function factsOf(names: readonly string[], required: readonly string[] = []): CmdletFacts {
  const parameters = Object.fromEntries(names.map((name) => [name, {}]));
  return { summary: "", parameters, required, output: { name: "", properties: {}, table: [] } };
}

const FACTS = {
  "New-Rule": factsOf(["Name", "From", "Words", "Enabled"], ["Name"]),
  "Set-Rule": factsOf(["Identity", "Name", "From", "Words", "Enabled", "Password"]),
  "Remove-Rule": factsOf(["Identity"], ["Identity"]),
  "Set-Config": factsOf(["Size"]),
};

function event(CmdletName: string, changes: readonly object[], Succeeded = true) {
  return { CmdletName, Succeeded, ModifiedProperties: changes };
}

const words = { Object: "Rule a b", Name: "Words", OldValue: ["x"], NewValue: ["y"] };
const rename = { Object: "Rule a b", Name: "Name", OldValue: "a b", NewValue: "c" };
const tag = { Object: "Rule a b", Name: "ETag", OldValue: "1", NewValue: "2" };
const secret = { Object: "Rule a b", Name: "Password", OldValue: "***", NewValue: "*" };
const made = { Object: "Rule a b", Name: "Name", OldValue: null, NewValue: "a b" };
const gone = { Object: "Rule a b", Name: "Name", OldValue: "a b", NewValue: null };
const none = { Object: "Rule a b", Name: "From", OldValue: [], NewValue: null };
const off = { Object: "Rule a b", Name: "Enabled", OldValue: false, NewValue: null };
const many = { Object: "and 12 more", Name: "", OldValue: null, NewValue: null };
const size = { Object: "Config", Name: "Size", OldValue: "1MB", NewValue: "2MB" };

for (const [why, given, kind, parameters] of [
  ["a setting", event("Set-Rule", [words, tag]), "putBack", { Identity: "a b", Words: ["x"] }],
  ["a new name", event("Set-Rule", [rename]), "putBack", { Identity: "c", Name: "a b" }],
  ["the only one", event("Set-Config", [size]), "putBack", { Size: "1MB" }],
  ["switched off", event("Disable-Rule", [words]), "putBack", { Identity: "a b", Words: ["x"] }],
  ["made", event("New-Rule", [made]), "remove", { Identity: "a b" }],
  [
    "removed",
    event("Remove-Rule", [gone, none, off]),
    "makeAgain",
    { Name: "a b", Enabled: false },
  ],
] as const) {
  test(`taken back: ${why}`, () => {
    const undo = undoOf(given, FACTS);
    assert.equal(undo?.kind, kind);
    assert.deepEqual(undo.call.parameters, parameters);
  });
}

for (const [why, given] of [
  ["what has failed", event("Set-Rule", [words], false)],
  ["what changed nothing", event("Set-Rule", [])],
  ["secrets", event("Set-Rule", [secret])],
  ["more than one", event("Set-Rule", [words, { ...words, Object: "Rule c" }])],
  ["a list that is cut off", event("Set-Rule", [words, many])],
  ["another noun's object", event("Set-Config", [words])],
  ["what lacks a name", event("Remove-Rule", [off])],
  ["other acts", event("Move-Rule", [words])],
] as const) {
  test(`not taken back: ${why}`, () => {
    assert.equal(undoOf(given, FACTS), undefined);
  });
}
