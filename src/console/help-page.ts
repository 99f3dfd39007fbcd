import { type CmdletTable, nounOf } from "../cmdlet/cmdlet-table.ts";
import { formatSuggestion } from "../org/suggestion.ts";
import { formatCmdletHelp } from "./cmdlet-help.ts";
import type { KnownCmdlet } from "./cmdlet-syntax.ts";
import { HELP_TOPICS, USUAL_QUESTIONS } from "./help-topics.ts";
import { wrapText } from "./wrap-text.ts";

/** Cmdlets under one title. */
export interface CmdletGroup {
  readonly title: string;
  readonly cmdlets: readonly KnownCmdlet[];
}

/** What `postrider help` shows: questions first, then how to find the rest. */
export function formatHelpPage(groups: readonly CmdletGroup[], commands: string): string {
  const questions = USUAL_QUESTIONS.flatMap(({ question, commands: answers }) => [
    `  ${question}`,
    ...answers.map((command) => `      postrider ${command}`),
  ]);
  const topics = HELP_TOPICS.map(
    ({ name, summary }) => `  postrider help ${name.padEnd(12)} ${summary}`,
  );
  return [
    "Postrider moves mail.",
    "",
    ...questions,
    "",
    "Cmdlets (postrider Get-Queue -? shows one of them):",
    ...groups
      .filter(({ cmdlets }) => cmdlets.length > 0)
      .flatMap(({ title, cmdlets }) => ["", `  ${title}`, ...formatNouns(cmdlets)]),
    "",
    "More help:",
    "  postrider help Get-Queue    One cmdlet: parameters, output, examples",
    "  postrider help queue        Whatever has to do with queues",
    ...topics,
    "",
    commands,
  ].join("\n");
}

/** `Queue: Get, Suspend, Resume`, a line or so per noun. */
function formatNouns(cmdlets: readonly KnownCmdlet[]): readonly string[] {
  const verbs = new Map<string, string[]>();
  for (const cmdlet of cmdlets) {
    const noun = nounOf(cmdlet);
    const verb = cmdlet.name.slice(0, -noun.length - 1);
    verbs.set(noun, [...(verbs.get(noun) ?? []), verb]);
  }
  const parts = [...verbs].map(([noun, all]) =>
    all.length === 1 ? `${all[0]}-${noun}` : `${all.join("/")}-${noun}`,
  );
  return wrapText(parts.join("  "), "    ");
}

/** What `postrider help WORD` found. */
export interface HelpAnswer {
  readonly isFound: boolean;
  readonly text: string;
}

/** Help for a cmdlet, a topic, or whatever the words occur in. */
export function findHelp(words: readonly string[], table: CmdletTable<never>): HelpAnswer {
  const wanted = words.join(" ");
  const cmdlet = table.find(wanted);
  if (cmdlet !== undefined) return { isFound: true, text: formatCmdletHelp(cmdlet) };
  const folded = wanted.toLowerCase();
  const topic = HELP_TOPICS.find(({ name }) => name === folded || name === `${folded}s`);
  if (topic !== undefined) {
    return { isFound: true, text: `${topic.summary}\n\n${topic.lines.join("\n")}\n` };
  }
  const found = searchCmdlets(folded, table.all);
  if (found.length > 0) return { isFound: true, text: formatFound(found) };
  const known = [...table.all.map(({ name }) => name), ...HELP_TOPICS.map(({ name }) => name)];
  const hint = formatSuggestion(wanted, known);
  const cure = hint || '; "postrider help" lists all';
  return { isFound: false, text: `there is no help for ${JSON.stringify(wanted)}${cure}\n` };
}

/** By name first; by what is said of them only when no name has the words. */
function searchCmdlets(folded: string, cmdlets: readonly KnownCmdlet[]): readonly KnownCmdlet[] {
  const words = folded.split(/[\s-]+/).filter((word) => word !== "");
  const stems = words.map((word) => (word.length > 3 ? word.replace(/s$/, "") : word));
  const having = (textOf: (cmdlet: KnownCmdlet) => string) =>
    cmdlets.filter((cmdlet) => {
      const text = textOf(cmdlet).toLowerCase();
      return stems.every((stem) => text.includes(stem));
    });
  const named = having(({ name }) => name);
  if (named.length > 0 || stems.length === 0) return named;
  return having(({ name, summary, notes = [], parameters }) =>
    [name, summary, ...notes, ...Object.keys(parameters)].join(" "),
  );
}

function formatFound(cmdlets: readonly KnownCmdlet[]): string {
  const width = Math.max(...cmdlets.map(({ name }) => name.length));
  const lines = cmdlets.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}\n`);
  return `${lines.join("")}\n"postrider help NAME" shows one of them.\n`;
}
