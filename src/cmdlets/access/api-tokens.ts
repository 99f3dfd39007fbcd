import { knownRoleGroups } from "../../access/administrators.ts";
import { isExpired } from "../../access/api-tokens.ts";
import { DAY } from "../../base/units.ts";
import { defineCmdlet, type Invocation } from "../../cmdlet/cmdlet.ts";
import { CmdletFault } from "../../cmdlet/cmdlet-fault.ts";
import { momentMs } from "../../cmdlet/filter-value.ts";
import { momentType } from "../../cmdlet/moment-type.ts";
import type { OutputOf, OutputType } from "../../cmdlet/output-type.ts";
import { moreResultsWarning, pagingParameters, selectPage } from "../../cmdlet/paging.ts";
import { optionalParameter, requiredParameter, switchParameter } from "../../cmdlet/parameter.ts";
import { line, listOf, NAME_CHARACTERS_MAX } from "../../org/settings/setting-types.ts";
import type { ApiTokenRow } from "../../store/access-store.ts";
import { accountName, isoDate, notFound, refuseScoped, roleGroups } from "./access-parameters.ts";
import type { AccessServices } from "./services.ts";

const SCOPE_MAX = 200;
const LIFETIME_DEFAULT_MS = 365 * DAY;

const API_TOKEN = {
  name: "ApiToken",
  properties: {
    Identity: { kind: "text", doc: "Its name." },
    Name: { kind: "text", doc: "Tells it from others; case does not count." },
    RoleGroups: { kind: "list", doc: "What it may run." },
    Cmdlets: { kind: "list", doc: "Its scope: of that, only these; nothing: all of it." },
    ExpirationDate: { kind: "date", doc: "From when on it is no longer good; nothing: never." },
    Expired: { kind: "boolean", doc: "Whether that is past." },
    LastUsedDate: { kind: "date", doc: "When it was used last, within five minutes." },
    LastUsedFrom: { kind: "text", doc: "The address that used it last." },
    CreatedBy: { kind: "text", doc: "Who made it." },
    WhenCreated: { kind: "date", doc: "When it was made." },
  },
  table: ["Name", "RoleGroups", "ExpirationDate", "LastUsedDate", "CreatedBy"],
} as const satisfies OutputType;

const NEW_API_TOKEN = {
  name: "NewApiToken",
  properties: {
    Name: API_TOKEN.properties.Name,
    Token: {
      kind: "text",
      doc: "The token, for the header Authorization: Bearer; shown this once, and stored nowhere.",
    },
    ExpirationDate: API_TOKEN.properties.ExpirationDate,
  },
  table: ["Name", "Token", "ExpirationDate"],
} as const satisfies OutputType;

/** The tokens, without their secrets. */
export const getApiToken = defineCmdlet({
  name: "Get-ApiToken",
  summary: "Shows the tokens that programs use.",
  roles: ["View-Only Organization Management"],
  effect: "reads",
  confirmation: "none",
  examples: [
    { command: 'Get-ApiToken -Filter "Expired -eq $true"', doc: "Those that can be removed." },
  ],
  parameters: {
    Identity: optionalParameter(line({ max: NAME_CHARACTERS_MAX }), "Only the one of that name.", {
      position: 0,
      completion: "ApiToken",
    }),
    ...pagingParameters(API_TOKEN),
  },
  output: API_TOKEN,
  async *run({ services, clock, warn }: Invocation<AccessServices>, { identity, ...paging }) {
    const { rows } = services.access.tokens;
    const row = identity === undefined ? undefined : rows.find(identity);
    if (identity !== undefined && row === undefined) throw notFound("API token", identity);
    const nowMs = clock.nowMs();
    const shown = (row === undefined ? rows.all() : [row]).map((one) => tokenOutput(one, nowMs));
    const page = selectPage(shown, paging, { nowMs });
    yield* page.items;
    if (page.hasMore) warn(moreResultsWarning(paging.resultSize));
  },
});

/** Makes one. */
export const newApiToken = defineCmdlet({
  name: "New-ApiToken",
  summary: "Makes a token for a program, and shows it once.",
  notes: [
    "Give a program no more than it needs: a role group, and with Cmdlets only some of what that " +
      "group may run. Whoever has the token has these rights until it expires or is removed.",
  ],
  roles: [],
  effect: "changes",
  confirmation: "none",
  examples: [
    {
      command:
        'New-ApiToken -Name monitor -RoleGroups "View-Only Organization Management" ' +
        "-Cmdlets Get-Queue, Get-ServerHealth",
      doc: "For a monitor that watches queues and health.",
    },
  ],
  parameters: {
    Name: requiredParameter(accountName(), "Tells it from others.", { position: 0 }),
    RoleGroups: requiredParameter(roleGroups(), "What it may run; see Get-RoleGroup."),
    Cmdlets: optionalParameter(
      listOf(line({ max: NAME_CHARACTERS_MAX }), { min: 1, max: SCOPE_MAX }),
      "Its scope: of what the groups may run, only these cmdlets.",
    ),
    ExpirationDate: optionalParameter(
      momentType(),
      "From when on it is no longer good; without it, in a year.",
      { excludes: ["NeverExpires"] },
    ),
    NeverExpires: switchParameter("It stays good until it is removed."),
  },
  output: NEW_API_TOKEN,
  async *run(invocation: Invocation<AccessServices>, input) {
    const { caller, clock, services } = invocation;
    refuseScoped(caller);
    const nowMs = clock.nowMs();
    const { expirationDate: asked } = input;
    const askedMs = asked === undefined ? nowMs + LIFETIME_DEFAULT_MS : momentMs(asked, nowMs);
    const expiresMs = input.neverExpires ? undefined : askedMs;
    if (expiresMs !== undefined && expiresMs <= nowMs) {
      const text = `-ExpirationDate: ${isoDate(expiresMs)} is past`;
      throw new CmdletFault("bad-parameter", text, { parameter: "ExpirationDate" });
    }
    const wanted = {
      name: input.name,
      roleGroups: input.roleGroups,
      cmdlets: input.cmdlets && readScope(input.cmdlets, services),
      createdBy: caller.name,
      expiresMs,
    };
    const token = await services.access.tokens.create(wanted);
    const row = services.access.tokens.rows.find(input.name);
    if (token === undefined || row === undefined) {
      const text = `there is an API token "${input.name}" already; Remove-ApiToken removes it`;
      throw new CmdletFault("conflict", text, { parameter: "Name" });
    }
    invocation.changed({ object: `ApiToken ${row.name}`, after: tokenOutput(row, nowMs) });
    yield { Name: row.name, Token: token, ExpirationDate: isoDate(expiresMs) };
  },
});

/** Removes one. */
export const removeApiToken = defineCmdlet({
  name: "Remove-ApiToken",
  summary: "Removes a token: from now on it is worth nothing.",
  roles: [],
  effect: "changes",
  confirmation: "asks",
  examples: [{ command: "Remove-ApiToken monitor", doc: "The monitor is gone." }],
  parameters: {
    Identity: requiredParameter(line({ max: NAME_CHARACTERS_MAX }), "The token's name.", {
      position: 0,
      pipeline: "property",
      completion: "ApiToken",
    }),
  },
  output: API_TOKEN,
  async *run(invocation: Invocation<AccessServices>, { identity }) {
    refuseScoped(invocation.caller);
    const nowMs = invocation.clock.nowMs();
    await invocation.services.access.tokens.rows.change(identity, (row) => {
      if (row === undefined) throw notFound("API token", identity);
      invocation.changed({ object: `ApiToken ${row.name}`, before: tokenOutput(row, nowMs) });
      return undefined;
    });
  },
});

function tokenOutput(row: ApiTokenRow, nowMs: number): OutputOf<typeof API_TOKEN> {
  return {
    Identity: row.name,
    Name: row.name,
    RoleGroups: knownRoleGroups(row.roleGroups),
    Cmdlets: row.cmdlets ?? null,
    ExpirationDate: isoDate(row.expiresMs),
    Expired: isExpired(row, nowMs),
    LastUsedDate: isoDate(row.lastUsedMs),
    LastUsedFrom: row.lastUsedFrom === "" ? null : row.lastUsedFrom,
    CreatedBy: row.createdBy,
    WhenCreated: isoDate(row.createdMs),
  };
}

/** Names of cmdlets in lower case. */
function readScope(names: readonly string[], { access }: AccessServices): readonly string[] {
  const known = access.cmdlets().map(({ name }) => name.toLowerCase());
  const folded = names.map((name) => name.toLowerCase());
  const unknown = names.find((name) => !known.includes(name.toLowerCase()));
  if (unknown === undefined) return folded;
  const text = `-Cmdlets: there is no cmdlet "${unknown}"`;
  throw new CmdletFault("bad-parameter", text, { parameter: "Cmdlets" });
}
