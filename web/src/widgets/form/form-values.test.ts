import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { changedValues, isSame, mergeValues } from "./form-values.ts";

for (const [why, left, right, same] of [
  ["nothing in its forms", undefined, null, true],
  ["an emptied text", "", null, true],
  ["an empty list", [], null, true],
  ["a list in another order", ["a", "b"], ["b", "a"], false],
  ["false is not nothing", false, null, false],
  ["zero is not nothing", 0, "", false],
] as const) {
  test(`isSame: ${why}`, () => assert.equal(isSame(left, right), same));
}

test("only what was changed is sent; what was cleared is null, a list empty", () => {
  const base = { Name: "a", Comment: "x", Bindings: ["1"], Enabled: true };
  const now = { Name: "a", Comment: "", Bindings: [], Enabled: false, Fqdn: "" };
  assert.deepEqual(changedValues(base, now), { Comment: null, Bindings: [], Enabled: false });
});

test("edits of different settings merge; of the same one they conflict", () => {
  const base = { Comment: "old", MaxMessageSize: "36MB", Enabled: true };
  const mine = { Comment: "mine", MaxMessageSize: "36MB", Enabled: false };
  const theirs = { Comment: "theirs", MaxMessageSize: "10MB", Enabled: false };
  const { values, conflicts } = mergeValues({ base, mine, theirs });
  assert.deepEqual(values, { Comment: "mine", MaxMessageSize: "10MB", Enabled: false });
  assert.deepEqual(conflicts, ["Comment"]);
});

test("a merge keeps every change of either side unless it names a conflict", () => {
  const value = fc.constantFrom("a", "b", "c");
  const object = fc.record({ x: value, y: value, z: value }, { noNullPrototype: true });
  fc.assert(
    fc.property(object, object, object, (base, mine, theirs) => {
      const { values, conflicts } = mergeValues({ base, mine, theirs });
      for (const name of ["x", "y", "z"] as const) {
        if (mine[name] !== base[name]) assert.equal(values[name], mine[name]);
        else assert.equal(values[name], theirs[name]);
        const isContested = theirs[name] !== base[name] && mine[name] !== base[name];
        const differs = mine[name] !== theirs[name];
        assert.equal(conflicts.includes(name), isContested && differs);
      }
    }),
  );
});
