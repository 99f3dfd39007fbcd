import type { Cmdlet } from "../../cmdlet/cmdlet.ts";
import { searchAdminAuditLog } from "./admin-audit-log.ts";
import { getAdministratorSession, removeAdministratorSession } from "./administrator-sessions.ts";
import { disableAdministratorTotp, enableAdministratorTotp } from "./administrator-totp.ts";
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
  getAdministratorSession,
  getApiToken,
  getRoleGroup,
  newAdministrator,
  newApiToken,
  removeAdministrator,
  removeAdministratorSession,
  removeApiToken,
  searchAdminAuditLog,
  setAdministrator,
];
