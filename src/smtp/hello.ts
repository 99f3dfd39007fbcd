import { offeredMechanisms } from "./auth-intake.ts";
import type { Extensions } from "./command-parameters.ts";
import type { Reply } from "./reply.ts";
import type { ClientFacts, SessionOptions, TlsFacts } from "./session-handler.ts";
import { XCLIENT_ATTRIBUTES } from "./xclient.ts";

/** RCPTMAX is at most six digits (RFC 9422 §4.2). */
const RCPTMAX_MAX = 999_999;

/** What a client that said HELO may use. */
export const NO_EXTENSIONS: Extensions = {
  size: "Disabled",
  pipelining: false,
  dsn: false,
  enhancedStatusCodes: false,
  eightBitMime: false,
  binaryMime: false,
  chunking: false,
  smtpUtf8: false,
  limits: false,
  requireTls: false,
  longAddresses: false,
  orar: false,
  xclient: false,
  auth: false,
};

/** Who asks for extensions: over which channel, and whether after a logon. */
export interface HelloState {
  readonly tls: TlsFacts | undefined;
  readonly loggedOn: boolean;
}

/** The extensions that are on and have what they need beside them. */
export function selectExtensions(options: SessionOptions, state: HelloState): Extensions {
  const { extensions } = options;
  return {
    ...extensions,
    // RFC 8689 §2: only where the channel is encrypted already.
    requireTls: extensions.requireTls && state.tls !== undefined,
    // AUTH= goes with AUTH (RFC 4954 §3), though that is not offered twice.
    auth: state.loggedOn || offeredMechanisms(options, state.tls).length > 0,
    // RFC 3030 §3: useless without CHUNKING, and an extension of 8BITMIME's parameter.
    binaryMime: extensions.binaryMime && extensions.chunking && extensions.eightBitMime,
    // RFC 6531 §3.1, item 8.
    smtpUtf8: extensions.smtpUtf8 && extensions.eightBitMime,
  };
}

/** The answer to HELO or EHLO, keywords in Exchange's order (reference §16.1). */
export function formatHello(
  options: SessionOptions,
  client: ClientFacts,
  {
    remoteAddress,
    extensions,
    loggedOn,
  }: {
    readonly remoteAddress: string;
    /** As `selectExtensions` says. */
    readonly extensions: Extensions;
    readonly loggedOn: boolean;
  },
): Reply {
  const lines = [`${options.fqdn} Hello [${remoteAddress}]`];
  if (!client.extended) return { code: 250, status: "", lines };
  if (extensions.size === "Enabled" && Number.isFinite(options.messageBytesMax)) {
    lines.push(`SIZE ${options.messageBytesMax}`);
  } else if (extensions.size !== "Disabled") {
    lines.push("SIZE");
  }
  if (extensions.pipelining) lines.push("PIPELINING");
  if (extensions.dsn) lines.push("DSN");
  if (extensions.enhancedStatusCodes) lines.push("ENHANCEDSTATUSCODES");
  if (options.startTls && client.tls === undefined && !loggedOn) lines.push("STARTTLS");
  if (extensions.auth && !loggedOn) {
    lines.push(`AUTH ${offeredMechanisms(options, client.tls).join(" ")}`);
  }
  if (extensions.eightBitMime) lines.push("8BITMIME");
  if (extensions.binaryMime) lines.push("BINARYMIME");
  if (extensions.chunking) lines.push("CHUNKING");
  if (extensions.smtpUtf8) lines.push("SMTPUTF8");
  if (extensions.requireTls) lines.push("REQUIRETLS");
  if (extensions.longAddresses) lines.push("XLONGADDR");
  if (extensions.orar) lines.push("XORAR");
  if (extensions.xclient) lines.push(`XCLIENT ${XCLIENT_ATTRIBUTES.join(" ")}`);
  if (extensions.limits && options.recipientsMax <= RCPTMAX_MAX) {
    lines.push(`LIMITS RCPTMAX=${options.recipientsMax}`);
  }
  return { code: 250, status: "", lines };
}
