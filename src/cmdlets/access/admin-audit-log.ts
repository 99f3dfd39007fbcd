import { DAY } from "../../base/units.ts";
import { defineCmdlet, type Invocation } from "../../cmdlet/cmdlet.ts";
import { CmdletFault } from "../../cmdlet/cmdlet-fault.ts";
import { type Moment, momentMs } from "../../cmdlet/filter-value.ts";
import { momentType } from "../../cmdlet/moment-type.ts";
import type { OutputOf, OutputType } from "../../cmdlet/output-type.ts";
import { moreResultsWarning, RESULT_SIZE_MAX } from "../../cmdlet/paging.ts";
import { defaultedParameter, optionalParameter } from "../../cmdlet/parameter.ts";
import { bool, INTEGER_MAX, integer, line, listOf } from "../../org/settings/setting-types.ts";
import type { AuditSlice, StoredAuditRow } from "../../store/access-store.ts";
import { isoDate } from "./access-parameters.ts";
import { changesOf, parametersOf } from "./audit-properties.ts";
import type { AuditQuery } from "./audit-search.ts";
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
const ENTRY = integer({ min: 1, max: INTEGER_MAX });

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
    Identity: optionalParameter(ENTRY, "One entry, by its number.", {
      excludes: ["BookmarkObject", "StartIndex"],
    }),
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
      { excludes: ["BookmarkObject"] },
    ),
    BookmarkObject: optionalParameter(
      ENTRY,
      "The number of an entry: the results begin behind it, with what was before.",
    ),
  },
  output: ADMIN_AUDIT_LOG_EVENT,
  async *run({ services, clock, signal, warn, progress }: Invocation<AccessServices>, input) {
    const { identity, bookmarkObject, startIndex, resultSize } = input;
    const query = queryOf(input, clock.nowMs());
    const server = services.access.serverName();
    let passed = 0;
    let done = 0;
    let beforeId = identity === undefined ? bookmarkObject : identity + 1;
    beforeId ??= Number.MAX_SAFE_INTEGER;
    do {
      signal.throwIfAborted();
      const slice: AuditSlice = await services.access.scanAudit({ query, beforeId });
      for (const row of slice.rows) {
        if (identity !== undefined && row.id !== identity) return;
        passed += 1;
        if (passed <= startIndex) continue;
        if (passed > startIndex + resultSize) {
          warn(moreResultsWarning(resultSize));
          return;
        }
        yield auditEvent(row, server);
        if (identity !== undefined) return;
      }
      done += slice.examinedCount;
      progress({ activity: "Looking through the audit log", done, unit: "entries" });
      beforeId = slice.next ?? 0;
    } while (beforeId > Math.max(0, identity ?? 0));
  },
});

/** @throws CmdletFault */
function queryOf(
  {
    startDate,
    endDate,
    ...rest
  }: Omit<AuditQuery, "fromMs" | "toMs"> &
    Readonly<Record<"startDate" | "endDate", Moment | undefined>>,
  nowMs: number,
): AuditQuery {
  const fromMs = startDate === undefined ? 0 : momentMs(startDate, nowMs);
  const toMs = endDate === undefined ? nowMs + DAY : momentMs(endDate, nowMs);
  if (fromMs >= toMs) {
    const text = "-EndDate must be later than -StartDate";
    throw new CmdletFault("bad-parameter", text, { parameter: "EndDate" });
  }
  const { cmdlets, parameters, objectIds, userIds, isSuccess } = rest;
  return { fromMs, toMs, cmdlets, parameters, objectIds, userIds, isSuccess };
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
