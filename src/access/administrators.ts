import type { SecretBox } from "../base/secret-box.ts";
import { ROLE_GROUPS, type RoleGroup } from "../cmdlet/role-group.ts";
import type { AccessStore, AdministratorRow } from "../store/access-store.ts";
import { NamedRows } from "./named-rows.ts";

/** Administrators, with the box that their TOTP secrets are sealed in. */
export interface Administrators {
  readonly rows: NamedRows<AdministratorRow>;
  readonly box: SecretBox;
}

/** Reads who may administer. Rejects with StoreFailure. */
export async function openAdministrators(
  store: AccessStore,
  box: SecretBox,
): Promise<Administrators> {
  const rows = new NamedRows(await store.readAdministrators(), {
    put: (row) => store.putAdministrator(row),
    remove: (name) => store.removeAdministrator(name),
  });
  return { rows, box };
}

/** The names that are role groups; others were groups of an older release, and give nothing. */
export function knownRoleGroups(names: readonly string[]): readonly RoleGroup[] {
  return ROLE_GROUPS.filter((group) => names.includes(group));
}

/** Whether whoever has shown these credentials once could show them still. */
export function isInForce(
  row: AdministratorRow,
  shown: { readonly stamp: string; readonly passkey?: string | undefined },
): boolean {
  const { stamp, passkey } = shown;
  if (!row.isEnabled || credentialStamp(row) !== stamp) return false;
  return passkey === undefined || row.passkeys.some(({ id }) => id === passkey);
}

/** Sessions that began under another stamp are over: password or second factor have changed. */
export function credentialStamp(row: AdministratorRow): string {
  const { passwordSetMs, isTotpEnabled, totpSecret } = row;
  // The secret as it is sealed: one that was taken away and set up anew is another factor.
  return `${passwordSetMs} ${isTotpEnabled ? `totp ${totpSecret}` : ""}`;
}
