import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { cp, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../base/clock.ts";
import type { Diagnostics } from "../base/diagnostics.ts";
import { MANIFEST_FILE } from "../diagnosis/backup-manifest.ts";
import { KEPT_DATABASES, keepAudit, markRestored } from "../store/database-copy.ts";
import { writeDurably } from "../tls/durable-file.ts";

/** Where a verified backup waits for the restart that takes it up. */
const STAGE = "restore";
/** In it once everything is there: without it the stage is rubbish of a restore that failed. */
const READY = "ready";
/** What belongs to a database file besides itself. */
const COMPANIONS = ["", "-wal", "-shm"];

/** Copies a verified backup into the data directory, where the next start takes it up. */
export async function stageRestore(dataDirectory: string, backup: string): Promise<void> {
  const stage = join(dataDirectory, STAGE);
  await rm(stage, { recursive: true, force: true });
  await mkdir(stage, { mode: 0o700 });
  await cp(backup, stage, { recursive: true });
  await writeDurably(join(stage, READY), "", 0o600);
}

/**
 * Before the databases are opened: puts a staged backup in their place. What was there is kept in a
 * folder of its own. A crash on the way is gone on with by the next start. True when it did so:
 * then whatever the queue holds may have been delivered since the backup. Throws the system's
 * error.
 */
export function takeUpRestore(
  dataDirectory: string,
  parts: { readonly clock: Clock; readonly diagnostics: Diagnostics },
): boolean {
  const stage = join(dataDirectory, STAGE);
  if (!existsSync(stage)) return false;
  if (!existsSync(join(stage, READY))) {
    rmSync(stage, { recursive: true, force: true });
    return false;
  }
  const kept = join(dataDirectory, keptName(dataDirectory, parts.clock));
  mkdirSync(kept, { recursive: true, mode: 0o700 });
  let recipients = 0;
  for (const name of KEPT_DATABASES) {
    const staged = join(stage, name);
    if (!existsSync(staged)) continue;
    if (name === "queue.db") recipients = markRestored(staged);
    if (name === "organization.db")
      carryAudit(join(dataDirectory, name), staged, parts.diagnostics);
    for (const companion of COMPANIONS) {
      const present = join(dataDirectory, `${name}${companion}`);
      if (existsSync(present)) renameSync(present, join(kept, `${name}${companion}`));
    }
    renameSync(staged, join(dataDirectory, name));
  }
  moveKeys(stage, dataDirectory, kept);
  rmSync(stage, { recursive: true, force: true });
  parts.diagnostics.warn("restored", { recipients, before: kept, notice: REPEATS });
  return true;
}

const REPEATS =
  "what was queued at the backup is sent (again): each is marked as a possible duplicate";

/** A database that is damaged is what one restores for: then there is nothing to carry over. */
function carryAudit(present: string, staged: string, diagnostics: Diagnostics): void {
  if (!existsSync(present)) return;
  try {
    keepAudit(present, staged);
  } catch (error) {
    diagnostics.warn("audit-log-not-carried-over", { reason: String(error) });
  }
}

/** One folder for one restore, also when it is gone on with after a crash. */
function keptName(dataDirectory: string, clock: Clock): string {
  const begun = readdirSync(dataDirectory).find(
    (name) =>
      name.startsWith("before-restore-") && !existsSync(join(dataDirectory, name, "queue.db")),
  );
  const stamp = new Date(clock.nowMs()).toISOString().replaceAll(":", "");
  return begun ?? `before-restore-${stamp}`;
}

function moveKeys(stage: string, dataDirectory: string, kept: string): void {
  const key = join(stage, "secret.key");
  if (existsSync(key)) {
    const present = join(dataDirectory, "secret.key");
    if (existsSync(present)) renameSync(present, join(kept, "secret.key"));
    renameSync(key, present);
  }
  // Certificates may have been renewed since: only what is missing comes back.
  const certificates = join(stage, "certificates");
  if (!existsSync(certificates)) return;
  for (const name of readdirSync(certificates)) {
    const present = join(dataDirectory, "certificates", name);
    if (!existsSync(present)) renameSync(join(certificates, name), present);
  }
  rmSync(join(stage, MANIFEST_FILE), { force: true });
}
