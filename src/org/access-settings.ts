/** How we log on to a smart host.  */
export interface SmartHostCredential {
  readonly userName: string;
  /** Sealed in every snapshot: `base/secret-box.ts` opens it. */
  readonly password: string;
}

/** Where tokens for a smart host come from (client credentials, RFC 6749 §4.4). */
export interface OAuthClient {
  readonly tokenEndpoint: string;
  readonly clientId: string;
  /** Sealed, as `SmartHostCredential.password`. */
  readonly clientSecret: string;
  readonly scope: string;
  /** The mailbox that XOAUTH2 names. */
  readonly userName: string;
}

/** The organization's own sign-in for administrators (OpenID Connect). */
export interface AdminSignIn {
  /** What the button says. */
  readonly name: string;
  readonly issuer: string;
  readonly clientId: string;
  /** Sealed, as `SmartHostCredential.password`. */
  readonly clientSecret: string;
  readonly scopes: readonly string[];
  readonly nameClaim: string;
  readonly groupsClaim: string;
  /** `GROUP=ROLE GROUP`; the group `*` is everybody's. */
  readonly roleGroups: readonly string[];
  /** Whether over the network there is no other way in but API tokens. */
  readonly only: boolean;
}

/** Who may issue tokens for logging on here (OAUTHBEARER, XOAUTH2). */
export interface OAuthIssuer {
  readonly name: string;
  readonly issuer: string;
  /** An https address, or a file's path: the keys (RFC 7517). */
  readonly jwks: string;
  readonly audiences: readonly string[];
  /** Every one of them must be in the token. */
  readonly scopes: readonly string[];
  /** The claim that holds an address of the mailbox. */
  readonly userClaim: string;
}

/** Limits of what one user sends (reference §11); `Infinity` is unlimited. */
export interface ThrottlingPolicy {
  readonly name: string;
  /** In force for every user without one of his own. */
  readonly default: boolean;
  readonly messageRateLimit: number;
  readonly messagesPerHour: number;
  readonly messagesPerDay: number;
  readonly recipientsPerHour: number;
  readonly recipientsPerDay: number;
}
