import { isIPv4, isIPv6 } from "node:net";
import { unreachable } from "../base/assert.ts";
import { KiB } from "../base/units.ts";
import { formatIpAddress, parseIpAddress } from "../mail/address-literal.ts";

/** The end of a connection that a proxy speaks for. */
export interface ProxiedClient {
  /** IPv4 without its IPv6 mapping, IPv6 as RFC 5952 writes it. */
  readonly address: string;
  readonly port: number;
}

/** What the first bytes of a connection from a proxy come to. */
export type ProxyHeader =
  | { readonly kind: "incomplete" }
  | { readonly kind: "fault"; readonly reason: string }
  | {
      readonly kind: "header";
      /** What comes behind so many octets is the client's. */
      readonly octets: number;
      /** Absent when the proxy speaks for itself (a health check), or knows no TCP client. */
      readonly client: ProxiedClient | undefined;
    };

/** Octets of a line of version 1 with its CRLF. */
const LINE_OCTETS_MAX = 107;
/** Octets of version 2 behind its fixed part; the largest that a balancer sends is far smaller. */
const BLOCK_OCTETS_MAX = 4 * KiB;
/** Octets of the longest header. */
export const PROXY_HEADER_OCTETS_MAX = 16 + BLOCK_OCTETS_MAX;

const LINE_START = Buffer.from("PROXY ");
const SIGNATURE = Buffer.from("\r\n\r\n\0\r\nQUIT\n", "latin1");
const FIXED_OCTETS = SIGNATURE.length + 4;
const CRLF = Buffer.from("\r\n");
const PORT = /^(?:0|[1-9][0-9]{0,4})$/;
const PORT_MAX = 65_535;
const INCOMPLETE: ProxyHeader = { kind: "incomplete" };

/**
 * Reads the PROXY header, version 1 or 2, that a load balancer sends before anything else (the
 * PROXY protocol of HAProxy). `bytes` is all that has come so far. Extensions (TLV) are passed
 * over, the checksum among them: TCP has its own, and the proxy is trusted.
 */
export function parseProxyHeader(bytes: Uint8Array): ProxyHeader {
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (startsLike(start, SIGNATURE)) return parseBinary(start);
  if (startsLike(start, LINE_START)) return parseLine(start);
  return fault("no PROXY header");
}

function fault(reason: string): ProxyHeader {
  return { kind: "fault", reason };
}

/** As far as either goes, they are the same. */
function startsLike(bytes: Buffer, start: Buffer): boolean {
  const length = Math.min(bytes.length, start.length);
  return bytes.compare(start, 0, length, 0, length) === 0;
}

function parseLine(bytes: Buffer): ProxyHeader {
  const end = bytes.subarray(0, LINE_OCTETS_MAX).indexOf(CRLF);
  if (end < 0) return bytes.length < LINE_OCTETS_MAX ? INCOMPLETE : fault("the line has no end");
  const [, protocol, source = "", destination = "", sourcePort = "", destinationPort = "", more] =
    bytes.toString("latin1", 0, end).split(" ");
  const octets = end + CRLF.length;
  if (protocol === "UNKNOWN") return { kind: "header", octets, client: undefined };
  if (protocol !== "TCP4" && protocol !== "TCP6") return fault("unknown protocol");
  const isAddress = protocol === "TCP4" ? isIPv4 : isZonelessIpv6;
  if (!isAddress(source)) return fault("bad client address");
  if (!isAddress(destination)) return fault("bad server address");
  if (!isPort(sourcePort)) return fault("bad client port");
  if (!isPort(destinationPort)) return fault("bad server port");
  if (more !== undefined) return fault("more than four values");
  const address = parseIpAddress(source);
  if (address === undefined) return fault("bad client address");
  const client = { address: shown(address.groups), port: Number(sourcePort) };
  return { kind: "header", octets, client };
}

function isZonelessIpv6(text: string): boolean {
  return isIPv6(text) && !text.includes("%");
}

function isPort(text: string): boolean {
  return PORT.test(text) && Number(text) <= PORT_MAX;
}

function shown(groups: readonly number[]): string {
  const isMapped = groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0);
  return formatIpAddress({ family: isMapped ? 4 : 6, groups });
}

function parseBinary(bytes: Buffer): ProxyHeader {
  const command = bytes[SIGNATURE.length];
  if (command === undefined) return INCOMPLETE;
  if (command !== 0x20 && command !== 0x21) return fault("unknown version or command");
  const family = bytes[SIGNATURE.length + 1];
  if (family === undefined) return INCOMPLETE;
  const kind = command === 0x20 ? "none" : addressKind(family);
  if (kind === undefined) return fault("unknown family or protocol");
  if (bytes.length < FIXED_OCTETS) return INCOMPLETE;
  const length = bytes.readUInt16BE(SIGNATURE.length + 2);
  if (length > BLOCK_OCTETS_MAX) return fault("too long");
  if (length < ADDRESS_OCTETS[kind]) return fault("too short for its addresses");
  const octets = FIXED_OCTETS + length;
  if (bytes.length < octets) return INCOMPLETE;
  const client = readClient(kind, bytes.subarray(FIXED_OCTETS, octets));
  return { kind: "header", octets, client };
}

/** "none": no TCP connection, of which we'd know what to do with the addresses. */
type AddressKind = "ipv4" | "ipv6" | "none";

const ADDRESS_OCTETS: Readonly<Record<AddressKind, number>> = { ipv4: 12, ipv6: 36, none: 0 };

function addressKind(family: number): AddressKind | undefined {
  switch (family) {
    case 0x11:
      return "ipv4";
    case 0x21:
      return "ipv6";
    // Unspecified, UDP, Unix: whoever can't use them falls back to the real ends.
    case 0x00:
    case 0x12:
    case 0x22:
    case 0x31:
    case 0x32:
      return "none";
    default:
      return undefined;
  }
}

/** The client's address comes first, then ours, then the client's port, then ours. */
function readClient(kind: AddressKind, block: Buffer): ProxiedClient | undefined {
  switch (kind) {
    case "ipv4": {
      const groups = [0, 0, 0, 0, 0, 0xffff, block.readUInt16BE(0), block.readUInt16BE(2)];
      return { address: shown(groups), port: block.readUInt16BE(8) };
    }
    case "ipv6": {
      const groups = [0, 2, 4, 6, 8, 10, 12, 14].map((offset) => block.readUInt16BE(offset));
      return { address: shown(groups), port: block.readUInt16BE(32) };
    }
    case "none":
      return undefined;
    default:
      return unreachable(kind);
  }
}
