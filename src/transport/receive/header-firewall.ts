import type { HeaderEdit } from "../../mail/header-edit.ts";
import type { Right } from "../../org/organization.ts";

/** Routing headers besides Received (reference §4.7). */
const RESENT_NAMES = [
  "Resent-Date",
  "Resent-From",
  "Resent-Sender",
  "Resent-To",
  "Resent-Cc",
  "Resent-Bcc",
  "Resent-Message-ID",
] as const;

const REMOVE_ROUTING: readonly HeaderEdit[] = ["Received", ...RESENT_NAMES].map((name) => ({
  kind: "remove",
  name,
}));
const NOTHING: readonly HeaderEdit[] = [];

/**
 * The edits that take from a message what its sender has no right to say (reference §4.7).
 * @param firewalledNames organization and forest headers of the message, in lower case
 */
export function firewallEdits(
  rights: ReadonlySet<Right>,
  firewalledNames: readonly string[],
): readonly HeaderEdit[] {
  const routing = rights.has("ms-Exch-Accept-Headers-Routing");
  if (routing && firewalledNames.length === 0) return NOTHING;
  const organization = rights.has("ms-Exch-Accept-Headers-Organization");
  const forest = rights.has("ms-Exch-Accept-Headers-Forest");
  const edits: HeaderEdit[] = routing ? [] : [...REMOVE_ROUTING];
  for (const name of firewalledNames) {
    const kept = name.startsWith("x-ms-exchange-forest-") ? forest : organization;
    if (!kept) edits.push({ kind: "remove", name });
  }
  return edits;
}
