import { parseDomain } from "../mail/address.ts";
import type { ArcSeal } from "./sender-authentication.ts";

/** Seals that are told of; a chain may have fifty (RFC 8617 §5.1.1.1.1). */
const SEALS_MAX = 10;

/**
 * Who has sealed a chain that passes, the last one first, from the library's form of it. What a
 * sealer has found counts for this author's domain alone: a message may have had another then.
 */
export function readSeals(found: unknown, author: string | undefined): readonly ArcSeal[] {
  const chain = propertyOf(found, "chain");
  if (!Array.isArray(chain)) return [];
  return chain
    .toReversed()
    .slice(0, SEALS_MAX)
    .map((set: unknown): ArcSeal => {
      const seal = propertyOf(set, "arc-seal");
      const domain = propertyOf(propertyOf(propertyOf(seal, "parsed"), "d"), "value");
      const results = propertyOf(propertyOf(set, "arc-authentication-results"), "original");
      return {
        domain: (typeof domain === "string" && parseDomain(domain)) || "",
        dmarcPass: author !== undefined && saysDmarcPass(textOf(results), author),
      };
    });
}

function propertyOf(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  return Object.getOwnPropertyDescriptor(value, name)?.value;
}

function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  return value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : "";
}

/** Whether ARC-Authentication-Results say `dmarc=pass` of that domain (RFC 8601 §2.2). */
function saysDmarcPass(text: string, author: string): boolean {
  // Values of the message stand in quotes and comments: nothing in them is a result.
  const bare = text.replace(/"(?:[^"\\]|\\.)*"/gs, '""').replace(/\((?:[^()\\]|\\.)*\)/gs, " ");
  return bare.split(";").some((part) => {
    const words = part.trim().split(/\s+/);
    if (!/^dmarc(?:\/1)?=pass$/i.test(words[0] ?? "")) return false;
    const from = words.find((word) => /^header\.from=/i.test(word));
    return from !== undefined && parseDomain(from.slice("header.from=".length)) === author;
  });
}
