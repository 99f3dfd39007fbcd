import { EXAMPLE_CONFIGURATION } from "./example-configuration.ts";
import { OBJECT_KINDS } from "./settings/object-kinds.ts";
import type { Setting, SettingTable } from "./settings/setting.ts";

const HEAD = `# Configuration

<!-- Generated from the settings tables by src/org/reference-page.ts; a test fails when it is stale.
     Write it anew: node_modules/.bin/node src/org/reference-page.ts > docs/configuration.md -->

\`postrider serve --config FILE\` applies a YAML file at start and again on SIGHUP. The file is
checked as a whole first: when anything in it is wrong, each fault is told with its line, its object
and what would be right, and nothing is applied. Property names are Exchange's cmdlet parameters in
camelCase.

| Written | Means |
|---|---|
| span | \`00:05:00\`: five minutes; \`2.00:00:00\`: two days; \`00:00:00.200\`: 0.2 s |
| size | bytes, or with \`KB\`, \`MB\`, \`GB\` (powers of 1024): \`36MB\` |
| \`unlimited\` | no limit, where the type says so |
| list | \`[a, b]\`, or a single value for a list of one |
| \`null\` | nothing: switches off what the property names, where its type has "or null" |
| address | an e-mail address, compared without case; UTF-8 before the @ is fine |
`;

/** The reference page of all settings, Markdown. */
export function formatReferencePage(): string {
  const sections = Object.values(OBJECT_KINDS).map(formatKind);
  const example = `## A complete example\n\n\`\`\`yaml\n${EXAMPLE_CONFIGURATION}\`\`\`\n`;
  return [HEAD, ...sections, example].join("\n");
}

function formatKind(kind: (typeof OBJECT_KINDS)[keyof typeof OBJECT_KINDS]): string {
  const form = kind.isSingle ? "One mapping." : "A list.";
  const head = "| Property | Type | Default | Meaning |\n|---|---|---|---|";
  const rows = formatRows(kind.table, "");
  return `## ${kind.key}\n\n${kind.doc} ${form}\n\n${[head, ...rows].join("\n")}\n`;
}

function formatRows(table: SettingTable, prefix: string): readonly string[] {
  return Object.entries(table).flatMap(([name, setting]) => {
    const inner = setting.type.table;
    const rowsInside = inner === undefined ? [] : formatRows(inner, `${prefix}${name}.`);
    if (inner !== undefined && setting.type.listMax === undefined) return rowsInside;
    const type = setting.type.label + (setting.presence === "nullable" ? ", or null" : "");
    const cells = [`\`${prefix}${name}\``, type, formatInitial(setting), setting.doc];
    return [`| ${cells.map(escapeCell).join(" | ")} |`, ...rowsInside];
  });
}

function formatInitial(setting: Setting<unknown, "" | "Ms">): string {
  if (setting.presence === "required") return "must be given";
  return setting.defaultText === "" ? "empty" : setting.defaultText;
}

/** A bar would end the cell, an asterisk or an angle bracket would be markup. */
function escapeCell(text: string): string {
  return text.replace(/[|<>]/g, "\\$&");
}

// Run by itself, the file prints the page.
if (import.meta.main) process.stdout.write(formatReferencePage());
