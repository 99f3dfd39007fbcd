import {
  AUDIT_CHARACTERS_MAX,
  AUDIT_PAGE_MAX,
  type AuditPage,
  type AuditRow,
} from "./access-store.ts";
import { StoreFailure } from "./queue-store.ts";

/** @throws StoreFailure when the entry is longer than the store takes */
export function checkAudit({ parameters, changes, error, ...row }: AuditRow): void {
  const { caller, address, object } = row;
  const texts = [parameters, changes, error, caller, address, object];
  const characters = texts.reduce((sum, text) => sum + text.length, 0);
  if (characters > AUDIT_CHARACTERS_MAX)
    throw refusal(`an audit entry of ${characters} characters`);
}

/** @throws StoreFailure when more is asked for than one answer holds */
export function checkAuditPage({ limit }: AuditPage): void {
  if (limit > AUDIT_PAGE_MAX) throw refusal(`a page of ${limit} audit entries`);
}

/** @throws StoreFailure when there are as many as there may be */
export function checkCount(
  count: number,
  limit: { readonly max: number; readonly of: string },
): void {
  if (count >= limit.max) throw refusal(`more than ${limit.max} ${limit.of}`);
}

function refusal(what: string): StoreFailure {
  return new StoreFailure(`the store does not take ${what}`, { full: false });
}
