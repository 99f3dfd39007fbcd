import { createHmac, timingSafeEqual } from "node:crypto";
import { DAY } from "../base/units.ts";
import {
  type Address,
  type Domain,
  domainOf,
  LOCAL_PART_OCTETS_MAX,
  localPartOf,
  parseAddress,
} from "./address.ts";

/**
 * Sender rewriting: a forwarder gives the envelope sender an address of its own, so that SPF is
 * asked about a domain that may send through it, and leads notices back.
 */
export interface SenderRewriting {
  /**
   * The sender's address in that domain of ours: SRS0, or SRS1 for one that another forwarder has
   * rewritten. `undefined` when it would be longer than a local part may be.
   */
  forward(sender: Address, domain: Domain): Address | undefined;
  /** Where mail to a rewritten address goes, when this server has made it and not too long ago. */
  reverse(address: Address): RewrittenSender;
}

/** What a recipient's address is. */
export type RewrittenSender =
  | { readonly kind: "none" }
  /** It has the form of a rewritten one, and is not ours or too old. */
  | { readonly kind: "forged" | "expired" }
  | { readonly kind: "rewritten"; readonly original: Address };

/** Bits of the hash that fit: 30, guessed against a server that counts failures. */
const HASH_CHARACTERS = 6;
/** Days that a notice may take; the same as other implementations'. */
const AGE_DAYS_MAX = 21;
/** Two base32 digits. */
const DAYS_CYCLE = 1024;
const BASE32 = "abcdefghijklmnopqrstuvwxyz234567";

const SRS0 = /^srs0[=+-]([a-z2-7]{6})=([a-z2-7]{2})=([^=]+)=(.+)$/i;
const SRS1 = /^srs1[=+-]([a-z2-7]{6})=([^=]+)=(.+)$/i;
const ANY_SRS0 = /^srs0([=+-].+)$/i;
const ANY_SRS1 = /^srs1[=+-][^=]+=([^=]+)=(.+)$/i;
const ANY_FORM = /^srs[01][=+-]/i;

/** Whether a local part has the form of a rewritten sender, whoever has made it. */
export function looksRewritten(address: Address): boolean {
  return ANY_FORM.test(address);
}

/**
 * Rewrites with a key that nobody else has. The hash is over lower case: some servers fold local
 * parts on the way back.
 */
export function createSenderRewriting(key: Uint8Array, nowMs: () => number): SenderRewriting {
  const hash = (...parts: readonly string[]) => hashOf(key, parts);
  const today = () => Math.floor(nowMs() / DAY) % DAYS_CYCLE;
  const reverse0 = ([, given = "", day = "", domain = "", local = ""]: readonly string[]) => {
    if (!isEqual(given, hash(day, domain, local))) return { kind: "forged" } as const;
    const age = (today() - dayOf(day) + DAYS_CYCLE) % DAYS_CYCLE;
    // A day ahead: the clocks of two servers that share the key.
    if (age > AGE_DAYS_MAX && age !== DAYS_CYCLE - 1) return { kind: "expired" } as const;
    return rewritten(`${local}@${domain}`);
  };
  const reverse1 = ([, given = "", first = "", rest = ""]: readonly string[]) =>
    isEqual(given, hash("1", first, rest))
      ? rewritten(`SRS0${rest}@${first}`)
      : ({ kind: "forged" } as const);
  return {
    forward(sender, domain) {
      const local = localPartOf(sender);
      // A quoted local part would have to be quoted anew, and few servers would bring it back.
      if (local.startsWith('"')) return undefined;
      return checked(`${rewrite(hash, today(), { sender, local })}@${domain}`);
    },
    reverse(address) {
      const local = localPartOf(address);
      if (!ANY_FORM.test(local)) return { kind: "none" };
      const zero = SRS0.exec(local);
      if (zero !== null) return reverse0(zero);
      const one = SRS1.exec(local);
      return one === null ? { kind: "forged" } : reverse1(one);
    },
  };
}

function rewrite(
  hash: (...parts: readonly string[]) => string,
  today: number,
  { sender, local }: { readonly sender: Address; readonly local: string },
): string {
  const domain = domainOf(sender);
  // Rewritten by one before us: notices go straight back to the first who did.
  const one = ANY_SRS1.exec(local);
  if (one !== null) {
    const [, first = "", rest = ""] = one;
    return `SRS1=${hash("1", first, rest)}=${first}=${rest}`;
  }
  const zero = ANY_SRS0.exec(local);
  if (zero !== null) {
    const [, rest = ""] = zero;
    return `SRS1=${hash("1", domain, rest)}=${domain}=${rest}`;
  }
  const day = (BASE32[today >> 5] ?? "") + (BASE32[today & 31] ?? "");
  return `SRS0=${hash(day, domain, local)}=${day}=${domain}=${local}`;
}

function checked(text: string): Address | undefined {
  if (text.lastIndexOf("@") > LOCAL_PART_OCTETS_MAX) return undefined;
  return parseAddress(text, { smtpUtf8: true });
}

function rewritten(text: string): RewrittenSender {
  const original = parseAddress(text, { smtpUtf8: true });
  return original === undefined ? { kind: "forged" } : { kind: "rewritten", original };
}

function dayOf(text: string): number {
  const [high = "", low = ""] = text.toLowerCase();
  return BASE32.indexOf(high) * 32 + BASE32.indexOf(low);
}

function hashOf(key: Uint8Array, parts: readonly string[]): string {
  const digest = createHmac("sha256", key).update(parts.join("\n").toLowerCase()).digest();
  let text = "";
  for (let index = 0; index < HASH_CHARACTERS; index += 1) {
    text += BASE32[(digest[index] ?? 0) & 31] ?? "";
  }
  return text;
}

function isEqual(given: string, wanted: string): boolean {
  return timingSafeEqual(Buffer.from(given.toLowerCase()), Buffer.from(wanted));
}
