import { fault, ok, type Result } from "../base/result.ts";
import { type Address, parseDomain } from "../mail/address.ts";
import type { Envelope, EnvelopeRecipient } from "../mail/envelope.ts";
import { AUTH_LINE_OCTETS_MAX, type AuthRequest, parseAuth } from "./auth-intake.ts";
import {
  type Extensions,
  parseMailParameters,
  parseRecipientParameters,
} from "./command-parameters.ts";
import { parsePath, readMailbox } from "./command-path.ts";
import type { Reply } from "./reply.ts";
import { REPLY } from "./reply-table.ts";
import type { XclientAttributes } from "./session-handler.ts";
import { parseXclient } from "./xclient.ts";

/** A command as a value: nothing in it needs to be looked at again. */
export type Command =
  | { readonly verb: "EHLO" | "HELO"; readonly host: string }
  | {
      readonly verb: "MAIL";
      readonly envelope: Envelope;
      readonly sizeBytes: number | undefined;
    }
  | { readonly verb: "RCPT"; readonly recipient: EnvelopeRecipient }
  /** `bytes` follow the command line at once (RFC 3030 §2). */
  | { readonly verb: "BDAT"; readonly bytes: number; readonly last: boolean }
  | { readonly verb: "AUTH"; readonly request: AuthRequest }
  | { readonly verb: "XCLIENT"; readonly attributes: XclientAttributes }
  | {
      readonly verb: "DATA" | "RSET" | "NOOP" | "VRFY" | "EXPN" | "HELP" | "STARTTLS" | "QUIT";
    };

/** What the reading of a command depends on. */
export interface CommandContext {
  readonly extensions: Extensions;
  /** The transaction's MAIL asked for SMTPUTF8. */
  readonly smtpUtf8: boolean;
  readonly postmasterAddress: Address;
  /** EHLO and HELO must name a domain or address literal. */
  readonly requireEhloDomain: boolean;
}

/** Octets of a command line with its CRLF (RFC 5321 §4.5.3.1.4). */
const COMMAND_LINE_OCTETS_MAX = 512;

/**
 * Longer lines for longer arguments: SIZE 26 (RFC 1870 §3), BODY=BINARYMIME 17, SMTPUTF8 10
 * (RFC 6531 §3.1), RET=FULL 9, ENVID 107, AUTH 500 (RFC 4954 §3) and REQUIRETLS 11 (RFC 8689 §2) on
 * MAIL; ORCPT 507 and NOTIFY 29 (RFC 3461 §4) and ORAR 507 on RCPT. AUTH's own line is as long as
 * any of its exchange: tokens come as initial responses, whatever RFC 4954 §4 says of 512 octets.
 */
const LINE_OCTETS_MAX: ReadonlyMap<string, number> = new Map([
  ["MAIL", COMMAND_LINE_OCTETS_MAX + 26 + 17 + 10 + 9 + 107 + 500 + 11],
  ["RCPT", COMMAND_LINE_OCTETS_MAX + 507 + 29 + 507],
  ["AUTH", AUTH_LINE_OCTETS_MAX],
]);

/** The line of MAIL and RCPT under XLONGADDR (reference §2.4). */
const LONG_LINE_OCTETS_MAX = 8_000;

/** The longest line that any command may have, CRLF included. */
export const LINE_OCTETS_MAX_OF_ALL = Math.max(LONG_LINE_OCTETS_MAX, ...LINE_OCTETS_MAX.values());

const NON_ASCII = /[^\0-\x7f]/;
const HOST = /^[A-Za-z0-9._:[\]-]{1,255}$/;
// More digits than a chunk can have octets; what is past 2^53 cannot be counted.
const CHUNK = /^([0-9]{1,15})(?: +(LAST))? *$/i;

type Reader = (rest: string, context: CommandContext) => Result<Command, Reply>;

const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ["EHLO", (rest, context) => readHello("EHLO", rest, context)],
  ["HELO", (rest, context) => readHello("HELO", rest, context)],
  ["MAIL", readMail],
  ["RCPT", readRecipient],
  ["BDAT", readChunk],
  ["AUTH", readAuth],
  ["XCLIENT", readXclient],
  ["DATA", (rest) => readBare("DATA", rest)],
  ["RSET", (rest) => readBare("RSET", rest)],
  ["QUIT", (rest) => readBare("QUIT", rest)],
  ["STARTTLS", (rest) => readBare("STARTTLS", rest)],
  // Their arguments change nothing here: NOOP ignores it, the others refuse whatever is asked.
  ["NOOP", () => ok({ verb: "NOOP" })],
  ["HELP", () => ok({ verb: "HELP" })],
  ["VRFY", () => ok({ verb: "VRFY" })],
  ["EXPN", () => ok({ verb: "EXPN" })],
]);

/** The command's first word in upper case. */
export function verbOf(line: string): string {
  const space = line.indexOf(" ");
  return (space < 0 ? line : line.slice(0, space)).toUpperCase();
}

/** How long the line of `verb` may be, in octets with CRLF. */
export function lineOctetsMax(verb: string, extensions: Extensions): number {
  if (extensions.longAddresses && (verb === "MAIL" || verb === "RCPT")) return LONG_LINE_OCTETS_MAX;
  return LINE_OCTETS_MAX.get(verb) ?? COMMAND_LINE_OCTETS_MAX;
}

/**
 * Reads one command line, CRLF already off and free of CR, LF and NUL; the fault is the reply to
 * send (RFC 5321 §4.1.1).
 */
export function parseCommand(line: string, context: CommandContext): Result<Command, Reply> {
  const verb = verbOf(line);
  const read = READERS.get(verb);
  return read === undefined
    ? fault(REPLY.unknownCommand)
    : read(line.slice(verb.length + 1), context);
}

function readBare(
  verb: "DATA" | "RSET" | "QUIT" | "STARTTLS",
  rest: string,
): Result<Command, Reply> {
  return isBlank(rest) ? ok({ verb }) : fault(REPLY.badArguments);
}

function isBlank(text: string): boolean {
  return text === "" || text.trim() === "";
}

/**
 * Without `requireEhloDomain` anything that is safe in a header is taken, nothing too: printers say
 * all sorts of things (reference §2.4).
 */
function readHello(
  verb: "EHLO" | "HELO",
  rest: string,
  context: CommandContext,
): Result<Command, Reply> {
  const host = rest.trim();
  if (context.requireEhloDomain) {
    return HOST.test(host) && parseDomain(host) !== undefined
      ? ok({ verb, host })
      : fault(REPLY.badDomain);
  }
  return host === "" || HOST.test(host) ? ok({ verb, host }) : fault(REPLY.badDomain);
}

/** `FROM:` or `TO:` off the front, whatever its case. */
function afterKeyword(rest: string, keyword: "FROM:" | "TO:"): string | undefined {
  return rest.slice(0, keyword.length).toUpperCase() === keyword
    ? rest.slice(keyword.length)
    : undefined;
}

function readMail(rest: string, context: CommandContext): Result<Command, Reply> {
  const argument = afterKeyword(rest, "FROM:");
  if (argument === undefined) return fault(REPLY.badArguments);
  const path = parsePath(argument);
  if (path === undefined) return fault(REPLY.badSender);
  const parameters = parseMailParameters(path.rest, context.extensions);
  if (!parameters.ok) return parameters;
  const { sizeBytes, body, smtpUtf8, ret, envid, requireTls, submitter } = parameters.value;
  const { longAddresses } = context.extensions;
  let sender: Address | "" = "";
  if (path.mailbox !== "") {
    const reading = readMailbox(path.mailbox, { smtpUtf8, longAddresses });
    if (reading.kind === "needs-utf8") return fault(REPLY.utf8Needed);
    if (reading.kind === "invalid") return fault(REPLY.badSender);
    sender = reading.address;
  }
  // Not a rest of the parameters: that costs more than all else here, and each message has it.
  const envelope: { -readonly [Name in keyof Envelope]: Envelope[Name] } = {
    sender,
    body,
    smtpUtf8,
    ret,
    envid,
  };
  if (requireTls !== undefined) envelope.requireTls = requireTls;
  if (submitter !== undefined) envelope.submitter = submitter;
  return ok({ verb: "MAIL", envelope, sizeBytes });
}

function readRecipient(rest: string, context: CommandContext): Result<Command, Reply> {
  const argument = afterKeyword(rest, "TO:");
  if (argument === undefined) return fault(REPLY.badArguments);
  const path = parsePath(argument);
  if (path === undefined) return fault(REPLY.badRecipient);
  // utf-8-addr-unitext needs SMTPUTF8 (RFC 6533 §3).
  if (!context.smtpUtf8 && NON_ASCII.test(path.rest)) return fault(REPLY.badParameter);
  const parameters = parseRecipientParameters(path.rest, context.extensions);
  if (!parameters.ok) return parameters;
  const { longAddresses } = context.extensions;
  let address = context.postmasterAddress;
  if (path.mailbox.toLowerCase() !== "postmaster") {
    const reading = readMailbox(path.mailbox, { smtpUtf8: context.smtpUtf8, longAddresses });
    if (reading.kind === "needs-utf8") return fault(REPLY.utf8Needed);
    if (reading.kind === "invalid") return fault(REPLY.badRecipient);
    address = reading.address;
  }
  return ok({ verb: "RCPT", recipient: { address, ...parameters.value } });
}

function readChunk(rest: string): Result<Command, Reply> {
  const match = CHUNK.exec(rest);
  if (match === null) return fault(REPLY.badChunk);
  return ok({ verb: "BDAT", bytes: Number(match[1]), last: match[2] !== undefined });
}

function readAuth(rest: string): Result<Command, Reply> {
  const request = parseAuth(rest);
  return request.ok ? ok({ verb: "AUTH", request: request.value }) : request;
}

function readXclient(rest: string): Result<Command, Reply> {
  const attributes = parseXclient(rest);
  return attributes.ok ? ok({ verb: "XCLIENT", attributes: attributes.value }) : attributes;
}
