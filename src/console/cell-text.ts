import { GiB, KiB, MiB } from "../base/units.ts";
import type { OutputValue, PropertyKind } from "../cmdlet/output-type.ts";
import { safeJson, safeText } from "./safe-text.ts";

/** Kinds that stand on the right of their column. */
export const RIGHT_ALIGNED: readonly PropertyKind[] = ["number", "bytes", "span"];

/** A value in a table: short, one line, safe. Sizes are rounded, dates are in UTC. */
export function tableCell(value: OutputValue | undefined, kind: PropertyKind): string {
  if (value === null || value === undefined) return "";
  if (kind === "bytes" && typeof value === "number") return formatSize(value);
  if (kind === "date" && typeof value === "string") {
    return safeText(value.replace(/^(\S{10})T(\S{8})(?:\.\d+)?Z$/, "$1 $2Z"));
  }
  return plainCell(value);
}

/** A value in a list: whole, one line, safe. */
export function listCell(value: OutputValue | undefined, kind: PropertyKind): string {
  if (value === null || value === undefined) return "";
  if (kind === "bytes" && typeof value === "number" && value >= KiB) {
    // As Exchange shows sizes.
    return `${formatSize(value)} (${value.toLocaleString("en-US")} bytes)`;
  }
  return plainCell(value);
}

function plainCell(value: OutputValue): string {
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "object") {
    if (!Array.isArray(value)) return safeJson(value);
    const items = value.map((item: OutputValue) => (item === null ? "" : plainCell(item)));
    return `{${items.join(", ")}}`;
  }
  return safeText(String(value));
}

const SIZES = [
  ["TB", 1024 * GiB],
  ["GB", GiB],
  ["MB", MiB],
  ["KB", KiB],
] as const;

/** `9.54 MB`: three digits or so, in powers of 1024 as Exchange has them. */
export function formatSize(bytes: number): string {
  for (const [name, unit] of SIZES) {
    if (bytes < unit) continue;
    const size = bytes / unit;
    const digits = size >= 100 ? 0 : size >= 10 ? 1 : 2;
    return `${Number(size.toFixed(digits))} ${name}`;
  }
  return `${bytes} B`;
}
