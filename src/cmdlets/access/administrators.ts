import { defineCmdlet, type Invocation } from "../../cmdlet/cmdlet.ts";
import { CmdletFault } from "../../cmdlet/cmdlet-fault.ts";
import { changedMeanwhile, IF_MATCH, ifMatchOf, matchesTag } from "../../cmdlet/entity-tag.ts";
import { moreResultsWarning, pagingParameters, selectPage } from "../../cmdlet/paging.ts";
import {
  defaultedParameter,
  optionalParameter,
  requiredParameter,
  switchParameter,
} from "../../cmdlet/parameter.ts";
import { hashPassword } from "../../org/password.ts";
import { bool, line, NAME_CHARACTERS_MAX } from "../../org/settings/setting-types.ts";
import type { AdministratorRow } from "../../store/access-store.ts";
import {
  accountName,
  differenceOf,
  newPassword,
  notFound,
  refuseScoped,
  roleGroups,
} from "./access-parameters.ts";
import { ADMINISTRATOR, administratorOutput, administratorTag } from "./administrator-output.ts";
import type { AccessServices } from "./services.ts";

/** `-Identity` of an administrator. */
export const ADMINISTRATOR_IDENTITY = requiredParameter(
  line({ max: NAME_CHARACTERS_MAX }),
  "The administrator's name.",
  { position: 0, pipeline: "property", completion: "Administrator" },
);

/** The administrators. */
export const getAdministrator = defineCmdlet({
  name: "Get-Administrator",
  summary: "Shows who may administer this organization.",
  notes: ["Root on the server itself needs no administrator: it comes in by the Unix socket."],
  roles: ["View-Only Organization Management"],
  effect: "reads",
  confirmation: "none",
  examples: [
    { command: "Get-Administrator", doc: "All of them." },
    {
      command: "Get-Administrator -Filter \"TotpState -ne 'Enabled'\"",
      doc: "Those without a second factor.",
    },
  ],
  parameters: {
    Identity: optionalParameter(line({ max: NAME_CHARACTERS_MAX }), "Only the one of that name.", {
      position: 0,
      completion: "Administrator",
    }),
    ...pagingParameters(ADMINISTRATOR),
  },
  output: ADMINISTRATOR,
  async *run({ services, clock, warn }: Invocation<AccessServices>, { identity, ...paging }) {
    const { rows } = services.access.administrators;
    const row = identity === undefined ? undefined : rows.find(identity);
    if (identity !== undefined && row === undefined) throw notFound("administrator", identity);
    const shown = (row === undefined ? rows.all() : [row]).map(administratorOutput);
    const page = selectPage(shown, paging, { nowMs: clock.nowMs() });
    yield* page.items;
    if (page.hasMore) warn(moreResultsWarning(paging.resultSize));
  },
});

/** Makes one. */
export const newAdministrator = defineCmdlet({
  name: "New-Administrator",
  summary: "Lets another person administer, with a password of his own.",
  roles: [],
  effect: "changes",
  confirmation: "none",
  examples: [
    {
      command:
        'New-Administrator -Name alice -Password "correct horse battery" -RoleGroups "Help Desk"',
      doc: "Alice may trace mail and look recipients up.",
    },
  ],
  parameters: {
    Name: requiredParameter(accountName(), "What he logs in with; case does not count.", {
      position: 0,
    }),
    Password: requiredParameter(newPassword(), "His password; stored as an argon2id hash."),
    RoleGroups: requiredParameter(roleGroups(), "What he may run; see Get-RoleGroup."),
    Enabled: defaultedParameter(bool(), "true", "Whether he may log in."),
  },
  output: ADMINISTRATOR,
  async *run(invocation: Invocation<AccessServices>, input) {
    refuseScoped(invocation.caller);
    const nowMs = invocation.clock.nowMs();
    const row: AdministratorRow = {
      name: input.name,
      passwordHash: await hashPassword(input.password),
      totpSecret: "",
      isTotpEnabled: false,
      totpCounter: 0,
      recoveryCodes: [],
      passkeys: [],
      externalId: "",
      roleGroups: input.roleGroups,
      isEnabled: input.enabled,
      createdMs: nowMs,
      passwordSetMs: nowMs,
      lastLogonMs: 0,
    };
    await invocation.services.access.administrators.rows.change(input.name, (before) => {
      if (before === undefined) return row;
      const cure = "Set-Administrator changes him";
      const text = `there is an administrator "${before.name}" already; ${cure}`;
      throw new CmdletFault("conflict", text, { parameter: "Name" });
    });
    const after = administratorOutput(row);
    invocation.changed({ object: objectName(row), after });
    yield after;
  },
});

/** Changes one. */
export const setAdministrator = defineCmdlet({
  name: "Set-Administrator",
  summary: "Changes an administrator's password, role groups, or whether he may log in.",
  notes: [
    "Another password, ResetTotp and Enabled:$false end his sessions. Other role groups are in " +
      "force at once, in open sessions too.",
  ],
  roles: [],
  effect: "changes",
  confirmation: "none",
  examples: [
    { command: "Set-Administrator alice -Enabled:$false", doc: "Alice may not log in any more." },
    {
      command: "Set-Administrator alice -ResetTotp",
      doc: "Alice has lost her telephone: she logs in without a code until a new one is set up.",
    },
  ],
  parameters: {
    Identity: ADMINISTRATOR_IDENTITY,
    Password: optionalParameter(newPassword(), "A new password."),
    RoleGroups: optionalParameter(roleGroups(), "What he may run, in the place of what he might."),
    Enabled: optionalParameter(bool(), "Whether he may log in."),
    ResetTotp: switchParameter("Forgets his second factor."),
    IfMatch: IF_MATCH,
  },
  output: ADMINISTRATOR,
  async *run(invocation: Invocation<AccessServices>, input) {
    const { password } = input;
    const passwordHash = password === undefined ? undefined : await hashPassword(password);
    const edit = (row: AdministratorRow): AdministratorRow => ({
      ...row,
      ...(passwordHash !== undefined && {
        passwordHash,
        // Two changes within one millisecond must differ, too: sessions are told by it.
        passwordSetMs: Math.max(invocation.clock.nowMs(), row.passwordSetMs + 1),
      }),
      roleGroups: input.roleGroups ?? row.roleGroups,
      isEnabled: input.enabled ?? row.isEnabled,
      ...(input.resetTotp && NO_SECOND_FACTOR),
    });
    const shown = await changeAdministrator(invocation, input.identity, (row) => {
      checkUnchanged(row, ifMatchOf(input));
      return edit(row);
    });
    yield shown;
    if (passwordHash !== undefined) warnOfPasskeys(invocation, shown);
    const endsSessions = passwordHash !== undefined || input.resetTotp || input.enabled === false;
    if (endsSessions) endSessions(invocation, input.identity);
    if (input.enabled === false) warnOfTokens(invocation, input.identity);
  },
});

/** What is left of a row's second factor once it is taken away. */
export const NO_SECOND_FACTOR = {
  totpSecret: "",
  isTotpEnabled: false,
  recoveryCodes: [],
} as const satisfies Partial<AdministratorRow>;

/** Removes one. */
export const removeAdministrator = defineCmdlet({
  name: "Remove-Administrator",
  summary: "Takes an administrator's access away, and ends his sessions.",
  notes: ["API tokens that he has made stay: Get-ApiToken shows who made them."],
  roles: [],
  effect: "changes",
  confirmation: "asks",
  examples: [{ command: "Remove-Administrator alice", doc: "Alice has left." }],
  parameters: { Identity: ADMINISTRATOR_IDENTITY, IfMatch: IF_MATCH },
  output: ADMINISTRATOR,
  async *run(invocation: Invocation<AccessServices>, { identity, ...input }) {
    refuseScoped(invocation.caller);
    const { administrators } = invocation.services.access;
    await administrators.rows.change(identity, (row) => {
      if (row === undefined) throw notFound("administrator", identity);
      checkUnchanged(row, ifMatchOf(input));
      invocation.changed({ object: objectName(row), before: administratorOutput(row) });
      return undefined;
    });
    endSessions(invocation, identity);
    warnOfTokens(invocation, identity);
  },
});

function checkUnchanged(row: AdministratorRow, ifMatch: readonly string[] | undefined): void {
  if (matchesTag(ifMatch, administratorTag(row))) return;
  throw changedMeanwhile(`administrator "${row.name}"`);
}

/** Edits a row, reports what has changed, and gives back what it is now. */
export async function changeAdministrator(
  invocation: Invocation<AccessServices>,
  identity: string,
  edit: (row: AdministratorRow) => AdministratorRow,
): Promise<ReturnType<typeof administratorOutput>> {
  refuseScoped(invocation.caller);
  let states: { readonly row: AdministratorRow; readonly edited: AdministratorRow } | undefined;
  await invocation.services.access.administrators.rows.change(identity, (row) => {
    if (row === undefined) throw notFound("administrator", identity);
    states = { row, edited: edit(row) };
    return states.edited;
  });
  if (states === undefined) throw notFound("administrator", identity);
  const { row, edited } = states;
  const after = administratorOutput(edited);
  invocation.changed(differenceOf(objectName(row), { before: administratorOutput(row), after }));
  return after;
}

function endSessions({ services }: Invocation<AccessServices>, identity: string): void {
  services.access.sessions.end((session) => isSameName(session.name, identity));
}

/** They need no password: whoever has got at the account may have left one there. */
function warnOfPasskeys(
  { warn }: Invocation<AccessServices>,
  { Passkeys: count }: ReturnType<typeof administratorOutput>,
): void {
  if (count === null || count === 0) return;
  const them = count === 1 ? "1 passkey still lets" : `${count} passkeys still let`;
  warn(`${them} him in; Remove-AdministratorPasskey takes away what is not his`);
}

/** What an administrator has made, and what his tokens have made, outlives his own access. */
function warnOfTokens({ services, warn }: Invocation<AccessServices>, identity: string): void {
  const made = services.access.tokens.rows.all().filter(({ createdBy }) => {
    const [, administrator = createdBy] = /\(([^()]+)\)+$/.exec(createdBy) ?? [];
    return isSameName(administrator, identity);
  });
  if (made.length === 0) return;
  const names = made.map((token) => token.name).join(", ");
  warn(`API tokens that ${identity} has made are still good: ${names}; Remove-ApiToken ends them`);
}

function isSameName(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase();
}

function objectName(row: AdministratorRow): string {
  return `Administrator ${row.name}`;
}
