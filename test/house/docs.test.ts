import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import {
  findChangelogFaults,
  findMissingRfcs,
  findMissingRooms,
  findStalePaths,
  findStaleScripts,
  type Page,
  readCitedRfcs,
} from "./docs.ts";
import { FLOORS, roomOf } from "./floors.ts";
import { ROOT, readSource, readSources } from "./source.ts";

const onDisk = (path: string): boolean => existsSync(join(ROOT, path));
const readPage = (path: string): Page => ({ path, text: readFileSync(join(ROOT, path), "utf8") });
const pages = ["README.md", "CONTRIBUTING.md", ...globSync("docs/**/*.md", { cwd: ROOT })];

for (const path of pages) {
  test(`${path} names files that exist`, () => {
    assert.deepEqual(findStalePaths(readPage(path), onDisk), []);
  });

  test(`${path} names commands that exist`, () => {
    const { scripts }: { scripts: object } = JSON.parse(readPage("package.json").text);
    assert.deepEqual(findStaleScripts(readPage(path), Object.keys(scripts)), []);
  });
}

test("docs/ARCHITECTURE.md walks through every room", () => {
  const used = new Set(readSources("src/**/*.ts").map(({ path }) => roomOf(path)));
  const rooms = FLOORS.flat().filter((room) => used.has(room));
  assert.deepEqual(findMissingRooms(readPage("docs/ARCHITECTURE.md"), rooms), []);
});

test("docs/rfc.md lists every RFC that the code cites", () => {
  const cited = readCitedRfcs(readSources("src/**/*.ts"));
  assert.ok(cited.size > 0);
  assert.deepEqual(findMissingRfcs(readPage("docs/rfc.md"), cited), []);
});

test("CHANGELOG.md has room for what comes next", () => {
  assert.deepEqual(findChangelogFaults(readPage("CHANGELOG.md").text), []);
});

test("docs: a file that is gone is found, one that is there is not", () => {
  const page = { path: "docs/x.md", text: "See `src/mail/a.ts`, then src/mail/b.ts, not x/bin/c." };
  assert.deepEqual(
    findStalePaths(page, (path) => path === "src/mail/a.ts"),
    ["docs/x.md names src/mail/b.ts, which does not exist"],
  );
});

test("docs: a room left out is found", () => {
  const page = { path: "docs/x.md", text: "src/mail holds addresses" };
  assert.equal(findMissingRooms(page, ["mail", "smtp"]).length, 1);
});

test("docs: an RFC that only the code knows is found", () => {
  const cited = readCitedRfcs([
    readSource("src/mail/a.ts", "/** RFC 5321 §2.4 and RFC 3463 */\nconst text = 'RFC 1';"),
  ]);
  assert.deepEqual([...cited.keys()], ["5321", "3463"]);
  assert.equal(
    findMissingRfcs({ path: "docs/x.md", text: "| RFC 5321 | SMTP |" }, cited).length,
    1,
  );
});

test("docs: a command that is gone is found", () => {
  const page = { path: "docs/x.md", text: "`npm run bench`, `npm run dance`" };
  assert.equal(findStaleScripts(page, ["bench"]).length, 1);
});

for (const [why, text, count] of [
  ["good", "# Changelog\n\n## [Unreleased]\n\n### Added\n\n- A thing\n", 0],
  ["no section", "# Changelog\n\n## [0.1.0]\n", 1],
  ["a heading of our own", "## [Unreleased]\n\n### News\n", 1],
  ["an old section may differ", "## [Unreleased]\n\n## [0.1.0]\n### News\n", 0],
] as const) {
  test(`docs: change log, ${why}`, () => {
    assert.equal(findChangelogFaults(text).length, count);
  });
}
