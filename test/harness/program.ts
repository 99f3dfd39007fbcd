import { type ChildProcess, spawn } from "node:child_process";
import { eventually } from "./eventually.ts";
import { later, type Scope } from "./scope.ts";

/** A program that goes on until the test ends. */
export interface ProgramOptions {
  readonly program: string;
  readonly options: readonly string[];
  /** As a failure names it: `Dovecot's LMTP`. */
  readonly what: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Asked again and again until it gives something; a refusal is no more than "not yet". */
  readonly ready: () => Promise<unknown> | unknown;
  /** Its log, for the failure of a program that has ended. */
  readonly log?: () => Promise<string>;
  /** It leads a group of its own, so that a signal can reach whatever it starts. */
  readonly leadsGroup?: true;
  /** Is given the process, for tests that do something to it. */
  readonly spawned?: (child: ChildProcess) => void;
}

/** Starts one and waits until it is ready; the answer is what it has said so far. */
export async function startProgram(t: Scope, started: ProgramOptions): Promise<() => string> {
  const { program, options, what, environment, ready, log, leadsGroup, spawned } = started;
  const child = spawn(program, options, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...environment },
    detached: leadsGroup === true,
  });
  spawned?.(child);
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
  }
  later(t, async () => {
    const ended = new Promise((resolve) => child.once("exit", resolve));
    if (child.exitCode === null && child.kill("SIGTERM")) await ended;
  });
  await eventually({ what }, async () => {
    if (child.exitCode !== null) {
      throw new Error(`${program} ended: ${said}${(await log?.().catch(() => "")) ?? ""}`);
    }
    return (await ready()) || undefined;
  });
  return () => said;
}
