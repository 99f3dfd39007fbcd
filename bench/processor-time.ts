import { readdir, readFile } from "node:fs/promises";

/** Milliseconds per tick of /proc/PID/stat: 100 a second on every Linux. */
const TICK_MS = 10;

/**
 * Processor time that a process and everything below it have used, in milliseconds, children that
 * have ended included.
 */
export async function processorTimeMs(root: number): Promise<number> {
  const parents = new Map<number, { readonly parent: number; readonly ticks: number }>();
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const text = await readFile(`/proc/${name}/stat`, "latin1").catch(() => undefined);
    // The name in brackets may hold anything, brackets too.
    const fields = text?.slice(text.lastIndexOf(")") + 2).split(" ");
    if (fields === undefined) continue;
    const ticks = [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at]), 0);
    parents.set(Number(name), { parent: Number(fields[1]), ticks });
  }
  let ticks = 0;
  for (const [pid, own] of parents) {
    let at: number | undefined = pid;
    while (at !== undefined && at !== root && at !== 0) at = parents.get(at)?.parent;
    if (at === root) ticks += own.ticks;
  }
  return ticks * TICK_MS;
}
