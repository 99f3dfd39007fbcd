import { unreachable } from "../base/assert.ts";
import { fault, ok, type Result } from "../base/result.ts";
import type { Line } from "./line-reader.ts";
import type { Reply } from "./reply.ts";
import { REPLY } from "./reply-table.ts";
import type { Progress } from "./server-transaction.ts";
import type { SessionOptions, TlsFacts } from "./session-handler.ts";

/** Octets of a line of an exchange with its CRLF (RFC 4954 §4). */
export const AUTH_LINE_OCTETS_MAX = 12_288;

// The last group is checked for its length only: what its spare bits are, changes nothing.
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
/** RFC 4422 §3.1. */
const MECHANISM = /^[A-Za-z0-9_-]{1,20}$/;

/** What AUTH said. */
export interface AuthRequest {
  /** Upper case. */
  readonly mechanism: string;
  /** The initial response; one of no octets is written `=`. */
  readonly response: Uint8Array | undefined;
}

/** Reads the arguments of AUTH (RFC 4954 §4); the fault is the reply. */
export function parseAuth(rest: string): Result<AuthRequest, Reply> {
  const [mechanism = "", initial, ...others] = rest.trim().split(/ +/);
  if (!MECHANISM.test(mechanism) || others.length > 0) return fault(REPLY.badArguments);
  const response = initial === undefined || initial === "=" ? "" : initial;
  if (!BASE64.test(response)) return fault(REPLY.badBase64);
  return ok({
    mechanism: mechanism.toUpperCase(),
    response: initial === undefined ? undefined : Buffer.from(response, "base64"),
  });
}

/** Why the line is no response, or the response; its session ends for a bare LF. */
export function parseAuthResponse(line: Line): Result<Uint8Array, Reply> {
  switch (line.kind) {
    case "too-long":
      return fault(REPLY.authLineTooLong);
    case "bad-character":
      return fault(REPLY.badBase64);
    case "bare-line-feed":
      return fault(REPLY.bareLineFeed);
    case "line":
      if (line.text === "*") return fault(REPLY.authCancelled);
      return BASE64.test(line.text) ? ok(Buffer.from(line.text, "base64")) : fault(REPLY.badBase64);
    default:
      return unreachable(line);
  }
}

/** Mechanisms that the client may use on this channel: none in clear where TLS is required. */
export function offeredMechanisms(
  options: SessionOptions,
  tls: TlsFacts | undefined,
): readonly string[] {
  if (tls !== undefined) return options.authMechanisms.encrypted;
  return options.requireTls ? [] : options.authMechanisms.clear;
}

/** Why AUTH may not come now, or not with this mechanism (RFC 4954 §4, §6). */
export function selectAuthRefusal(
  progress: Progress & { readonly loggedOn: boolean },
  mechanism: string,
): Reply | undefined {
  const { options, client } = progress;
  const { clear, encrypted } = options.authMechanisms;
  // AUTH is an extension: HELO does not offer it.
  if (client === undefined || !client.extended) return REPLY.helloFirst;
  if (progress.loggedOn) return REPLY.authAlready;
  if (progress.transaction !== undefined) return REPLY.badSequence;
  if (offeredMechanisms(options, client.tls).includes(mechanism)) return undefined;
  if (clear.length === 0 && encrypted.length === 0) return REPLY.notImplemented;
  if (client.tls === undefined) {
    if (options.requireTls) return REPLY.tlsRequired;
    if (encrypted.includes(mechanism)) return REPLY.encryptionRequired;
  }
  return REPLY.unknownMechanism;
}

/** Logging on in one session: whether an exchange runs, and how often one has failed. */
export class AuthIntake {
  /** The next line is a response. */
  exchanging = false;
  loggedOn = false;
  #failureCount = 0;

  /** What to say to the end of an exchange: the reply itself, or that this was one too many. */
  end(reply: Reply, failuresMax: number): Reply {
    this.exchanging = false;
    if (reply.code === 235) this.loggedOn = true;
    if (reply.code < 500) return reply;
    this.#failureCount += 1;
    return this.#failureCount >= failuresMax ? REPLY.tooManyErrors : reply;
  }
}
