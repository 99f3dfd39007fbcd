import { credentialStamp, knownRoleGroups } from "../../access/administrators.ts";
import { ETAG, entityTag } from "../../cmdlet/entity-tag.ts";
import type { OutputOf, OutputType } from "../../cmdlet/output-type.ts";
import type { AdministratorRow } from "../../store/access-store.ts";
import { isoDate } from "./access-parameters.ts";

/** An administrator as cmdlets show it: nothing secret. */
export const ADMINISTRATOR = {
  name: "Administrator",
  properties: {
    Identity: { kind: "text", doc: "His name." },
    Name: { kind: "text", doc: "What he logs in with; case does not count." },
    RoleGroups: { kind: "list", doc: "What he may run." },
    Enabled: { kind: "boolean", doc: "Whether he may log in." },
    TotpState: {
      kind: "choice",
      choices: ["Disabled", "Pending", "Enabled"],
      doc: "Second factor; Pending: its first code has not been confirmed, and none is asked for.",
    },
    RecoveryCodesLeft: {
      kind: "number",
      doc: "Codes that stand in for a lost authenticator, each once.",
    },
    Passkeys: { kind: "number", doc: "How many he signs in with; Get-AdministratorPasskey." },
    ExternalId: {
      kind: "text",
      doc: "Who he is for the organization's sign-in (OpenID Connect): issuer and subject.",
    },
    PasswordLastSet: { kind: "date", doc: "When the password was set." },
    LastLogonDate: { kind: "date", doc: "When he logged in last." },
    WhenCreated: { kind: "date", doc: "When he was made." },
    ETag: ETAG,
  },
  table: ["Name", "RoleGroups", "Enabled", "TotpState", "LastLogonDate"],
} as const satisfies OutputType;

/** The output object of a row. */
export function administratorOutput(row: AdministratorRow): OutputOf<typeof ADMINISTRATOR> {
  const { name, isEnabled, totpSecret, isTotpEnabled } = row;
  const pending = totpSecret === "" ? "Disabled" : "Pending";
  return {
    Identity: name,
    Name: name,
    RoleGroups: knownRoleGroups(row.roleGroups),
    Enabled: isEnabled,
    TotpState: isTotpEnabled ? "Enabled" : pending,
    RecoveryCodesLeft: row.recoveryCodes.length,
    Passkeys: row.passkeys.length,
    ExternalId: row.externalId === "" ? null : row.externalId,
    PasswordLastSet: isoDate(row.passwordSetMs),
    LastLogonDate: isoDate(row.lastLogonMs),
    WhenCreated: isoDate(row.createdMs),
    ETag: administratorTag(row),
  };
}

/** His tag: that he has logged in makes no other one of him. */
export function administratorTag(row: AdministratorRow): string {
  const { name, roleGroups, isEnabled } = row;
  return entityTag({
    name,
    roleGroups,
    isEnabled: String(isEnabled),
    credentials: credentialStamp(row),
  });
}
