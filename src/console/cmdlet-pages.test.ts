import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { ALL_CMDLETS, CMDLET_GROUPS } from "../management/all-cmdlets.ts";
import { formatCmdletPages, RENEWAL, readOwnPages } from "./cmdlet-pages.ts";

const FOLDER = join(import.meta.dirname, "../../docs/cmdlets");

test("docs/cmdlets is what the cmdlet table says", async () => {
  const pages = formatCmdletPages(CMDLET_GROUPS);
  const stale = `stale; run: ${RENEWAL}`;
  assert.deepEqual(await readOwnPages(FOLDER), [...pages.keys()].toSorted(), stale);
  for (const [name, text] of pages) {
    // Not assert.equal: a page is long, and what is wrong with it is that it is old.
    assert.ok((await readFile(join(FOLDER, name), "utf8")) === text, `${name} is ${stale}`);
  }
});

test("pages: every cmdlet is on one, with every parameter and property", () => {
  const pages = [...formatCmdletPages(CMDLET_GROUPS)];
  for (const cmdlet of ALL_CMDLETS.all) {
    const [page, ...others] = pages.filter(([, text]) => text.includes(`\n## ${cmdlet.name}\n`));
    assert.deepEqual(others, []);
    for (const name of Object.keys(cmdlet.parameters))
      assert.ok(page?.[1].includes(`\`-${name}\``));
    for (const name of Object.keys(cmdlet.output.properties)) {
      assert.ok(page?.[1].includes(`| \`${name}\` |`));
    }
  }
});

test("pages: every row of every table has three cells and a meaning", () => {
  const rows = [...formatCmdletPages(CMDLET_GROUPS).values()]
    .flatMap((text) => text.split("\n"))
    .filter((line) => line.startsWith("| `"));
  assert.ok(rows.length > 20);
  for (const row of rows)
    assert.match(row, /^\| `-?\w+` \| (?:[^|\\]|\\.)+ \| (?:[^|\\]|\\.){5,} \|$/);
});

test("pages: an article goes with the word behind it", () => {
  // With u nobody knows: a user, an unusual one.
  const wrong = /\ba (?!one\b)[aeio][a-z]|\ban [bcdfgjkpqtvwyz][a-z]/gi;
  for (const [name, text] of formatCmdletPages(CMDLET_GROUPS)) {
    for (const line of text.split("\n")) assert.doesNotMatch(line, wrong, name);
  }
});
