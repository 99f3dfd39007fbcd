import {
  type Answer,
  AUTHENTIC_DATA,
  type DecodedPacket,
  decode,
  encode,
  RECURSION_DESIRED,
  type TxtData,
} from "dns-packet";
import { fault, ok, type Result } from "../base/result.ts";
import { parseHostName, parseQueryName } from "./host-name.ts";
import { parseIpAddress } from "./ip-address.ts";

/** Types of records that mail routing and its policies ask for; PTR is for whoever tests them. */
export type RecordType = "A" | "AAAA" | "MX" | "CNAME" | "PTR" | "TLSA" | "TXT";

/** What a TLSA record says (RFC 6698 §2.1); numbers that nobody has defined are possible. */
export interface TlsaRecord {
  readonly usage: number;
  readonly selector: number;
  readonly matchingType: number;
  /** Certificate association data. */
  readonly data: Uint8Array;
}

/** A record of an answer; `ttlSeconds` as the server gave it. */
export type ResourceRecord =
  | { readonly type: "A" | "AAAA"; readonly ttlSeconds: number; readonly address: string }
  | { readonly type: "CNAME" | "PTR"; readonly ttlSeconds: number; readonly target: string }
  | (TlsaRecord & { readonly type: "TLSA"; readonly ttlSeconds: number })
  /** Its strings joined (RFC 7208 §3.3, RFC 8461 §3.1), one character per octet. */
  | { readonly type: "TXT"; readonly ttlSeconds: number; readonly text: string }
  | {
      readonly type: "MX";
      readonly ttlSeconds: number;
      readonly preference: number;
      /** A host name, or `.` which says that there is none (RFC 7505 §3). */
      readonly exchange: string;
    };

/** A record with its owner's name. */
export interface OwnedRecord {
  readonly owner: string;
  readonly data: ResourceRecord;
}

/** A server's answer, read and bounded. */
export interface DnsResponse {
  /** RCODE (RFC 1035 §4.1.1); see `RCODE`. */
  readonly rcode: number;
  readonly truncated: boolean;
  /** AD: the server vouches for DNSSEC (RFC 6840 §5.8); worth what the way to the server is. */
  readonly authenticated: boolean;
  readonly answers: readonly OwnedRecord[];
  /** How long a negative answer may be kept (RFC 2308 §5); `undefined` when no SOA came. */
  readonly negativeTtlSeconds: number | undefined;
}

/** Response codes that we tell apart (RFC 1035 §4.1.1). */
export const RCODE = {
  noError: 0,
  formErr: 1,
  servFail: 2,
  nxDomain: 3,
  notImp: 4,
  refused: 5,
} as const;

/** What we accept over UDP: fits every path's MTU (DNS flag day 2020, RFC 9715 §3). */
const UDP_PAYLOAD_BYTES = 1232;
const HEADER_BYTES = 12;
/** QTYPE and QCLASS. */
const QUESTION_TAIL_BYTES = 4;
/** An answer with more is no mail routing; parsing time is quadratic in compression pointers. */
const RECORDS_MAX = 512;
/** RFC 2181 §8: a TTL with the highest bit set is zero. */
const TTL_SECONDS_MAX = 2 ** 31 - 1;

/** Writes a query: recursion and AD wanted (RFC 6840 §5.7); EDNS is RFC 6891. */
export function encodeQuery(
  question: { readonly id: number; readonly name: string; readonly type: RecordType },
  options: { readonly edns: boolean },
): Uint8Array {
  return encode({
    type: "query",
    id: question.id,
    flags: RECURSION_DESIRED | AUTHENTIC_DATA,
    questions: [{ type: question.type, name: question.name, class: "IN" }],
    additionals: options.edns ? [OPT] : [],
  });
}

const OPT = {
  type: "OPT" as const,
  name: ".",
  udpPayloadSize: UDP_PAYLOAD_BYTES,
  extendedRcode: 0,
  ednsVersion: 0,
  flags: 0,
  flag_do: false,
  options: [],
};

/**
 * Whether `bytes` answer `query`: same id, same question (RFC 5452 §9.1). What does not is somebody
 * else's, or a forger's, and is passed over as if it had not come.
 */
export function isResponseTo(query: Uint8Array, bytes: Uint8Array): boolean {
  if (bytes.length < HEADER_BYTES) return false;
  if (bytes[0] !== query[0] || bytes[1] !== query[1]) return false;
  const flags = bytes[2] ?? 0;
  // A response (QR) to a standard query (opcode 0).
  if ((flags & 0xf8) !== 0x80) return false;
  const questionCount = ((bytes[4] ?? 0) << 8) | (bytes[5] ?? 0);
  // Servers that can't read a query (EDNS, mostly) send the error without the question.
  if (questionCount === 0) return ((bytes[3] ?? 0) & 0x0f) !== RCODE.noError;
  return questionCount === 1 && sameQuestion(query, bytes);
}

function sameQuestion(query: Uint8Array, bytes: Uint8Array): boolean {
  for (let at = HEADER_BYTES; ; at++) {
    const asked = query[at];
    if (asked === undefined || fold(asked) !== fold(bytes[at] ?? -1)) return false;
    if (asked !== 0) continue;
    for (let tail = at + 1; tail <= at + QUESTION_TAIL_BYTES; tail++) {
      if (query[tail] !== bytes[tail]) return false;
    }
    return true;
  }
}

/** Lower case of an ASCII letter; lengths of labels (at most 63) pass unchanged. */
function fold(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
}

/** Reads a response to `query`. A fault says what is wrong with it, for the diagnostics. */
export function parseResponse(query: Uint8Array, bytes: Uint8Array): Result<DnsResponse, string> {
  if (!isResponseTo(query, bytes)) return fault("answer to another question");
  if (recordCount(bytes) > RECORDS_MAX) return fault("too many records");
  const truncated = ((bytes[2] ?? 0) & 0x02) !== 0;
  const rcode = (bytes[3] ?? 0) & 0x0f;
  const authenticated = ((bytes[3] ?? 0) & 0x20) !== 0;
  // A truncated packet may end within a record, and all of it is asked for again over TCP.
  if (truncated) {
    return ok({ rcode, truncated, authenticated, answers: [], negativeTtlSeconds: undefined });
  }
  const packet = decodePacket(bytes);
  if (packet === undefined) return fault("malformed answer");
  const answers = (packet.answers ?? []).flatMap(readRecord);
  return ok({
    rcode,
    truncated,
    authenticated,
    answers,
    negativeTtlSeconds: readNegativeTtl(packet.authorities ?? []),
  });
}

function recordCount(bytes: Uint8Array): number {
  let count = 0;
  for (let at = 6; at < HEADER_BYTES; at += 2) {
    count += ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
  }
  return count;
}

/** The library throws on what it can't read. */
function decodePacket(bytes: Uint8Array): DecodedPacket | undefined {
  try {
    return decode(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  } catch {
    return undefined;
  }
}

/** One record, or nothing when it is of another type or its data is nonsense. */
function readRecord(answer: Answer): readonly OwnedRecord[] {
  const owner = parseQueryName(answer.name);
  if (owner === undefined || answer.type === "OPT") return [];
  const ttlSeconds = readTtl(answer.ttl);
  switch (answer.type) {
    case "A":
    case "AAAA": {
      // The library reads past the end of a cut packet and makes "192.0.undefined.undefined" of it.
      const address = parseIpAddress(answer.data);
      return address === undefined
        ? []
        : [{ owner, data: { type: answer.type, ttlSeconds, address } }];
    }
    case "CNAME":
    case "PTR": {
      const target = parseHostName(answer.data);
      return target === undefined
        ? []
        : [{ owner, data: { type: answer.type, ttlSeconds, target } }];
    }
    case "MX": {
      const exchange = answer.data.exchange === "." ? "." : parseHostName(answer.data.exchange);
      if (exchange === undefined) return [];
      const preference = answer.data.preference ?? 0;
      return [{ owner, data: { type: "MX", ttlSeconds, preference, exchange } }];
    }
    case "TLSA": {
      const { usage, selector, matchingType, certificate } = answer.data;
      // A copy: the library's is a window on the packet, which a cache would keep alive.
      const data = Uint8Array.from(certificate);
      return [{ owner, data: { type: "TLSA", ttlSeconds, usage, selector, matchingType, data } }];
    }
    case "TXT":
      return [{ owner, data: { type: "TXT", ttlSeconds, text: joinStrings(answer.data) } }];
    default:
      return [];
  }
}

function joinStrings(data: TxtData): string {
  const parts = Array.isArray(data) ? data : [data];
  return parts.map((part) => (typeof part === "string" ? part : part.toString("latin1"))).join("");
}

function readNegativeTtl(authorities: readonly Answer[]): number | undefined {
  for (const record of authorities) {
    if (record.type !== "SOA") continue;
    return Math.min(readTtl(record.ttl), readTtl(record.data.minimum));
  }
  return undefined;
}

function readTtl(ttl: number | undefined): number {
  return ttl === undefined || ttl > TTL_SECONDS_MAX ? 0 : ttl;
}
