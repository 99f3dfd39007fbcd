import assert from "node:assert/strict";
import { test } from "node:test";
import { ALL_CMDLETS } from "../../../../src/management/all-cmdlets.ts";
import { RULE_ACTIONS } from "../../../../src/org/settings/rule-actions.ts";
import { PREDICATES } from "../../../../src/transport/rules/predicate-table.ts";
import {
  actionParts,
  conditionParts,
  describePart,
  exceptionParts,
  hasPart,
  movedTo,
  offerPart,
  withoutPart,
} from "./rule-parts.ts";
import { ACTION_PARTS, ACTION_PHRASES, CONDITION_PHRASES } from "./rule-phrases.ts";

const HEADER = {
  Name: "HeaderContainsWords",
  Parameters: ["HeaderContainsMessageHeader", "HeaderContainsWords"],
  ExceptionParameters: ["ExceptIfHeaderContainsMessageHeader", "ExceptIfHeaderContainsWords"],
  Description: "…",
};

function say(segments: ReturnType<typeof describePart>): string {
  return segments.map(({ text, isValue }) => (isValue ? `[${text}]` : text)).join("");
}

test("a condition and its exception are told with their values", () => {
  const [condition] = conditionParts([HEADER]);
  const [exception] = exceptionParts([HEADER]);
  assert.ok(condition !== undefined && exception !== undefined);
  const values = {
    HeaderContainsMessageHeader: "X-Kind",
    HeaderContainsWords: ["a", "b"],
    ExceptIfHeaderContainsMessageHeader: "List-Id",
  };
  assert.equal(say(describePart(condition, values)), "the header field [X-Kind] contains [a, b]");
  assert.equal(hasPart(exception, values), true);
  assert.equal(say(describePart(exception, values)), "the header field [List-Id] contains ");
  assert.equal(offerPart(condition), "the header field … contains …");
  assert.deepEqual(withoutPart(condition, values), {
    ...values,
    HeaderContainsMessageHeader: null,
    HeaderContainsWords: [],
  });
});

test("what goes with an action is no action of its own, nor is its default one", () => {
  const actions = Object.keys({ ...RULE_ACTIONS }).map((name) => ({
    Name: name.charAt(0).toUpperCase() + name.slice(1),
    Description: "",
  }));
  const parts = actionParts(actions);
  const parameters = parts.flatMap((part) => part.parameters);
  assert.deepEqual(parameters.toSorted(), actions.map(({ Name }) => Name).toSorted());
  const disclaimer = parts.find(({ name }) => name === "ApplyHtmlDisclaimerText");
  assert.ok(disclaimer !== undefined);
  assert.equal(hasPart(disclaimer, { ApplyHtmlDisclaimerLocation: "Append" }), false);
});

test("sizes and choices are told in words", () => {
  const [size] = conditionParts([{ ...HEADER, Name: "MessageSizeOver" }]);
  const [scope] = conditionParts([{ ...HEADER, Name: "FromScope" }]);
  assert.ok(size !== undefined && scope !== undefined);
  assert.match(say(describePart(size, { MessageSizeOver: 20_971_520 })), /\[20 MB\] or more/);
  const said = say(describePart(scope, { FromScope: "NotInOrganization" }));
  assert.equal(said, "the sender is located [outside the organization]");
});

test("every condition and action of the server has words here, and no words are left over", () => {
  const pascal = (name: string) =>
    name
      .replace(/^ad(?=[A-Z])/, "AD")
      .replace(/^scl/, "SCL")
      .replace(/^./, (one) => one.toUpperCase());
  const conditions = Object.keys(PREDICATES).map(pascal);
  assert.deepEqual([...CONDITION_PHRASES.keys()].toSorted(), conditions.toSorted());
  const parts = new Set(Object.values(ACTION_PARTS).flatMap((names) => names.slice(1)));
  const actions = Object.keys(RULE_ACTIONS).map(pascal);
  assert.deepEqual(
    [...ACTION_PHRASES.keys()].toSorted(),
    actions.filter((name) => !parts.has(name)).toSorted(),
  );
  const known = Object.keys(ALL_CMDLETS.find("New-TransportRule")?.parameters ?? {});
  const named = [...CONDITION_PHRASES.values(), ...ACTION_PHRASES.values()].flatMap(({ words }) =>
    [...words.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name),
  );
  for (const name of named) assert.ok(known.includes(name), name);
});

test("a rule that is dropped on another takes its place", () => {
  const names = ["a", "b", "c"];
  assert.equal(movedTo(names, { name: "a", to: "c" }), 2);
  assert.equal(movedTo(names, { name: "c", to: "a" }), 0);
  assert.equal(movedTo(names, { name: "b", to: "b" }), undefined);
});
