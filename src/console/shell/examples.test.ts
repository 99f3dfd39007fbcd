import assert from "node:assert/strict";
import { test } from "node:test";
import { ALL_CMDLETS } from "../../management/all-cmdlets.ts";
import { isPipeline } from "../example-command.ts";
import { parseShell } from "./parse-shell.ts";
import { LOCAL_CMDLETS } from "./shell.ts";
import { findLocal } from "./shell-help.ts";

const EXAMPLES = [
  ...ALL_CMDLETS.all.flatMap(({ examples }) => examples.map(({ command }) => command)),
  ...LOCAL_CMDLETS.flatMap(({ examples }) => examples),
];

/** What is wrong with an example when it is typed at the prompt. */
function problemOf(example: string): string | undefined {
  const parsed = parseShell(example);
  if (!parsed.ok) return `${example}: ${parsed.fault.problem}`;
  const elements = parsed.value.statements.flatMap(({ pipeline }) => pipeline.elements);
  for (const element of elements) {
    if (element.kind === "expression") continue;
    const { name } = element;
    const isKnown = ALL_CMDLETS.find(name) ?? findLocal(name, LOCAL_CMDLETS);
    if (isKnown === undefined) return `${example}: there is no ${name}`;
  }
  return undefined;
}

test("examples: each can be typed at the prompt", () => {
  // Those of commands that are no cmdlets are for another shell.
  const typed = EXAMPLES.filter((example) => !example.startsWith("postrider "));
  assert.ok(typed.filter(isPipeline).length > 10);
  assert.deepEqual(
    typed.map(problemOf).filter((problem) => problem !== undefined),
    [],
  );
});

test("examples: no cmdlet of the shell hides one of the server", () => {
  const hidden = ALL_CMDLETS.all.filter(({ name }) => findLocal(name, LOCAL_CMDLETS) !== undefined);
  assert.deepEqual(hidden, []);
});
