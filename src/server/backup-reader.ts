import { rmSync } from "node:fs";
import { copyFile, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { OrganizationServices } from "../cmdlets/organization/services.ts";
import { storedObject } from "../org/stored-object.ts";
import { OrganizationSqlite } from "../store/organization-sqlite.ts";
import { asBackupFault, readManifest } from "./backup.ts";

/**
 * The organization of a backup, to read. A copy is opened, so that one of an older release can be
 * brought to today's format; the backup stays as it is. @throws CmdletFault
 */
export async function openBackupOrganization(
  path: string,
): ReturnType<OrganizationServices["openBackup"]> {
  await readManifest(path);
  const folder = await mkdtemp(join(tmpdir(), "postrider-backup-"));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    const copy = join(folder, "organization.db");
    await copyFile(join(path, "organization.db"), copy);
    const store = OrganizationSqlite.alone(copy);
    const { value: rows } = await store.readObjects();
    return {
      list: async (kind) =>
        rows
          .filter((row) => row.kind === kind)
          .map((row) => storedObject(row, { file: undefined })),
      listRecipients: async (page) => (await store.listRecipients(page)).value,
      readMembers: (group, page) => store.readMembers(group, page),
      close: () => {
        store.close();
        remove();
      },
    };
  } catch (error) {
    remove();
    throw asBackupFault(error, path);
  }
}
