import { createPrivateKey, sign } from "node:crypto";
import type { Clock } from "../../base/clock.ts";
import { fault, ok, type Result } from "../../base/result.ts";
import { MINUTE, SECOND } from "../../base/units.ts";
import type { OAuthClient } from "../../org/access-settings.ts";
import { safeText } from "../../smtp/reply-parser.ts";

/** Sends a form by POST; the answer's status and text, or why there is none. Never rejects. */
export type PostForm = (
  url: string,
  form: Readonly<Record<string, string>>,
) => Promise<Result<{ readonly status: number; readonly text: string }, string>>;

/** Access tokens for smart hosts, fetched when they are needed and kept until they run out. */
export interface TokenSource {
  /** A token that is good for some time yet, or why there is none; no secret is in the fault. */
  token(client: OAuthClient): Promise<Result<string, string>>;
  /** The server refused the token: the next call fetches another one. */
  forget(client: OAuthClient): void;
}

/** What a token source works with. */
export interface TokenSourceDependencies {
  readonly clock: Clock;
  readonly post: PostForm;
  /** Opens a sealed secret; `undefined` when the key does not fit. */
  readonly openSecret: (sealed: string) => string | undefined;
}

/** Clients remembered. */
const CLIENTS_MAX = 100;
/** A longer one would not fit into a line of an AUTH exchange (RFC 4954 §4). */
const TOKEN_LENGTH_MAX = 8192;
/** Where the answer says nothing (RFC 6749 §5.1 leaves it open). */
const LIFETIME_DEFAULT_SECONDS = 300;
/** A token is renewed so long before it runs out, or at nine tenths of a shorter life. */
const MARGIN_MS = 5 * MINUTE;
/** An endpoint that has just failed is not asked again by every connection. */
const FAILURE_MS = 30 * SECOND;
const ERROR_TEXT_MAX = 200;
/** What the assertion of a service account is good for (RFC 7523 §3). */
const ASSERTION_SECONDS = 600;

interface Entry {
  readonly result: Promise<Result<string, string>>;
  /** Monotonic time; `undefined` while the token is being fetched. */
  untilMs: number | undefined;
}

/** A source whose tokens live in this thread's memory only; one fetch at a time for each client. */
export function createTokenSource(dependencies: TokenSourceDependencies): TokenSource {
  const { clock } = dependencies;
  const entries = new Map<string, Entry>();
  return {
    token(client) {
      const key = keyOf(client);
      const known = entries.get(key);
      const isGood = known?.untilMs === undefined || known.untilMs > clock.monotonicMs();
      if (known !== undefined && isGood) return known.result;
      const fetched = fetchToken(client, dependencies);
      const entry: Entry = {
        result: fetched.then((answer) => {
          entry.untilMs = clock.monotonicMs() + answer.lifetimeMs;
          return answer.result;
        }),
        untilMs: undefined,
      };
      entries.delete(key);
      entries.set(key, entry);
      const oldest = entries.keys().next();
      if (entries.size > CLIENTS_MAX && !oldest.done) entries.delete(oldest.value);
      return entry.result;
    },
    forget(client) {
      const key = keyOf(client);
      if (entries.get(key)?.untilMs !== undefined) entries.delete(key);
    },
  };
}

function keyOf(client: OAuthClient): string {
  return JSON.stringify(client);
}

interface Fetched {
  readonly result: Result<string, string>;
  readonly lifetimeMs: number;
}

async function fetchToken(
  client: OAuthClient,
  { clock, post, openSecret }: TokenSourceDependencies,
): Promise<Fetched> {
  const failed = (text: string): Fetched => ({
    result: fault(`no token from ${client.tokenEndpoint}: ${text}`),
    lifetimeMs: FAILURE_MS,
  });
  const secret = openSecret(client.clientSecret);
  if (secret === undefined) {
    return failed("oauthClient.clientSecret was sealed with another key file; set it anew");
  }
  const form = formOf(client, secret, clock.nowMs());
  if (form === undefined) return failed("oauthClient.clientSecret is no private key (PKCS #8)");
  const answer = await post(client.tokenEndpoint, form);
  if (!answer.ok) return failed(answer.fault);
  const body = parseObject(answer.value.text);
  const { access_token: token, expires_in: expiresIn } = body;
  if (answer.value.status !== 200 || typeof token !== "string") {
    // As it is, as it went over the line, and the proof that was made with it.
    const encoded = new URLSearchParams([["", secret]]).toString().slice(1);
    const secrets = [secret, encoded, form["assertion"] ?? secret];
    return failed(`${answer.value.status} ${describeError(body, secrets)}`.trimEnd());
  }
  // What goes to the server is this text: it must be a b64token and nothing more (RFC 6750 §2.1).
  if (!/^[\w.~+/-]+=*$/.test(token) || token.length > TOKEN_LENGTH_MAX) {
    return failed("what came is no bearer token");
  }
  const seconds = Number(expiresIn ?? LIFETIME_DEFAULT_SECONDS);
  const lifeMs = (seconds > 0 ? seconds : LIFETIME_DEFAULT_SECONDS) * SECOND;
  return { result: ok(token), lifetimeMs: Math.max(lifeMs - MARGIN_MS, lifeMs * 0.9) };
}

/**
 * The request: client credentials (RFC 6749 §4.4) as Microsoft 365 wants them. With a private key
 * for a secret, an assertion signed with it (RFC 7523 §2.1), as Google's service accounts do.
 */
function formOf(
  client: OAuthClient,
  secret: string,
  nowMs: number,
): Readonly<Record<string, string>> | undefined {
  const { clientId, scope } = client;
  if (!secret.startsWith("-----BEGIN PRIVATE KEY-----")) {
    return { grant_type: "client_credentials", client_id: clientId, client_secret: secret, scope };
  }
  const assertion = signAssertion(client, secret, Math.floor(nowMs / SECOND));
  if (assertion === undefined) return undefined;
  return { grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", assertion };
}

function signAssertion(client: OAuthClient, pem: string, iat: number): string | undefined {
  const claims = {
    iss: client.clientId,
    sub: client.userName,
    scope: client.scope,
    aud: client.tokenEndpoint,
    iat,
    exp: iat + ASSERTION_SECONDS,
  };
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const text = `${encode({ alg: "RS256", typ: "JWT" })}.${encode(claims)}`;
  try {
    // A setting is one line: its line ends have become spaces, or \n as in JSON.
    const body = pem.replaceAll("\\n", "\n").replace(/-----(?:BEGIN|END) PRIVATE KEY-----/g, "");
    const der = Buffer.from(body.replace(/\s/g, ""), "base64");
    const key = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
    return `${text}.${sign("sha256", Buffer.from(text), key).toString("base64url")}`;
  } catch {
    return undefined;
  }
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

/** RFC 6749 §5.2, on one line, without our secrets should they be repeated. */
function describeError(
  body: Readonly<Record<string, unknown>>,
  secrets: readonly string[],
): string {
  const { error, error_description: description } = body;
  const parts = [error, description].filter((part) => typeof part === "string");
  const text = secrets.reduce((kept, secret) => kept.replaceAll(secret, "***"), parts.join(": "));
  return safeText(text.slice(0, ERROR_TEXT_MAX));
}
