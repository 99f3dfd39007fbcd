import type { Invocation } from "../../cmdlet/cmdlet.ts";
import { CmdletFault } from "../../cmdlet/cmdlet-fault.ts";
import type { RoleGroup } from "../../cmdlet/role-group.ts";
import type { TrackingServices } from "./tracking-services.ts";

/** Who may see message tracking with its subjects (reference §15.5). */
export const TRACKING_READERS: readonly RoleGroup[] = [
  "Server Management",
  "Recipient Management",
  "Records Management",
  "View-Only Organization Management",
];

/** Characters of a text that is searched for. */
export const SEARCH_CHARACTERS_MAX = 1024;

/** Says how far a search has come, in bytes of the log. */
export function tellProgress(
  { progress }: Pick<Invocation<unknown>, "progress">,
  at: { readonly doneBytes: number; readonly totalBytes: number },
): void {
  const { doneBytes, totalBytes } = at;
  progress({ activity: "Searching the log", done: doneBytes, total: totalBytes, unit: "bytes" });
}

/** Each server has its own log; a name that is not this one's is told so. */
export function checkServer(
  { services }: { readonly services: TrackingServices },
  server: string | undefined,
): void {
  const own = services.tracking.serverName();
  if (server === undefined || server.toLowerCase() === own.toLowerCase()) return;
  const short = own.split(".", 1)[0] ?? own;
  if (server.toLowerCase() === short.toLowerCase()) return;
  throw new CmdletFault(
    "not-found",
    `${server} is not this server; this is ${own}. Ask the other one, with --server`,
    { parameter: "Server" },
  );
}

/** Two times in their order. */
export function checkTimes(
  startMs: number | undefined,
  endMs: number | undefined,
  parameter: string,
): void {
  if (startMs === undefined || endMs === undefined || startMs < endMs) return;
  throw new CmdletFault(
    "bad-parameter",
    `-${parameter} is not after the start: nothing lies between them`,
    { parameter },
  );
}

/** ISO 8601, in UTC. */
export function isoDate(atMs: number): string {
  return new Date(atMs).toISOString();
}
