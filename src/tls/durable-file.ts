import { open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Puts a file in place, whole or not at all, and flushes it: a reader sees the old one or the new
 * one, and so does a start after a power cut. Rejects with the system's error.
 */
export async function writeDurably(
  path: string,
  content: string | Uint8Array,
  mode: number,
): Promise<void> {
  const temporary = `${path}.new`;
  // What a crash left there may have another mode, which opening would keep.
  await rm(temporary, { force: true });
  const handle = await open(temporary, "wx", mode);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, path);
  await syncFolder(dirname(path));
}

async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const PIECE_BYTES = 64 * 1024;

/** Reads a file that must not be large. Rejects with the system's error, or with one about it. */
export async function readBounded(path: string, bytesMax: number): Promise<Buffer> {
  const handle = await open(path, "r");
  try {
    // By what comes, not by the size that is told: a device or a pipe has none.
    const parts: Buffer[] = [];
    let bytes = 0;
    for (;;) {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(PIECE_BYTES));
      if (bytesRead === 0) return Buffer.concat(parts);
      bytes += bytesRead;
      if (bytes > bytesMax) throw new Error(`larger than ${bytesMax} bytes`);
      parts.push(buffer.subarray(0, bytesRead));
    }
  } finally {
    await handle.close();
  }
}

/** Whether reading failed only because there is nothing there. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
