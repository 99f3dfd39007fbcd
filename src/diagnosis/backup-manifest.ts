import type { OutputValue } from "../cmdlet/output-type.ts";

/** Of this form only one is known. */
const FORMAT = 1;

/** The file that says what a backup holds; written last, so that without it there is no backup. */
export const MANIFEST_FILE = "backup.json";

/** What a backup says of one of its databases. */
export interface ManifestDatabase {
  readonly name: string;
  readonly sha256: string;
  readonly format: number;
  readonly rows: Readonly<Record<string, number>>;
}

/** What a backup holds. */
export interface BackupManifest {
  readonly createdMs: number;
  readonly serverFqdn: string;
  readonly databases: readonly ManifestDatabase[];
  /** Whether `secret.key` and the certificates are in it. */
  readonly hasKeys: boolean;
}

/** Writes the manifest's file. */
export function formatManifest(manifest: BackupManifest): string {
  return `${JSON.stringify({ format: FORMAT, ...manifest }, undefined, 2)}\n`;
}

/** Reads it again; `undefined` when it is none of ours. */
export function parseManifest(text: string): BackupManifest | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { format, createdMs, serverFqdn, databases, hasKeys } = value as Readonly<
    Record<string, OutputValue>
  >;
  if (format !== FORMAT || typeof createdMs !== "number" || typeof serverFqdn !== "string") {
    return undefined;
  }
  if (!Array.isArray(databases) || typeof hasKeys !== "boolean") return undefined;
  const read = databases.flatMap((one) => readDatabase(one) ?? []);
  return read.length === databases.length
    ? { createdMs, serverFqdn, databases: read, hasKeys }
    : undefined;
}

function readDatabase(value: OutputValue): ManifestDatabase | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const { name, sha256, format, rows } = value as Readonly<Record<string, OutputValue>>;
  if (typeof name !== "string" || typeof sha256 !== "string" || typeof format !== "number") {
    return undefined;
  }
  if (typeof rows !== "object" || rows === null || Array.isArray(rows)) return undefined;
  const counts = Object.entries(rows).flatMap(([table, count]) =>
    typeof count === "number" ? [[table, count] as const] : [],
  );
  return { name, sha256, format, rows: Object.fromEntries(counts) };
}
