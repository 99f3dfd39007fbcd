import { accountNameProblem } from "../../access/account-name.ts";
import { PASSWORD_CHARACTERS_MAX } from "../../access/login.ts";
import type { ObjectChange } from "../../cmdlet/cmdlet.ts";
import { CmdletFault } from "../../cmdlet/cmdlet-fault.ts";
import type { OutputObject } from "../../cmdlet/output-type.ts";
import { type Caller, ROLE_GROUPS, type RoleGroup } from "../../cmdlet/role-group.ts";
import type { SettingType } from "../../org/settings/setting.ts";
import {
  checkLine,
  listOf,
  NAME_CHARACTERS_MAX,
  oneOf,
  Problem,
  scalarType,
} from "../../org/settings/setting-types.ts";

const PASSWORD_CHARACTERS_MIN = 12;

/**
 * The name of a new administrator or token. The audit log names whoever has run something: nobody
 * may be called as others are there, nor have marks in his name that turn text around.
 */
export function accountName(): SettingType<string> {
  return scalarType({
    label: `name, at most ${NAME_CHARACTERS_MAX} characters`,
    suffix: "",
    form: { kind: "text", charactersMax: NAME_CHARACTERS_MAX },
    parse(text) {
      const problem = accountNameProblem(text);
      if (problem !== undefined) return new Problem(problem);
      return checkLine(text, { max: NAME_CHARACTERS_MAX });
    },
  });
}

/** A new password; never shown, never stored as it is. */
export function newPassword(): SettingType<string> {
  const limits = `${PASSWORD_CHARACTERS_MIN} to ${PASSWORD_CHARACTERS_MAX} characters`;
  return scalarType({
    label: `text of ${limits}`,
    suffix: "",
    isSecret: true,
    form: { kind: "text", charactersMax: PASSWORD_CHARACTERS_MAX },
    parse: (text) =>
      text.length < PASSWORD_CHARACTERS_MIN
        ? new Problem(`is too short; a password has ${limits}`)
        : checkLine(text, { max: PASSWORD_CHARACTERS_MAX }),
  });
}

/** A code that an authenticator shows. */
export function totpCode(): SettingType<string> {
  return scalarType({
    label: "code of 6 digits",
    suffix: "",
    isSecret: true,
    parse: (text) =>
      /^\d{3} ?\d{3}$/.test(text) ? text : new Problem("is not a code of 6 digits"),
  });
}

/** Names of role groups. */
export function roleGroups(): SettingType<readonly RoleGroup[]> {
  return listOf(oneOf(ROLE_GROUPS), { max: ROLE_GROUPS.length });
}

/**
 * Keeps a token whose scope is some cmdlets from giving itself, or somebody else, the rest.
 * @throws CmdletFault
 */
export function refuseScoped({ cmdlets }: Caller): void {
  if (cmdlets === undefined) return;
  throw new CmdletFault(
    "forbidden",
    "a token whose scope is some cmdlets changes no administrators and makes no tokens; " +
      "use one without a scope, or log in",
  );
}

/** The fault of a name that nobody has. */
export function notFound(kind: "administrator" | "API token", name: string): CmdletFault {
  const cmdlet = kind === "administrator" ? "Get-Administrator" : "Get-ApiToken";
  const text = `there is no ${kind} "${name}"; ${cmdlet} lists them`;
  return new CmdletFault("not-found", text, { parameter: "Identity" });
}

/** Of two states of an object, what differs. */
export function differenceOf(
  object: string,
  { before, after }: { readonly before: OutputObject; readonly after: OutputObject },
): ObjectChange {
  const names = Object.keys(after).filter(
    (name) => name !== "ETag" && JSON.stringify(before[name]) !== JSON.stringify(after[name]),
  );
  const pick = (state: OutputObject): OutputObject =>
    Object.fromEntries(names.map((name) => [name, state[name] ?? null]));
  return { object, before: pick(before), after: pick(after) };
}

/** Epoch ms as ISO 8601; null for 0 and nothing. */
export function isoDate(atMs: number | undefined): string | null {
  return atMs === undefined || atMs === 0 ? null : new Date(atMs).toISOString();
}
