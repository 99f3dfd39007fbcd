import type { Clock } from "../../base/clock.ts";
import { SECOND } from "../../base/units.ts";
import type { RunClient } from "../run-client.ts";
import { safeText } from "../safe-text.ts";
import type { ServerPlace } from "../server-place.ts";
import type { HistoryFile } from "./history-file.ts";
import { parseShell } from "./parse-shell.ts";
import type { Prompt } from "./prompt.ts";
import type { Shell } from "./shell.ts";
import { ShellExit } from "./shell-fault.ts";

/** What a session at the prompt needs. */
export interface SessionParts {
  readonly shell: Shell;
  readonly prompt: Prompt;
  readonly history: HistoryFile;
  /** Stands in the prompt. */
  readonly serverName: string;
  readonly isSecret: (text: string) => boolean;
  readonly complain: (text: string) => void;
  /** Aborted when the terminal has gone. */
  readonly gone: AbortSignal;
}

/** Reads and runs lines until `exit` or Ctrl-D. Returns the exit code. */
export async function runSession(parts: SessionParts): Promise<number> {
  const { prompt, serverName, complain, gone } = parts;
  let text = "";
  while (!gone.aborted) {
    const shown = text === "" ? `[PS] ${serverName}> ` : ">> ";
    const answer = await prompt.read(shown, text);
    if (answer.kind === "ended") {
      complain("\n");
      return 0;
    }
    if (answer.kind === "cancelled") {
      text = "";
      continue;
    }
    text = text === "" ? answer.text : `${text}\n${answer.text}`;
    if (isUnfinished(text, answer.text)) continue;
    const line = text;
    text = "";
    const code = await runLine(line, parts);
    if (code !== undefined) return code;
  }
  return 0;
}

/** An empty line ends what has no end: the fault then says what is missing. */
function isUnfinished(text: string, last: string): boolean {
  if (last.trim() === "") return false;
  if (/`$/.test(last)) return true;
  const parsed = parseShell(text);
  return !parsed.ok && parsed.fault.isIncomplete;
}

async function runLine(text: string, parts: SessionParts): Promise<number | undefined> {
  const { shell, prompt, history, complain, gone } = parts;
  const control = new AbortController();
  const signal = AbortSignal.any([control.signal, gone]);
  try {
    await prompt.whileRunning(() => control.abort(), shell.run(text, signal));
  } catch (error) {
    if (error instanceof ShellExit) return error.code ?? 0;
    throw error;
  } finally {
    if (!parts.isSecret(text)) {
      const before = history.problem;
      await history.add(text);
      if (history.problem !== before) {
        complain(`The history cannot be kept: ${safeText(history.problem ?? "")}\n`);
      }
    }
  }
  return undefined;
}

const NAME_TIMEOUT_MS = 5 * SECOND;

/** The name for the prompt: that of the address, or what the server calls itself. */
export async function findServerName(
  place: ServerPlace,
  {
    client,
    clock,
    complain,
  }: {
    readonly client: RunClient;
    readonly clock: Clock;
    readonly complain: (text: string) => void;
  },
): Promise<string> {
  if (place.kind === "https") return place.url.hostname;
  const late = new AbortController();
  const timer = clock.startTimer(NAME_TIMEOUT_MS, () => late.abort());
  let name: string | undefined;
  const call = { cmdlet: "Get-TransportServer", parameters: {}, whatIf: false };
  for await (const record of client.run(call, late.signal)) {
    if (record.kind === "unreachable") complain(`${safeText(record.message)}\n`);
    const fqdn = record.kind === "object" ? record.value["Fqdn"] : undefined;
    if (typeof fqdn === "string") name = safeText(fqdn);
  }
  timer.cancel();
  return name ?? "postrider";
}
