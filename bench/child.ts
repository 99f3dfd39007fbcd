import { spawn } from "node:child_process";

/** Runs a program that may take its time; throws when it fails. */
export async function spawnToEnd(
  program: string,
  options: readonly string[],
  folder?: string,
): Promise<void> {
  const child = spawn(program, options, {
    stdio: ["ignore", "ignore", "inherit"],
    ...(folder === undefined ? {} : { cwd: folder }),
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", resolve);
  });
  if (code !== 0) throw new Error(`${program} ${options.join(" ")} ended with exit code ${code}`);
}
