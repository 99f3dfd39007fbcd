import { LRUCache } from "lru-cache";
import type { Clock } from "../base/clock.ts";
import { DAY, HOUR, SECOND } from "../base/units.ts";
import { parseQueryName } from "./host-name.ts";
import { parseIpAddress } from "./ip-address.ts";
import { type DnsResponse, RCODE, type RecordType, type ResourceRecord } from "./message.ts";
import type { DnsServer, DnsTransport } from "./transport.ts";
import { openUpstream, type Upstream } from "./upstream.ts";

/** What is known about a name and type. */
export type DnsAnswer =
  | {
      readonly kind: "records";
      /** All of the type that was asked for, at least one. */
      readonly records: readonly ResourceRecord[];
      /** Name at the end of the aliases. */
      readonly canonicalName: string;
      /** Every step was vouched for by DNSSEC, says the server (AD). */
      readonly authenticated: boolean;
    }
  /** The name does not exist at all (`nxdomain`), or has no records of that type (`nodata`). */
  | { readonly kind: "nxdomain" | "nodata"; readonly authenticated: boolean }
  /** Not known just now: no server answered, or each had a failure of its own. Temporary. */
  | { readonly kind: "failed"; readonly reason: string };

/** A stub resolver: asks recursive servers and remembers. */
export interface Resolver {
  /** Never rejects. Address literals and `localhost` (RFC 6761 §6.3) are answered here. */
  lookup(name: string, type: RecordType): Promise<DnsAnswer>;
}

/** Aliases in a row before we call it a loop. */
const ALIASES_MAX = 8;
/** Kept no longer than this, whatever the TTL says (RFC 8767 §4 suggests days to weeks). */
const POSITIVE_TTL_MAX_MS = DAY;
/** RFC 2308 §5 */
const NEGATIVE_TTL_MAX_MS = 3 * HOUR;
/** So that a failing zone is not asked about by every message (RFC 9520 §3.2: 1 s to 5 min). */
const FAILURE_TTL_MS = 5 * SECOND;
const CACHE_ENTRIES_MAX = 20_000;
const CACHE_RECORDS_MAX = 100_000;
/** What a record may hold before it counts for more than one. */
const RECORD_BYTES = 128;
/** Lookups under way; more fail at once, as a failure of the network would. */
const LOOKUPS_MAX = 2000;

interface Cached {
  readonly answer: DnsAnswer;
  readonly expiresMs: number;
}

/** Opens a resolver over the given servers, in order of preference. */
export function openResolver(options: {
  readonly servers: readonly DnsServer[];
  readonly exchange: DnsTransport;
  readonly clock: Clock;
}): Resolver {
  const { clock } = options;
  const upstream = openUpstream(options.servers, options.exchange);
  const underWay = new Map<string, Promise<DnsAnswer>>();
  const cache = new LRUCache<string, Cached>({
    max: CACHE_ENTRIES_MAX,
    maxSize: CACHE_RECORDS_MAX,
    sizeCalculation: ({ answer }) => 1 + (answer.kind === "records" ? weigh(answer.records) : 0),
  });

  async function askAndRemember(key: string, name: string, type: RecordType): Promise<DnsAnswer> {
    try {
      const found = await resolveName(upstream, name, type);
      if (found.ttlMs > 0) {
        cache.set(key, { answer: found.answer, expiresMs: clock.monotonicMs() + found.ttlMs });
      }
      return found.answer;
    } finally {
      underWay.delete(key);
    }
  }

  return {
    async lookup(text, type) {
      const known = answerLocally(text, type);
      if (known !== undefined) return known;
      const name = parseQueryName(text);
      // A name that can't stand in a question can't exist either.
      if (name === undefined) return { kind: "nxdomain", authenticated: false };
      const key = `${type} ${name}`;
      const cached = cache.get(key);
      if (cached !== undefined && cached.expiresMs > clock.monotonicMs()) return cached.answer;
      const running = underWay.get(key);
      if (running !== undefined) return running;
      if (underWay.size >= LOOKUPS_MAX)
        return { kind: "failed", reason: "too many lookups at once" };
      const asked = askAndRemember(key, name, type);
      underWay.set(key, asked);
      return asked;
    },
  };
}

/** TXT and TLSA may be large, and whoever runs a zone says how large. */
function weigh(records: readonly ResourceRecord[]): number {
  let weight = 0;
  for (const record of records) {
    const { length } =
      record.type === "TXT" ? record.text : record.type === "TLSA" ? record.data : "";
    weight += 1 + Math.floor(length / RECORD_BYTES);
  }
  return weight;
}

interface Found {
  readonly answer: DnsAnswer;
  readonly ttlMs: number;
}

/** Asks for a name and, where the answer ends in an alias, for what the alias stands for. */
async function resolveName(upstream: Upstream, asked: string, type: RecordType): Promise<Found> {
  let name = asked;
  let authenticated = true;
  let ttlSeconds = Number.POSITIVE_INFINITY;
  let aliasCount = 0;
  for (;;) {
    const response = await upstream.ask({ name, type });
    if (!response.ok) return failed(response.fault);
    authenticated = authenticated && response.value.authenticated;
    // Who asks for the alias itself wants to know whose it is, not where it leads.
    const end =
      type === "CNAME"
        ? { name, ttlSeconds, aliasCount: 0 }
        : followAliases(response.value, name, ALIASES_MAX - aliasCount);
    if (end === undefined) return failed("aliases (CNAME) in a loop, or too many of them");
    ttlSeconds = Math.min(ttlSeconds, end.ttlSeconds);
    const records = recordsOf(response.value, end.name, type);
    if (records.length > 0) {
      for (const record of records) ttlSeconds = Math.min(ttlSeconds, record.ttlSeconds);
      const answer = { kind: "records", records, canonicalName: end.name, authenticated } as const;
      return { answer, ttlMs: Math.min(ttlSeconds * SECOND, POSITIVE_TTL_MAX_MS) };
    }
    const { rcode, negativeTtlSeconds } = response.value;
    const isOpen = end.aliasCount > 0 && negativeTtlSeconds === undefined;
    if (rcode === RCODE.nxDomain || !isOpen) {
      const kind = rcode === RCODE.nxDomain ? "nxdomain" : "nodata";
      // Without an SOA nobody said how long it holds: not kept (RFC 2308 §5).
      const keptSeconds = Math.min(ttlSeconds, negativeTtlSeconds ?? 0);
      const ttlMs = Math.min(keptSeconds * SECOND, NEGATIVE_TTL_MAX_MS);
      return { answer: { kind, authenticated }, ttlMs };
    }
    name = end.name;
    aliasCount += end.aliasCount;
  }
}

function failed(reason: string): Found {
  return { answer: { kind: "failed", reason }, ttlMs: FAILURE_TTL_MS };
}

/** Walks the aliases of one answer; `undefined` when there are more than `aliasesMax`. */
function followAliases(response: DnsResponse, start: string, aliasesMax: number) {
  const aliases = new Map<string, { readonly target: string; readonly ttlSeconds: number }>();
  for (const { owner, data } of response.answers) {
    if (data.type === "CNAME") aliases.set(owner, data);
  }
  let name = start;
  let ttlSeconds = Number.POSITIVE_INFINITY;
  for (let aliasCount = 0; aliasCount <= aliasesMax; aliasCount++) {
    const alias = aliases.get(name);
    if (alias === undefined) return { name, ttlSeconds, aliasCount };
    name = alias.target;
    ttlSeconds = Math.min(ttlSeconds, alias.ttlSeconds);
  }
  return undefined;
}

function recordsOf(
  response: DnsResponse,
  name: string,
  type: RecordType,
): readonly ResourceRecord[] {
  const records: ResourceRecord[] = [];
  for (const { owner, data } of response.answers) {
    if (owner === name && data.type === type) records.push(data);
  }
  return records;
}

function answerLocally(name: string, type: RecordType): DnsAnswer | undefined {
  const lower = name.toLowerCase().replace(/\.$/, "");
  if (lower === "localhost" || lower.endsWith(".localhost")) {
    return localAnswer(lower, type, { A: "127.0.0.1", AAAA: "::1" });
  }
  const address = parseIpAddress(lower);
  if (address === undefined) return undefined;
  return localAnswer(lower, type, address.includes(":") ? { AAAA: address } : { A: address });
}

function localAnswer(
  name: string,
  type: RecordType,
  addresses: { readonly A?: string; readonly AAAA?: string },
): DnsAnswer {
  const address = type === "A" || type === "AAAA" ? addresses[type] : undefined;
  if (address === undefined || (type !== "A" && type !== "AAAA")) {
    return { kind: "nodata", authenticated: false };
  }
  const records = [{ type, ttlSeconds: 0, address }];
  return { kind: "records", records, canonicalName: name, authenticated: false };
}
