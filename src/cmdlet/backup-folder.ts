import { isAbsolute, join, resolve, sep } from "node:path";
import { CmdletFault } from "./cmdlet-fault.ts";
import type { Caller } from "./role-group.ts";

/**
 * Checks where a backup is said to be: who comes over the network is not to write, or to try paths,
 * wherever the server may. @throws CmdletFault of `parameter`
 */
export function checkBackupFolder(
  path: string,
  where: {
    readonly caller: Pick<Caller, "via">;
    /** The only folder below which callers over the network may name one; whole path. */
    readonly backupFolder: string;
    /** `Path` */
    readonly parameter: string;
  },
): void {
  const { caller, backupFolder, parameter } = where;
  if (!isAbsolute(path)) {
    const cure = "write it as in /var/backups/x: it is one on the server";
    const text = `-${parameter}: "${path}" is not a whole path; ${cure}`;
    throw new CmdletFault("bad-parameter", text, { parameter });
  }
  if (caller.via === "socket" || resolve(path).startsWith(backupFolder + sep)) return;
  const cure = `over the network it must be below that folder, as ${join(backupFolder, "monday")}`;
  const text = `-${parameter}: "${path}" is not in ${backupFolder}; ${cure}`;
  throw new CmdletFault("forbidden", text, { parameter });
}
