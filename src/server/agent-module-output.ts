import type { Readable } from "node:stream";
import type { Clock } from "../base/clock.ts";
import type { Diagnostics } from "../base/diagnostics.ts";
import { MINUTE } from "../base/units.ts";

/** Lines of one agent that reach the server's log in a minute. */
const LINES_PER_MINUTE_MAX = 60;
/** Characters of one line. */
const LINE_CHARACTERS_MAX = 500;

/** Brings what a module prints into the server's own log: line by line, and only so much of it. */
export class AgentModuleOutput {
  readonly #agent: string;
  readonly #clock: Clock;
  readonly #diagnostics: Pick<Diagnostics, "info" | "warn">;
  #minuteMs = Number.NEGATIVE_INFINITY;
  #lineCount = 0;

  constructor(parts: {
    readonly agent: string;
    readonly clock: Clock;
    readonly diagnostics: Pick<Diagnostics, "info" | "warn">;
  }) {
    this.#agent = parts.agent;
    this.#clock = parts.clock;
    this.#diagnostics = parts.diagnostics;
  }

  /** Takes all that comes from there. */
  watch(stream: Readable): void {
    let partial = "";
    stream.setEncoding("utf8");
    stream.on("data", (text: string) => {
      const lines = `${partial}${text}`.split("\n");
      partial = (lines.pop() ?? "").slice(0, LINE_CHARACTERS_MAX);
      for (const line of lines) this.#take(line);
    });
    stream.on("end", () => {
      if (partial !== "") this.#take(partial);
    });
  }

  #take(line: string): void {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#minuteMs >= MINUTE) {
      this.#minuteMs = nowMs;
      this.#lineCount = 0;
    }
    this.#lineCount += 1;
    const agent = this.#agent;
    if (this.#lineCount <= LINES_PER_MINUTE_MAX) {
      this.#diagnostics.info("agent-said", { agent, text: line.slice(0, LINE_CHARACTERS_MAX) });
    } else if (this.#lineCount === LINES_PER_MINUTE_MAX + 1) {
      this.#diagnostics.warn("agent-says-too-much", { agent });
    }
  }
}
