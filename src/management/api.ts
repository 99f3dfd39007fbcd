import type { IncomingMessage, ServerResponse } from "node:http";
import type { Identified, OwnSession, Presented } from "../access/identification.ts";
import type { Clock } from "../base/clock.ts";
import type { Diagnostics } from "../base/diagnostics.ts";
import type { Execute } from "../cmdlet/execution.ts";
import type { Caller } from "../cmdlet/role-group.ts";
import { listAccountRoutes } from "./account-routes.ts";
import { EVENTS_PATH, type EventRequest, type EventRoute } from "./event-route.ts";
import { type Answer, errorAnswer, jsonAnswer } from "./http-answer.ts";
import { createOpenIdRoutes, OPEN_ID_PATH, type OpenIdRequest } from "./open-id-routes.ts";
import { formatOpenApi } from "./openapi.ts";
import { createPasskeyRoutes } from "./passkey-routes.ts";
import { API_ROOT, listEndpoints } from "./rest-endpoint.ts";
import { answerEndpoint } from "./rest-route.ts";
import { answerRun, type RunParts } from "./run-route.ts";
import { type AccessControl, answerLogin, answerLogout, answerSession } from "./session-routes.ts";
import { answerWaysIn, createSetupRoute } from "./setup-route.ts";
import type { SignInDesk } from "./sign-in-desk.ts";
import { createStoryRoute, STORY_ROOT, type StoryReader } from "./story-route.ts";

/** What stands behind everything under /api. */
export interface ApiParts extends RunParts {
  readonly access: AccessControl;
  readonly execute: Execute;
  /** Absent: there is no other way in than the login, and nobody has a page of his account. */
  readonly desk?: SignInDesk;
  readonly clock: Clock;
  readonly diagnostics: Diagnostics;
  /** Absent: links to stories lead nowhere. */
  readonly stories?: StoryReader;
  readonly events: EventRoute;
}

/** A request to something under /api. */
export interface ApiRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** IP address, or "" on the Unix socket. */
  readonly address: string;
  readonly identified: Identified;
  /** Who the client is by now: a session may have ended, roles may have changed. */
  readonly identifyAgain: () => Identified;
  /** Whether the client can be a browser. */
  readonly cookies: Presented["cookies"];
}

/** Answers what is asked under /api. */
export type AnswerApi = (asked: ApiRequest) => Promise<Answer>;

/** `METHOD path` to what answers it. */
type Routes = ReadonlyMap<string, Route>;
type Route = (
  known: EventRequest & { readonly session?: OwnSession | undefined },
) => Promise<Answer> | Answer;

const UNAUTHORIZED = errorAnswer(401, {
  code: "unauthorized",
  message: `log in with POST ${API_ROOT}/login, or send an API token, as "Authorization: Bearer …"`,
});

/** Joins the endpoints. Without a known caller there is nothing here but the login. */
export function createApi(parts: ApiParts): AnswerApi {
  const routes = listRoutes(parts);
  const methodsOf = new Map<string, string[]>();
  for (const key of routes.keys()) {
    const [method = "", path = ""] = key.split(" ");
    methodsOf.set(path, [...(methodsOf.get(path) ?? []), method]);
  }
  const { stories, clock, diagnostics } = parts;
  const strangers = listSignInRoutes(parts);
  const tell = stories && createStoryRoute({ stories, clock, diagnostics });
  return async ({ request, response, address, identified, identifyAgain, cookies }) => {
    const [path = ""] = (request.url ?? "").split("?", 1);
    const method = request.method ?? "";
    const signIn = strangers.get(`${method} ${path}`);
    if (signIn !== undefined) return signIn({ request, address, cookies, url: request.url ?? "" });
    const caller = callerOf(identified);
    // A link may be for whoever has it.
    if (tell !== undefined && method === "GET" && path.startsWith(STORY_ROOT)) {
      const reference = path.slice(STORY_ROOT.length);
      return tell({ reference, caller, address, request, response });
    }
    if (identified.kind === "refused") return unread(request, forbidden(identified.message));
    if (caller === undefined) return unread(request, UNAUTHORIZED);
    const session = identified.kind === "known" ? identified.session : undefined;
    const route = routes.get(`${method} ${path}`);
    const identify = () => callerOf(identifyAgain());
    if (route !== undefined) return route({ caller, session, request, response, identify });
    return nothingHere(methodsOf.get(path));
  };
}

function callerOf(identified: Identified): Caller | undefined {
  return identified.kind === "known" ? identified.caller : undefined;
}

type SignInRoute = (attempt: OpenIdRequest) => Promise<Answer> | Answer;

/** What those may ask for who have not shown who they are. */
function listSignInRoutes(parts: ApiParts): ReadonlyMap<string, SignInRoute> {
  const { desk } = parts;
  const logIn = (attempt: OpenIdRequest) => answerLogin(parts, attempt);
  if (desk === undefined) return new Map([[`POST ${API_ROOT}/login`, logIn]]);
  const passkeys = createPasskeyRoutes({ ...parts, desk });
  const openId = createOpenIdRoutes({ ...parts, desk, openId: desk.openId });
  const own = (route: SignInRoute): SignInRoute => {
    return (attempt) => (desk.openId.facts()?.isOnlyWay === true ? ELSEWHERE : route(attempt));
  };
  return new Map<string, SignInRoute>([
    [`GET ${API_ROOT}/sign-in`, () => answerWaysIn(desk)],
    [`POST ${API_ROOT}/login`, own(logIn)],
    [`POST ${API_ROOT}/passkey/options`, own((attempt) => passkeys.options(attempt))],
    [`POST ${API_ROOT}/passkey`, own((attempt) => passkeys.signIn(attempt))],
    [`POST ${API_ROOT}/setup`, own(createSetupRoute({ ...parts, desk }))],
    [`GET ${OPEN_ID_PATH}`, (asked) => openId.begin(asked)],
    [`GET ${OPEN_ID_PATH}/callback`, (asked) => openId.callback(asked)],
  ]);
}

const ELSEWHERE = errorAnswer(403, {
  code: "forbidden",
  message:
    "administrators sign in by way of their organization alone (server.admin.oidc.only): open " +
    "the admin center in a browser. Programs use API tokens; local root needs no login",
});

function listRoutes(parts: ApiParts): Routes {
  const document = formatOpenApi(parts.table);
  const routes = new Map<string, Route>([
    [`POST ${API_ROOT}/run`, (known) => answerRun(parts, known)],
    [`POST ${API_ROOT}/logout`, ({ session }) => answerLogout(parts.access, session)],
    [`GET ${API_ROOT}/session`, (known) => answerSession(parts.table, known)],
    [`GET ${EVENTS_PATH}`, (known) => parts.events.answer(known)],
    ["GET /api/openapi.json", () => jsonAnswer(200, document)],
  ]);
  const { desk } = parts;
  if (desk !== undefined) {
    for (const [what, answer] of listAccountRoutes({ ...parts, desk })) routes.set(what, answer);
  }
  for (const endpoint of listEndpoints(parts.table)) {
    routes.set(`${endpoint.method} ${endpoint.path}`, (known) =>
      answerEndpoint({ runs: parts.runs, endpoint }, known),
    );
  }
  return routes;
}

function forbidden(message: string): Answer {
  return errorAnswer(403, { code: "forbidden", message });
}

/** Nothing more is read from it: a body that nobody wants would still have to be taken in. */
function unread({ headers }: IncomingMessage, answer: Answer): Answer {
  const isWithoutBody = Number(headers["content-length"] ?? 0) === 0;
  if (isWithoutBody && headers["transfer-encoding"] === undefined) return answer;
  return { ...answer, headers: { ...answer.headers, connection: "close" } };
}

function nothingHere(methods: readonly string[] | undefined): Answer {
  if (methods === undefined) {
    const message = "There is nothing here; GET /api/openapi.json lists what there is.";
    return errorAnswer(404, { code: "not-found", message });
  }
  const allow = methods.join(", ");
  const answer = errorAnswer(405, { code: "bad-request", message: `this takes ${allow}` });
  return { ...answer, headers: { allow } };
}
