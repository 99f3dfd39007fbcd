import { cp, mkdir, readdir, readFile, rm, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { Worker } from "node:worker_threads";
import type { Clock } from "../base/clock.ts";
import { SECOND } from "../base/units.ts";
import type { Progress } from "../cmdlet/cmdlet.ts";
import { CmdletFault } from "../cmdlet/cmdlet-fault.ts";
import {
  type BackupManifest,
  formatManifest,
  MANIFEST_FILE,
  parseManifest,
} from "../diagnosis/backup-manifest.ts";
import { isOptional, KEPT_DATABASES, type KeptDatabase } from "../store/database-copy.ts";
import { writeDurably } from "../tls/durable-file.ts";
import type { BackupThreadAnswer, BackupThreadData, VerifiedDatabase } from "./backup-thread.ts";
import { syncTree } from "./restore.ts";

/** Copied besides the databases: without the key nothing that is sealed in them can be read. */
const KEYS = ["secret.key", "certificates"];

/** How a backup is made. */
export interface BackupOrder {
  readonly dataDirectory: string;
  /** A folder that does not exist yet, or is empty. */
  readonly path: string;
  readonly withKeys: boolean;
  readonly serverFqdn: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly progress: (progress: Progress) => void;
}

/**
 * Copies the databases, each as of one moment, while they are in use; verifies the copies and says
 * in a manifest what they are. Of a backup that fails nothing remains. @throws CmdletFault
 */
export async function createBackup(order: BackupOrder): Promise<BackupManifest> {
  const { dataDirectory, path, withKeys, serverFqdn, clock } = order;
  await openFolder(path);
  try {
    const createdMs = clock.nowMs();
    const databases = [];
    for (const name of KEPT_DATABASES) {
      try {
        databases.push({ name, ...(await copyInThread(name, order)) });
      } catch (error) {
        if (!isOptional(name) || order.signal.aborted) throw error;
        await rm(join(path, name), { force: true });
      }
    }
    if (withKeys) {
      for (const name of KEYS) {
        await cp(join(dataDirectory, name), join(path, name), { recursive: true });
      }
    }
    // The manifest says that all of it is there, whatever becomes of the power.
    await syncTree(path);
    const manifest = { createdMs, serverFqdn, databases, hasKeys: withKeys };
    await writeDurably(join(path, MANIFEST_FILE), formatManifest(manifest), 0o600);
    return manifest;
  } catch (error) {
    for (const name of [...KEPT_DATABASES, ...KEYS]) {
      await rm(join(path, name), { recursive: true, force: true });
    }
    throw asBackupFault(error, path);
  }
}

async function copyInThread(name: KeptDatabase, order: BackupOrder): Promise<VerifiedDatabase> {
  const { dataDirectory, path } = order;
  const source = join(dataDirectory, name);
  const data: BackupThreadData = { act: "copy", database: name, source, target: path };
  const watched = { copy: join(path, name), total: (await stat(source)).size };
  return await inThread(data, order, watched);
}

/** What a backup says that it holds. @throws CmdletFault when there is none */
export async function readManifest(path: string): Promise<BackupManifest> {
  const file = join(path, MANIFEST_FILE);
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    throw asBackupFault(error, path);
  });
  const manifest = parseManifest(text);
  if (manifest === undefined) {
    throw new CmdletFault("bad-parameter", `${file} is no backup of ours`);
  }
  return manifest;
}

/** Reads a backup from end to end. @throws CmdletFault that names the file and what is wrong */
export async function verifyBackup(
  order: Pick<BackupOrder, "path" | "clock" | "signal" | "progress">,
): Promise<BackupManifest> {
  const { path } = order;
  const manifest = await readManifest(path);
  for (const name of KEPT_DATABASES) {
    const said = manifest.databases.find((one) => one.name === name);
    if (said === undefined && isOptional(name)) continue;
    const source = join(path, name);
    const data: BackupThreadData = { act: "verify", database: name, source, target: "" };
    const found = await inThread(data, order, undefined);
    if (found.sha256 !== said?.sha256) {
      const text = `${source} is not the file that was backed up: its digest differs`;
      throw new CmdletFault("bad-parameter", text);
    }
  }
  return manifest;
}

async function openFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    if ((await readdir(path)).length === 0) return;
  } catch (error) {
    throw asBackupFault(error, path);
  }
  const text = `${path} is not empty; name a folder that does not exist yet`;
  throw new CmdletFault("bad-parameter", text, { parameter: "Path" });
}

async function inThread(
  data: BackupThreadData,
  order: Pick<BackupOrder, "clock" | "signal" | "progress">,
  watched: { readonly copy: string; readonly total: number } | undefined,
): Promise<VerifiedDatabase> {
  const worker = new Worker(new URL("./backup-thread.ts", import.meta.url), {
    workerData: data,
    name: "backup",
  });
  const ended = Promise.withResolvers<VerifiedDatabase>();
  worker.on("message", (answer: BackupThreadAnswer) => {
    if (answer.ok) ended.resolve(answer.facts);
    else ended.reject(new CmdletFault("unavailable", answer.reason));
  });
  worker.on("error", ended.reject);
  worker.on("exit", () => ended.reject(new CmdletFault("fault", "the backup's thread ended")));
  const cancel = () => {
    ended.reject(new CmdletFault("cancelled", "the backup was cancelled"));
  };
  order.signal.addEventListener("abort", cancel, { once: true });
  let isOver = false;
  const look = () => {
    if (isOver || watched === undefined) return;
    order.clock.startTimer(SECOND / 2, () => {
      void stat(watched.copy).then(
        ({ size }) => tell(order.progress, data.database, { done: size, total: watched.total }),
        () => undefined,
      );
      look();
    });
  };
  look();
  try {
    return await ended.promise;
  } finally {
    isOver = true;
    order.signal.removeEventListener("abort", cancel);
    await worker.terminate();
  }
}

function tell(
  progress: (progress: Progress) => void,
  name: KeptDatabase,
  bytes: { readonly done: number; readonly total: number },
): void {
  // The copy is without the free pages: often smaller than the database, never much larger.
  const total = Math.max(bytes.done, bytes.total);
  progress({ activity: `Copying ${name}`, done: bytes.done, total, unit: "bytes" });
}

/** What failed with the backup there, as its cmdlet says it. */
export function asBackupFault(error: unknown, path: string): CmdletFault {
  if (error instanceof CmdletFault) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new CmdletFault("unavailable", `${basename(path)}: ${reason}`);
}
