import { ROLE_GROUPS } from "../cmdlet/role-group.ts";
import { EVENT_TOPIC_NAMES } from "./event-topics.ts";
import { FAULT_STATUS } from "./http-answer.ts";
import type { Schema } from "./openapi-facts.ts";
import { NDJSON_CONTENT_TYPE } from "./record-lines.ts";

const SCHEMA = "#/components/schemas/";

const CSRF_TOKEN = {
  type: "string",
  description:
    "With a cookie: what to send as X-CSRF-Token with whatever is not GET; lasts as long as the " +
    "session.",
};

/** Schemas that are not a cmdlet's. */
export const OPENAPI_SCHEMAS: Readonly<Record<string, Schema>> = {
  Error: {
    type: "object",
    required: ["error"],
    properties: {
      error: {
        type: "object",
        required: ["code", "message"],
        properties: {
          code: { type: "string", description: "For programs." },
          message: { type: "string", description: "For people; says what to do." },
          parameter: { type: "string", description: "The parameter that is wrong." },
          at: { type: "integer", description: "Where in the parameter's text, from 0." },
        },
      },
    },
  },
  Plan: {
    type: "object",
    required: ["actions", "count"],
    properties: {
      actions: { type: "array", items: { type: "string" } },
      count: { type: "integer", description: "How many objects it would touch." },
    },
  },
  ExecutionRecord: {
    type: "object",
    required: ["kind"],
    description: "One line of a stream; `done` or `failed` is the last one.",
    properties: {
      kind: { enum: ["object", "progress", "warning", "plan", "failed", "done"] },
      value: { type: "object" },
      text: { type: "string" },
      plan: { $ref: `${SCHEMA}Plan` },
      progress: { type: "object" },
      code: { type: "string" },
      message: { type: "string" },
      parameter: { type: "string" },
      at: { type: "integer" },
    },
  },
  RunRequest: {
    type: "object",
    required: ["cmdlet"],
    additionalProperties: false,
    properties: {
      cmdlet: { type: "string" },
      parameters: { type: "object" },
      whatIf: { type: "boolean", default: false },
    },
  },
  LoginRequest: {
    type: "object",
    required: ["name", "password"],
    additionalProperties: false,
    properties: {
      name: { type: "string" },
      password: { type: "string", format: "password", writeOnly: true },
      totp: { type: "string", description: "Code of the second factor, where there is one." },
      cookie: {
        type: "boolean",
        default: false,
        description:
          "For browsers: the session's token comes as a cookie that no script can read, and the " +
          "answer has csrfToken in the place of token.",
      },
    },
  },
  Login: {
    type: "object",
    required: ["name", "expires", "idleTimeout"],
    properties: {
      token: { type: "string", description: "Unless a cookie was asked for." },
      csrfToken: CSRF_TOKEN,
      name: { type: "string" },
      expires: { type: "string", format: "date-time" },
      idleTimeout: { type: "string" },
    },
  },
  Identity: {
    type: "object",
    required: ["name", "via", "roleGroups", "cmdlets"],
    properties: {
      name: { type: "string" },
      via: { enum: ["socket", "token", "session", "link"] },
      roleGroups: { type: "array", items: { enum: ROLE_GROUPS } },
      cmdlets: { type: "array", items: { type: "string" } },
      csrfToken: CSRF_TOKEN,
    },
  },
  Health: {
    type: "object",
    required: ["status", "checks"],
    properties: {
      status: { enum: ["ok", "failing"] },
      checks: {
        type: "array",
        items: {
          type: "object",
          required: ["name", "ok"],
          properties: {
            name: { type: "string" },
            ok: { type: "boolean" },
            reason: { type: "string" },
          },
        },
      },
    },
  },
};

const DESCRIPTIONS: readonly (readonly [number, string])[] = [
  [400, "A parameter is wrong, or the request is."],
  [401, "Nobody that is known here has sent it."],
  [403, "The caller's role groups, its token's scope, or the page that sends it don't allow it."],
  [404, "There is no such object."],
  [409, "It is in the way of something, or not allowed now."],
  [412, "It is another one than If-Match says: somebody has changed it meanwhile."],
  [413, "The body is too long."],
  [429, "Too many failed logins; see Retry-After."],
  [500, "The server's own fault; its diagnostics say more."],
  [503, "The store is unavailable, or too much is running; see Retry-After."],
];

/** The failures, by status. */
export const OPENAPI_RESPONSES: Readonly<Record<string, Schema>> = Object.fromEntries(
  DESCRIPTIONS.map(([status, description]) => [
    String(status),
    {
      description,
      content: {
        "application/json": {
          schema: { $ref: `${SCHEMA}Error` },
          examples: { error: { value: { error: exampleOf(status) } } },
        },
      },
    },
  ]),
);

function exampleOf(status: number): Schema {
  if (status === 412) return { code: "conflict", message: "…", parameter: "IfMatch" };
  const codes = Object.entries(FAULT_STATUS).filter(([, one]) => one === status);
  return { code: codes.at(-1)?.[0] ?? "unauthorized", message: "…" };
}

function answering(description: string, name: string): Schema {
  return {
    description,
    content: { "application/json": { schema: { $ref: `${SCHEMA}${name}` } } },
  };
}

/** The responses of these failures. */
export function failing(...statuses: readonly number[]): Readonly<Record<string, Schema>> {
  return Object.fromEntries(
    statuses.map((status) => [String(status), { $ref: `#/components/responses/${status}` }]),
  );
}

function fixed(operationId: string, summary: string, rest: Schema): Schema {
  return { operationId, summary, tags: ["Server"], ...rest };
}

function accepting(name: string): Schema {
  return {
    requestBody: {
      required: true,
      content: { "application/json": { schema: { $ref: `${SCHEMA}${name}` } } },
    },
  };
}

const HEALTH_RESPONSES = {
  200: answering("All is well.", "Health"),
  503: answering("It is not.", "Health"),
};

/** What there is besides the cmdlets. */
export const OPENAPI_FIXED_PATHS: Readonly<Record<string, Schema>> = {
  "/api/v1/login": {
    post: fixed("login", "Begins a session.", {
      security: [],
      ...accepting("LoginRequest"),
      responses: { 200: answering("The session.", "Login"), ...failing(400, 401, 403, 429, 503) },
    }),
  },
  "/api/v1/logout": {
    post: fixed("logout", "Ends the session.", {
      responses: { 200: { description: "It has ended." }, ...failing(400, 401) },
    }),
  },
  "/api/v1/session": {
    get: fixed("session", "Who one is here, and which cmdlets one may run.", {
      responses: { 200: answering("The caller.", "Identity"), ...failing(401) },
    }),
  },
  "/api/v1/run": {
    post: fixed("run", "Runs any cmdlet; what it puts out comes as it is made.", {
      ...accepting("RunRequest"),
      responses: {
        200: {
          description: "Records, one JSON object a line. Closing the connection cancels the run.",
          content: { [NDJSON_CONTENT_TYPE]: { schema: { $ref: `${SCHEMA}ExecutionRecord` } } },
        },
        ...failing(400, 401, 413, 503),
      },
    }),
  },
  "/api/v1/events": {
    get: fixed("events", "Tells what topics are like, every two seconds, until one leaves.", {
      parameters: [
        {
          name: "topics",
          in: "query",
          required: true,
          description: "What to be told of, for those who may run the cmdlet of that output.",
          style: "form",
          explode: false,
          schema: { type: "array", minItems: 1, items: { enum: EVENT_TOPIC_NAMES } },
        },
      ],
      responses: {
        200: {
          description:
            "Server-sent events: each is named as its topic and has the cmdlet's output as JSON. " +
            "The last one is `end` with its reason. The request needs Accept: text/event-stream; " +
            "it does not keep a session from ending by silence.",
          content: { "text/event-stream": { schema: { type: "string" } } },
        },
        ...failing(400, 401, 403, 503),
      },
    }),
  },
  "/api/openapi.json": {
    get: fixed("openapi", "This document.", {
      responses: {
        200: {
          description: "OpenAPI 3.1.",
          content: { "application/json": { schema: { type: "object" } } },
        },
        ...failing(401),
      },
    }),
  },
  "/healthz": {
    get: fixed("healthz", "Whether the server lives.", {
      security: [],
      responses: HEALTH_RESPONSES,
    }),
  },
  "/readyz": {
    get: fixed("readyz", "Whether the server takes mail.", {
      security: [],
      responses: HEALTH_RESPONSES,
    }),
  },
  "/metrics": {
    get: fixed("metrics", "Figures as Prometheus reads them.", {
      responses: {
        200: { description: "Figures.", content: { "text/plain": { schema: { type: "string" } } } },
        ...failing(401),
      },
    }),
  },
};
