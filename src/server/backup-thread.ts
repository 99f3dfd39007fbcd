import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { parentPort, workerData } from "node:worker_threads";
import { assert } from "../base/assert.ts";
import {
  copyDatabase,
  type DatabaseFacts,
  type KeptDatabase,
  verifyDatabase,
} from "../store/database-copy.ts";

/** What one such thread is started for. */
export interface BackupThreadData {
  readonly act: "copy" | "verify";
  readonly database: KeptDatabase;
  /** Where it lies now; for `verify`, what is verified. */
  readonly source: string;
  /** Folder of the copy, for `copy`. */
  readonly target: string;
}

/** What has been copied or verified, with its digest. */
export interface VerifiedDatabase extends DatabaseFacts {
  readonly sha256: string;
}

/** How it went; the thread then ends. */
export type BackupThreadAnswer =
  | { readonly ok: true; readonly facts: VerifiedDatabase }
  | { readonly ok: false; readonly reason: string };

/** Copies or verifies one database: minutes of disk work that no other thread should wait for. */
async function run(data: BackupThreadData): Promise<VerifiedDatabase> {
  const { act, database, source, target } = data;
  const path = act === "copy" ? join(target, database) : source;
  if (act === "copy") copyDatabase(source, path, database);
  const facts = verifyDatabase(path, database);
  const digest = createHash("sha256");
  await pipeline(createReadStream(path), digest);
  return { ...facts, sha256: digest.digest("hex") };
}

assert(parentPort !== null, "a backup is made in a worker thread");
try {
  const answer = { ok: true, facts: await run(workerData as BackupThreadData) } as const;
  parentPort.postMessage(answer satisfies BackupThreadAnswer);
} catch (error) {
  const reason = error instanceof Error ? error.message : String(error);
  parentPort.postMessage({ ok: false, reason } satisfies BackupThreadAnswer);
}
