import { fault, ok, type Result } from "../base/result.ts";
import { formatIpAddress, parseIpAddress } from "../mail/address-literal.ts";
import type { Reply } from "./reply.ts";
import { REPLY } from "./reply-table.ts";
import type { XclientAttributes } from "./session-handler.ts";
import { decodeXtext } from "./xtext.ts";

type Draft = { -readonly [Name in keyof XclientAttributes]: XclientAttributes[Name] };

const ATTRIBUTE = /^([A-Za-z]{1,20})=([!-~]{1,1024})$/;
const HOST_NAME = /^[A-Za-z0-9._-]{1,255}$/;
/** What a client may say in HELO when names need not be domains. */
const HELO_NAME = /^[A-Za-z0-9._:[\]-]{1,255}$/;
const PORT = /^[0-9]{1,5}$/;
const PORT_MAX = 65_535;
const LOGIN_OCTETS_MAX = 255;
const IPV6_PREFIX = /^IPV6:/i;
/** The speaker does not know, or not now. */
const UNAVAILABLE = /^\[(?:UNAVAILABLE|TEMPUNAVAIL)\]$/i;

/** How an attribute's value is read, `undefined` where it is not available; false = bad value. */
const ATTRIBUTES: Readonly<Record<string, (draft: Draft, value: string | undefined) => boolean>> = {
  NAME(draft, value) {
    draft.name = value ?? "";
    return value === undefined || HOST_NAME.test(value);
  },
  ADDR(draft, value) {
    // An unknown client must not pass for the one who speaks for it.
    draft.address = value && readAddress(value);
    return draft.address !== undefined;
  },
  PORT(draft, value) {
    if (value === undefined) return true;
    draft.port = readPort(value);
    return draft.port !== undefined;
  },
  PROTO(draft, value) {
    const protocol = value?.toUpperCase();
    if (protocol !== "SMTP" && protocol !== "ESMTP") return value === undefined;
    draft.protocol = protocol;
    return true;
  },
  HELO(draft, value) {
    draft.helo = value ?? "";
    return value === undefined || HELO_NAME.test(value);
  },
  LOGIN(draft, value) {
    draft.login = value ?? "";
    return draft.login.length <= LOGIN_OCTETS_MAX;
  },
  DESTADDR(draft, value) {
    if (value === undefined) return true;
    draft.destinationAddress = readAddress(value);
    return draft.destinationAddress !== undefined;
  },
  DESTPORT(draft, value) {
    if (value === undefined) return true;
    draft.destinationPort = readPort(value);
    return draft.destinationPort !== undefined;
  },
};

/** The attributes that are taken, as the reply to EHLO names them. */
export const XCLIENT_ATTRIBUTES: readonly string[] = Object.keys(ATTRIBUTES);

/** Reads the arguments of XCLIENT, as Postfix defines it; the fault is the reply. */
export function parseXclient(rest: string): Result<XclientAttributes, Reply> {
  const draft: Draft = {};
  const seen = new Set<string>();
  for (const part of rest.split(" ")) {
    if (part === "") continue;
    const match = ATTRIBUTE.exec(part);
    const name = (match?.[1] ?? "").toUpperCase();
    const read = Object.hasOwn(ATTRIBUTES, name) ? ATTRIBUTES[name] : undefined;
    const value = decodeXtext(match?.[2] ?? "");
    if (read === undefined || value === undefined) return fault(REPLY.badXclient);
    if (seen.has(name)) return fault(REPLY.repeatedParameter);
    seen.add(name);
    if (!read(draft, UNAVAILABLE.test(value) ? undefined : value)) return fault(REPLY.badXclient);
  }
  return seen.size === 0 ? fault(REPLY.badXclient) : ok(draft);
}

function readAddress(text: string): string | undefined {
  const address = text.replace(IPV6_PREFIX, "");
  const isIpv6 = address.includes(":");
  if (isIpv6 !== (address !== text)) return undefined;
  const parsed = parseIpAddress(address);
  return parsed && formatIpAddress(parsed);
}

function readPort(text: string): number | undefined {
  const port = Number(text);
  return PORT.test(text) && port <= PORT_MAX ? port : undefined;
}
