import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeClock } from "../../base/clock.fake.ts";
import type { Invocation } from "../../cmdlet/cmdlet.ts";
import { CmdletFault } from "../../cmdlet/cmdlet-fault.ts";
import type { Caller } from "../../cmdlet/role-group.ts";
import type { BackupManifest } from "../../diagnosis/backup-manifest.ts";
import {
  backupPostrider,
  getPostriderBackup,
  restorePostrider,
  testPostriderBackup,
} from "./backup.ts";
import type { ServerServices } from "./services.ts";

const MANIFEST: BackupManifest = {
  createdMs: 0,
  serverFqdn: "mail.contoso.test",
  databases: [],
  hasKeys: true,
};

/** Where the server was told to write or read, when `via` asks for a path. */
async function touched(
  cmdlet: "backup" | "restore" | "plan" | "get" | "test",
  path: string,
  via: Caller["via"],
): Promise<string | undefined> {
  let place: string | undefined;
  const services: Partial<ServerServices> = {
    backupFolder: "/data/backups",
    async backup(order) {
      place = order.path;
      return MANIFEST;
    },
    async readBackup(where) {
      place = where;
      return MANIFEST;
    },
    async verifyBackup(order) {
      place = order.path;
      return MANIFEST;
    },
    restore: async () => undefined,
    queuedRecipients: async () => 0,
  };
  const roleGroups = ["Organization Management"] as const;
  const run: Invocation<ServerServices> = {
    services: services as ServerServices,
    caller: { name: "alice", roleGroups, via, address: "" },
    clock: fakeClock(),
    signal: new AbortController().signal,
    given: new Set(["Path"]),
    progress: () => undefined,
    warn: () => undefined,
    changed: () => undefined,
  };
  const input = { path, withoutKeys: false, discardCurrentQueue: false };
  try {
    if (cmdlet === "plan") await restorePostrider.plan?.(run, input);
    else {
      const one = {
        backup: backupPostrider,
        restore: restorePostrider,
        get: getPostriderBackup,
        test: testPostriderBackup,
      }[cmdlet];
      for await (const _ of one.run(run, input));
    }
  } catch (error) {
    assert.ok(error instanceof CmdletFault && error.parameter === "Path", String(error));
    assert.equal(place, undefined);
  }
  return place;
}

for (const [path, via, isAllowed] of [
  ["/etc/cron.d", "socket", true],
  ["monday", "socket", false],
  ["/etc/cron.d", "session", false],
  ["/etc/cron.d", "token", false],
  ["/data/backups/monday", "session", true],
  ["/data/backups/a/b", "token", true],
  ["/data/backups", "session", false],
  ["/data/backups/", "session", false],
  ["/data/backups/../queue.db", "session", false],
  ["/data/backups2/monday", "session", false],
  ["backups/monday", "session", false],
] as const) {
  test(`-Path ${path} by ${via} is ${isAllowed ? "taken" : "refused"}`, async () => {
    for (const cmdlet of ["backup", "restore", "plan", "get", "test"] as const) {
      assert.equal(await touched(cmdlet, path, via), isAllowed ? path : undefined, cmdlet);
    }
  });
}

test("who may not make administrators may not bring those of a backup back", () => {
  assert.deepEqual(restorePostrider.roles, []);
});
