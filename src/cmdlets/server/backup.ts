import { checkBackupFolder } from "../../cmdlet/backup-folder.ts";
import { type Cmdlet, defineCmdlet } from "../../cmdlet/cmdlet.ts";
import { CmdletFault } from "../../cmdlet/cmdlet-fault.ts";
import type { OutputOf, OutputType } from "../../cmdlet/output-type.ts";
import { optionalParameter, requiredParameter, switchParameter } from "../../cmdlet/parameter.ts";
import type { Caller } from "../../cmdlet/role-group.ts";
import type { BackupManifest } from "../../diagnosis/backup-manifest.ts";
import { line } from "../../org/settings/setting-types.ts";
import type { ServerServices } from "./services.ts";

const BACKUP = {
  name: "PostriderBackup",
  properties: {
    Path: { kind: "text", doc: "The folder, on the server." },
    Created: { kind: "date", doc: "When it was made." },
    ServerFqdn: { kind: "text", doc: "The server that it is of." },
    Messages: { kind: "number", doc: "Messages in its queues." },
    Recipients: { kind: "number", doc: "Recipients that they wait for." },
    Objects: { kind: "number", doc: "Objects of its organization." },
    OrganizationRecipients: { kind: "number", doc: "Mailboxes, users, contacts and groups in it." },
    HasKeys: { kind: "boolean", doc: "Whether the key file and the certificates are in it." },
    HasFigures: { kind: "boolean", doc: "Whether the figures of mail flow are in it." },
  },
  table: [
    "Path",
    "Created",
    "Messages",
    "Recipients",
    "Objects",
    "OrganizationRecipients",
    "HasKeys",
  ],
} as const satisfies OutputType;

const PATH = requiredParameter(
  line({ max: 1024 }),
  "A folder on the server, with its whole path; it must be empty or not exist yet.",
  { position: 0 },
);

const BACKUP_PARAMETERS = {
  Path: PATH,
  WithoutKeys: switchParameter(
    "Leaves out secret.key and the certificates. Without that key, passwords for smart hosts and " +
      "other sealed secrets cannot be read after a restore elsewhere.",
  ),
};

/** Copies the databases of a running server; ours, Exchange leaves it to Windows. */
export const backupPostrider: Cmdlet<ServerServices> = defineCmdlet<
  ServerServices,
  typeof BACKUP_PARAMETERS,
  typeof BACKUP
>({
  name: "Backup-Postrider",
  summary: "Copies queue, organization and figures into a folder while mail goes on; verifies it.",
  notes: [
    "Each database is copied as it stands at one moment. The folder holds mail and keys: keep it " +
      "as safe as the data directory. Mailboxes (Maildir) and logs are plain files, and no part " +
      "of it.",
    "Over the network only folders below `backups` in the server's data directory can be named; " +
      "local root may name any.",
  ],
  roles: ["Server Management"],
  effect: "changes",
  confirmation: "none",
  parameters: BACKUP_PARAMETERS,
  output: BACKUP,
  examples: [
    { command: "Backup-Postrider /var/backups/postrider-monday", doc: "A backup, keys included." },
  ],
  async *run({ services, caller, signal, progress, changed }, { path, withoutKeys }) {
    checkPath(path, caller, services);
    const order = { path, withKeys: !withoutKeys, signal, progress };
    const made = describe(path, await services.backup(order));
    changed({ object: "Postrider", after: { ...made } });
    yield made;
  },
});

const LIST_PARAMETERS = {
  Path: optionalParameter(line({ max: 1024 }), "One folder, wherever it is.", { position: 0 }),
};

/** What there is to restore from. */
export const getPostriderBackup: Cmdlet<ServerServices> = defineCmdlet<
  ServerServices,
  typeof LIST_PARAMETERS,
  typeof BACKUP
>({
  name: "Get-PostriderBackup",
  summary: "Lists the backups in the folder `backups` of the data directory, newest first.",
  notes: ["It shows what a backup says of itself. Test-PostriderBackup reads all of it."],
  roles: ["Server Management", "View-Only Organization Management"],
  effect: "reads",
  confirmation: "none",
  parameters: LIST_PARAMETERS,
  output: BACKUP,
  examples: [{ command: "Get-PostriderBackup", doc: "What can be restored?" }],
  async *run({ services, caller, warn }, { path }) {
    if (path !== undefined) {
      checkPath(path, caller, services);
      yield describe(path, await services.readBackup(path));
      return;
    }
    const found: { readonly path: string; readonly manifest: BackupManifest }[] = [];
    for (const one of await services.listBackups()) {
      try {
        found.push({ path: one, manifest: await services.readBackup(one) });
      } catch (error) {
        // Begun and broken off, or something else.
        if (!(error instanceof CmdletFault)) throw error;
        warn(`${one} is no backup: ${error.message}`);
      }
    }
    found.sort((left, right) => right.manifest.createdMs - left.manifest.createdMs);
    for (const one of found) yield describe(one.path, one.manifest);
  },
});

const TEST_PARAMETERS = {
  Path: requiredParameter(line({ max: 1024 }), "The folder of the backup, on the server.", {
    position: 0,
  }),
};

/** Whether a backup could be restored. */
export const testPostriderBackup: Cmdlet<ServerServices> = defineCmdlet<
  ServerServices,
  typeof TEST_PARAMETERS,
  typeof BACKUP
>({
  name: "Test-PostriderBackup",
  summary: "Reads a backup from end to end, and shows it when nothing is wrong with it.",
  notes: [
    "Each database is read whole and checked, and compared with the digest of when it was made. " +
      "What is wrong is the error.",
  ],
  roles: ["Server Management"],
  effect: "reads",
  confirmation: "none",
  parameters: TEST_PARAMETERS,
  output: BACKUP,
  examples: [
    { command: "Test-PostriderBackup /var/backups/postrider-monday", doc: "Is it still good?" },
  ],
  async *run({ services, caller, signal, progress }, { path }) {
    checkPath(path, caller, services);
    yield describe(path, await services.verifyBackup({ path, signal, progress }));
  },
});

const RESTORE_PARAMETERS = {
  Path: requiredParameter(line({ max: 1024 }), "The folder of the backup, on the server.", {
    position: 0,
  }),
  DiscardCurrentQueue: switchParameter(
    "Restores although mail waits in the queues now. It is kept in a folder before-restore-… of " +
      "the data directory, and is not sent.",
  ),
};

/** Puts a backup in the place of queue and organization; the server restarts. */
export const restorePostrider: Cmdlet<ServerServices> = defineCmdlet<
  ServerServices,
  typeof RESTORE_PARAMETERS,
  typeof BACKUP
>({
  name: "Restore-Postrider",
  summary: "Puts a backup in the place of queue and organization, and restarts the server.",
  notes: [
    "The backup is verified first. What was queued in it is sent: mail that had been delivered " +
      "since arrives twice, and its tracking events say S:PossibleDuplicate=True.",
    "Refused while mail waits in the queues, unless -DiscardCurrentQueue: drain the server first " +
      "(Set-ServerComponentState HubTransport -State Draining -Requester Maintenance). From then " +
      "on no mail is taken until the server has restarted; when some came in at the last moment, " +
      "the restart leaves everything as it was (restore-abandoned in the server's own log).",
    "Administrators and API tokens are those of the backup, too.",
  ],
  roles: [],
  effect: "changes",
  confirmation: "asks",
  parameters: RESTORE_PARAMETERS,
  output: BACKUP,
  examples: [
    { command: "Restore-Postrider /var/backups/postrider-monday", doc: "Back to Monday." },
  ],
  async plan({ services, caller, signal, progress }, { path, discardCurrentQueue }) {
    checkPath(path, caller, services);
    const waiting = await services.queuedRecipients();
    if (waiting > 0 && !discardCurrentQueue) throw waitingFault(waiting);
    const manifest = await services.verifyBackup({ path, signal, progress });
    const { Messages, Recipients } = describe(path, manifest);
    const created = new Date(manifest.createdMs).toISOString();
    return {
      actions: [
        `Restart the server with the backup of ${created} from ${manifest.serverFqdn}`,
        `Queue ${Messages} messages for ${Recipients} recipients again`,
        `Put aside what is there now, with ${waiting} recipients that wait`,
      ],
      count: 1,
    };
  },
  async *run({ services, caller, signal, progress, changed }, { path, discardCurrentQueue }) {
    checkPath(path, caller, services);
    const queueBefore = discardCurrentQueue ? "put-aside" : "must-be-empty";
    const waiting = await services.queuedRecipients();
    if (waiting > 0 && queueBefore === "must-be-empty") throw waitingFault(waiting);
    const manifest = await services.verifyBackup({ path, signal, progress });
    await services.restore({ path, queueBefore });
    const restored = describe(path, manifest);
    changed({ object: "Postrider", after: { ...restored } });
    yield restored;
  },
});

/** A restore would put mail aside that is to be sent. */
export function waitingFault(recipients: number): CmdletFault {
  const text =
    `${recipients} recipients wait in the queues and would not be sent to; drain the server ` +
    "first, or give -DiscardCurrentQueue";
  return new CmdletFault("not-allowed-now", text);
}

/** @throws CmdletFault when this caller may not name that folder */
function checkPath(
  path: string,
  caller: Caller,
  { backupFolder }: Pick<ServerServices, "backupFolder">,
): void {
  checkBackupFolder(path, { caller, backupFolder, parameter: "Path" });
}

function describe(path: string, manifest: BackupManifest): OutputOf<typeof BACKUP> {
  const rowsOf = (database: string, table: string) =>
    manifest.databases.find(({ name }) => name === database)?.rows[table] ?? 0;
  return {
    Path: path,
    Created: new Date(manifest.createdMs).toISOString(),
    ServerFqdn: manifest.serverFqdn,
    Messages: rowsOf("queue.db", "message"),
    Recipients: rowsOf("queue.db", "recipient"),
    Objects: rowsOf("organization.db", "object"),
    OrganizationRecipients: rowsOf("organization.db", "recipient"),
    HasKeys: manifest.hasKeys,
    HasFigures: manifest.databases.some(({ name }) => name === "figures.db"),
  };
}
