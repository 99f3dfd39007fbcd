import type { CmdletTable } from "../../cmdlet/cmdlet-table.ts";
import type { HelpAnswer } from "../help-page.ts";
import { HELP_TOPICS } from "../help-topics.ts";
import { wrapText } from "../wrap-text.ts";
import type { LocalCmdlet } from "./local-cmdlet.ts";

const TOUR: readonly string[] = [
  "Get-Queue                                        What is queued",
  "Get-Queue | Where-Object MessageCount -gt 100    Only the long ones",
  "Get-Queue | Sort-Object MessageCount -Descending | Select-Object -First 5",
  "Get-Queue | Where-Object Status -eq Retry | Suspend-Queue",
  "$queues = Get-Queue; $queues[0].LastError        Variables keep results",
  "Get-Message | Export-Csv messages.csv            Also ConvertTo-Json, Out-File",
];

/** What `help` shows in the shell. */
export function formatShellHelp({
  cmdlets,
  locals,
}: {
  readonly cmdlets: CmdletTable<never>;
  readonly locals: readonly LocalCmdlet[];
}): string {
  const width = Math.max(...locals.map(({ name }) => name.length));
  return [
    `The server has ${cmdlets.all.length} cmdlets: Get-Command lists them, help Get-Queue shows`,
    "one, help queue whatever has to do with queues. TAB completes names, parameters and values.",
    "",
    ...TOUR.map((line) => `  ${line}`),
    "",
    "Cmdlets of the shell:",
    ...locals.map(({ name, aliases, summary }) => {
      const others = aliases.length === 0 ? "" : ` (${aliases.join(", ")})`;
      return `  ${name.padEnd(width)}  ${summary}${others}`;
    }),
    "",
    `More help: ${HELP_TOPICS.map(({ name }) => `help ${name}`).join(", ")}`,
    "Ctrl-C ends the line that runs, exit or Ctrl-D the shell.",
    "",
  ].join("\n");
}

/** Help for a cmdlet of the shell; `undefined`: there is none of that name. */
export function findLocalHelp(
  name: string,
  locals: readonly LocalCmdlet[],
): HelpAnswer | undefined {
  const cmdlet = findLocal(name, locals);
  if (cmdlet === undefined) return undefined;
  const parameters = Object.entries(cmdlet.parameters).flatMap(([one, { form, doc }]) => [
    form === "switch" ? `  -${one}` : `  -${one} <${form}>`,
    ...wrapText(doc, "      "),
  ]);
  const aliases = cmdlet.aliases.length === 0 ? "" : ` Also: ${cmdlet.aliases.join(", ")}.`;
  const sections: readonly (readonly string[])[] = [
    wrapText(`${cmdlet.name}: ${cmdlet.summary}${aliases}`, ""),
    parameters.length === 0 ? [] : ["PARAMETERS", ...parameters],
    ["EXAMPLES", ...cmdlet.examples.map((example) => `  ${example}`)],
  ];
  const text = sections.filter((section) => section.length > 0).map((one) => one.join("\n"));
  return { isFound: true, text: `${text.join("\n\n")}\n` };
}

/** A cmdlet of the shell by its name or one of its short names, in any case. */
export function findLocal(name: string, locals: readonly LocalCmdlet[]): LocalCmdlet | undefined {
  const folded = name.toLowerCase();
  return locals.find((one) => one.name.toLowerCase() === folded || one.aliases.includes(folded));
}
