import { HeaderScanner } from "./header.ts";
import type { HeaderEdit } from "./header-edit.ts";

/** The content comes from ourselves or an agent, who has bounded it. */
const UNLIMITED = { bytesMax: Infinity, fieldsMax: Infinity, localHosts: [], isBinary: false };

/** Lower-case names of the organization, forest and cross-premises headers in a whole content. */
export function firewalledNamesIn(pieces: readonly Uint8Array[]): readonly string[] {
  const scanner = new HeaderScanner(UNLIMITED);
  for (const piece of pieces) {
    if (scanner.state !== "open") break;
    scanner.write(piece);
  }
  scanner.end();
  return scanner.summary().firewalledNames;
}

/** Of these names, those that no edit removes: few messages have any, trusted servers' alone. */
export function leftNames(
  names: readonly string[],
  edits: readonly HeaderEdit[],
): readonly string[] {
  if (names.length === 0) return names;
  const removed = new Set<string>();
  for (const edit of edits) if (edit.kind === "remove") removed.add(edit.name.toLowerCase());
  return names.filter((name) => !removed.has(name));
}
