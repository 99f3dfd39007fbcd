import type { Clock } from "../base/clock.ts";
import { SECOND } from "../base/units.ts";
import type { Plan } from "../cmdlet/cmdlet.ts";
import { EXIT, type ExitCode, exitCodeOf } from "./exit-code.ts";
import type { OutputView } from "./output-view.ts";
import { ProgressLine } from "./progress-line.ts";
import type { ClientRecord, RunCall } from "./run-client.ts";
import { safeLines, safeText } from "./safe-text.ts";
import type { Screen } from "./screen.ts";

/** Silence after which a table shows the rows that it has. */
const FLUSH_AFTER_MS = SECOND / 4;
const WIDTH_DEFAULT = 80;

/** What a run came to. */
export interface RunOutcome {
  readonly exitCode: ExitCode;
  /** What it would do, after a run with whatIf. */
  readonly plan: Plan | undefined;
}

/** Where a run is reported. */
export interface ReportParts {
  readonly screen: Screen;
  readonly clock: Clock;
}

/** Shows a run as it goes: objects in the view, warnings, progress, and why it failed. */
export async function reportRun(
  records: AsyncIterable<ClientRecord>,
  parts: ReportParts,
  { call, view }: { readonly call: RunCall; readonly view: OutputView },
): Promise<RunOutcome> {
  const { screen, clock } = parts;
  const line = new ProgressLine(clock, screen.complain, screen.width ?? WIDTH_DEFAULT);
  const writer = new ViewWriter(view, parts, line);
  let plan: Plan | undefined;
  let exitCode: ExitCode = EXIT.unreachable;
  for await (const record of records) {
    switch (record.kind) {
      case "object":
        await writer.push(record.value);
        break;
      case "progress":
        if (screen.showsProgress) line.show(record.progress);
        break;
      case "warning":
        line.clear();
        screen.complain(formatWarning(record.text, screen));
        break;
      case "plan":
        plan = record.plan;
        break;
      default:
        exitCode = exitCodeOf(record);
        await writer.end({ isDone: record.kind === "done" });
        if (record.kind !== "done") screen.complain(formatFailure(record, call, screen));
    }
  }
  return { exitCode, plan };
}

/** Writes what the view gives, and what it holds back once nothing more comes for a while. */
export class ViewWriter {
  readonly #view: OutputView;
  readonly #parts: ReportParts;
  readonly #line: ProgressLine;
  #written: Promise<void> = Promise.resolve();
  #isFlushDue = false;
  #hasObjects = false;

  /** `line` is taken away before anything is written. */
  constructor(view: OutputView, parts: ReportParts, line: ProgressLine) {
    this.#view = view;
    this.#parts = parts;
    this.#line = line;
  }

  /** Resolves when there is room for more. */
  async push(value: Parameters<OutputView["push"]>[0]): Promise<void> {
    this.#hasObjects = true;
    this.#write(this.#view.push(value));
    if (!this.#isFlushDue) {
      this.#isFlushDue = true;
      this.#parts.clock.startTimer(FLUSH_AFTER_MS, () => {
        this.#isFlushDue = false;
        this.#write(this.#view.flush());
      });
    }
    await this.#written;
  }

  /** A run that failed before its first object puts out nothing, not an empty document. */
  async end({ isDone }: { readonly isDone: boolean }): Promise<void> {
    this.#line.clear();
    if (isDone || this.#hasObjects) this.#write(this.#view.end());
    await this.#written;
  }

  #write(text: string): void {
    if (text === "") return;
    this.#line.clear();
    this.#written = this.#written.then(() => this.#parts.screen.write(text));
  }
}

/** What -WhatIf prints. */
export function formatPlan({ actions, count }: Plan): string {
  const lines = actions.map((action) => `What if: ${safeText(action)}\n`);
  const more = count - actions.length;
  if (more > 0) lines.push(`What if: … and ${more.toLocaleString("en-US")} more\n`);
  return lines.join("") + (count === 0 ? "What if: nothing would be done\n" : "");
}

/** A warning as it is shown, with its line end. */
export function formatWarning(text: string, { complainsInColour }: Screen): string {
  return `${paint("WARNING:", 33, complainsInColour)} ${safeLines(text)}\n`;
}

/** Why a run has failed, and a mark under the place in a filter. */
export function formatFailure(
  record: Extract<ClientRecord, { kind: "failed" | "unreachable" }>,
  { cmdlet, parameters }: RunCall,
  { complainsInColour }: Screen,
): string {
  const text = `${paint(`${cmdlet}:`, 31, complainsInColour)} ${safeLines(record.message)}\n`;
  if (record.kind !== "failed" || record.parameter === undefined) return text;
  const value = parameters[record.parameter];
  if (record.at === undefined || typeof value !== "string") return text;
  return text + formatPlace(value, record.at);
}

/** The text that is wrong, and a mark under the place. */
function formatPlace(value: string, at: number): string {
  const before = safeText(value.slice(0, at));
  return `  ${before}${safeText(value.slice(at))}\n  ${" ".repeat(before.length)}^\n`;
}

function paint(text: string, colour: 31 | 33, hasColour: boolean): string {
  return hasColour ? `\x1b[${colour}m${text}\x1b[0m` : text;
}
