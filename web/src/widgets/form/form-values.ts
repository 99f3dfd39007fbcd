/** What a form holds, by parameter name; `undefined` is not given. */
export type FormValues = Readonly<Record<string, unknown>>;

/** Whether two values are the same to the server. */
export function isSame(left: unknown, right: unknown): boolean {
  return JSON.stringify(normal(left)) === JSON.stringify(normal(right));
}

function normal(value: unknown): unknown {
  if (value === undefined || value === "") return null;
  return Array.isArray(value) && value.length === 0 ? null : value;
}

/** What was changed: these values go to the server, null for what was cleared. */
export function changedValues(base: FormValues, now: FormValues): FormValues {
  const names = Object.keys(now).filter((name) => !isSame(base[name], now[name]));
  return Object.fromEntries(names.map((name) => [name, emptied(base[name], now[name])]));
}

function emptied(before: unknown, value: unknown): unknown {
  if (value === "" || value === undefined) return null;
  if (Array.isArray(before) && value === null) return [];
  return value;
}

/** What came of two edits of one object. */
export interface Merge {
  /** Their object with what I have changed alone. */
  readonly values: FormValues;
  /** Names of what both have changed, and not to the same. */
  readonly conflicts: readonly string[];
}

/** Puts my changes on top of what somebody else has saved meanwhile. */
export function mergeValues(of: {
  readonly base: FormValues;
  readonly mine: FormValues;
  readonly theirs: FormValues;
}): Merge {
  const { base, mine, theirs } = of;
  const changed = Object.keys(mine).filter((name) => !isSame(base[name], mine[name]));
  const conflicts = changed.filter(
    (name) => !isSame(base[name], theirs[name]) && !isSame(mine[name], theirs[name]),
  );
  const kept = Object.fromEntries(changed.map((name) => [name, mine[name]]));
  return { values: { ...theirs, ...kept }, conflicts };
}
