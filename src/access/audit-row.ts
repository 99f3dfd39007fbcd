import type { AuditEntry } from "../cmdlet/execution.ts";
import type { AuditRow } from "../store/access-store.ts";

/** Characters of one text; a file that was applied is not kept here a second time. */
const TEXT_CHARACTERS_MAX = 2000;
/** Items of one list and properties of one object. */
const ITEMS_MAX = 200;
/** Objects of one run whose changes are told one by one. */
const CHANGES_MAX = 500;
/** Characters of all parameters together, and of all changes. */
const JSON_CHARACTERS_MAX = 100_000;
const DEPTH_MAX = 8;

/** An entry in the form of the store, cut to what the store takes. */
export function formatAuditRow(entry: AuditEntry): AuditRow {
  const { caller, changes } = entry;
  const objects = [...new Set(changes.slice(0, CHANGES_MAX).map(({ object }) => object))];
  return {
    atMs: entry.atMs,
    caller: cut(caller.name),
    via: caller.via,
    address: cut(caller.address),
    cmdlet: entry.cmdlet,
    object: cut(objects.join(", ") || identityOf(entry.parameters)),
    parameters: formatBounded(entry.parameters, "{}"),
    succeeded: entry.succeeded,
    error: cut(entry.error ?? ""),
    changes: formatBounded(changes.slice(0, CHANGES_MAX), "[]"),
  };
}

/** What was meant, where the run has changed nothing. */
function identityOf(parameters: Readonly<Record<string, unknown>>): string {
  const found = Object.entries(parameters).find(([name]) => /^(?:identity|name)$/i.test(name));
  return typeof found?.[1] === "string" ? found[1] : "";
}

/** JSON; with texts cut shorter and shorter, until it fits. */
function formatBounded(value: unknown, empty: string): string {
  for (let charactersMax = TEXT_CHARACTERS_MAX; charactersMax >= 20; charactersMax /= 10) {
    const json = JSON.stringify(bounded(value, { charactersMax, depth: DEPTH_MAX }));
    if (json.length <= JSON_CHARACTERS_MAX) return json;
  }
  return empty;
}

function bounded(
  value: unknown,
  limits: { readonly charactersMax: number; readonly depth: number },
): unknown {
  if (typeof value === "string") return cut(value, limits.charactersMax);
  if (typeof value !== "object" || value === null) return value;
  if (limits.depth === 0) return "…";
  const inner = { ...limits, depth: limits.depth - 1 };
  if (Array.isArray(value)) {
    const items = value.slice(0, ITEMS_MAX).map((item) => bounded(item, inner));
    if (value.length > ITEMS_MAX) items.push(`… (${value.length} in all)`);
    return items;
  }
  const entries = Object.entries(value).slice(0, ITEMS_MAX);
  return Object.fromEntries(
    entries.map(([name, item]) => [cut(name, limits.charactersMax), bounded(item, inner)]),
  );
}

function cut(text: string, charactersMax = TEXT_CHARACTERS_MAX): string {
  if (text.length <= charactersMax) return text.toWellFormed();
  return `${text.slice(0, charactersMax).toWellFormed()}… (${text.length} characters)`;
}
