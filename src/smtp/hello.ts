import type { Extensions } from "./command-parameters.ts";
import type { Reply } from "./reply.ts";
import type { ClientFacts, SessionOptions } from "./session-handler.ts";

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
};

/** The extensions that are on and have what they need beside them. */
export function selectExtensions(extensions: Extensions): Extensions {
  return {
    ...extensions,
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
  remoteAddress: string,
): Reply {
  const lines = [`${options.fqdn} Hello [${remoteAddress}]`];
  if (!client.extended) return { code: 250, status: "", lines };
  const extensions = selectExtensions(options.extensions);
  if (extensions.size === "Enabled" && Number.isFinite(options.messageBytesMax)) {
    lines.push(`SIZE ${options.messageBytesMax}`);
  } else if (extensions.size !== "Disabled") {
    lines.push("SIZE");
  }
  if (extensions.pipelining) lines.push("PIPELINING");
  if (extensions.dsn) lines.push("DSN");
  if (extensions.enhancedStatusCodes) lines.push("ENHANCEDSTATUSCODES");
  if (options.startTls && client.tls === undefined) lines.push("STARTTLS");
  if (extensions.eightBitMime) lines.push("8BITMIME");
  if (extensions.binaryMime) lines.push("BINARYMIME");
  if (extensions.chunking) lines.push("CHUNKING");
  if (extensions.smtpUtf8) lines.push("SMTPUTF8");
  if (extensions.limits && options.recipientsMax <= RCPTMAX_MAX) {
    lines.push(`LIMITS RCPTMAX=${options.recipientsMax}`);
  }
  return { code: 250, status: "", lines };
}
