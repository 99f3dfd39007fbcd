import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

const SAMPLE_INTERVAL_MS = 50;
const FIELD = { resident: /^VmRSS:\s+(\d+) kB$/m, peak: /^VmHWM:\s+(\d+) kB$/m };

/** Memory of a process, in bytes: resident now, or the most it ever was. */
export async function readMemory(pid: number, field: keyof typeof FIELD): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(FIELD[field].exec(status)?.[1]) * 1024;
}

/** Watches resident memory while `work` runs; the largest growth in bytes. */
export async function measureGrowth(pid: number, work: Promise<unknown>): Promise<number> {
  const before = await readMemory(pid, "resident");
  let largest = before;
  let running = true;
  const sample = async (): Promise<void> => {
    while (running) {
      largest = Math.max(largest, await readMemory(pid, "resident"));
      await sleep(SAMPLE_INTERVAL_MS);
    }
  };
  const sampling = sample();
  try {
    await work;
  } finally {
    running = false;
    await sampling;
  }
  return largest - before;
}
