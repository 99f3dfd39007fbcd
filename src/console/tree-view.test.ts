import assert from "node:assert/strict";
import { test } from "node:test";
import type { OutputObject, OutputType } from "../cmdlet/output-type.ts";
import { displayWidth } from "./safe-text.ts";
import { createTreeView } from "./tree-view.ts";

const TYPE: OutputType = {
  name: "Sample",
  properties: {
    Step: { kind: "text", doc: "" },
    Depth: { kind: "number", doc: "" },
    Verdict: { kind: "choice", doc: "", choices: ["Pass", "Fail"] },
    Why: { kind: "text", doc: "" },
  },
  table: ["Step"],
  tree: { depth: "Depth", mark: "Verdict", title: ["Step"], details: ["Why"] },
};

function render(
  values: readonly OutputObject[],
  options: { readonly width?: number; readonly hasColour?: boolean } = {},
): string {
  const view = createTreeView({
    outputType: TYPE,
    properties: Object.keys(TYPE.properties),
    width: options.width,
    hasColour: options.hasColour ?? false,
  });
  return values.map((value) => view.push(value)).join("") + view.end();
}

const TRUNK = { Step: "Route", Depth: 0, Verdict: "Pass", Why: "the cheapest" };
const BRANCH = { Step: "Other", Depth: 1, Verdict: "Fail", Why: null };

test("nodes are indented by their depth, with what is known of them below", () => {
  assert.equal(render([TRUNK, BRANCH]), "✓ Route\n    Why: the cheapest\n  ✗ Other\n");
});

test("marks have colours, texts of strangers command nothing", () => {
  assert.equal(render([BRANCH], { hasColour: true }), "  \x1b[31m✗\x1b[0m Other\n");
  assert.ok(!render([{ ...BRANCH, Step: "\x1b[2J" }]).includes("\x1b"));
});

test("on a terminal lines are wrapped at words, and off it they are whole", () => {
  const long = { ...TRUNK, Why: "word ".repeat(40).trim() };
  const lines = render([long], { width: 60 }).trimEnd().split("\n");
  assert.ok(lines.length > 3 && lines.every((line) => displayWidth(line) <= 60));
  assert.equal(render([long]).trimEnd().split("\n").length, 2);
});

test("however deep, and without a depth or a mark, a node is shown", () => {
  const deep = render([{ ...BRANCH, Depth: 1e9 }]);
  assert.ok(deep.length < 100);
  assert.equal(render([{ Step: "x", Depth: null, Verdict: null, Why: null }]), "· x\n");
});
