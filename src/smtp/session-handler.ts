import type { Address } from "../mail/address.ts";
import type { Envelope, EnvelopeRecipient } from "../mail/envelope.ts";
import type { Reply } from "./reply.ts";

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
  };
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
  readonly options: SessionOptions;
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
}

/** Decides on a new connection: a handler for its session, or the reply to send before closing. */
export type OpenSession = (connection: ConnectionFacts) => SessionHandler | Reply;
