/** Exchange's role groups (reference §15.5). Organization Management may do everything. */
export const ROLE_GROUPS = [
  "Organization Management",
  "Server Management",
  "Recipient Management",
  "Hygiene Management",
  "Records Management",
  "Help Desk",
  "View-Only Organization Management",
] as const;

/** A name out of ROLE_GROUPS. */
export type RoleGroup = (typeof ROLE_GROUPS)[number];

/** Who runs a cmdlet, as the server has found out; nothing of it comes from the request itself. */
export interface Caller {
  /** For audit and tracking: `root`, an administrator's name, `token NAME (ADMINISTRATOR)`. */
  readonly name: string;
  readonly roleGroups: readonly RoleGroup[];
  readonly via: "socket" | "token" | "session" | "link";
  /** IP address, or "" on the Unix socket. */
  readonly address: string;
  /** A token's scope: the only cmdlets that it may run, lower case; absent: all of its roles. */
  readonly cmdlets?: readonly string[];
}

/** Whether a caller is in one of these groups. Organization Management always is. */
export function isInRole(caller: Pick<Caller, "roleGroups">, roles: readonly RoleGroup[]): boolean {
  return caller.roleGroups.some(
    (group) => group === "Organization Management" || roles.includes(group),
  );
}
