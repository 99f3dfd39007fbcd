import type { Cmdlet } from "../../cmdlet/cmdlet.ts";
import { searchAdminAuditLog } from "./admin-audit-log.ts";
import { getAdministratorPasskey, removeAdministratorPasskey } from "./administrator-passkeys.ts";
import { getAdministratorSession, removeAdministratorSession } from "./administrator-sessions.ts";
import {
  disableAdministratorTotp,
  enableAdministratorTotp,
  newAdministratorRecoveryCode,
} from "./administrator-totp.ts";
import {
  getAdministrator,
  newAdministrator,
  removeAdministrator,
  setAdministrator,
} from "./administrators.ts";
import { getApiToken, newApiToken, removeApiToken } from "./api-tokens.ts";
import { getRoleGroup } from "./role-groups.ts";
import type { AccessServices } from "./services.ts";

/** The cmdlets of this room. */
export const ACCESS_CMDLETS: readonly Cmdlet<AccessServices>[] = [
  disableAdministratorTotp,
  enableAdministratorTotp,
  getAdministrator,
  getAdministratorPasskey,
  getAdministratorSession,
  getApiToken,
  getRoleGroup,
  newAdministrator,
  newAdministratorRecoveryCode,
  newApiToken,
  removeAdministrator,
  removeAdministratorPasskey,
  removeAdministratorSession,
  removeApiToken,
  searchAdminAuditLog,
  setAdministrator,
];
