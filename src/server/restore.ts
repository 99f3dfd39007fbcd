import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { cp, mkdir, open, readdir, rm } from "node:fs/promises";
import { basename, join, relative, resolve } from "node:path";
import type { Clock } from "../base/clock.ts";
import type { Diagnostics } from "../base/diagnostics.ts";
import { CmdletFault } from "../cmdlet/cmdlet-fault.ts";
import { MANIFEST_FILE } from "../diagnosis/backup-manifest.ts";
import {
  countRecipients,
  KEPT_DATABASES,
  keepAudit,
  keepFigures,
  markRestored,
} from "../store/database-copy.ts";
import { lockDatabase } from "../store/sqlite-database.ts";
import { writeDurably } from "../tls/durable-file.ts";

/** Where a verified backup waits for the restart that takes it up. */
const STAGE = "restore";
/** In it once everything is there: without it the stage is rubbish of a restore that failed. */
const READY = "ready";
/** In it: the folder for what was there before, once something is about to go there. */
const KEPT = "kept";
/** What belongs to a database file besides itself. */
const COMPANIONS = ["", "-wal", "-shm"];

/** What becomes of mail that waits in the queues when the restart comes. */
export type QueueBefore = "put-aside" | "must-be-empty";

/** @throws CmdletFault when a backup there would be taken for one that is being restored */
export function checkBackupPath(dataDirectory: string, path: string): void {
  const inside = relative(resolve(dataDirectory, STAGE), resolve(path));
  if (inside.startsWith("..")) return;
  const text = `-Path: ${path} is where restores are prepared; name another folder`;
  throw new CmdletFault("bad-parameter", text, { parameter: "Path" });
}

/**
 * Copies a verified backup into the data directory, durably, where the next start takes it up. Of
 * one that fails nothing remains. Rejects with the system's error.
 */
export async function stageRestore(
  dataDirectory: string,
  backup: string,
  queueBefore: QueueBefore,
): Promise<void> {
  const stage = join(dataDirectory, STAGE);
  await rm(stage, { recursive: true, force: true });
  try {
    await mkdir(stage, { mode: 0o700 });
    await cp(backup, stage, { recursive: true });
    await syncTree(stage);
    await writeDurably(join(stage, READY), queueBefore, 0o600);
    syncFolder(dataDirectory);
  } catch (error) {
    await rm(stage, { recursive: true, force: true });
    throw error;
  }
}

/** What a restore is taken up with. */
export interface RestoreParts {
  readonly clock: Clock;
  readonly diagnostics: Diagnostics;
}

/**
 * Before the databases are opened: puts a staged backup in their place. What was there is kept in a
 * folder of its own. A crash on the way is gone on with by the next start. True when it did so:
 * then whatever the queue holds may have been delivered since the backup. Throws the system's
 * error, or StoreFailure when another server runs on the directory.
 */
export function takeUpRestore(dataDirectory: string, parts: RestoreParts): boolean {
  const stage = join(dataDirectory, STAGE);
  if (!existsSync(stage)) return false;
  // Whoever else runs there is preparing this restore, and has the files open that would be moved.
  const lock = lockDatabase(join(dataDirectory, "queue.db"));
  try {
    if (isTakenUp(dataDirectory, parts)) {
      for (const _step of restoreSteps(dataDirectory, parts));
      return true;
    }
    rmSync(stage, { recursive: true, force: true });
    return false;
  } finally {
    lock.close();
  }
}

/** Whether the stage is complete, and nothing has come into the queue that would not be sent. */
function isTakenUp(dataDirectory: string, { diagnostics }: RestoreParts): boolean {
  const stage = join(dataDirectory, STAGE);
  if (!existsSync(join(stage, READY))) return false;
  const isBegun = existsSync(join(stage, KEPT));
  if (isBegun || readFileSync(join(stage, READY), "utf8") === "put-aside") return true;
  const queue = join(dataDirectory, "queue.db");
  const waiting = existsSync(queue) ? countRecipients(queue) : 0;
  if (waiting === 0) return true;
  diagnostics.error("restore-abandoned", {
    reason: `${waiting} recipients wait in the queues, and would not be sent to`,
    cure: "drain the server and repeat Restore-Postrider, or give -DiscardCurrentQueue",
  });
  return false;
}

/** Takes a stage up, a step at a time; begun again at any of them, it goes on. */
export function* restoreSteps(dataDirectory: string, parts: RestoreParts): Generator<void> {
  const stage = join(dataDirectory, STAGE);
  const kept = join(dataDirectory, openKept(stage, parts.clock));
  mkdirSync(kept, { recursive: true, mode: 0o700 });
  yield;
  let recipients = 0;
  for (const name of KEPT_DATABASES) {
    const staged = join(stage, name);
    if (!existsSync(staged)) continue;
    if (name === "queue.db") recipients = markRestored(staged);
    else carryOver(join(dataDirectory, name), staged, parts.diagnostics);
    yield;
    for (const companion of COMPANIONS) {
      const present = join(dataDirectory, `${name}${companion}`);
      if (existsSync(present)) renameSync(present, join(kept, `${name}${companion}`));
      yield;
    }
    for (const folder of [kept, dataDirectory]) syncFolder(folder);
    renameSync(staged, join(dataDirectory, name));
    yield;
  }
  moveKeys(stage, dataDirectory, kept);
  for (const folder of [kept, dataDirectory]) syncFolder(folder);
  yield;
  // First of all: a stage that is half removed must not be taken up again.
  rmSync(join(stage, READY), { force: true });
  yield;
  rmSync(stage, { recursive: true, force: true });
  parts.diagnostics.warn("restored", { recipients, before: kept, notice: REPEATS });
}

const REPEATS =
  "what was queued at the backup is sent (again): each is marked as a possible duplicate";

/** A database that is damaged is what one restores for: then there is nothing to carry over. */
function carryOver(present: string, staged: string, diagnostics: Diagnostics): void {
  if (!existsSync(present)) return;
  const isFigures = basename(staged) === "figures.db";
  try {
    if (isFigures) keepFigures(present, staged);
    else keepAudit(present, staged);
  } catch (error) {
    const event = isFigures ? "figures-not-carried-over" : "audit-log-not-carried-over";
    diagnostics.warn(event, { reason: String(error) });
  }
}

/** One folder for one restore, also when it is gone on with after a crash. */
function openKept(stage: string, clock: Clock): string {
  const note = join(stage, KEPT);
  if (existsSync(note)) return readFileSync(note, "utf8");
  const stamp = new Date(clock.nowMs()).toISOString().replaceAll(":", "");
  const name = `before-restore-${stamp}`;
  const draft = `${note}.new`;
  writeFileSync(draft, name, { mode: 0o600, flush: true });
  renameSync(draft, note);
  syncFolder(stage);
  return name;
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

/** Flushes every file and folder of a copy: what comes after tells that all of it is there. */
export async function syncTree(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await syncTree(path);
    else if (entry.isFile()) await syncFile(path);
  }
  await syncFile(folder);
}

async function syncFile(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function syncFolder(path: string): void {
  const descriptor = openSync(path, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
