import type { HeaderEdit } from "../../mail/header-edit.ts";
import { REMOVE_ROUTING } from "../../mail/routing-headers.ts";
import type { Right } from "../../org/organization.ts";
import type { MechanismName } from "../../sasl/mechanism.ts";
import type { AuthAs } from "../../store/queue-store.ts";
import type { Standing } from "./connector-profile.ts";

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

/**
 * Codes of X-MS-Exchange-Organization-AuthMechanism, two hex digits. Exchange's documentation names
 * the header, not the codes; up to 10 they are those seen in its mail, from 20 on ours.
 */
const MECHANISM_CODES: Readonly<Record<MechanismName, string>> = {
  LOGIN: "01",
  PLAIN: "01",
  GSSAPI: "02",
  NTLM: "03",
  "SCRAM-SHA-256-PLUS": "20",
  "SCRAM-SHA-256": "20",
  "SCRAM-SHA-1-PLUS": "20",
  "SCRAM-SHA-1": "20",
  OAUTHBEARER: "21",
  XOAUTH2: "21",
  EXTERNAL: "22",
};

function mechanismCode({ principal, logon }: Standing): string {
  if (logon !== undefined) return MECHANISM_CODES[logon.mechanism];
  switch (principal) {
    case "ExternallySecuredServers":
      return "10";
    case "ExchangeServers":
    case "Partners":
      return "06";
    case "AnonymousUsers":
    case "ExchangeUsers":
      return "00";
  }
}

/** The header's values; anything else in it is nobody's word. */
const AUTH_AS: readonly AuthAs[] = ["Anonymous", "Internal", "External", "Partner"];

/**
 * What a message counts as: as we have found, unless one of our own servers has found it before us
 * and says so.
 * @param claimed value of the message's own X-MS-Exchange-Organization-AuthAs, or ""
 */
export function authAsOfMessage(standing: Standing, claimed: string): AuthAs {
  if (claimed === "" || !standing.rights.has("ms-Exch-Accept-Headers-Organization")) {
    return standing.authAs;
  }
  return AUTH_AS.find((known) => known.toLowerCase() === claimed.toLowerCase()) ?? "Anonymous";
}

/**
 * Header lines that say who evaluated the sender, and with what result (reference §4.7); `""` when
 * one of our own servers has said so before us.
 */
export function authStamp(
  standing: Standing,
  facts: { readonly serverName: string; readonly claimed: string },
): string {
  const { rights, authAs } = standing;
  if (facts.claimed !== "" && rights.has("ms-Exch-Accept-Headers-Organization")) return "";
  // Of strangers there is nothing to tell that could not be told when somebody is to see it.
  if (authAs === "Anonymous") return "";
  const prefix = "X-MS-Exchange-Organization-Auth";
  return (
    `${prefix}As: ${authAs}\r\n${prefix}Source: ${facts.serverName}\r\n` +
    `${prefix}Mechanism: ${mechanismCode(standing)}\r\n`
  );
}
