import { createHmac, timingSafeEqual } from "node:crypto";
import { DAY } from "../base/units.ts";
import {
  type Address,
  domainOf,
  LOCAL_PART_OCTETS_MAX,
  localPartOf,
  parseAddress,
} from "./address.ts";

/**
 * Bounce address tags (draft-levine-smtp-batv-01): a sender leaves as `prvs=KDDDHHHHHH=local`, with
 * K the number of the key, DDD the day on which the tag ends, modulo 1000, and H a hash over both
 * and the address. Notices come back to it, and forged senders have none.
 */
export interface BounceTags {
  /** The address with a tag; `undefined` where it would be longer than a local part may be. */
  sign(address: Address, how: TagOptions): Address | undefined;
  /** The address without its tag; `undefined` when it has none of ours that holds today. */
  open(address: Address): Address | undefined;
}

/** With what an address is tagged, and for how long. */
export interface TagOptions {
  /** 0 to 9. */
  readonly keyNumber: number;
  readonly lifetimeMs: number;
}

const TAGGED = /^prvs=(\d)(\d{3})([\da-f]{6})=(.+)$/i;
const TAG_LENGTH = "prvs=0000000000=".length;
const DAYS_CYCLE = 1000;
/** No tag holds longer: what looks as if it did has ended long ago. */
const LIFETIME_DAYS_MAX = 31;
const HASH_BYTES = 3;

/** Whether an address has the form of a tagged one, whoever has tagged it. */
export function looksTagged(address: Address): boolean {
  return TAGGED.test(localPartOf(address));
}

/** Whether an address is too long, or too odd, to be tagged. */
export function canBeTagged(address: Address): boolean {
  const local = localPartOf(address);
  // A quoted local part would have to be quoted anew, and few servers would bring it back.
  return local.length + TAG_LENGTH <= LOCAL_PART_OCTETS_MAX && !local.startsWith('"');
}

/** Tags with a key for each number, which nobody else has. */
export function createBounceTags(
  keyOf: (keyNumber: number) => Uint8Array,
  nowMs: () => number,
): BounceTags {
  const today = () => Math.floor(nowMs() / DAY);
  return {
    sign(address, { keyNumber, lifetimeMs }) {
      if (!canBeTagged(address) || looksTagged(address)) return undefined;
      const ends = (today() + Math.ceil(lifetimeMs / DAY)) % DAYS_CYCLE;
      const head = `${keyNumber}${String(ends).padStart(3, "0")}`;
      const hash = hashOf(keyOf(keyNumber), head, address);
      return parseAddress(`prvs=${head}${hash}=${address}`, { smtpUtf8: true });
    },
    open(address) {
      const match = TAGGED.exec(localPartOf(address));
      if (match === null) return undefined;
      const [, keyNumber = "", day = "", given = "", local = ""] = match;
      const left = (Number(day) - today() + DAYS_CYCLE * DAYS_CYCLE) % DAYS_CYCLE;
      if (left > LIFETIME_DAYS_MAX) return undefined;
      const original = parseAddress(`${local}@${domainOf(address)}`, { smtpUtf8: true });
      if (original === undefined) return undefined;
      const wanted = hashOf(keyOf(Number(keyNumber)), keyNumber + day, original);
      const isOurs = timingSafeEqual(Buffer.from(given.toLowerCase()), Buffer.from(wanted));
      return isOurs ? original : undefined;
    },
  };
}

/** Over lower case: some servers fold local parts on the way back. */
function hashOf(key: Uint8Array, head: string, address: Address): string {
  const digest = createHmac("sha1", key)
    .update(head + address.toLowerCase())
    .digest();
  return digest.subarray(0, HASH_BYTES).toString("hex");
}
