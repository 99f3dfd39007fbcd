import assert from "node:assert/strict";
import { test } from "node:test";
import { createCmdletTable } from "../cmdlet/cmdlet-table.ts";
import { ALL_CMDLETS, CMDLET_GROUPS } from "../management/all-cmdlets.ts";
import type { Argument } from "./argument-value.ts";
import { bindArguments } from "./bind-arguments.ts";
import { splitWords } from "./command-words.fake.ts";
import { formatExample, isPipeline } from "./example-command.ts";
import { findHelp, formatHelpPage } from "./help-page.ts";
import { HELP_TOPICS, USUAL_QUESTIONS } from "./help-topics.ts";
import { selectProperties } from "./view-choice.ts";

/** What keeps a command of a page from being typed as it stands. */
function problemOf(command: string): string | undefined {
  const [name = "", ...words] = splitWords(command);
  const cmdlet = ALL_CMDLETS.find(name);
  if (cmdlet === undefined) return `${command}: there is no ${name}`;
  const typed: readonly Argument[] = words.map((text) => ({ text, isLiteral: false }));
  const bound = bindArguments(cmdlet, typed);
  if (!bound.ok) return `${command}: ${bound.fault}`;
  const given = Object.keys(bound.value.parameters);
  const missing = Object.entries(cmdlet.parameters).find(
    ([parameter, { presence }]) => presence === "required" && !given.includes(parameter),
  );
  if (missing !== undefined) return `${command}: -${missing[0]} is missing`;
  const { properties: asked, format = "table" } = bound.value.options;
  const selected = selectProperties(cmdlet.output, { format, asked });
  return selected.ok ? undefined : `${command}: ${selected.fault}`;
}

test("help: the commands that answer the usual questions can be typed as they stand", () => {
  const commands = USUAL_QUESTIONS.flatMap((one) => one.commands);
  assert.deepEqual(commands.map(problemOf).filter(Boolean), []);
});

test("help: the examples of every cmdlet can be typed as they stand", () => {
  const commands = ALL_CMDLETS.all
    .flatMap(({ examples }) => examples.map(({ command }) => command))
    // The shell's tests look at pipelines; apply and export are no cmdlets.
    .filter((command) => !isPipeline(command) && !command.startsWith("postrider "))
    .map((command) => formatExample(command).slice("postrider ".length));
  assert.deepEqual(commands.map(problemOf).filter(Boolean), []);
});

test("help: the first page has every cmdlet, every question and every topic", () => {
  const page = formatHelpPage(CMDLET_GROUPS, "COMMANDS");
  for (const { question } of USUAL_QUESTIONS) assert.ok(page.includes(question));
  for (const { name } of HELP_TOPICS) assert.ok(page.includes(`postrider help ${name}`));
  for (const { name } of ALL_CMDLETS.all) {
    const noun = name.slice(name.indexOf("-"));
    assert.ok(page.includes(`${noun}`), name);
  }
});

for (const [words, isFound, text] of [
  [["get-rolegroup"], true, /^Get-RoleGroup: /],
  [["administrator"], true, /New-Administrator .*\n/],
  [["administrators"], true, /New-Administrator .*\n/],
  [["filters"], true, /-notlike/],
  [["filter"], true, /-notlike/],
  [["exit-codes"], true, /130 {2}It was cancelled/],
  [["Get-RoleGrup"], false, /no help for "Get-RoleGrup"; did you mean "Get-RoleGroup"/],
  [["xyzzy"], false, /"postrider help" lists all/],
] as const) {
  test(`help: ${words.join(" ")}`, () => {
    const answer = findHelp(words, ALL_CMDLETS);
    assert.equal(answer.isFound, isFound);
    assert.match(answer.text, text);
  });
}

test("help: a line is never wider than a terminal of 100 columns", () => {
  const pages = ALL_CMDLETS.all.map(({ name }) => findHelp([name], ALL_CMDLETS).text);
  const topics = HELP_TOPICS.map(({ name }) => findHelp([name], createCmdletTable([])).text);
  for (const line of [...pages, ...topics].flatMap((page) => page.split("\n"))) {
    assert.ok(line.length <= 100 || line.startsWith("  postrider ") || !/ {4}/.test(line), line);
  }
});
