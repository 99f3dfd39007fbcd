import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { nounOf } from "../cmdlet/cmdlet-table.ts";
import type { OutputType } from "../cmdlet/output-type.ts";
import { CMDLET_GROUPS } from "../management/all-cmdlets.ts";
import { describeParameter, formatSyntax, type KnownCmdlet } from "./cmdlet-syntax.ts";
import { formatExample } from "./example-command.ts";
import type { CmdletGroup } from "./help-page.ts";
import { HELP_TOPICS } from "./help-topics.ts";

/** How the pages are written anew. */
export const RENEWAL = "node_modules/.bin/node src/console/cmdlet-pages.ts docs/cmdlets";

/** In every page that is ours; others in the folder are left alone. */
const MARK = "src/console/cmdlet-pages.ts; a test fails";

const NOTICE = `<!-- Generated from the cmdlet table
     by src/console/cmdlet-pages.ts; a test fails when it is stale. Write it anew: ${RENEWAL} -->`;

/** The reference of all cmdlets: one page per noun and an index, by file name. */
export function formatCmdletPages(groups: readonly CmdletGroup[]): ReadonlyMap<string, string> {
  const byNoun = new Map<string, KnownCmdlet[]>();
  for (const cmdlet of groups.flatMap(({ cmdlets }) => cmdlets)) {
    const noun = nounOf(cmdlet);
    byNoun.set(noun, [...(byNoun.get(noun) ?? []), cmdlet]);
  }
  const pages = [...byNoun].map(
    ([noun, cmdlets]) => [pageName(noun), formatPage(noun, cmdlets)] as const,
  );
  return new Map([["README.md", formatIndex(groups)], ...pages]);
}

/** `receive-connector.md` of `ReceiveConnector`. */
function pageName(noun: string): string {
  const words = noun.replace(/([a-z\d])([A-Z])/g, "$1-$2").replace(/([A-Z])([A-Z][a-z])/g, "$1-$2");
  return `${words.toLowerCase()}.md`;
}

function formatIndex(groups: readonly CmdletGroup[]): string {
  const sections = groups
    .filter(({ cmdlets }) => cmdlets.length > 0)
    .map(({ title, cmdlets }) => {
      const rows = cmdlets.map(
        (cmdlet) =>
          `| [${cmdlet.name}](${pageName(nounOf(cmdlet))}#${cmdlet.name.toLowerCase()}) ` +
          `| ${escapeCell(cmdlet.summary)} |`,
      );
      return `## ${title}\n\n| Cmdlet | Does |\n|---|---|\n${rows.join("\n")}\n`;
    });
  const topics = HELP_TOPICS.map(
    ({ summary, lines }) => `## ${summary}\n\n\`\`\`\n${lines.join("\n")}\n\`\`\`\n`,
  );
  const head = `# Cmdlets

${NOTICE}

Each cmdlet is a command (\`postrider Get-Queue\`) and an endpoint of the REST interface, which
\`/api/openapi.json\` describes. \`postrider help\` shows what is here, and
\`postrider Get-Queue -?\` one cmdlet. [Who may run what](../roles.md) is a page of its own.
`;
  return [head, ...sections, ...topics].join("\n");
}

function formatPage(noun: string, cmdlets: readonly KnownCmdlet[]): string {
  const outputs = new Map(cmdlets.map(({ output }) => [output.name, output]));
  const head = `# ${noun}\n\n${NOTICE}\n`;
  return [head, ...cmdlets.map(formatCmdlet), ...[...outputs.values()].map(formatOutput)].join(
    "\n",
  );
}

function formatCmdlet(cmdlet: KnownCmdlet): string {
  const { name, summary, notes = [], examples, roles, effect, isRecorded, confirmation } = cmdlet;
  const asks = confirmation === "asks" ? " The command line asks first." : "";
  const recorded = effect === "changes" || isRecorded ? " The audit log records it." : "";
  const who = ["Organization Management", ...roles].join(", ");
  return [
    `## ${name}\n`,
    `${escapeText(summary)}${asks}${recorded}\n`,
    `\`\`\`\n${formatSyntax(cmdlet).join("\n")}\n\`\`\`\n`,
    ...notes.map((note) => `${escapeText(note)}\n`),
    `Who may run it: ${who}. Puts out: ${cmdlet.output.name}.\n`,
    ...formatParameters(cmdlet),
    ...examples.map(
      ({ command, doc }) => `${escapeText(doc)}\n\n\`\`\`\n${formatExample(command)}\n\`\`\`\n`,
    ),
  ].join("\n");
}

function formatParameters({ parameters }: KnownCmdlet): readonly string[] {
  const rows = Object.entries(parameters).map(([name, parameter]) => {
    const type = parameter.isSwitch ? "switch" : parameter.type.label;
    const meaning = describeParameter(parameter).join(" ");
    return `| \`-${name}\` | ${escapeCell(type)} | ${escapeCell(meaning)} |`;
  });
  if (rows.length === 0) return [];
  return [`| Parameter | Type | Meaning |\n|---|---|---|\n${rows.join("\n")}\n`];
}

/** Each type once, however many cmdlets of the page put it out. */
function formatOutput({ name, properties }: OutputType): string {
  const rows = Object.entries(properties).map(([property, described]) => {
    const { kind, doc, choices = [], hiddenFrom = [] } = described;
    const values = choices.length === 0 ? "" : ` One of ${choices.join(", ")}.`;
    const hidden = hiddenFrom.length === 0 ? "" : ` Not shown to ${hiddenFrom.join(", ")}.`;
    return `| \`${property}\` | ${kind} | ${escapeCell(doc + values + hidden)} |`;
  });
  if (rows.length === 0) return `## Output: ${name}\n\nNothing.\n`;
  return `## Output: ${name}\n\n| Property | Kind | Meaning |\n|---|---|---|\n${rows.join("\n")}\n`;
}

/** A bar would end the cell; the rest as in `escapeText`. */
function escapeCell(text: string): string {
  return escapeText(text).replaceAll("|", "\\|").replace(/\s+/g, " ");
}

/** Angle brackets and asterisks would be markup; between backticks they are not. */
function escapeText(text: string): string {
  return text.replace(/`[^`]*`|[<>*]/g, (match) => (match.length > 1 ? match : `\\${match}`));
}

/** File names of the pages in a folder that come from here. */
export async function readOwnPages(folder: string): Promise<readonly string[]> {
  const own: string[] = [];
  for (const name of (await readdir(folder)).toSorted()) {
    if ((await readFile(join(folder, name), "utf8")).includes(MARK)) own.push(name);
  }
  return own;
}

/** Writes the pages, and takes away those of cmdlets that are gone. */
async function renew(folder: string): Promise<void> {
  const pages = formatCmdletPages(CMDLET_GROUPS);
  await mkdir(folder, { recursive: true });
  for (const name of await readOwnPages(folder)) {
    if (!pages.has(name)) await rm(join(folder, name));
  }
  for (const [name, text] of pages) await writeFile(join(folder, name), text);
}

// Run by itself, the file writes the pages into the folder that it is given.
if (import.meta.main) await renew(process.argv[2] ?? "docs/cmdlets");
