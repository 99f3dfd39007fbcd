import assert from "node:assert/strict";
import { test } from "node:test";
import { pastedMessage, verdictsOf, writtenMessage } from "./test-verdict.ts";

const LINE = {
  ...{ Rule: "a", Priority: 0, Mode: "Enforce", Name: "", Recipient: "", Result: "True" },
  ...{ Seen: [], Found: "" },
} as const;

test("predicates belong to the rule before them", () => {
  const verdicts = verdictsOf([
    { ...LINE, Kind: "Rule" },
    { ...LINE, Kind: "Condition", Name: "From" },
    { ...LINE, Kind: "Exception", Name: "ExceptIfFrom" },
    { ...LINE, Kind: "Rule", Rule: "b" },
  ]);
  const told = verdicts.map(({ rule, predicates }) => [
    rule.Rule,
    predicates.map(({ Name }) => Name),
  ]);
  assert.deepEqual(told, [
    ["a", ["From", "ExceptIfFrom"]],
    ["b", []],
  ]);
});

test("what is written becomes a message; no field breaks out of its line", () => {
  const bytes = writtenMessage({
    sender: "a@b.test",
    recipients: ["c@d.test", "e@f.test"],
    subject: "hello\r\nX-Evil: 1",
    body: "one\ntwo",
  });
  const text = new TextDecoder().decode(bytes);
  assert.match(
    text,
    /^From: a@b\.test\r\nTo: c@d\.test,\r\n e@f\.test\r\nSubject: hello X-Evil: 1/,
  );
  assert.match(text, /\r\n\r\none\r\ntwo$/);
});

test("a pasted source has the line ends of mail", () => {
  const text = new TextDecoder().decode(pastedMessage("A: b\n\r\nx\ry"));
  assert.equal(text, "A: b\r\n\r\nx\r\ny");
});
