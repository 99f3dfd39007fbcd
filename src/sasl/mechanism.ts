import type { ChannelBindingType } from "../base/channel-binding.ts";
import type { Clock } from "../base/clock.ts";

/** Mechanisms that the server can offer, strongest first. */
export const MECHANISM_NAMES = [
  "EXTERNAL",
  "GSSAPI",
  "SCRAM-SHA-256-PLUS",
  "SCRAM-SHA-256",
  "SCRAM-SHA-1-PLUS",
  "SCRAM-SHA-1",
  "OAUTHBEARER",
  "XOAUTH2",
  "NTLM",
  "PLAIN",
  "LOGIN",
] as const;

/** One of MECHANISM_NAMES. */
export type MechanismName = (typeof MECHANISM_NAMES)[number];

/** What one side of a SASL exchange knows of the channel that it runs over. */
export interface SaslChannel {
  /** `undefined` where there is no TLS, or none that gives that type. */
  readonly binding: (type: ChannelBindingType) => Uint8Array | undefined;
  /**
   * Whether the server offers a -PLUS variant: a client that could use it but is led to believe
   * that it is not offered is attacked (RFC 5802 §6).
   */
  readonly offersPlus: boolean;
  /** The server's name, as service principals bear it. */
  readonly hostName: string;
}

/** Time and chance for an exchange. */
export interface ExchangeMeans {
  readonly clock: Pick<Clock, "nowMs">;
  /** Nonces and challenges; without it the system's generator. Tests bring their own. */
  readonly randomBytes?: (count: number) => Uint8Array;
}

/** Why a logon failed; the client learns only `credentials`, `temporary` or `malformed`. */
export type SaslFault =
  /** Unknown user, wrong password or token, no right to the identity: the client sees one. */
  | { readonly kind: "credentials"; readonly user: string; readonly detail: string }
  | { readonly kind: "malformed"; readonly detail: string }
  /** The store or a token's issuer could not be asked. */
  | { readonly kind: "temporary"; readonly detail: string };

/** What comes next on the server's side; `Account` is whatever the backend makes of a logon. */
export type ServerStep<Account> =
  | { readonly kind: "challenge"; readonly bytes: Uint8Array }
  | { readonly kind: "succeeded"; readonly account: Account; readonly user: string }
  | { readonly kind: "failed"; readonly fault: SaslFault };

/** The server's side of one exchange. Calls come one after another; the last step ends it. */
export interface ServerExchange<Account> {
  /** @param response the client's bytes; `undefined` at the start without an initial response */
  next(response: Uint8Array | undefined): Promise<ServerStep<Account>>;
  /** The client has given up or is gone: frees what the exchange holds. Harmless after its end. */
  cancel(): void;
}

/** Hashes that SCRAM is offered with. */
export type ScramHash = "sha1" | "sha256";

/** What the server has of one password (RFC 5802 §3); no password, but as good as one. */
export interface ScramKeyPair {
  readonly storedKey: Uint8Array;
  readonly serverKey: Uint8Array;
}

/** What a client makes its keys with (RFC 5802 §5.1). */
export interface ScramSalt {
  readonly salt: Uint8Array;
  readonly iterationCount: number;
}

/** SCRAM's verifier of one password. */
export interface ScramVerifier extends ScramSalt, ScramKeyPair {}

/** What one user may prove himself by: several passwords, all with one salt. */
export interface ScramVerifiers extends ScramSalt {
  readonly keys: readonly ScramKeyPair[];
}

/** What the backend makes of a try to log on. `undefined` account: no, and why is in the log. */
export type Checked<Account> =
  | { readonly kind: "known"; readonly account: Account }
  | { readonly kind: "refused"; readonly detail: string }
  | { readonly kind: "temporary"; readonly detail: string };

/** How a user has been proved. */
export interface ProvedBy {
  readonly mechanism: MechanismName;
  /** Which of `findNtHashes`, or of the keys from `findScram`, the user knew the password of. */
  readonly hashIndex?: number;
  /** NTLM's domain or Kerberos's realm, as the client wrote it; whose users they are is policy. */
  readonly domain?: string;
}

/**
 * Who may log on, as the mechanisms ask. Every call takes the same time for an unknown user as for
 * a wrong password. `authorize` is the identity to act as, "" for the user's own.
 */
export interface CredentialBackend<Account> {
  /** PLAIN, LOGIN: account or app passwords. */
  checkPassword(user: string, password: string, authorize: string): Promise<Checked<Account>>;
  /**
   * For an unknown user keys that nothing fits, with a salt that is the same each time (RFC 5802
   * §9 leaves it open; an attacker must not learn who exists), and as many as for anybody else.
   */
  findScram(user: string, hash: ScramHash): Promise<ScramVerifiers | "temporary">;
  /** NT hashes (MD4 of the password, 16 bytes) that the user may answer with; none: no logon. */
  findNtHashes(user: string, domain: string): Promise<readonly Uint8Array[] | "temporary">;
  /** A user whom the mechanism has proved (SCRAM, NTLM, GSSAPI): may he log on? */
  admitProved(user: string, authorize: string, by: ProvedBy): Promise<Checked<Account>>;
  /** OAUTHBEARER, XOAUTH2: the token must be the user's; "": whoever the token is for. */
  checkToken(user: string, token: string): Promise<Checked<Account>>;
  /** EXTERNAL: by the client's certificate. */
  checkCertificate(authorize: string): Promise<Checked<Account>>;
  readonly ntlm: {
    readonly v1Allowed: boolean;
    /** NetBIOS names in the challenge. */
    readonly domainName: string;
    readonly computerName: string;
  };
  /** What Extended Protection asks of NTLM and GSSAPI. */
  readonly channelBindingPolicy: "None" | "Allow" | "Require";
  /** `undefined` where there is no keytab: GSSAPI is not offered then. */
  readonly gssapi: GssapiAcceptor | undefined;
}

/** Kerberos, which lives in a process of its own. */
export interface GssapiAcceptor {
  /** One context; `close` frees it, whatever has come of it. */
  open(options: {
    readonly hostName: string;
    /** Application data of the channel bindings, `tls-server-end-point:…`. */
    readonly channelBinding: Uint8Array | undefined;
  }): Promise<GssapiContext>;
}

/**
 * A security context being accepted (RFC 2743). Rejects with Error when it cannot be asked: its
 * process is gone, or has too much to do.
 */
export interface GssapiContext {
  /** `principal` is set once the context is complete: `alice@CONTOSO.TEST`. */
  accept(token: Uint8Array): Promise<
    | {
        readonly ok: true;
        readonly token: Uint8Array;
        readonly principal: string | undefined;
        /** The client has bound the context to our channel: what Extended Protection requires. */
        readonly channelBound: boolean;
      }
    | { readonly ok: false; readonly detail: string }
  >;
  wrap(message: Uint8Array): Promise<Uint8Array>;
  /** `undefined` when it was tampered with. */
  unwrap(message: Uint8Array): Promise<Uint8Array | undefined>;
  close(): void;
}

/** The client's side of one exchange, towards a smart host. */
export interface ClientExchange {
  readonly mechanism: string;
  /** The initial response; `undefined`: the server speaks first. */
  start(): Promise<Uint8Array | undefined>;
  /** The response to a challenge, or why the exchange has to be cancelled. */
  next(
    challenge: Uint8Array,
  ): Promise<
    | { readonly ok: true; readonly value: Uint8Array }
    | { readonly ok: false; readonly fault: string }
  >;
  /** Whether a 235 may be believed by now: SCRAM's server has to prove itself first. */
  readonly isComplete: boolean;
}
