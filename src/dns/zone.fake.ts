import { type Answer, AUTHENTIC_DATA, decode, encode, TRUNCATED_RESPONSE } from "dns-packet";
import type { Clock } from "../base/clock.ts";
import { fault, ok } from "../base/result.ts";
import { openResolver, type Resolver } from "./resolver.ts";
import type { DnsTransport } from "./transport.ts";

/** What a name has in a test's zone. A name that is not in the zone is NXDOMAIN. */
export interface ZoneEntry {
  readonly A?: readonly string[];
  readonly AAAA?: readonly string[];
  readonly MX?: readonly (readonly [preference: number, exchange: string])[];
  readonly CNAME?: string;
  readonly PTR?: readonly string[];
  /** Usage, selector, matching type, data in hex. */
  readonly TLSA?: readonly (readonly [number, number, number, string])[];
  readonly TXT?: readonly string[];
  /** Seconds; default 300. */
  readonly ttl?: number;
  /** How the server misbehaves when asked about the name. */
  readonly fault?: "SERVFAIL" | "REFUSED" | "silent" | "truncated" | "FORMERR-on-EDNS" | "garbage";
  /** AD is set; on an answer through an alias when both have it. */
  readonly authenticated?: boolean;
}

/** Names in lower case without a trailing dot. May be changed while in use. */
export type Zone = Record<string, ZoneEntry>;

/** `minimum` of the SOA that comes with negative answers, in seconds. */
export const ZONE_NEGATIVE_TTL_SECONDS = 60;

const ALIASES_MAX = 20;
const RCODES = { FORMERR: 1, SERVFAIL: 2, REFUSED: 5 };

/** The answer of a server that holds `zone`; `undefined` is silence. */
export function answerFromZone(
  zone: Zone,
  packet: Uint8Array,
  options: { readonly tcp: boolean },
): Uint8Array | undefined {
  const query = decode(Buffer.from(packet));
  const question = query.questions?.[0];
  if (question === undefined) return undefined;
  const reply = (flags: number, answers: Answer[] = [], authorities: Answer[] = []) =>
    encode({ type: "response", id: query.id, flags, questions: [question], answers, authorities });
  const entry = zone[question.name.toLowerCase()];
  switch (entry?.fault) {
    case "silent":
      return undefined;
    case "SERVFAIL":
    case "REFUSED":
      return reply(RCODES[entry.fault]);
    case "FORMERR-on-EDNS":
      if ((query.additionals ?? []).length > 0) return reply(RCODES.FORMERR);
      break;
    case "truncated":
      if (!options.tcp) return reply(TRUNCATED_RESPONSE);
      break;
    case "garbage":
      return claimOneAnswer(reply(0));
    default:
  }
  const { answers, end, isAuthenticated } = collect(
    zone,
    question.name.toLowerCase(),
    question.type,
  );
  const isNegative = answers.every((answer) => answer.type !== question.type);
  const flags = (end === undefined ? 3 : 0) | (isAuthenticated ? AUTHENTIC_DATA : 0);
  return reply(flags, answers, isNegative ? [SOA] : []);
}

/** The header says that a record follows, and none does. */
function claimOneAnswer(bytes: Buffer): Uint8Array {
  bytes.writeUInt16BE(1, 6);
  return bytes;
}

const SOA: Answer = {
  type: "SOA",
  name: "test",
  ttl: 3600,
  data: { mname: "ns.test", rname: "hostmaster.test", minimum: ZONE_NEGATIVE_TTL_SECONDS },
};

/** The records of a name, through its aliases; `end` is the last entry on the way. */
function collect(zone: Zone, start: string, type: string) {
  const answers: Answer[] = [];
  let name = start;
  let entry = zone[name];
  let isAuthenticated = entry?.authenticated === true;
  for (let aliases = 0; entry?.CNAME !== undefined && aliases < ALIASES_MAX; aliases++) {
    answers.push({ type: "CNAME", name, ttl: entry.ttl ?? 300, data: entry.CNAME });
    if (type === "CNAME") break;
    name = entry.CNAME;
    entry = zone[name];
    isAuthenticated &&= entry?.authenticated === true;
  }
  const ttl = entry?.ttl ?? 300;
  if (type === "A" || type === "AAAA") {
    for (const data of entry?.[type] ?? []) answers.push({ type, name, ttl, data });
  }
  if (type === "MX") {
    for (const [preference, exchange] of entry?.MX ?? []) {
      answers.push({ type, name, ttl, data: { preference, exchange } });
    }
  }
  if (type === "PTR") {
    for (const data of entry?.PTR ?? []) answers.push({ type, name, ttl, data });
  }
  for (const [usage, selector, matchingType, hex] of type === "TLSA" ? (entry?.TLSA ?? []) : []) {
    const data = { usage, selector, matchingType, certificate: Buffer.from(hex, "hex") };
    answers.push({ type: "TLSA", name, ttl, data });
  }
  for (const data of type === "TXT" ? (entry?.TXT ?? []) : []) {
    // Strings of a record are at most 255 octets long: a longer text is cut into several.
    answers.push({ type: "TXT", name, ttl, data: data.match(/.{1,200}/gs) ?? [""] });
  }
  return { answers, end: entry, isAuthenticated };
}

/**
 * A transport whose only server holds `zone`; silence is an immediate timeout.
 * @param asked counts the questions, by `TYPE name`
 */
export function fakeDnsTransport(zone: Zone, asked: Map<string, number> = new Map()): DnsTransport {
  return async (_server, packet, options) => {
    const question = decode(Buffer.from(packet)).questions?.[0];
    const key = `${question?.type} ${question?.name}`;
    asked.set(key, (asked.get(key) ?? 0) + 1);
    const answer = answerFromZone(zone, packet, options);
    return answer !== undefined && options.accepts(answer) ? ok(answer) : fault("timed out");
  };
}

/** The real resolver over a table instead of a network. */
export function fakeResolver(zone: Zone, clock: Clock): Resolver {
  const servers = [{ address: "192.0.2.53", port: 53 }];
  return openResolver({ servers, exchange: fakeDnsTransport(zone), clock });
}
