import type { ConfigurationRow, StoredRecipient } from "./organization-store.ts";

/** A row as SQLite gives it, by the names of its columns. */
export type RowColumns = Readonly<Record<string, unknown>>;

/** An object of columns kind, name, json and owner. */
export function configurationRow(row: RowColumns): ConfigurationRow {
  const owner = String(row["owner"]);
  return {
    kind: String(row["kind"]),
    name: String(row["name"]),
    json: String(row["json"]),
    ...(owner !== "" && { owner }),
  };
}

/** As `configurationRow`, of a recipient, which has memberCount besides. */
export function storedRecipient(row: RowColumns): StoredRecipient {
  const own = configurationRow(row);
  const isGroup = own.kind === "distributionGroup";
  return {
    ...own,
    memberCount: Number(row["memberCount"]),
    ...(isGroup && { membersVersion: Number(row["membersVersion"]) }),
  };
}
