import type { errors, JWTPayload, JWTVerifyOptions, LocalJWKSet } from "jose";
import { jose } from "../base/jose-library.ts";
import { KiB, SECOND } from "../base/units.ts";
import { type Address, parseAddress } from "../mail/address.ts";
import type { OAuthIssuer } from "../org/access-settings.ts";
import type { KeySets } from "./key-sets.ts";

/**
 * Signatures that are accepted. Never `none`, and none that is made with a shared secret: with
 * those, whoever knows the public key could sign (RFC 8725 §3.1).
 */
const ALGORITHMS = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
];
/** How far the issuer's clock may be from ours. */
const SKEW_MS = 60 * SECOND;
const TOKEN_CHARACTERS_MAX = 16 * KiB;

/** What a token says: whose it is, or why nobody's. */
export type TokenVerdict =
  | { readonly kind: "user"; readonly address: Address; readonly issuer: string }
  | { readonly kind: "refused"; readonly detail: string }
  | { readonly kind: "temporary"; readonly detail: string };

/**
 * Checks a JWT against the issuers of the organization: signature, iss, aud, exp, nbf, scopes, and
 * the claim that names the user (RFC 7519 §4.1, RFC 8725 §3). Details hold nothing of the token
 * but its claims' names. Never rejects for what the token is.
 */
export async function checkToken(
  token: string,
  issuers: readonly OAuthIssuer[],
  context: { readonly keySets: KeySets; readonly nowMs: number },
): Promise<TokenVerdict> {
  const claimed = token.length > TOKEN_CHARACTERS_MAX ? undefined : readIssuer(token);
  if (claimed === undefined) return refused("no JWT");
  const candidates = issuers.filter(({ issuer }) => issuer === claimed);
  if (candidates.length === 0) return refused("of an issuer who is not configured");
  let verdict: TokenVerdict = refused("");
  // Two entries may share an issuer, with an audience each.
  for (const candidate of candidates) {
    verdict = await checkAgainst(token, candidate, context);
    if (verdict.kind === "user") return verdict;
  }
  return verdict;
}

function refused(detail: string): TokenVerdict {
  return { kind: "refused", detail: `token: ${detail}` };
}

/** The issuer that the token claims, before anything is verified. */
function readIssuer(token: string): string | undefined {
  try {
    const { iss } = jose().decodeJwt(token);
    return typeof iss === "string" ? iss : undefined;
  } catch {
    return undefined;
  }
}

async function checkAgainst(
  token: string,
  issuer: OAuthIssuer,
  { keySets, nowMs }: { readonly keySets: KeySets; readonly nowMs: number },
): Promise<TokenVerdict> {
  const options: JWTVerifyOptions = {
    algorithms: ALGORITHMS,
    issuer: issuer.issuer,
    audience: [...issuer.audiences],
    requiredClaims: ["exp"],
    clockTolerance: SKEW_MS / SECOND,
    currentDate: new Date(nowMs),
  };
  const first = await keySets.read(issuer.jwks);
  if (!first.ok) return { kind: "temporary", detail: `keys: ${first.fault}` };
  let verified = await verify(token, first.value, options);
  if (verified.kind === "no-key") {
    // The issuer may have a new key since; after that it is none of his.
    const second = await keySets.read(issuer.jwks, first.value);
    if (second.ok && second.value !== first.value) {
      verified = await verify(token, second.value, options);
    }
  }
  switch (verified.kind) {
    case "verified":
      return readClaims(verified.claims, issuer);
    case "no-key":
      return refused("signed with a key that the issuer does not have");
    default:
      return refused(verified.detail);
  }
}

type Verified =
  | { readonly kind: "verified"; readonly claims: JWTPayload }
  | { readonly kind: "no-key" }
  | { readonly kind: "bad"; readonly detail: string };

async function verify(
  token: string,
  keys: LocalJWKSet,
  options: JWTVerifyOptions,
): Promise<Verified> {
  try {
    return { kind: "verified", claims: (await jose().jwtVerify(token, keys, options)).payload };
  } catch (error) {
    if (error instanceof jose().errors.JWKSMultipleMatchingKeys)
      return verifyEach(token, error, options);
    return describe(error);
  }
}

/** A token that does not say which key: any of them may be the one. */
async function verifyEach(
  token: string,
  keys: errors.JWKSMultipleMatchingKeys,
  options: JWTVerifyOptions,
): Promise<Verified> {
  for await (const key of keys) {
    try {
      return { kind: "verified", claims: (await jose().jwtVerify(token, key, options)).payload };
    } catch (error) {
      if (!(error instanceof jose().errors.JWSSignatureVerificationFailed)) return describe(error);
    }
  }
  return { kind: "no-key" };
}

function describe(error: unknown): Verified {
  if (error instanceof jose().errors.JWKSNoMatchingKey) return { kind: "no-key" };
  // Its messages repeat claims; codes and names of claims do not.
  if (error instanceof jose().errors.JWTClaimValidationFailed) {
    return { kind: "bad", detail: `claim ${error.claim} ${error.reason}` };
  }
  if (error instanceof jose().errors.JOSEError) return { kind: "bad", detail: error.code };
  // Keys that cannot be used come as a TypeError or a DOMException.
  return { kind: "bad", detail: "cannot be verified with the issuer's key" };
}

function readClaims(claims: JWTPayload, issuer: OAuthIssuer): TokenVerdict {
  const granted = new Set([claims["scope"], claims["scp"], claims["roles"]].flatMap(readWords));
  const missing = issuer.scopes.find((scope) => !granted.has(scope));
  if (missing !== undefined) return refused(`without the scope ${missing}`);
  const user = claims[issuer.userClaim];
  const address = typeof user === "string" ? parseAddress(user, { smtpUtf8: true }) : undefined;
  if (address === undefined) return refused(`claim ${issuer.userClaim} is no address`);
  // An address that its issuer has not verified is one that anybody can claim.
  if (issuer.userClaim === "email" && isFalse(claims["email_verified"])) {
    return refused("claim email is not verified");
  }
  return { kind: "user", address, issuer: issuer.name };
}

/** Some issuers write it as a text, against OpenID Connect Core §5.1. */
function isFalse(claim: unknown): boolean {
  return claim === false || (typeof claim === "string" && claim.toLowerCase() === "false");
}

/** Scopes: words of a text (RFC 6749 §3.3), or a list. */
function readWords(claim: unknown): readonly string[] {
  if (typeof claim === "string") return claim.split(" ");
  return Array.isArray(claim) ? claim.filter((word) => typeof word === "string") : [];
}
