import type { DmarcPolicy } from "./sender-authentication.ts";

/** A DMARC policy record (RFC 9989 §4.7), with the defaults of what it leaves out. */
export interface DmarcRecord {
  readonly policy: DmarcPolicy;
  readonly subdomainPolicy: DmarcPolicy | undefined;
  readonly nonexistentPolicy: DmarcPolicy | undefined;
  readonly adkim: "r" | "s";
  readonly aspf: "r" | "s";
  readonly isTesting: boolean;
  /** Failure options, as they stand; `0` without any. */
  readonly fo: string;
  readonly psd: "y" | "n" | "u";
  /** Where aggregate and failure reports are wanted; mail addresses only. */
  readonly rua: readonly ReportDestination[];
  readonly ruf: readonly ReportDestination[];
}

/** An address that reports are wanted at. */
export interface ReportDestination {
  readonly address: string;
  /** A larger report is not to be sent there. */
  readonly bytesMax: number;
}

/** Destinations of one record that are used. */
const DESTINATIONS_MAX = 5;
const UNITS: Readonly<Record<string, number>> = { k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 };

/** Whether a record asks for reports of either kind: a look, before anything is counted. */
export function asksForReports(record: string): boolean {
  return /;\s*ru[af]\s*=/i.test(record);
}

/** Reads a record; `undefined` when it is none. What is not valid in it has its default. */
export function parseDmarcRecord(text: string): DmarcRecord | undefined {
  if (!/^[vV]\s*=\s*DMARC1\s*(?:;|$)/.test(text)) return undefined;
  const tags = new Map<string, string>();
  for (const part of text.split(";").slice(1)) {
    const equals = part.indexOf("=");
    const name = part.slice(0, equals).trim().toLowerCase();
    if (equals > 0 && !tags.has(name)) tags.set(name, part.slice(equals + 1).trim());
  }
  const word = (name: string) => tags.get(name)?.toLowerCase();
  const psd = word("psd");
  return {
    policy: policyOf(word("p")) ?? "none",
    subdomainPolicy: policyOf(word("sp")),
    nonexistentPolicy: policyOf(word("np")),
    adkim: word("adkim") === "s" ? "s" : "r",
    aspf: word("aspf") === "s" ? "s" : "r",
    isTesting: word("t") === "y",
    fo: /^[01ds](?::[01ds])*$/.exec(word("fo")?.replaceAll(" ", "") ?? "")?.[0] ?? "0",
    psd: psd === "y" || psd === "n" ? psd : "u",
    rua: parseDestinations(tags.get("rua")),
    ruf: parseDestinations(tags.get("ruf")),
  };
}

function policyOf(text: string | undefined): DmarcPolicy | undefined {
  return text === "none" || text === "quarantine" || text === "reject" ? text : undefined;
}

function parseDestinations(text = ""): readonly ReportDestination[] {
  const found: ReportDestination[] = [];
  for (const part of text.split(",")) {
    const match = /^\s*mailto:([^!?\s]+)(?:!(\d{1,9})([kmgt]?))?\s*$/i.exec(part);
    const address = match === null ? undefined : decodeSafely(match[1] ?? "");
    if (match === null || address === undefined || found.length >= DESTINATIONS_MAX) continue;
    const [, , digits, unit = ""] = match;
    const bytesMax =
      digits === undefined ? Infinity : Number(digits) * (UNITS[unit.toLowerCase()] ?? 1);
    found.push({ address, bytesMax });
  }
  return found;
}

function decodeSafely(text: string): string | undefined {
  try {
    const decoded = decodeURIComponent(text);
    return /^[!-~]+@[!-~]+$/.test(decoded) ? decoded : undefined;
  } catch {
    return undefined;
  }
}
