import { assert } from "../base/assert.ts";
import type { BodyType, Envelope, EnvelopeRecipient, OriginalRecipient } from "../mail/envelope.ts";
import type { Offers } from "./client-offers.ts";

/** How a message goes out on this session; decided from the envelope and what the hop offers. */
export interface MailOptions {
  /** Bytes about to be sent, for SIZE; an estimate is allowed (RFC 1870 §6.1). */
  readonly sizeBytes: number;
  /** Content as it goes out, after any conversion. */
  readonly body: BodyType;
  readonly smtpUtf8: boolean;
  /** RET, ENVID, NOTIFY and ORCPT are passed on: the hop offers DSN and we are not the last one. */
  readonly dsn: boolean;
  /** The session is under TLS: REQUIRETLS may be asked for (RFC 8689 §2). */
  readonly requireTls?: boolean;
  /**
   * Who submitted it, "" for nobody known: said only where we have logged on, for nobody else has
   * reason to believe us (RFC 4954 §5).
   */
  readonly submitter?: string | undefined;
}

/** The MAIL command, without line end. A parameter goes only to a server that offered it. */
export function formatMail(envelope: Envelope, offers: Offers, options: MailOptions): string {
  let line = `MAIL FROM:<${envelope.sender}>`;
  if (offers.size) line += ` SIZE=${options.sizeBytes}`;
  if (options.body === "BINARYMIME") {
    assert(offers.binaryMime, "BINARYMIME to a server without it");
    line += " BODY=BINARYMIME";
  } else if (options.body === "8BITMIME" && offers.eightBitMime) {
    line += " BODY=8BITMIME";
  }
  if (options.smtpUtf8 && offers.smtpUtf8) line += " SMTPUTF8";
  if (envelope.requireTls === true && options.requireTls === true && offers.requireTls) {
    line += " REQUIRETLS";
  }
  if (options.submitter !== undefined && offers.authMechanisms.length > 0) {
    line += ` AUTH=${formatSubmitter(options.submitter)}`;
  }
  if (options.dsn && offers.dsn) line += mailDsn(envelope);
  return safeCommand(line);
}

/** xtext is of ASCII, and the line grows by no more than 500 characters (RFC 4954 §3, §5). */
function formatSubmitter(submitter: string): string {
  const encoded = isAscii(submitter) ? encodeXtext(submitter) : "";
  return encoded === "" || encoded.length > SUBMITTER_MAX ? "<>" : encoded;
}

function mailDsn(envelope: Envelope): string {
  let text = envelope.ret === undefined ? "" : ` RET=${envelope.ret}`;
  if (envelope.envid !== undefined) {
    const envid = encodeXtext(envelope.envid);
    // RFC 3461 §4.4: at most 100 characters before encoding; a longer one was never legal.
    if (envid !== "" && envelope.envid.length <= ENVID_MAX) text += ` ENVID=${envid}`;
  }
  return text;
}

const ENVID_MAX = 100;
/** Characters of the encoded AUTH= with its name and the space before it come to 500. */
const SUBMITTER_MAX = 494;
/** Characters of the encoded ORCPT (RFC 3461 §4.2). */
const ORCPT_MAX = 500;

/** The RCPT command, without line end. */
export function formatRcpt(
  recipient: EnvelopeRecipient,
  offers: Offers,
  options: Pick<MailOptions, "dsn" | "smtpUtf8">,
): string {
  let line = `RCPT TO:<${recipient.address}>`;
  if (options.dsn && offers.dsn) {
    if (recipient.notify !== undefined) line += ` NOTIFY=${recipient.notify.join(",") || "NEVER"}`;
    if (recipient.originalRecipient !== undefined) {
      const orcpt = formatOrcpt(recipient.originalRecipient, options.smtpUtf8 && offers.smtpUtf8);
      if (orcpt.length <= ORCPT_MAX) line += ` ORCPT=${orcpt}`;
    }
  }
  return safeCommand(line);
}

function formatOrcpt(original: OriginalRecipient, utf8Allowed: boolean): string {
  const isUtf8 = original.type.toLowerCase() === "utf-8" || !isAscii(original.address);
  if (!isUtf8) return `${original.type};${encodeXtext(original.address)}`;
  return `utf-8;${encodeUtf8Address(original.address, utf8Allowed)}`;
}

/**
 * xtext (RFC 3461 §4): printable ASCII stays, but for `+` and `=`; the rest is `+` and two hex
 * digits.
 */
export function encodeXtext(text: string): string {
  let out = "";
  for (const byte of Buffer.from(text, "utf8")) {
    const plain = byte >= 33 && byte <= 126 && byte !== PLUS && byte !== EQUALS;
    out += plain ? String.fromCharCode(byte) : `+${hex(byte)}`;
  }
  return out;
}

/** utf-8-addr-unitext when SMTPUTF8 is in use, utf-8-addr-xtext otherwise (RFC 6533 §3). */
function encodeUtf8Address(text: string, utf8Allowed: boolean): string {
  let out = "";
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    const isPlain = point >= 33 && point <= 126 && !"\\+=".includes(character);
    out += isPlain || (utf8Allowed && point > 159) ? character : `\\x{${hex(point)}}`;
  }
  return out;
}

const PLUS = 43;
const EQUALS = 61;

function hex(value: number): string {
  return value.toString(16).toUpperCase().padStart(2, "0");
}

/** Whether every character is ASCII. */
export function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 127) return false;
  return true;
}

/**
 * The line itself, once it is certain that it is one line: a CR, LF, NUL or other control character
 * in it would be our fault, and a command of somebody else's at the next hop.
 */
export function safeCommand(line: string): string {
  for (let index = 0; index < line.length; index++) {
    const unit = line.charCodeAt(index);
    assert(unit >= 32 && unit !== 127, "control character in a command");
  }
  return line;
}
