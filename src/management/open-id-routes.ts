import type { OpenIdProblem, OpenIdSignIn } from "../access/open-id-sign-in.ts";
import { formatSessionCookie, readSessionCookie } from "../access/session-cookie.ts";
import type { Clock } from "../base/clock.ts";
import { sourceOf } from "../net/client-address.ts";
import { type Answer, errorAnswer } from "./http-answer.ts";
import type { BodySource } from "./request-body.ts";
import { API_ROOT } from "./rest-endpoint.ts";
import { type AccessControl, browserOf, type LoginAttempt } from "./session-routes.ts";
import type { SignInDesk } from "./sign-in-desk.ts";
import { SourceLimit } from "./source-limit.ts";

/** Where the organization's sign-in begins; the provider leads back to `/callback` below it. */
export const OPEN_ID_PATH = `${API_ROOT}/oidc`;

/** Each of them may ask the provider something. */
const TRIES = { burst: 20, perSecond: 0.2 };
const FIELD_CHARACTERS_MAX = 4096;

/**
 * The attempt, which its browser keeps. Lax: it has to come along when another site, the provider,
 * leads the browser back.
 */
const BINDING_COOKIE = "__Host-postrider-oidc";
const BINDING_ATTRIBUTES = "Path=/; Secure; HttpOnly; SameSite=Lax";
const BINDING = /(?:^|; ?)__Host-postrider-oidc=([\w.-]{20,3000})(?:;|$)/;

/** A request of a browser that is led along. */
export interface OpenIdRequest extends LoginAttempt {
  /** Of the request, with its query. */
  readonly url: string;
}

/** What answers `GET /api/v1/oidc` and `GET /api/v1/oidc/callback`. */
export function createOpenIdRoutes(parts: {
  readonly access: Pick<AccessControl, "endSession">;
  readonly desk: Pick<SignInDesk, "admit" | "refuse">;
  readonly openId: Pick<OpenIdSignIn, "begin" | "finish">;
  readonly clock: Clock;
}) {
  const { openId } = parts;
  const limit = new SourceLimit(parts.clock, TRIES);
  return {
    async begin({ request, address, url, cookies }: OpenIdRequest): Promise<Answer> {
      if (cookies === "ignored") return NO_BROWSER;
      if (!limit.take(sourceOf(address))) return TOO_MANY;
      const to = localTarget(readQuery(url).get("to"));
      const begun = await openId.begin({ redirectUri: redirectUriOf(request), to });
      if (!begun.ok) return leadTo(failedTarget(begun.fault));
      const binding = `${BINDING_COOKIE}=${begun.value.binding}; ${BINDING_ATTRIBUTES}`;
      return leadTo(begun.value.url, `${binding}; Max-Age=600`);
    },
    async callback(asked: OpenIdRequest): Promise<Answer> {
      if (asked.cookies === "ignored") return NO_BROWSER;
      if (!limit.take(sourceOf(asked.address))) return TOO_MANY;
      return finish(parts, asked);
    },
  };
}

async function finish(
  { access, desk, openId }: Parameters<typeof createOpenIdRoutes>[0],
  { request, address, url }: OpenIdRequest,
): Promise<Answer> {
  const query = readQuery(url);
  const field = (name: string) => (query.get(name) ?? "").slice(0, FIELD_CHARACTERS_MAX);
  const [, binding = ""] = BINDING.exec(request.headers.cookie ?? "") ?? [];
  const redirectUri = redirectUriOf(request);
  const answer = { state: field("state"), code: field("code"), binding, redirectUri, address };
  const how = { address, browser: browserOf(request), way: "OpenIDConnect" } as const;
  const finished = await openId.finish(answer);
  if (!finished.ok) {
    desk.refuse({ ...how, name: "", why: finished.fault });
    return leadTo(failedTarget(finished.fault));
  }
  const { row, to } = finished.value;
  const begun = await desk.admit(row.name, how);
  if (begun === undefined) return leadTo(failedTarget("disabled"));
  const before = readSessionCookie(request.headers.cookie);
  if (before !== undefined) access.endSession({ token: before });
  // Another site has led here, and its cookie of ours would not come along to where a redirect
  // leads: a page of ours leads on.
  return pageAnswer(`/admin${to}`, formatSessionCookie(begun.token));
}

/** By the name that the browser knows this server by; the provider has a list of those it takes. */
function redirectUriOf({ headers }: Pick<BodySource, "headers">): string {
  return `https://${headers.host ?? ""}${OPEN_ID_PATH}/callback`;
}

function readQuery(url: string): URLSearchParams {
  const at = url.indexOf("?");
  return new URLSearchParams(at < 0 ? "" : url.slice(at));
}

/** Only pages of ours, in characters that mean nothing in a header or in markup. */
function localTarget(to: string | null): string {
  const isOwn = to !== null && to.length <= 2000 && /^\/(?![/\\])[\w/?&=%.,:~+-]*$/.test(to);
  return isOwn ? to : "/";
}

function failedTarget(problem: OpenIdProblem): string {
  return `/admin/sign-in?failed=${problem}`;
}

function leadTo(location: string, cookie?: string): Answer {
  const headers = { location, ...(cookie !== undefined && { "set-cookie": cookie }) };
  return { status: 303, type: "text/plain; charset=utf-8", headers, body: "" };
}

function pageAnswer(target: string, cookie: string): Answer {
  const shown = target.replaceAll("&", "&amp;").replaceAll('"', "&quot;");
  return {
    status: 200,
    type: "text/html; charset=utf-8",
    headers: { "set-cookie": cookie },
    body: [
      "<!doctype html>",
      '<html lang="en"><head><meta charset="utf-8"><title>Postrider</title>',
      `<meta http-equiv="refresh" content="0; url=${shown}"></head>`,
      `<body><p><a href="${shown}">Go on to the admin center</a></p></body></html>`,
    ].join("\n"),
  };
}

const NO_BROWSER = errorAnswer(400, {
  code: "bad-request",
  message: "this is for browsers, over HTTPS",
});
const TOO_MANY = errorAnswer(429, {
  code: "too-many-requests",
  message: "too many tries; try again in a minute",
});
