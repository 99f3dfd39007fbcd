import type { RecipientRow } from "../store/organization-store.ts";
import type { ConfigurationRows } from "./configuration-rows.ts";

/** Objects named in each list; the counts are of all of them. */
export const NAMED_MAX = 20;

/** What a reload changes: `sendConnector "Internet"`; kinds of which there is one stand alone. */
export interface ConfigurationDifference {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
  readonly addedCount: number;
  readonly changedCount: number;
  readonly removedCount: number;
}

/** Compares two configurations by kind and name, for the log line of a reload. */
export function diffConfiguration(
  before: ConfigurationRows,
  after: ConfigurationRows,
): ConfigurationDifference {
  const old = listRows(before);
  const added: string[] = [];
  const changed: string[] = [];
  for (const [key, row] of listRows(after)) {
    const was = old.get(key);
    old.delete(key);
    if (was === undefined) added.push(row.label);
    else if (!was.isSame(row)) changed.push(row.label);
  }
  const removed = [...old.values()].map(({ label }) => label);
  return {
    added: added.slice(0, NAMED_MAX),
    changed: changed.slice(0, NAMED_MAX),
    removed: removed.slice(0, NAMED_MAX),
    addedCount: added.length,
    changedCount: changed.length,
    removedCount: removed.length,
  };
}

interface ComparedRow {
  readonly label: string;
  readonly row: Omit<RecipientRow, "kind">;
  isSame(other: ComparedRow): boolean;
}

function listRows(rows: ConfigurationRows): Map<string, ComparedRow> {
  const listed = new Map<string, ComparedRow>();
  const objects = rows.objects.map((row) => ({ ...row, addresses: [], members: [] }));
  for (const row of [...objects, ...rows.recipients]) {
    const label = row.name === "" ? row.kind : `${row.kind} ${JSON.stringify(row.name)}`;
    const isSame = (other: ComparedRow): boolean =>
      row.name === other.row.name &&
      row.json === other.row.json &&
      isSameList(row.addresses, other.row.addresses) &&
      isSameList(row.members, other.row.members);
    listed.set(`${row.kind}\0${row.name.toLowerCase()}`, { label, row, isSame });
  }
  return listed;
}

function isSameList(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((item, index) => item === right[index]);
}
