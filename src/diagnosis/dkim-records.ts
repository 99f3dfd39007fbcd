import type { KeyKind } from "../dkim/private-key.ts";
import type { Resolver } from "../dns/resolver.ts";
import type { DkimSigningConfig } from "../org/dkim-keys.ts";
import { lookUpTexts, type RecordCheck, textLine } from "./record-check.ts";
import type { Verdict } from "./step.ts";

/** What a domain's DKIM records are compared with. */
export interface DkimFacts {
  readonly domain: string;
  /** How its mail is signed; `undefined`: it is not. */
  readonly config: DkimSigningConfig | undefined;
  /** The text that DNS has to have of a sealed key; `undefined`: it cannot be opened. */
  readonly dkimRecord: (kind: KeyKind, sealed: string) => string | undefined;
  readonly resolver: Resolver;
}

/** Whether the records of the keys that a domain signs with are there, one check for each key. */
export async function* checkDkim(facts: DkimFacts): AsyncGenerator<RecordCheck> {
  const { domain, config } = facts;
  const keys = [
    ["rsa", config?.rsaKey],
    ["ed25519", config?.ed25519Key],
    ["rsa", config?.nextRsaKey],
    ["ed25519", config?.nextEd25519Key],
  ] as const;
  let keyCount = 0;
  for (const [kind, key] of keys) {
    if (key === undefined) continue;
    keyCount += 1;
    const name = `${key.selector}._domainkey.${domain}`;
    const text = facts.dkimRecord(kind, key.privateKey);
    yield await checkKey(name, text, facts);
  }
  if (keyCount > 0) return;
  const detail = "mail is not signed; New-DkimSigningConfig makes keys";
  const name = `_domainkey.${domain}`;
  yield { domain, record: "DKIM", name, verdict: "Info", found: [], expected: [], detail };
}

async function checkKey(
  name: string,
  text: string | undefined,
  { domain, config, resolver }: DkimFacts,
): Promise<RecordCheck> {
  const { texts: found, failed } = await lookUpTexts(resolver, name);
  const base = { domain, record: "DKIM", name, found } as const;
  const check = (verdict: Verdict, detail: string): RecordCheck => {
    const expected = text === undefined || verdict === "Pass" ? [] : [textLine(name, text)];
    return { ...base, verdict, expected, detail };
  };
  if (text === undefined) {
    return check("Fail", "the private key cannot be opened: bring secret.key back from backup");
  }
  if (failed !== undefined) {
    return check("Warning", "the name servers do not answer; see Get-ServerHealth DNS");
  }
  const [record, ...others] = found;
  // What nobody signs with yet may still be on its way into DNS.
  const missing: Verdict = config?.enabled === true ? "Fail" : "Warning";
  if (record === undefined) return check(missing, "no record: nobody can verify what is signed");
  if (others.length > 0) return check("Fail", "more than one record: which one counts is open");
  if (publicKeyIn(record) !== publicKeyIn(text)) {
    return check(missing, "it is not that of the key here: what is signed does not verify");
  }
  const signs = config?.enabled === true ? "" : "; signing is switched off";
  return check("Pass", `it is that of the key here${signs}`);
}

/** The value of `p=`, which may be written with white space in it (RFC 6376 §3.6.1). */
function publicKeyIn(record: string): string | undefined {
  return /(?:^|;)\s*p\s*=([^;]*)/.exec(record)?.[1]?.replaceAll(/\s/g, "");
}
