import { encodeSaslName, parseGs2Header } from "./gs2-header.ts";
import { isIdentity } from "./sasl-text.ts";

/** What both mechanisms for OAuth tokens come down to. */
export interface BearerMessage {
  /** "": the client leaves it to the token. */
  readonly user: string;
  /** "": the client has none and asks how to get one (RFC 7628 §4.3). */
  readonly token: string;
}

const PAIR_END = "\u0001";
const BEARER = /^Bearer ([A-Za-z0-9._~+/-]+=*)$/i; // RFC 6750 §2.1
const XOAUTH2_USER = "user=";
const PAIR = /^([A-Za-z]+)=([\x20-\x7e\t\r\n]*)$/;

/** Reads the client's message of OAUTHBEARER (RFC 7628 §3.1); `undefined`: it is none. */
export function parseOauthBearer(text: string): BearerMessage | undefined {
  const header = parseGs2Header(text);
  // There is no OAUTHBEARER-PLUS.
  if (header === undefined || typeof header.flag === "object") return undefined;
  if (!header.rest.startsWith(PAIR_END)) return undefined;
  const pairs = parsePairs(header.rest.slice(1));
  const token = pairs && parseAuthorization(pairs.get("auth"));
  return token === undefined ? undefined : { user: header.authorize, token };
}

/** Reads the client's message of XOAUTH2, as Google and Microsoft publish it. */
export function parseXoauth2(text: string): BearerMessage | undefined {
  const [userPair, authPair, ...ends] = text.split(PAIR_END);
  if (userPair === undefined || authPair === undefined) return undefined;
  if (ends.length !== 2 || ends.some((end) => end !== "")) return undefined;
  if (!userPair.startsWith(XOAUTH2_USER) || !authPair.startsWith("auth=")) return undefined;
  const user = userPair.slice(XOAUTH2_USER.length);
  const token = parseAuthorization(authPair.slice("auth=".length));
  if (user === "" || !isIdentity(user) || token === undefined) return undefined;
  return { user, token };
}

/** Writes the client's message of OAUTHBEARER. */
export function formatOauthBearer({ user, token }: BearerMessage): string {
  return `n,a=${encodeSaslName(user)},${PAIR_END}auth=Bearer ${token}${PAIR_END}${PAIR_END}`;
}

/** Writes the client's message of XOAUTH2. */
export function formatXoauth2({ user, token }: BearerMessage): string {
  return `${XOAUTH2_USER}${user}${PAIR_END}auth=Bearer ${token}${PAIR_END}${PAIR_END}`;
}

/** Pairs `key=value^A`, closed by one more ^A; no key twice. */
function parsePairs(text: string): ReadonlyMap<string, string> | undefined {
  const lines = text.split(PAIR_END);
  // What stands behind the last two ends: nothing, twice.
  if (lines.pop() !== "" || lines.pop() !== "") return undefined;
  const pairs = new Map<string, string>();
  for (const line of lines) {
    const match = PAIR.exec(line);
    const [key, value] = [match?.[1]?.toLowerCase(), match?.[2]];
    if (key === undefined || value === undefined || pairs.has(key)) return undefined;
    pairs.set(key, value);
  }
  return pairs;
}

function parseAuthorization(value: string | undefined): string | undefined {
  if (value === undefined || value === "") return "";
  return BEARER.exec(value)?.[1];
}
