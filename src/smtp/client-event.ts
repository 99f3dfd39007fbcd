import type { RecipientResult } from "./client-transaction.ts";
import type { ServerReply } from "./reply-parser.ts";

/** How a session greets, and what it does about TLS. */
export interface ClientOptions {
  readonly protocol: "smtp" | "lmtp";
  /** Our name in EHLO, HELO or LHLO. */
  readonly fqdn: string;
  /** Names that a server must not have: it would be ourselves. Lower case. */
  readonly ownNames: readonly string[];
  readonly forceHelo: boolean;
  readonly startTls: "never" | "opportunistic" | "required";
  /** AUTH comes before the first transaction; without it the session ends. */
  readonly logsOn: boolean;
}

/** Why a session is over. */
export type SessionEnd =
  /** 4xx or 5xx to the greeting, to EHLO and HELO, or to a STARTTLS that we need. */
  | {
      readonly kind: "refused";
      readonly step: "greeting" | "hello" | "starttls";
      readonly reply: ServerReply;
    }
  /** 421, at any point (RFC 5321 §3.8). */
  | { readonly kind: "closing"; readonly reply: ServerReply }
  /** TLS is needed and not offered. */
  | { readonly kind: "tls-missing" }
  /** We could not log on: the driver's words, and what the server said if it was asked. */
  | {
      readonly kind: "logon-failed";
      readonly text: string;
      readonly reply: ServerReply | undefined;
    }
  /** The server bears our own name. */
  | { readonly kind: "self"; readonly name: string }
  /** What came is not SMTP, or not in turn; nothing it says can be trusted any more. */
  | { readonly kind: "violation"; readonly text: string }
  /** The driver said so: connection closed, timeout. */
  | { readonly kind: "lost"; readonly cause: LossCause }
  | { readonly kind: "quit" };

/** What ended the connection. */
export type LossCause = "closed" | "timeout" | "aborted" | "handshake";

/** What the driver is to do, in order. */
export type ClientEvent =
  /** Transactions may begin. Comes again after each `finished` unless the session has ended. */
  | { readonly kind: "ready" }
  /** Do the TLS handshake now, then call `tlsStarted`. */
  | { readonly kind: "start-tls" }
  /** Answer with `answerLogon`; `refused` is what the server said to the last AUTH. */
  | { readonly kind: "log-on"; readonly refused: ServerReply | undefined }
  /** Answer with `answerLogon`. */
  | { readonly kind: "challenge"; readonly bytes: Uint8Array }
  /** While `wantsContent`: send it, by DATA up to `contentSent`, or by `chunk`. */
  | { readonly kind: "content"; readonly transfer: "data" | "chunks" }
  | {
      readonly kind: "finished";
      /** In the order of the transaction's recipients. */
      readonly results: readonly RecipientResult[];
      /** True when a `lost` recipient may have been served all the same. */
      readonly contentSent: boolean;
    }
  | { readonly kind: "ended"; readonly end: SessionEnd };
