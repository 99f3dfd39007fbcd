import { DAY } from "../../base/units.ts";
import { defineCmdlet, type Invocation } from "../../cmdlet/cmdlet.ts";
import { CmdletFault } from "../../cmdlet/cmdlet-fault.ts";
import { momentMs } from "../../cmdlet/filter-value.ts";
import { momentType } from "../../cmdlet/moment-type.ts";
import type { OutputOf, OutputType, OutputValue } from "../../cmdlet/output-type.ts";
import { moreResultsWarning, RESULT_SIZE_MAX } from "../../cmdlet/paging.ts";
import { defaultedParameter, optionalParameter } from "../../cmdlet/parameter.ts";
import { compileWildcard } from "../../cmdlet/wildcard.ts";
import { bool, integer, line, listOf } from "../../org/settings/setting-types.ts";
import type { StoredAuditRow } from "../../store/access-store.ts";
import { isoDate } from "./access-parameters.ts";
import type { AccessServices } from "./services.ts";

const ADMIN_AUDIT_LOG_EVENT = {
  name: "AdminAuditLogEvent",
  properties: {
    ObjectModified: { kind: "text", doc: "What was changed." },
    CmdletName: { kind: "text", doc: "The cmdlet that was run." },
    CmdletParameters: { kind: "object", doc: "A list of Name and Value; secrets are ***." },
    ModifiedProperties: {
      kind: "object",
      doc: "A list of Object, Name, OldValue and NewValue.",
    },
    Caller: { kind: "text", doc: "Who ran it." },
    Succeeded: { kind: "boolean", doc: "Whether it did what it should." },
    Error: { kind: "text", doc: "Why it did not." },
    RunDate: { kind: "date", doc: "When it ended." },
    ClientIP: { kind: "text", doc: "From where; nothing: on the server itself." },
    OriginatingServer: { kind: "text", doc: "The server that ran it." },
    Identity: { kind: "text", doc: "The number of the entry." },
  },
  table: ["RunDate", "Caller", "CmdletName", "ObjectModified", "Succeeded"],
} as const satisfies OutputType;

type AuditEvent = OutputOf<typeof ADMIN_AUDIT_LOG_EVENT>;

const PATTERNS = listOf(line({ max: 256 }), { min: 1, max: 100 });
/** Rows looked at before others get their turn. */
const SLICE_ROWS = 200;

/** Who has changed what. */
export const searchAdminAuditLog = defineCmdlet({
  name: "Search-AdminAuditLog",
  summary: "Shows who has changed what, when, from where, and how it was before.",
  notes: [
    "Every run of a cmdlet that changes something leaves an entry, also when it fails. Entries " +
      "are kept for adminAuditLogAgeLimit of the transport configuration, newest first here.",
  ],
  roles: ["Records Management", "View-Only Organization Management"],
  effect: "reads",
  confirmation: "none",
  examples: [
    {
      command: "Search-AdminAuditLog -Cmdlets Set-SendConnector -StartDate -7d",
      doc: "Who changed a send connector within a week?",
    },
    {
      command: "Search-AdminAuditLog -UserIds alice -IsSuccess:$false",
      doc: "Where Alice failed.",
    },
  ],
  parameters: {
    Cmdlets: optionalParameter(PATTERNS, "Only runs of these cmdlets; * is any text."),
    Parameters: optionalParameter(
      PATTERNS,
      "Only runs in which one of these parameters was given.",
    ),
    StartDate: optionalParameter(momentType(), "Only runs from then on."),
    EndDate: optionalParameter(momentType(), "Only runs before that."),
    ObjectIds: optionalParameter(PATTERNS, "Only changes of these objects; * is any text."),
    UserIds: optionalParameter(PATTERNS, "Only runs by these callers; * is any text."),
    IsSuccess: optionalParameter(bool(), "Only what went well, or only what did not."),
    ResultSize: defaultedParameter(
      integer({ min: 1, max: RESULT_SIZE_MAX, unlimited: true }),
      "1000",
      "The most entries to put out, or Unlimited.",
    ),
    StartIndex: defaultedParameter(
      integer({ min: 0, max: RESULT_SIZE_MAX }),
      "0",
      "How many of the entries found to pass over.",
    ),
  },
  output: ADMIN_AUDIT_LOG_EVENT,
  async *run(invocation: Invocation<AccessServices>, input) {
    const { services, clock, signal, warn } = invocation;
    const nowMs = clock.nowMs();
    const fromMs = input.startDate === undefined ? 0 : momentMs(input.startDate, nowMs);
    const toMs = input.endDate === undefined ? nowMs + DAY : momentMs(input.endDate, nowMs);
    if (fromMs >= toMs) {
      const text = "-EndDate must be later than -StartDate";
      throw new CmdletFault("bad-parameter", text, { parameter: "EndDate" });
    }
    const matches = compileQuery(input);
    const server = services.access.serverName();
    let passed = 0;
    let looked = 0;
    for await (const row of services.access.auditLog.read({ fromMs, toMs })) {
      looked += 1;
      if (looked % SLICE_ROWS === 0) signal.throwIfAborted();
      if (!matches(row)) continue;
      passed += 1;
      if (passed <= input.startIndex) continue;
      if (passed > input.startIndex + input.resultSize) {
        warn(moreResultsWarning(input.resultSize));
        return;
      }
      yield auditEvent(row, server);
    }
  },
});

interface AuditQuery {
  readonly cmdlets: readonly string[] | undefined;
  readonly parameters: readonly string[] | undefined;
  readonly objectIds: readonly string[] | undefined;
  readonly userIds: readonly string[] | undefined;
  readonly isSuccess: boolean | undefined;
}

function compileQuery(query: AuditQuery): (row: StoredAuditRow) => boolean {
  const cmdlet = anyOf(query.cmdlets);
  const parameter = anyOf(query.parameters);
  const object = anyOf(query.objectIds);
  const caller = anyOf(query.userIds);
  return (row) => {
    if (query.isSuccess !== undefined && row.succeeded !== query.isSuccess) return false;
    if (!cmdlet(row.cmdlet) || !caller(row.caller)) return false;
    if (query.parameters !== undefined && !parametersOf(row).some(({ Name }) => parameter(Name))) {
      return false;
    }
    if (query.objectIds === undefined) return true;
    return object(row.object) || changesOf(row).some((change) => isObject(change.Object, object));
  };
}

/** By its whole name, `SendConnector Internet`, or by the object's own. */
function isObject(name: string, matches: (text: string) => boolean): boolean {
  return matches(name) || matches(name.slice(name.indexOf(" ") + 1));
}

function anyOf(patterns: readonly string[] = ["*"]): (text: string) => boolean {
  const tests = patterns.map(compileWildcard);
  return (text) => tests.some((matches) => matches(text));
}

function auditEvent(row: StoredAuditRow, server: string): AuditEvent {
  return {
    ObjectModified: row.object === "" ? null : row.object,
    CmdletName: row.cmdlet,
    CmdletParameters: parametersOf(row),
    ModifiedProperties: changesOf(row),
    Caller: row.caller,
    Succeeded: row.succeeded,
    Error: row.error === "" ? null : row.error,
    RunDate: isoDate(row.atMs),
    ClientIP: row.address === "" ? null : row.address,
    OriginatingServer: server,
    Identity: String(row.id),
  };
}

type Property = Readonly<Record<string, OutputValue>>;

function parametersOf({ parameters }: StoredAuditRow) {
  const given: Property = JSON.parse(parameters);
  return Object.entries(given).map(([Name, Value]) => ({ Name, Value }));
}

function changesOf({ changes }: StoredAuditRow) {
  // As formatAuditRow has written it; a long list ends in a text that says so.
  const list: readonly (
    | string
    | { readonly object: string; readonly before?: Property; readonly after?: Property }
  )[] = JSON.parse(changes);
  return list.flatMap((change) => {
    if (typeof change === "string") {
      return [{ Object: change, Name: "", OldValue: null, NewValue: null }];
    }
    const { object, before = {}, after = {} } = change;
    return [...new Set([...Object.keys(before), ...Object.keys(after)])].map((name) => ({
      Object: object,
      Name: name,
      OldValue: before[name] ?? null,
      NewValue: after[name] ?? null,
    }));
  });
}
