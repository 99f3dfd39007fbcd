import type { JWTPayload } from "jose";
import type { KeySets } from "../authentication/key-sets.ts";
import type { Clock } from "../base/clock.ts";
import { jose } from "../base/jose-library.ts";
import { fault, ok, type Result } from "../base/result.ts";
import { HOUR, KiB, SECOND } from "../base/units.ts";
import type { HttpsAnswer, httpsExchange } from "../net/https-exchange.ts";
import type { AdminSignIn } from "../org/access-settings.ts";

const TIMEOUT_MS = 10 * SECOND;
const BYTES_MAX = 64 * KiB;
/** How long what a provider says of himself is taken for true. */
const FRESH_MS = HOUR;
/** How long he is left in peace once he could not be asked: strangers make us ask. */
const FAILED_MS = 5 * SECOND;
/** How far his clock may be from ours. */
const SKEW_S = 60;
/** None that is made with a shared secret, and never `none` (RFC 8725 §3.1). */
const ALGORITHMS = [
  ...["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"],
  ...["ES256", "ES384", "ES512", "EdDSA", "Ed25519"],
];

/** What a provider is asked with. */
export interface OpenIdProviderParts {
  readonly clock: Clock;
  readonly get: typeof httpsExchange;
  readonly keySets: KeySets;
}

/** Where a provider is found (OpenID Connect Discovery §3). */
export interface OpenIdEndpoints {
  readonly authorization: string;
  readonly token: string;
  readonly keys: string;
}

type Found = Promise<Result<OpenIdEndpoints, string>>;

/** Talks with the provider of the organization's sign-in; faults are for diagnostics. */
export class OpenIdProvider {
  readonly #parts: OpenIdProviderParts;
  #known: { readonly issuer: string; readonly found: Found; endMs: number } | undefined;

  constructor(parts: OpenIdProviderParts) {
    this.#parts = parts;
  }

  /** Reads where he is found, once for all who ask, when that was not done within an hour. */
  endpoints(issuer: string): Found {
    const { clock } = this.#parts;
    const known = this.#known;
    if (known?.issuer === issuer && clock.monotonicMs() < known.endMs) return known.found;
    const found = this.#discover(issuer);
    const reading = { issuer, found, endMs: clock.monotonicMs() + TIMEOUT_MS };
    this.#known = reading;
    return found.then((read) => {
      reading.endMs = clock.monotonicMs() + (read.ok ? FRESH_MS : FAILED_MS);
      return read;
    });
  }

  async #discover(issuer: string): Found {
    const url = `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
    const read = await this.#ask(url);
    if (!read.ok) return read;
    const { authorization_endpoint, token_endpoint, jwks_uri } = read.value;
    // A document that names another one would have us believe his tokens (Discovery §4.3).
    if (read.value["issuer"] !== issuer) return fault(`${url}: it names another issuer`);
    const endpoints = {
      authorization: httpsAddress(authorization_endpoint),
      token: httpsAddress(token_endpoint),
      keys: httpsAddress(jwks_uri),
    };
    const { authorization, token, keys } = endpoints;
    if (authorization === undefined || token === undefined || keys === undefined) {
      return fault(
        `${url}: authorization_endpoint, token_endpoint or jwks_uri is no https address`,
      );
    }
    return ok({ authorization, token, keys });
  }

  /** Exchanges a code for what it stands for (RFC 6749 §4.1.3, RFC 7636 §4.5): the ID token. */
  async redeem(
    settings: Pick<AdminSignIn, "issuer" | "clientId">,
    grant: {
      readonly code: string;
      readonly verifier: string;
      readonly redirectUri: string;
      readonly clientSecret: string;
    },
  ): Promise<Result<string, string>> {
    const found = await this.endpoints(settings.issuer);
    if (!found.ok) return found;
    const form = new URLSearchParams({
      grant_type: "authorization_code",
      code: grant.code,
      redirect_uri: grant.redirectUri,
      client_id: settings.clientId,
      client_secret: grant.clientSecret,
      code_verifier: grant.verifier,
    });
    const read = await this.#ask(found.value.token, form);
    if (!read.ok) return read;
    const { id_token: token } = read.value;
    return typeof token === "string" ? ok(token) : fault("the provider gave no id_token");
  }

  /** Checks an ID token (OpenID Connect Core §3.1.3.7); its claims. */
  async verify(
    token: string,
    expected: Pick<AdminSignIn, "issuer" | "clientId"> & { readonly nonce: string },
  ): Promise<Result<JWTPayload, string>> {
    const found = await this.endpoints(expected.issuer);
    if (!found.ok) return found;
    const options = {
      algorithms: ALGORITHMS,
      issuer: expected.issuer,
      audience: expected.clientId,
      requiredClaims: ["sub", "iat", "exp", "nonce"],
      clockTolerance: SKEW_S,
      currentDate: new Date(this.#parts.clock.nowMs()),
    };
    let keys = await this.#parts.keySets.read(found.value.keys);
    for (let tries = 0; keys.ok; tries += 1) {
      try {
        const { payload } = await jose().jwtVerify(token, keys.value, options);
        if (payload["nonce"] !== expected.nonce) return fault("its nonce is another one");
        const { azp } = payload;
        if (azp !== undefined && azp !== expected.clientId)
          return fault("it is for another client");
        return ok(payload);
      } catch (error) {
        const isUnknownKey =
          error instanceof Error && "code" in error && error.code === "ERR_JWKS_NO_MATCHING_KEY";
        if (!isUnknownKey || tries > 0) return fault(reasonOf(error));
        // He may have a new key since.
        keys = await this.#parts.keySets.read(found.value.keys, keys.value);
      }
    }
    return fault(`keys: ${keys.fault}`);
  }

  async #ask(url: string, form?: URLSearchParams): Promise<Result<JsonMap, string>> {
    const { clock, get } = this.#parts;
    const post = form && {
      body: form.toString(),
      contentType: "application/x-www-form-urlencoded",
    };
    const limits = { clock, timeoutMs: TIMEOUT_MS, bytesMax: BYTES_MAX };
    const answer = await get(url, { ...limits, ...(post && { post }) });
    if (!answer.ok) return fault(`${url}: ${answer.fault.text}`);
    const map = readMap(answer.value);
    if (map === undefined) return fault(`${url}: status ${answer.value.status}, no JSON object`);
    if (answer.value.status === 200) return ok(map);
    // RFC 6749 §5.2: a word for programs, never what was sent.
    const { error } = map;
    const word = typeof error === "string" && /^[\w-]{1,60}$/.test(error) ? `, ${error}` : "";
    return fault(`${url}: status ${answer.value.status}${word}`);
  }
}

type JsonMap = Readonly<Record<string, unknown>>;

function readMap({ body }: HttpsAnswer): JsonMap | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(body).toString("utf8"));
    return isMap(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isMap(value: unknown): value is JsonMap {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function httpsAddress(value: unknown): string | undefined {
  if (typeof value !== "string") return undefined;
  const url = URL.parse(value);
  return url?.protocol === "https:" && url.username === "" ? url.href : undefined;
}

/** Messages of the library repeat claims; codes and names of claims do not. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error) || !("code" in error)) return "it cannot be verified";
  const claim = "claim" in error ? ` (claim ${String(error.claim).slice(0, 40)})` : "";
  return `${String(error.code)}${claim}`;
}
