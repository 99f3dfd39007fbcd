import { linkSync, mkdirSync, readFileSync, unlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

// Below the range from which the kernel takes ports for outgoing connections (32768 and up), so
// that a port stays free while its server is down between a kill and a restart.
const PORT_MIN = 12_000;
const PORT_COUNT = 18_000;
const LOCK_FOLDER = join(tmpdir(), "postrider-test-ports");
const held = new Set<string>();
let next = process.pid * 97;

/** A port of 127.0.0.1 that is this process's alone until it ends, whatever else runs here. */
export async function freePort(): Promise<number> {
  mkdirSync(LOCK_FOLDER, { recursive: true, mode: 0o1777 });
  for (let tries = 0; tries < PORT_COUNT; tries++) {
    next = (next + 1) % PORT_COUNT;
    const port = PORT_MIN + next;
    if (lock(port) && (await canListen(port))) return port;
  }
  throw new Error(`no free port from ${PORT_MIN} to ${PORT_MIN + PORT_COUNT}`);
}

/** The lock is a file with our pid, linked into place whole; one whose process is gone is free. */
function lock(port: number): boolean {
  const path = join(LOCK_FOLDER, String(port));
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, String(process.pid));
  try {
    linkSync(draft, path);
    if (held.size === 0) process.on("exit", releaseAll);
    held.add(path);
    return true;
  } catch {
    removeIfStale(path); // taken: the next round may have it when its owner is gone
    return false;
  } finally {
    unlinkSync(draft);
  }
}

function removeIfStale(path: string): void {
  try {
    const pid = Number(readFileSync(path, "utf8"));
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: somebody else's, and alive. Only a process that is gone gives its port back.
    if (error instanceof Error && "code" in error && error.code === "ESRCH") unlinkSync(path);
  }
}

function releaseAll(): void {
  for (const path of held) unlinkSync(path);
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
}
