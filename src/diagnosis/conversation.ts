import type { TapeLine } from "../smtp/session-tape.ts";
import { type Step, step, type Verdict } from "./step.ts";

/** Replies and commands that are told of one conversation. */
const STEPS_MAX = 60;

/**
 * A conversation with a server as steps: connection, banner, and each command with its reply and
 * the time that it took. Lines of several sessions follow one another, each from its `+`.
 * @param startMs epoch ms at which the first connection was begun
 */
export function conversationSteps(lines: readonly TapeLine[], startMs: number): readonly Step[] {
  const reader = new ConversationReader(startMs);
  for (const line of lines) reader.take(line);
  return reader.steps.slice(0, STEPS_MAX);
}

class ConversationReader {
  readonly steps: Step[] = [];
  #sinceMs: number;
  /** Commands whose replies are awaited, in order. */
  #commands: string[] = [];
  #reply: string[] = [];
  #isGreeted = false;

  constructor(startMs: number) {
    this.#sinceMs = startMs;
  }

  take({ event, data, context, atMs }: TapeLine): void {
    if (event === "+") {
      this.#commands = [];
      this.#isGreeted = false;
      this.#add("Connection", { verdict: "Pass", decision: "established" }, atMs);
    } else if (event === ">") this.#commands.push(data);
    else if (event === "<") this.#hear(data, atMs);
    else if (event === "*") {
      const isFault = context === "TLS has failed";
      this.#add("TLS", { verdict: isFault ? "Fail" : "Pass", decision: data || context }, atMs);
    } else if (data !== "") this.#add("End", { verdict: "Fail", decision: data }, atMs);
  }

  #hear(line: string, atMs: number): void {
    this.#reply.push(line);
    if (/^\d{3}-/.test(line)) return;
    const reply = this.#reply;
    this.#reply = [];
    const command = this.#isGreeted ? this.#commands.shift() : undefined;
    this.#isGreeted = true;
    const verb = command?.split(/[ :]/, 1)[0]?.toUpperCase() ?? "Banner";
    if (verb === "QUIT") return;
    const decision = verb === "EHLO" ? offersOf(reply) : reply.join(" ");
    const said = command !== undefined && verb !== "EHLO" ? command : "";
    this.#add(verb, { verdict: verdictOf(line), decision, why: said }, atMs);
  }

  #add(name: string, facts: Partial<Step>, atMs: number): void {
    this.steps.push(step(1, name, { ...facts, elapsedMs: Math.max(0, atMs - this.#sinceMs) }));
    this.#sinceMs = atMs;
  }
}

function verdictOf(reply: string): Verdict {
  if (reply.startsWith("5")) return "Fail";
  return reply.startsWith("4") ? "Warning" : "Pass";
}

/** Name and keywords of an EHLO reply; the reply itself when it is a refusal. */
function offersOf(reply: readonly string[]): string {
  if (!reply[0]?.startsWith("250")) return reply.join(" ");
  const [name = "", ...keywords] = reply.map((line) => line.slice(4));
  return keywords.length === 0 ? `${name}: no extensions` : `${name}: ${keywords.join(", ")}`;
}
