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

/** Reads a file that must not be large. Rejects with the system's error, or with one about it. */
export async function readBounded(path: string, bytesMax: number): Promise<Buffer> {
  const handle = await open(path, "r");
  try {
    const { size } = await handle.stat();
    if (size > bytesMax) throw new Error(`larger than ${bytesMax} bytes`);
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}
