import type { SecureContext } from "node:tls";
import type { ChannelBindingType } from "../base/channel-binding.ts";
import type { Address } from "../mail/address.ts";
import type { Envelope, EnvelopeRecipient } from "../mail/envelope.ts";
import type { Reply } from "./reply.ts";
import type { SessionTape } from "./session-tape.ts";

/** Limits and offers of one session; taken from its receive connector when it connects. */
export interface SessionOptions {
  readonly fqdn: string;
  /** Whole text after `220 `. */
  readonly banner: string;
  /** What `RCPT TO:<Postmaster>` stands for (RFC 5321 §4.1.1.3). */
  readonly postmasterAddress: Address;
  readonly extensions: {
    readonly size: "Enabled" | "Disabled" | "EnabledWithoutValue";
    readonly pipelining: boolean;
    readonly dsn: boolean;
    readonly enhancedStatusCodes: boolean;
    readonly eightBitMime: boolean;
    readonly binaryMime: boolean;
    readonly chunking: boolean;
    readonly smtpUtf8: boolean;
    /** RFC 9422: tells the client `recipientsMax` as RCPTMAX. */
    readonly limits: boolean;
    /** RFC 8689; offered once the channel is encrypted. */
    readonly requireTls: boolean;
    /** XLONGADDR: longer lines (reference §2.4). */
    readonly longAddresses: boolean;
    /** XORAR (reference §2.4). */
    readonly orar: boolean;
    /** XCLIENT, for clients that may say who the real client is. */
    readonly xclient: boolean;
  };
  /** SASL mechanisms offered, in this order; AUTH is not offered where there is none. */
  readonly authMechanisms: {
    readonly clear: readonly string[];
    readonly encrypted: readonly string[];
  };
  /** Failed logons before the session ends with 421; `Infinity`: never. */
  readonly logonFailuresMax: number;
  /** Delay before the reply to a failed logon; 0 = none. */
  readonly authTarpitMs: number;
  /** What becomes of an LF without CR in content: refused, or made a CRLF. */
  readonly bareLineFeed: "reject" | "repair";
  /** STARTTLS is offered while the channel is clear. */
  readonly startTls: boolean;
  /** MAIL is refused before TLS. */
  readonly requireTls: boolean;
  readonly requireEhloDomain: boolean;
  readonly messageBytesMax: number;
  readonly recipientsMax: number;
  readonly protocolErrorsMax: number;
  readonly idleTimeoutMs: number;
  readonly sessionTimeoutMs: number;
  /** Delay before each 5xx to an unauthenticated client; 0 = none. */
  readonly tarpitMs: number;
}

/** TLS as negotiated, for the Received field and the logs. */
export interface TlsFacts {
  /** `TLSv1.3` */
  readonly version: string;
  /** IANA or OpenSSL name of the cipher suite. */
  readonly cipher: string;
  readonly serverName: string | undefined;
  /** Our own certificate in a few words, worked out when asked; `undefined`: none was shown. */
  readonly ownCertificate?: () => string | undefined;
  /** Set when the peer has shown a certificate. */
  readonly peerCertificate?: PeerCertificateFacts;
  /** Data that ties a logon to this channel (RFC 5929, RFC 9266); `undefined`: not to be had. */
  readonly channelBinding?: (type: ChannelBindingType) => Uint8Array | undefined;
}

/** A certificate that the peer has proved to hold the key of. */
export interface PeerCertificateFacts {
  /** `CN=mail.fabrikam.com, O=Fabrikam`, as RFC 4514 writes it. */
  readonly subject: string;
  readonly issuer: string;
  /** DNS names, lower case. */
  readonly dnsNames: readonly string[];
  /** Addresses (rfc822Name), as they stand. */
  readonly emailAddresses: readonly string[];
  /** SHA-256 of the certificate, upper-case hex with colons. */
  readonly fingerprint: string;
  /** Chain to a trusted authority and dates are good; otherwise `fault` says what is not. */
  readonly verified: boolean;
  readonly fault: string | undefined;
}

/** What the session knows of its client by now. */
export interface ClientFacts {
  /** Name given in HELO or EHLO, as given. */
  readonly helo: string;
  readonly extended: boolean;
  readonly tls: TlsFacts | undefined;
}

/** Answer to a question: `undefined` is yes, with the usual reply. */
export type Verdict = Reply | undefined;

/** What an AUTH exchange comes to next (RFC 4954 §4). */
export type AuthStep =
  /** 334 with these bytes in base64; the client's response goes to `continueAuthentication`. */
  | { readonly kind: "challenge"; readonly bytes: Uint8Array }
  /** 235, and `options` may have changed; or a 4xx or 5xx, and nobody has logged on. */
  | { readonly kind: "done"; readonly reply: Reply };

/** What XCLIENT says of the real client; what it leaves out stays as it is. */
export interface XclientAttributes {
  readonly name?: string;
  readonly address?: string;
  readonly port?: number;
  readonly helo?: string;
  readonly protocol?: "SMTP" | "ESMTP";
  /** Who the client has logged on as; "" for nobody. */
  readonly login?: string;
  readonly destinationAddress?: string;
  readonly destinationPort?: number;
}

/** Certificates and rules of TLS on one connector. */
export interface SessionTls {
  /** For the name that the client asked for, `undefined` when it asked for none. */
  secureContext(serverName: string | undefined): SecureContext;
  /** Whether that depends on the name at all. */
  readonly heedsServerName: boolean;
  /** Whether a certificate is asked for; the session goes on without. */
  readonly requestsCertificate: boolean;
}

/** Takes the content of one message, dot-unstuffed, line ends as they came. One owner, in order. */
export interface ContentSink {
  /**
   * Takes the next bytes. They are the caller's and may be overwritten after the call returns: copy
   * what must stay. A returned promise asks the caller to stop reading from the socket until it
   * resolves.
   */
  write(bytes: Uint8Array): Promise<void> | undefined;
  /**
   * Content is complete and well-formed: makes it durable, then says what to reply. Never throws
   * for the world.
   */
  end(): Promise<Reply>;
  /**
   * Content will not be completed (size, smuggling, lost connection, RSET between BDATs). Nothing
   * may remain.
   */
  abort(): void;
}

/**
 * Policy behind a session; `transport/receive` implements it, the driver in `net` calls it. One per
 * connection.
 */
export interface SessionHandler {
  /** Hears all that is said in the session; the handler closes it. */
  readonly tape?: SessionTape | undefined;
  /** Read anew after each logon, and after `secured`. */
  readonly options: SessionOptions;
  /** `undefined`: STARTTLS is not offered, whatever `options` say. */
  readonly tls: SessionTls | undefined;
  /** The handshake is over; a certificate may have made somebody else of the client. */
  secured(tls: TlsFacts): void;
  /** AUTH with a mechanism that is offered; `response` is the initial one, if there is one. */
  authenticate(
    client: ClientFacts,
    mechanism: string,
    response: Uint8Array | undefined,
  ): Promise<AuthStep>;
  /** The client's answer to a challenge. */
  continueAuthentication(response: Uint8Array): Promise<AuthStep>;
  /** The client has given up, or sent what is no base64. */
  cancelAuthentication(): void;
  /** XCLIENT: the policy for the client named there, or why not. This handler is then `closed`. */
  xclient(attributes: XclientAttributes): SessionHandler | Reply;
  /** MAIL, grammar and SIZE checked by the machine. */
  mail(
    client: ClientFacts,
    envelope: Envelope,
    sizeBytes: number | undefined,
  ): Promise<Verdict> | Verdict;
  /** RCPT, grammar and count checked by the machine. */
  rcpt(client: ClientFacts, recipient: EnvelopeRecipient): Promise<Verdict> | Verdict;
  /** DATA or the first BDAT of a transaction with at least one recipient accepted. */
  beginContent(client: ClientFacts): ContentSink | Reply;
  /** The transaction is over or forgotten: RSET, EHLO, STARTTLS, or a message has been answered. */
  reset(): void;
  /** The session is over; called exactly once. `reason` is for the diagnostics. */
  closed(reason: string): void;
}

/** Facts of a new connection, before any byte. */
export interface ConnectionFacts {
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly localAddress: string;
  readonly localPort: number;
  /** The interface that a link-local address of the two ends is valid on (RFC 4007 §11). */
  readonly scope?: string;
  /** The load balancer that has told us the client's address (PROXY), or XCLIENT's speaker. */
  readonly proxyAddress?: string;
}

/** Decides on a new connection: a handler for its session, or the reply to send before closing. */
export type OpenSession = (connection: ConnectionFacts) => SessionHandler | Reply;
