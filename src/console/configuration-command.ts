import type { Clock } from "../base/clock.ts";
import type { OutputObject, OutputValue } from "../cmdlet/output-type.ts";
import { EXIT, type ExitCode } from "./exit-code.ts";
import type { OutputView } from "./output-view.ts";
import type { RunClient } from "./run-client.ts";
import { reportRun } from "./run-report.ts";
import { safeText } from "./safe-text.ts";
import type { Screen } from "./screen.ts";

/** What the commands for whole configurations need. */
export interface ConfigurationCommandParts {
  readonly client: RunClient;
  readonly screen: Screen;
  readonly clock: Clock;
  /** Cancels the run. */
  readonly signal: AbortSignal;
}

/** `postrider apply`: a file as it was read, and what is to become of it. */
export interface ApplyCall {
  readonly fileName: string;
  readonly text: string;
  /** `show`: nothing is changed, and the exit code says whether anything would be. */
  readonly mode: "apply" | "show";
  readonly force: boolean;
}

/** Exit code of a dry run that would change something. */
const WOULD_CHANGE = 2;

/** Shows and makes the difference between a file and what the server has. Returns the exit code. */
export async function applyConfiguration(
  { fileName, text, mode, force }: ApplyCall,
  { client, screen, clock, signal }: ConfigurationCommandParts,
): Promise<ExitCode> {
  const view = new DifferenceView(mode);
  const parameters = {
    FileData: text,
    FileName: fileName,
    DryRun: mode === "show",
    Force: force,
  };
  const call = { cmdlet: "Import-PostriderConfiguration", parameters, whatIf: false };
  const run = client.run(call, signal);
  const { exitCode } = await reportRun(run, { screen, clock }, { call, view });
  if (exitCode !== EXIT.done) return exitCode === EXIT.misuse ? EXIT.failed : exitCode;
  await screen.write(view.summary());
  return mode === "show" && view.count > 0 ? WOULD_CHANGE : EXIT.done;
}

/** One object a paragraph: `+` is new, `~` changes; its properties below it. */
class DifferenceView implements OutputView {
  readonly #mode: ApplyCall["mode"];
  count = 0;

  constructor(mode: ApplyCall["mode"]) {
    this.#mode = mode;
  }

  push(value: OutputObject): string {
    this.count += 1;
    const sign = value["Change"] === "Added" ? "+" : "~";
    const title = `${textOf(value["Kind"])} ${textOf(value["Name"])}`.trim();
    const properties = value["Properties"];
    const lines = Array.isArray(properties) ? (properties as readonly OutputValue[]) : [];
    return [`${sign} ${title}`, ...lines.map((line) => `    ${textOf(line)}`), ""].join("\n");
  }

  flush(): string {
    return "";
  }

  end(): string {
    return "";
  }

  summary(): string {
    if (this.count === 0) return "Nothing to change.\n";
    const objects = this.count === 1 ? "1 object" : `${this.count} objects`;
    return this.#mode === "show" ? `${objects} would change.\n` : `${objects} changed.\n`;
  }
}

/** `postrider export`: the text goes where `write` puts it. Returns the exit code. */
export async function exportConfiguration(
  write: (text: string) => Promise<void>,
  { client, screen, clock, signal }: ConfigurationCommandParts,
): Promise<ExitCode> {
  const view: OutputView = {
    push: ({ Text }) => (typeof Text === "string" ? Text : ""),
    flush: () => "",
    end: () => "",
  };
  const call = { cmdlet: "Export-PostriderConfiguration", parameters: {}, whatIf: false };
  const parts = { screen: { ...screen, write }, clock };
  const { exitCode } = await reportRun(client.run(call, signal), parts, { call, view });
  return exitCode;
}

function textOf(value: OutputValue | undefined): string {
  return typeof value === "string" ? safeText(value) : "";
}
