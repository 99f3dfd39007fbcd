/** Results of RFC 8601 §2.7 that we give; each method has some of them. */
export type AuthenticationResult =
  | "none"
  | "pass"
  | "fail"
  | "softfail"
  | "policy"
  | "neutral"
  | "temperror"
  | "permerror";

/** SPF of the envelope's sender, or of HELO when the sender is null (RFC 7208 §2.4). */
export interface SpfResult {
  readonly result: AuthenticationResult;
  readonly identity: "mailfrom" | "helo";
  /** As the client said it: hostile text. */
  readonly domain: string;
}

/** One signature (RFC 6376); what it says of itself is hostile text. */
export interface DkimResult {
  readonly result: AuthenticationResult;
  readonly domain: string;
  readonly selector: string;
  /** `a=`, such as `rsa-sha256`. */
  readonly algorithm: string;
}

/** What the domain of From asks for with mail that fails (RFC 9989 §4.7). */
export type DmarcPolicy = "none" | "quarantine" | "reject";

/** DMARC of the author's domain. */
export interface DmarcResult {
  readonly result: "none" | "pass" | "fail" | "temperror" | "permerror";
  /** The author's domain; `""` when there is not exactly one. */
  readonly domain: string;
  /** The policy that applies; `undefined` without a record, or when it is not known. */
  readonly policy: DmarcPolicy | undefined;
  /** Domains that passed and are aligned. */
  readonly alignment: { readonly spf: string | undefined; readonly dkim: string | undefined };
  /** There are several From fields: readers may differ on who wrote the message. */
  readonly hasSeveralFrom: boolean;
  /** The record that applies, as its domain has it; absent without one. */
  readonly published?: PublishedPolicy;
}

/** A DMARC policy record as it was found; hostile text, at most RECORD_CHARACTERS_MAX. */
export interface PublishedPolicy {
  /** Where it stands: the author's domain or one above it (RFC 9989 §3.2.5). */
  readonly domain: string;
  readonly record: string;
}

/** A longer record is told of only as far as this. */
export const RECORD_CHARACTERS_MAX = 1024;

/** The chain of those who have passed the message on (RFC 8617). */
export interface ArcResult {
  readonly result: "none" | "pass" | "fail" | "temperror";
  /** Those who have sealed it, the last one first; absent unless the chain passes. */
  readonly seals?: readonly ArcSeal[];
}

/** One of those who have passed the message on, and what they have found. */
export interface ArcSeal {
  /** `d=` of the seal, in lower case. */
  readonly domain: string;
  /** They have found that the message passes DMARC, for this author's domain. */
  readonly dmarcPass: boolean;
}

/** Whether the client's address has a name that leads back to it (RFC 8601 §3). */
export interface IprevResult {
  readonly result: "pass" | "fail" | "temperror" | "permerror";
  /** The name that leads back; absent without one. */
  readonly name?: string;
}

/** Everything that is found out about who sent a message. */
export interface SenderAuthentication {
  readonly spf: SpfResult;
  readonly dkim: readonly DkimResult[];
  readonly dmarc: DmarcResult;
  readonly arc: ArcResult;
  readonly iprev: IprevResult;
}

/** What it is found out from. */
export interface AuthenticationQuestion {
  readonly clientAddress: string;
  readonly helo: string;
  /** `""` is the null reverse-path. */
  readonly sender: string;
  /** The server's name: authserv-id, and `%{r}` of SPF. */
  readonly serverName: string;
  /** The whole content in pieces; `undefined`: too large, so that only SPF is looked at. */
  readonly content: readonly Uint8Array[] | undefined;
}

/** What is known before any content has been read. */
export type EnvelopeQuestion = Omit<AuthenticationQuestion, "content">;

/** Content that is read when there is room for it: `bytes` octets. */
export interface UnreadContent {
  readonly bytes: number;
  /** Rejects with what the store throws. */
  readonly read: () => Promise<readonly Uint8Array[]>;
}

/** When nothing could be found out: every result is a temporary error, none a pass. */
export function unknownAuthentication(question: EnvelopeQuestion): SenderAuthentication {
  return {
    spf: { result: "temperror", ...spfIdentity(question) },
    dkim: [{ result: "temperror", domain: "", selector: "", algorithm: "" }],
    dmarc: { ...NO_DMARC, result: "temperror" },
    arc: { result: "temperror" },
    iprev: { result: "temperror" },
  };
}

/** DMARC before anything is known. */
export const NO_DMARC: DmarcResult = {
  result: "none",
  domain: "",
  policy: undefined,
  alignment: { spf: undefined, dkim: undefined },
  hasSeveralFrom: false,
};

/** Which identity SPF is asked about. */
export function spfIdentity({
  sender,
  helo,
}: Pick<AuthenticationQuestion, "sender" | "helo">): Pick<SpfResult, "identity" | "domain"> {
  return sender === ""
    ? { identity: "helo", domain: helo }
    : { identity: "mailfrom", domain: sender.slice(sender.lastIndexOf("@") + 1) };
}
