/** A domain's keys as Get-DkimSigningConfig shows them. */
export interface DkimFacts {
  readonly Enabled: boolean | null;
  readonly RsaKey: unknown;
  readonly Ed25519Key: unknown;
  readonly NextRsaKey: unknown;
  readonly NextEd25519Key: unknown;
  readonly RotateOnDate: string | null;
  readonly DnsRecords: readonly string[] | null;
}

/**
 * `new`: signing is off; `signing`: one set of keys, or a rotation that is over; `waiting`: new
 * keys are there, and the old ones sign still.
 */
export type DkimPhase = "new" | "signing" | "waiting";

/** Where a domain is with its keys at a time (epoch ms). */
export function dkimPhase({ Enabled, RotateOnDate }: DkimFacts, nowMs: number): DkimPhase {
  if (Enabled !== true) return "new";
  return RotateOnDate !== null && Date.parse(RotateOnDate) > nowMs ? "waiting" : "signing";
}

/** What a key does. */
export type KeyUse = "signs" | "next" | "past";

/** A key and its record in DNS. */
export interface DkimKey {
  readonly selector: string;
  readonly kind: "RSA" | "Ed25519";
  readonly use: KeyUse;
  /** Name in DNS, without the dot at its end. */
  readonly name: string;
  /** What is published there, as one text. */
  readonly value: string;
  /** The same as a line of a zone file. */
  readonly line: string;
}

/** The keys of a domain, in the order of its records. */
export function dkimKeys(facts: DkimFacts, nowMs: number): readonly DkimKey[] {
  const { RotateOnDate } = facts;
  const isRotated = RotateOnDate !== null && Date.parse(RotateOnDate) <= nowMs;
  const uses = { now: isRotated ? "past" : "signs", next: isRotated ? "signs" : "next" } as const;
  const keys = [
    ["RSA", uses.now, facts.RsaKey],
    ["Ed25519", uses.now, facts.Ed25519Key],
    ["RSA", uses.next, facts.NextRsaKey],
    ["Ed25519", uses.next, facts.NextEd25519Key],
  ] as const;
  return keys.flatMap(([kind, use, key]): DkimKey[] => {
    const selector = selectorOf(key);
    if (selector === undefined) return [];
    const line = facts.DnsRecords?.find((one) => one.startsWith(`${selector}._domainkey.`)) ?? "";
    const [name = ""] = line.split(". IN TXT ", 1);
    return [{ selector, kind, use, name, value: textIn(line), line }];
  });
}

function selectorOf(key: unknown): string | undefined {
  if (typeof key !== "object" || key === null) return undefined;
  const entry = Object.entries(key).find(([name]) => name.toLowerCase() === "selector");
  return typeof entry?.[1] === "string" ? entry[1] : undefined;
}

/** The strings of a zone file's line, joined as DNS joins them. */
function textIn(line: string): string {
  return [...line.matchAll(/"([^"]*)"/g)].map(([, text = ""]) => text).join("");
}

/** The keys whose records have to be there before signing can go on to them. */
export function keysToPublish(keys: readonly DkimKey[], phase: DkimPhase): readonly DkimKey[] {
  return keys.filter(({ use }) => (phase === "new" ? use === "signs" : use === "next"));
}
