import assert from "node:assert/strict";
import { test } from "node:test";
import { givenParameters, propertyChanges } from "./audit-event.ts";

test("what has changed is told with its texts before and after; what stayed is not", () => {
  const modified = [
    { Object: "Rule a", Name: "Enabled", OldValue: true, NewValue: false },
    { Object: "Rule a", Name: "Name", OldValue: "a", NewValue: "a" },
    { Object: "Rule a", Name: "From", OldValue: null, NewValue: ["x", "y"] },
    { Object: "Rule a", Name: "ETag", OldValue: "1", NewValue: "2" },
    { Object: "and 12 more", Name: "", OldValue: null, NewValue: null },
    "nonsense",
  ];
  assert.deepEqual(
    propertyChanges(modified).map(({ name, before, after }) => [name, before, after]),
    [
      ["Enabled", "true", "false"],
      ["From", "", "x, y"],
      ["", "", ""],
    ],
  );
});

test("parameters are told by name", () => {
  assert.deepEqual(givenParameters([{ Name: "Identity", Value: { a: 1 } }]), [
    ["Identity", '{"a":1}'],
  ]);
  assert.deepEqual(givenParameters(null), []);
});
