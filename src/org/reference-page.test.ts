import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { parseConfiguration } from "./configuration.ts";
import { formatReferencePage } from "./reference-page.ts";
import { OBJECT_KINDS } from "./settings/object-kinds.ts";

const PAGE = join(import.meta.dirname, "../../docs/configuration.md");

test("docs/configuration.md is what the settings tables say", async () => {
  assert.equal(
    await readFile(PAGE, "utf8"),
    formatReferencePage(),
    "stale; run: node_modules/.bin/node src/org/reference-page.ts > docs/configuration.md",
  );
});

test("the page's example is a configuration with every kind of object", async () => {
  const example = /```yaml\n([\s\S]*?)```/.exec(await readFile(PAGE, "utf8"))?.[1] ?? "";
  const context = { fileName: "example", hostName: "host", cores: 1 };
  assert.equal(parseConfiguration(example, context).ok, true);
  for (const { key } of Object.values(OBJECT_KINDS)) {
    assert.match(example, new RegExp(`^${key}:`, "m"));
  }
});

test("every row of every table has four cells and a meaning", () => {
  const rows = formatReferencePage()
    .split("\n")
    .filter((line) => /^\| `\w/.test(line));
  assert.ok(rows.length > 100);
  for (const row of rows.filter(
    (line) => !line.startsWith("| `unlimited`") && !line.startsWith("| `null`"),
  )) {
    assert.match(row, /^\| `[\w.]+` \| [^|]+ \| [^|]+ \| [^|]{5,} \|$/);
  }
});
