import { MINUTE, SECOND } from "../base/units.ts";
import type { AcmeAnswer } from "./acme-exchange.ts";
import { AcmeFailure } from "./acme-failure.ts";

/** Where an authority takes what (RFC 8555 §7.1.1). */
export interface AcmeDirectory {
  readonly newNonce: string;
  readonly newAccount: string;
  readonly newOrder: string;
  /** RFC 9773 §4. */
  readonly renewalInfo: string | undefined;
  readonly termsOfService: string | undefined;
  readonly externalAccountRequired: boolean;
}

/** RFC 8555 §7.1.3. */
export interface AcmeOrder {
  readonly status: string;
  readonly authorizations: readonly string[];
  readonly finalize: string;
  readonly certificate: string | undefined;
  readonly error: string | undefined;
}

/** RFC 8555 §7.1.4. */
export interface AcmeAuthorization {
  readonly status: string;
  /** The name, without `*.`. */
  readonly domain: string;
  readonly challenges: readonly AcmeChallenge[];
}

/** RFC 8555 §8. */
export interface AcmeChallenge {
  readonly type: string;
  readonly url: string;
  readonly status: string;
  readonly token: string;
  readonly error: string | undefined;
}

/** RFC 9773 §4.2; epoch milliseconds. */
export interface RenewalWindow {
  readonly startMs: number;
  readonly endMs: number;
}

type Fields = Readonly<Record<string, unknown>>;

const CHALLENGES_MAX = 20;
const AUTHORIZATIONS_MAX = 200;
const TEXT_CHARS_MAX = 500;
/** RFC 8555 §8.1: base64url. It becomes a path and a file's content, so nothing else will do. */
const TOKEN = /^[A-Za-z0-9_-]{1,256}$/;
const ODD = "the authority does not speak ACME as RFC 8555 says: check acme.directoryUrl";

/** Reads the directory. Throws AcmeFailure for anything else. */
export function readDirectory(answer: AcmeAnswer): AcmeDirectory {
  const fields = readFields(answer);
  const meta = isFields(fields["meta"]) ? fields["meta"] : {};
  return {
    newNonce: url(fields, "newNonce"),
    newAccount: url(fields, "newAccount"),
    newOrder: url(fields, "newOrder"),
    renewalInfo: optionalText(fields["renewalInfo"]),
    termsOfService: optionalText(meta["termsOfService"]),
    externalAccountRequired: meta["externalAccountRequired"] === true,
  };
}

/** Reads an order. Throws AcmeFailure for anything else. */
export function readOrder(answer: AcmeAnswer): AcmeOrder {
  const fields = readFields(answer);
  const { authorizations } = fields;
  return {
    status: optionalText(fields["status"]) ?? "",
    authorizations: (Array.isArray(authorizations) ? authorizations : [])
      .slice(0, AUTHORIZATIONS_MAX)
      .filter((one) => typeof one === "string"),
    finalize: url(fields, "finalize"),
    certificate: optionalText(fields["certificate"]),
    error: describeProblem(fields["error"]),
  };
}

/** Reads an authorization. Throws AcmeFailure for anything else. */
export function readAuthorization(answer: AcmeAnswer): AcmeAuthorization {
  const fields = readFields(answer);
  const identifier = isFields(fields["identifier"]) ? fields["identifier"] : {};
  const challenges = Array.isArray(fields["challenges"]) ? fields["challenges"] : [];
  return {
    status: optionalText(fields["status"]) ?? "",
    domain: optionalText(identifier["value"]) ?? "",
    challenges: challenges.slice(0, CHALLENGES_MAX).flatMap((one: unknown) => {
      if (!isFields(one)) return [];
      const token = optionalText(one["token"]) ?? "";
      if (!TOKEN.test(token)) return [];
      return [
        {
          type: optionalText(one["type"]) ?? "",
          url: url(one, "url"),
          status: optionalText(one["status"]) ?? "",
          token,
          error: describeProblem(one["error"]),
        },
      ];
    }),
  };
}

/** Reads renewal information; `undefined` when there is no sense in it (RFC 9773 §4.2). */
export function readRenewalWindow(answer: AcmeAnswer): RenewalWindow | undefined {
  const fields = readFields(answer);
  const suggested = isFields(fields["suggestedWindow"]) ? fields["suggestedWindow"] : {};
  const startMs = Date.parse(optionalText(suggested["start"]) ?? "");
  const endMs = Date.parse(optionalText(suggested["end"]) ?? "");
  return startMs < endMs ? { startMs, endMs } : undefined;
}

/** The refusal that an answer is (RFC 7807, RFC 8555 §6.7). */
export function readRefusal(answer: AcmeAnswer, nowMs: number): AcmeFailure {
  const fields = parseFields(answer.body) ?? {};
  const type = optionalText(fields["type"])?.replace("urn:ietf:params:acme:error:", "");
  const reason = describeProblem(fields) ?? `HTTP status ${answer.status}`;
  const after = readRetryAfter(answer, nowMs);
  const notBeforeMs = after ?? (type === "rateLimited" ? nowMs + RATE_LIMIT_MS : undefined);
  return new AcmeFailure(`the authority refuses: ${reason}`, CURES[type ?? ""] ?? ODD_CURE, {
    ...(type !== undefined && { type }),
    ...(notBeforeMs !== undefined && { notBeforeMs }),
  });
}

const RATE_LIMIT_MS = 60 * MINUTE;
const ODD_CURE = "see what the authority says; it is asked again later";
const CURES: Readonly<Record<string, string>> = {
  accountDoesNotExist: "remove certificates/acme/account.key for a new account",
  badContact: "correct acme.contact",
  caa: "let the names' CAA records allow this authority (RFC 8659)",
  connection: "let the authority reach acme.httpListen as port 80 of every name",
  dns: "publish address records for every name, and for dns-01 see that acme.dnsHook works",
  externalAccountRequired: "choose an authority that takes anybody; this one wants an agreement",
  incorrectResponse: "let port 80 of every name lead to acme.httpListen of this server",
  rateLimited: "nothing: it is asked again when the authority allows",
  rejectedIdentifier: "correct acme.domains: the authority gives no certificate for one of them",
  unauthorized: "let port 80 of every name lead to acme.httpListen, or its TXT record be right",
  unsupportedContact: "correct acme.contact",
  userActionRequired: "agree to the authority's new terms where it says",
};

/** When to ask again, epoch milliseconds (RFC 9110 §10.2.3); `undefined`: it does not say. */
export function readRetryAfter({ headers }: AcmeAnswer, nowMs: number): number | undefined {
  const value = headers["retry-after"];
  if (typeof value !== "string") return undefined;
  if (/^\d{1,9}$/.test(value)) return nowMs + Number(value) * SECOND;
  const dateMs = Date.parse(value);
  return Number.isNaN(dateMs) ? undefined : dateMs;
}

function describeProblem(problem: unknown): string | undefined {
  if (!isFields(problem)) return undefined;
  const type = optionalText(problem["type"])?.replace("urn:ietf:params:acme:error:", "");
  const parts = [type, optionalText(problem["detail"])];
  const inner = Array.isArray(problem["subproblems"]) ? problem["subproblems"] : [];
  const details = inner.filter(isFields).map((one) => optionalText(one["detail"]));
  const text = [...parts, ...details].filter((part) => part !== undefined).join(": ");
  // It goes into the log: one line, and not the authority's novel.
  return text === "" ? undefined : text.replace(/\s+/g, " ").slice(0, TEXT_CHARS_MAX);
}

function readFields(answer: AcmeAnswer): Fields {
  const fields = parseFields(answer.body);
  if (fields === undefined) throw new AcmeFailure("the authority's answer is no JSON object", ODD);
  return fields;
}

function parseFields(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isFields(value) ? value : undefined;
  } catch {
    // A gateway's page of HTML, for one.
    return undefined;
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function optionalText(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function url(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value === "string" && value.startsWith("https://")) return value;
  throw new AcmeFailure(`the authority's answer has no https address "${name}"`, ODD);
}
