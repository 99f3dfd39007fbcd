import { systemClock } from "../base/clock.ts";
import { processArguments } from "../console/bind-arguments.ts";
import { EXIT, type ExitCode } from "../console/exit-code.ts";
import { withLocalFiles } from "../console/file-input.ts";
import { findHelp, formatHelpPage } from "../console/help-page.ts";
import { createRunClient } from "../console/run-client.ts";
import { runCommand } from "../console/run-command.ts";
import { safeText } from "../console/safe-text.ts";
import { readServerPlace } from "../console/server-place.ts";
import { ALL_CMDLETS, CMDLET_GROUPS } from "../management/all-cmdlets.ts";
import { formatSuggestion } from "../org/suggestion.ts";
import { openProcessScreen } from "./process-screen.ts";

/** Commands that are no cmdlets, for suggestions. */
const OTHER_COMMANDS = [
  "serve",
  "check",
  "apply",
  "export",
  "shell",
  "import-certificate",
  "help",
  "version",
];

/**
 * Runs `Get-Queue -Filter …`, with `--server` and the like anywhere between. A cmdlet that only
 * reads may be written short, as long as no other begins so.
 */
export async function runCmdletLine(words: readonly string[]): Promise<ExitCode> {
  const placed = readServerPlace(words, process.env);
  const screen = openProcessScreen();
  try {
    if (!placed.ok) return misuse(placed.fault, screen.complain);
    const [name, ...rest] = placed.value.words;
    if (name === undefined) return misuse("which cmdlet?", screen.complain);
    const cmdlet = findCmdlet(name);
    if (typeof cmdlet === "string") return misuse(cmdlet, screen.complain);
    const client = withLocalFiles(createRunClient(placed.value.place, systemClock), (name) =>
      ALL_CMDLETS.find(name),
    );
    const { signal } = screen;
    const parts = { client, screen, clock: systemClock, signal };
    return await runCommand(cmdlet, processArguments(rest), parts);
  } finally {
    screen.close();
  }
}

/** `postrider help` with the words behind it. */
export async function runHelp(words: readonly string[], commands: string): Promise<ExitCode> {
  const screen = openProcessScreen();
  try {
    if (words.length === 0) {
      await screen.write(formatHelpPage(CMDLET_GROUPS, commands));
      return EXIT.done;
    }
    const { isFound, text } = findHelp(words, ALL_CMDLETS);
    if (isFound) await screen.write(text);
    else screen.complain(`postrider: ${text}`);
    return isFound ? EXIT.done : EXIT.misuse;
  } finally {
    screen.close();
  }
}

/** The cmdlet, or what is wrong with its name. */
function findCmdlet(name: string): (ReturnType<typeof ALL_CMDLETS.find> & object) | string {
  const exact = ALL_CMDLETS.find(name);
  if (exact !== undefined) return exact;
  const folded = name.toLowerCase();
  const begun = ALL_CMDLETS.all.filter((cmdlet) => cmdlet.name.toLowerCase().startsWith(folded));
  const [only, ...others] = begun;
  if (only !== undefined && name.includes("-") && others.length === 0 && only.effect === "reads") {
    return only;
  }
  const known = [...ALL_CMDLETS.all.map((cmdlet) => cmdlet.name), ...OTHER_COMMANDS];
  const names = begun.map((cmdlet) => cmdlet.name).join(", ");
  const hint = names === "" ? formatSuggestion(name, known) : `; it could be ${names}`;
  return `there is no command ${JSON.stringify(safeText(name))}${hint}`;
}

function misuse(problem: string, complain: (text: string) => void): ExitCode {
  complain(`postrider: ${problem}; "postrider help" shows what there is\n`);
  return EXIT.misuse;
}
