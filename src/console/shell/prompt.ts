import { createInterface, type Interface } from "node:readline";
import { Writable } from "node:stream";
import type { WriteStream } from "node:tty";
import type { Screen } from "../screen.ts";
import type { Completion } from "./complete-line.ts";

/** What a prompt needs: a terminal, and what to do with what is typed. */
export interface PromptParts {
  readonly input: NodeJS.ReadStream;
  readonly output: WriteStream;
  /** Earlier lines, the latest last. */
  readonly history: readonly string[];
  readonly complete: (text: string) => Promise<Completion>;
  /** Whether these lines must not be kept, not even for the arrow keys. */
  readonly isSecret: (text: string) => boolean;
}

/** What came of asking for a line: `cancelled` by Ctrl-C, `ended` by Ctrl-D or a lost terminal. */
export type PromptAnswer =
  | { readonly kind: "line"; readonly text: string }
  | { readonly kind: "cancelled" }
  | { readonly kind: "ended" };

const HISTORY_SIZE = 1000;
/** Lines typed ahead while something runs. */
const AHEAD_MAX = 100;

/** Lines and answers from a terminal: editing, history and completion are readline's. */
export class Prompt implements Pick<Screen, "ask" | "askSecret"> {
  readonly #reader: Interface;
  readonly #echo: Echo;
  readonly #parts: PromptParts;
  readonly #ahead: string[] = [];
  #waiting: ((answer: PromptAnswer) => void) | undefined;
  #asked: ((answer: string | undefined) => void) | undefined;
  #interrupt: (() => void) | undefined;
  #isClosed = false;
  /** What stands before the line that is typed, of the same statement. */
  #before = "";

  constructor(parts: PromptParts) {
    this.#parts = parts;
    this.#echo = new Echo(parts.output);
    this.#reader = createInterface({
      input: parts.input,
      output: this.#echo,
      terminal: true,
      history: parts.history.toReversed(),
      historySize: HISTORY_SIZE,
      removeHistoryDuplicates: true,
      completer: (text: string, done: (error: null, found: [string[], string]) => void) =>
        void this.#complete(text).then((found) => done(null, found)),
    });
    this.#reader.on("line", (text) => this.#take(text));
    this.#reader.on("close", () => this.#close());
    this.#reader.on("SIGINT", () => this.#cancel());
    this.#reader.on("history", (lines) => this.#forgetSecrets(lines));
  }

  /** Asks for a line; `before` is what the statement has already. */
  read(prompt: string, before: string): Promise<PromptAnswer> {
    this.#before = before;
    const ahead = this.#ahead.shift();
    if (ahead !== undefined) return Promise.resolve({ kind: "line", text: ahead });
    if (this.#isClosed) return Promise.resolve({ kind: "ended" });
    const { promise, resolve } = Promise.withResolvers<PromptAnswer>();
    this.#waiting = resolve;
    this.#reader.setPrompt(prompt);
    this.#reader.prompt();
    return promise;
  }

  /** Calls it when Ctrl-C is pressed while `work` goes on. */
  async whileRunning<Value>(interrupt: () => void, work: Promise<Value>): Promise<Value> {
    this.#interrupt = interrupt;
    try {
      return await work;
    } finally {
      this.#interrupt = undefined;
    }
  }

  ask(question: string): Promise<string | undefined> {
    if (this.#isClosed) return Promise.resolve(undefined);
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    this.#asked = resolve;
    this.#reader.setPrompt(question);
    // What was typed ahead is no answer.
    this.#reader.write(null, { ctrl: true, name: "u" });
    this.#reader.prompt();
    return promise;
  }

  async askSecret(question: string): Promise<string | undefined> {
    this.#parts.output.write(question);
    this.#echo.isMuted = true;
    try {
      return await this.ask("");
    } finally {
      this.#echo.isMuted = false;
      this.#parts.output.write("\n");
    }
  }

  close(): void {
    this.#reader.close();
  }

  #take(text: string): void {
    const { resolve } = this.#waiter();
    if (resolve !== undefined) resolve(text);
    else if (this.#ahead.length < AHEAD_MAX) this.#ahead.push(text);
  }

  /** Whoever waits for a line, once. */
  #waiter(): { readonly resolve: ((text: string) => void) | undefined } {
    const asked = this.#asked;
    const waiting = this.#waiting;
    this.#asked = undefined;
    if (asked !== undefined) return { resolve: asked };
    this.#waiting = undefined;
    if (waiting === undefined) return { resolve: undefined };
    return { resolve: (text) => waiting({ kind: "line", text }) };
  }

  #cancel(): void {
    this.#ahead.length = 0;
    this.#reader.write(null, { ctrl: true, name: "e" });
    this.#parts.output.write("^C\n");
    this.#reader.write(null, { ctrl: true, name: "u" });
    const asked = this.#asked;
    this.#asked = undefined;
    this.#interrupt?.();
    asked?.(undefined);
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.({ kind: "cancelled" });
  }

  #close(): void {
    this.#isClosed = true;
    this.#interrupt?.();
    this.#asked?.(undefined);
    this.#waiting?.({ kind: "ended" });
  }

  async #complete(text: string): Promise<[string[], string]> {
    if (this.#asked !== undefined) return [[], text];
    const whole = this.#before === "" ? text : `${this.#before}\n${text}`;
    const { candidates, replaced } = await this.#parts.complete(whole);
    return [[...candidates], replaced];
  }

  /** The list is readline's own: what is taken out of it is forgotten. */
  #forgetSecrets(lines: string[]): void {
    const [newest = ""] = lines;
    if (this.#asked !== undefined) {
      lines.shift();
      return;
    }
    const statement = this.#before === "" ? newest : `${this.#before}\n${newest}`;
    if (!this.#parts.isSecret(statement)) return;
    const secret = new Set(statement.split("\n"));
    const kept = lines.filter((line) => !secret.has(line));
    lines.splice(0, lines.length, ...kept);
  }
}

/** The terminal, as long as what is typed may be seen. */
class Echo extends Writable {
  readonly #output: WriteStream;
  isMuted = false;
  readonly isTTY = true;

  constructor(output: WriteStream) {
    super();
    this.#output = output;
    output.on("resize", () => this.emit("resize"));
  }

  get columns(): number {
    return this.#output.columns;
  }

  get rows(): number {
    return this.#output.rows;
  }

  override _write(chunk: unknown, _encoding: string, done: () => void): void {
    if (!this.isMuted) this.#output.write(String(chunk));
    done();
  }
}
