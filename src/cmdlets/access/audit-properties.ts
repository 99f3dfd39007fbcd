import type { OutputValue } from "../../cmdlet/output-type.ts";
import type { StoredAuditRow } from "../../store/access-store.ts";

type Property = Readonly<Record<string, OutputValue>>;

/** The parameters of a run. */
export function parametersOf({ parameters }: StoredAuditRow) {
  const given: Property = JSON.parse(parameters);
  return Object.entries(given).map(([Name, Value]) => ({ Name, Value }));
}

/** What it has changed, property by property. */
export function changesOf({ changes }: StoredAuditRow) {
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
