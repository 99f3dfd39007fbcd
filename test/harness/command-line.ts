import { spawn } from "node:child_process";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { eventually } from "./eventually.ts";

const POSTRIDER = join(import.meta.dirname, "../../bin/postrider");

/** How a command ended, and what it has written. */
export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a command finds around it. */
export interface CommandSurroundings {
  readonly environment?: Readonly<Record<string, string>>;
  /** Standard input; without it there is none. */
  readonly input?: string;
}

/** Runs `postrider WORDS` in a pipe, as a script would. */
export async function runCommandLine(
  words: readonly string[],
  { environment = {}, input }: CommandSurroundings = {},
): Promise<CommandResult> {
  const child = spawn(POSTRIDER, words, {
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, ...environment },
  });
  // Whoever reads no input may have ended before it is written.
  child.stdin.on("error", () => undefined).end(input ?? "");
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject).once("close", resolve);
  });
  const [stdout, stderr, code] = await Promise.all([
    buffer(child.stdout),
    buffer(child.stderr),
    ended,
  ]);
  return { code, stdout: stdout.toString("utf8"), stderr: stderr.toString("utf8") };
}

/** Something that is typed once the terminal shows what it answers. */
export interface TypedAnswer {
  readonly after: RegExp;
  readonly type: string;
}

/** Runs a command on a terminal of 100 columns; what it shows is one text. */
export async function runOnTerminal(
  words: readonly string[],
  {
    environment = {},
    answers = [],
  }: { readonly answers?: readonly TypedAnswer[] } & Pick<CommandSurroundings, "environment"> = {},
): Promise<{ readonly code: number | null; readonly shown: string }> {
  const command = [POSTRIDER, ...words].map((word) => `'${word}'`).join(" ");
  const child = spawn("script", ["-qec", `stty cols 100; ${command}`, "/dev/null"], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, TERM: "xterm", ...environment },
  });
  let shown = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    shown += text;
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject).once("close", resolve);
  });
  try {
    for (const { after, type } of answers) {
      await eventually({ what: `${after} on the terminal` }, () =>
        after.test(shown) ? true : undefined,
      );
      child.stdin.write(type);
    }
  } catch (error) {
    child.kill();
    throw new Error(`the terminal shows ${shown}`, { cause: error });
  }
  return { code: await ended, shown };
}
