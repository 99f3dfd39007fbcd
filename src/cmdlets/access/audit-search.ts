import { compileWildcard } from "../../cmdlet/wildcard.ts";
import {
  AUDIT_PAGE_MAX,
  type AuditReading,
  type AuditSlice,
  type StoredAuditRow,
} from "../../store/access-store.ts";
import { changesOf, parametersOf } from "./audit-properties.ts";

/** Which entries are looked for; patterns may have * and ?. Plain data: another thread looks. */
export interface AuditQuery {
  /** Epoch ms, inclusive. */
  readonly fromMs: number;
  /** Exclusive. */
  readonly toMs: number;
  readonly cmdlets: readonly string[] | undefined;
  readonly parameters: readonly string[] | undefined;
  readonly objectIds: readonly string[] | undefined;
  readonly userIds: readonly string[] | undefined;
  readonly isSuccess: boolean | undefined;
}

/** Some of what was found, and how far that is: entries with lower numbers come next. */
export type AuditScan = (request: {
  readonly query: AuditQuery;
  readonly beforeId: number;
}) => Promise<AuditSlice>;

/** Looks through some entries, for whoever reads the log. */
export function createAuditScan(log: AuditReading): AuditScan {
  return async ({ query, beforeId }) => {
    const { fromMs, toMs } = query;
    const slice = await log.readAudit({ fromMs, toMs, beforeId, limit: AUDIT_PAGE_MAX });
    return { ...slice, rows: slice.rows.filter(matchAudit(query)) };
  };
}

function matchAudit(query: AuditQuery): (row: StoredAuditRow) => boolean {
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
