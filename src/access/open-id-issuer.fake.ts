import { hash, randomUUID } from "node:crypto";
import { exportJWK, generateKeyPair, SignJWT } from "jose";

/** What a test has the provider put into a token, or do otherwise. */
export interface IssuerWish {
  readonly claims?: Readonly<Record<string, unknown>>;
  /** In place of the claims of the request: iss, aud, nonce, azp. */
  readonly header?: Readonly<Record<string, string>>;
  readonly expiresS?: number;
  /** Signed with a key that is not published. */
  readonly isForged?: boolean;
}

/** A provider of OpenID Connect: discovery, keys, authorization and token endpoint. */
export class FakeIssuer {
  readonly issuer: string;
  readonly clientId = "postrider";
  readonly clientSecret = "a secret of theirs";
  readonly #keys = generateKeyPair("ES256", { extractable: true });
  readonly #forged = generateKeyPair("ES256", { extractable: true });
  /** Codes that were given out, with what they stand for. */
  readonly #codes = new Map<
    string,
    { readonly query: URLSearchParams; readonly wish: IssuerWish }
  >();
  /** Replaces the discovery document, for tests of bad ones. */
  document: Readonly<Record<string, unknown>>;
  /** Epoch ms, as its clock says. */
  nowMs: () => number;
  /** What the token endpoint was sent. */
  readonly forms: URLSearchParams[] = [];

  constructor(issuer: string, nowMs: () => number) {
    this.issuer = issuer;
    this.nowMs = nowMs;
    this.document = {
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/keys`,
    };
  }

  /** As if somebody had signed in: the query that the provider leads back with. */
  authorize(url: string, wish: IssuerWish = {}): URLSearchParams {
    const query = new URL(url).searchParams;
    const code = randomUUID();
    this.#codes.set(code, { query, wish });
    return new URLSearchParams({ code, state: query.get("state") ?? "" });
  }

  /** Answers a GET, or a POST of a form. */
  async answer(path: string, form?: URLSearchParams): Promise<readonly [number, object]> {
    if (path === "/.well-known/openid-configuration") return [200, this.document];
    if (path === "/keys") {
      const key = await exportJWK((await this.#keys).publicKey);
      return [200, { keys: [{ ...key, kid: "1", use: "sig", alg: "ES256" }] }];
    }
    if (path === "/token" && form !== undefined) return this.#redeem(form);
    return [404, { error: "not_found" }];
  }

  async #redeem(form: URLSearchParams): Promise<readonly [number, object]> {
    this.forms.push(form);
    const code = form.get("code") ?? "";
    const found = this.#codes.get(code);
    this.#codes.delete(code);
    const { query, wish = {} } = found ?? {};
    const challenge = hash("sha256", form.get("code_verifier") ?? "", "base64url");
    const isRight =
      query?.get("code_challenge") === challenge &&
      query.get("redirect_uri") === form.get("redirect_uri") &&
      form.get("client_id") === this.clientId &&
      form.get("client_secret") === this.clientSecret;
    if (!isRight) return [400, { error: "invalid_grant", error_description: "secret words" }];
    const { privateKey } = await (wish.isForged === true ? this.#forged : this.#keys);
    const nowS = Math.floor(this.nowMs() / 1000);
    const claims = {
      iss: this.issuer,
      aud: this.clientId,
      sub: "7",
      nonce: query?.get("nonce"),
      preferred_username: "carol",
      groups: ["Mail Admins"],
      iat: nowS,
      exp: nowS + (wish.expiresS ?? 300),
      ...wish.claims,
    };
    const header = { alg: "ES256", kid: "1", ...wish.header };
    const token = await new SignJWT(claims).setProtectedHeader(header).sign(privateKey);
    return [200, { id_token: token, access_token: "x", token_type: "Bearer" }];
  }
}
