import { createInterface, type Interface } from "node:readline";
import { Writable } from "node:stream";
import { EXIT } from "../console/exit-code.ts";
import type { Screen } from "../console/screen.ts";

/** The screen of this process, and what happens to it. */
export interface ProcessScreen extends Screen {
  /** Aborted by Ctrl-C, and when whoever reads the output has gone. */
  readonly signal: AbortSignal;
  /** Lets standard input go. */
  readonly close: () => void;
}

/** Of the process, which has one output: whether whoever read it has gone. */
const output = { isUnread: false };

/** The code of a command that was cancelled because nobody read its output is another one. */
export function finalExitCode(code: number): number {
  return code === EXIT.cancelled && output.isUnread ? EXIT.unread : code;
}

/** Standard input, output and error of this process. */
export function openProcessScreen(): ProcessScreen {
  const { stdin, stdout, stderr } = process;
  const gone = new AbortController();
  // `postrider Get-Message | head` closes the pipe early: that is no fault.
  stdout.on("error", () => {
    output.isUnread = true;
    gone.abort();
  });
  stderr.on("error", () => gone.abort());
  const interrupt = () => {
    // A second Ctrl-C does not wait for the server.
    if (gone.signal.aborted) process.exit(EXIT.cancelled);
    gone.abort();
  };
  process.on("SIGINT", interrupt);
  const colour = (process.env["NO_COLOR"] ?? "") === "" && process.env["TERM"] !== "dumb";
  const answers = new Answers(gone);
  return {
    width: stdout.isTTY ? stdout.columns : undefined,
    hasColour: stdout.isTTY && colour,
    complainsInColour: stderr.isTTY && colour,
    showsProgress: stderr.isTTY && process.env["TERM"] !== "dumb",
    isInteractive: stdin.isTTY && stderr.isTTY,
    signal: gone.signal,
    write: (text) => write(text, gone.signal),
    complain(text) {
      if (!output.isUnread) stderr.write(text);
    },
    ask: (question) => answers.ask(question, stderr),
    askSecret: (question) => answers.askSecret(question),
    close() {
      answers.close();
      process.off("SIGINT", interrupt);
    },
  };
}

function write(text: string, gone: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (gone.aborted || process.stdout.write(text)) return Promise.resolve();
  const go = () => {
    gone.removeEventListener("abort", go);
    process.stdout.off("drain", go);
    resolve();
  };
  process.stdout.once("drain", go);
  gone.addEventListener("abort", go);
  return promise;
}

/** Lines of standard input. From a pipe they are read by one reader, which would lose none. */
class Answers {
  readonly #gone: AbortController;
  #piped: { readonly reader: Interface; readonly lines: AsyncIterator<string> } | undefined;

  constructor(gone: AbortController) {
    this.#gone = gone;
  }

  ask(question: string, output: NodeJS.WritableStream): Promise<string | undefined> {
    if (!process.stdin.isTTY) return this.#nextLine();
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    const reader = createInterface({ input: process.stdin, output, terminal: true });
    reader.on("SIGINT", () => {
      this.#gone.abort();
      reader.close();
    });
    reader.once("close", () => resolve(undefined));
    reader.question(question, (answer) => {
      resolve(answer);
      reader.close();
    });
    return promise;
  }

  async askSecret(question: string): Promise<string | undefined> {
    if (!process.stdin.isTTY) return this.#nextLine();
    process.stderr.write(question);
    const answer = await this.ask("", new Writable({ write: (_chunk, _encoding, done) => done() }));
    process.stderr.write("\n");
    return answer;
  }

  close(): void {
    this.#piped?.reader.close();
  }

  async #nextLine(): Promise<string | undefined> {
    if (this.#piped === undefined) {
      const reader = createInterface({ input: process.stdin, terminal: false });
      this.#piped = { reader, lines: reader[Symbol.asyncIterator]() };
    }
    const { done, value } = await this.#piped.lines.next();
    return done === true ? undefined : value;
  }
}
