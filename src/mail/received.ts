import type { Address } from "./address.ts";

/** What a Received field says (RFC 5321 §4.4). */
export interface ReceivedFacts {
  /** Name given in HELO or EHLO; may be hostile. */
  readonly helo: string;
  /** IP addresses without brackets. */
  readonly clientAddress: string;
  readonly serverName: string;
  readonly serverAddress: string;
  readonly extended: boolean;
  readonly smtpUtf8: boolean;
  /** The client has logged on. */
  readonly authenticated: boolean;
  /** The connector is one of the Frontend Transport service, as Exchange says it. */
  readonly frontend: boolean;
  readonly tls: { readonly version: string; readonly cipher: string } | undefined;
  readonly id: number | string;
  /** The only recipient; `undefined` when there are several, of whom none may learn another. */
  readonly recipient: Address | undefined;
  /** As `formatDate` writes it. */
  readonly date: string;
}

/** Longest name, cipher or address that goes into the field: no line passes 998 octets. */
const WORD_LENGTH_MAX = 255;

/** Letters, digits and what stands in names and literals: no line end, parenthesis or space. */
function word(text: string): string {
  const clean = /^[\w.:[\]-]{1,255}$/.test(text)
    ? text
    : text.replace(/[^\w.:[\]-]/g, "?").slice(0, WORD_LENGTH_MAX);
  return clean === "" ? "unknown" : clean;
}

/** RFC 3848 §3, RFC 6531 §4.3. */
function transmissionType(facts: ReceivedFacts): string {
  const suffix = (facts.tls === undefined ? "" : "S") + (facts.authenticated ? "A" : "");
  if (facts.smtpUtf8) return `UTF8SMTP${suffix}`;
  // There is no AUTH nor STARTTLS after HELO, and so no word for it.
  return facts.extended ? `ESMTP${suffix}` : "SMTP";
}

function literal(address: string): string {
  return address.includes(":") ? `[IPv6:${word(address)}]` : `[${word(address)}]`;
}

/** `TLSv1.3` is written `TLS1_3`, as Exchange does. */
function tlsComment(tls: ReceivedFacts["tls"]): string {
  if (tls === undefined) return "";
  const version = word(tls.version.replace("TLSv", "TLS").replace(".", "_"));
  return `\r\n\t(version=${version}, cipher=${word(tls.cipher)})`;
}

/** The Received field of a message taken over SMTP, folded, with its last CRLF. */
export function formatReceived(facts: ReceivedFacts): string {
  const recipient = facts.recipient === undefined ? "" : ` for <${facts.recipient}>`;
  // A comment: RFC 5321 §4.4 has a single word after via, and before with.
  const frontend = facts.frontend ? " (via Frontend Transport)" : "";
  return (
    `Received: from ${word(facts.helo)} (${literal(facts.clientAddress)})\r\n` +
    `\tby ${word(facts.serverName)} (${literal(facts.serverAddress)})` +
    ` with ${transmissionType(facts)}${tlsComment(facts.tls)}\r\n` +
    `\tid ${facts.id}${frontend}${recipient};\r\n` +
    `\t${facts.date}\r\n`
  );
}
