import type { Schema } from "./openapi-facts.ts";
import { API_ROOT } from "./rest-endpoint.ts";

/** One endpoint for signing in, or for one's own account. */
interface Endpoint {
  readonly operationId: string;
  readonly summary: string;
  /** Properties of the body, in all of which something must be; absent: no body. */
  readonly body?: Readonly<Record<string, Schema>>;
  /** Of the answer, those that are told besides. */
  readonly answer?: Readonly<Record<string, Schema>>;
  /** Begins a session, in the form that the body asks for. */
  readonly begins?: true;
  readonly faults: readonly number[];
}

const TEXT: Schema = { type: "string" };
const TEXTS: Schema = { type: "array", items: TEXT };
const CURRENT: Schema = {
  type: "string",
  format: "password",
  writeOnly: true,
  description: "The password, once more.",
};
const CREDENTIAL: Schema = {
  type: "object",
  description: "What the browser has given, as its method toJSON() says it (WebAuthn level 3).",
};
const COOKIE: Schema = { type: "boolean", default: false };

/** For those who have not shown who they are. */
const STRANGERS: Readonly<Record<string, Endpoint>> = {
  "get /sign-in": {
    operationId: "waysIn",
    summary: "Which ways in there are.",
    answer: {
      setup: { type: "boolean", description: "There is no administrator yet." },
      password: { type: "boolean", description: "Names, passwords and passkeys are taken." },
      organization: {
        type: ["string", "null"],
        description: "What the organization's own sign-in is called; it begins at /api/v1/oidc.",
      },
    },
    faults: [],
  },
  "post /setup": {
    operationId: "setUp",
    summary: "Makes the first administrator, by the link that the server prints when it starts.",
    body: { token: TEXT, name: TEXT, password: { ...CURRENT, description: "For logging in." } },
    begins: true,
    faults: [400, 403, 429],
  },
  "post /passkey/options": {
    operationId: "beginPasskeySignIn",
    summary: "What navigator.credentials.get() takes, as JSON.",
    body: {},
    faults: [400, 403, 409, 429],
  },
  "post /passkey": {
    operationId: "signInByPasskey",
    summary: "Begins a session for whoever shows a passkey.",
    body: { response: CREDENTIAL },
    begins: true,
    faults: [400, 401, 403, 409, 429],
  },
};

/** For administrators who have logged in. */
const ACCOUNT: Readonly<Record<string, Endpoint>> = {
  "get ": {
    operationId: "account",
    summary: "One's own account: second factor, passkeys, sessions.",
    answer: {
      name: TEXT,
      roleGroups: TEXTS,
      isExternal: { type: "boolean", description: "There is no password here." },
      passwordSet: { type: "string", format: "date-time" },
      totp: { type: "boolean" },
      recoveryCodesLeft: { type: "integer" },
      passkeys: { type: "array", items: { type: "object" } },
      sessions: { type: "array", items: { type: "object" } },
    },
    faults: [401, 403],
  },
  "post /password": {
    operationId: "changeOwnPassword",
    summary: "Another password; ends all other sessions.",
    body: { current: CURRENT, password: { ...CURRENT, description: "The new one." } },
    begins: true,
    faults: [400, 401, 403, 409, 429],
  },
  "post /totp": {
    operationId: "beginOwnTotp",
    summary: "A secret for an authenticator; a code confirms it.",
    body: { current: CURRENT },
    answer: { uri: TEXT, secret: TEXT },
    faults: [400, 401, 403, 409, 429],
  },
  "post /totp/confirm": {
    operationId: "confirmOwnTotp",
    summary: "From now on a code is asked for; ends all other sessions.",
    body: { code: TEXT },
    answer: { recoveryCodes: TEXTS },
    begins: true,
    faults: [400, 401, 403, 409],
  },
  "post /totp/remove": {
    operationId: "removeOwnTotp",
    summary: "No codes any more; ends all other sessions.",
    body: { current: CURRENT },
    begins: true,
    faults: [400, 401, 403, 409, 429],
  },
  "post /recovery-codes": {
    operationId: "renewOwnRecoveryCodes",
    summary: "Ten new recovery codes; those of before are worth nothing.",
    body: { current: CURRENT },
    answer: { recoveryCodes: TEXTS },
    faults: [400, 401, 403, 409, 429],
  },
  "post /passkeys/options": {
    operationId: "beginOwnPasskey",
    summary: "What navigator.credentials.create() takes, as JSON.",
    body: { current: CURRENT },
    faults: [400, 401, 403, 409, 429],
  },
  "post /passkeys": {
    operationId: "addOwnPasskey",
    summary: "Keeps the passkey that the browser has made.",
    body: { name: TEXT, response: CREDENTIAL },
    answer: { id: TEXT, name: TEXT },
    faults: [400, 401, 403, 409],
  },
  "post /passkeys/rename": {
    operationId: "renameOwnPasskey",
    summary: "Gives a passkey another name.",
    body: { id: TEXT, name: TEXT },
    faults: [400, 401, 403, 404],
  },
  "post /passkeys/remove": {
    operationId: "removeOwnPasskey",
    summary: "Takes a passkey away.",
    body: { id: TEXT },
    faults: [400, 401, 403, 404],
  },
  "post /sessions/end": {
    operationId: "endOwnSession",
    summary: "Ends one of one's own sessions.",
    body: { id: TEXT },
    faults: [400, 401, 403, 404],
  },
  "post /sessions/end-others": {
    operationId: "endOtherOwnSessions",
    summary: "Ends all of one's own sessions but this one.",
    body: {},
    faults: [400, 401, 403],
  },
};

/** Paths of signing in and of one's own account. */
export const OPENAPI_SIGN_IN_PATHS: Readonly<Record<string, Schema>> = {
  ...pathsOf(STRANGERS, { root: API_ROOT, tag: "Sign-in" }),
  ...pathsOf(ACCOUNT, { root: `${API_ROOT}/account`, tag: "Account" }),
};

function pathsOf(
  endpoints: Readonly<Record<string, Endpoint>>,
  { root, tag }: { readonly root: string; readonly tag: string },
): Readonly<Record<string, Schema>> {
  return Object.fromEntries(
    Object.entries(endpoints).map(([what, endpoint]) => {
      const [method = "", path = ""] = what.split(" ");
      const security = tag === "Sign-in" ? { security: [] } : {};
      const hasForm = tag === "Sign-in" && endpoint.begins === true;
      const form: Readonly<Record<string, Schema>> = hasForm ? { cookie: COOKIE } : {};
      const described = operation(endpoint, form);
      return [`${root}${path}`, { [method]: { tags: [tag], ...security, ...described } }];
    }),
  );
}

function operation(endpoint: Endpoint, form: Readonly<Record<string, Schema>>): Schema {
  const { operationId, summary, body, answer, begins, faults } = endpoint;
  const told = { type: "object", properties: answer ?? {} };
  const begun = { allOf: [{ $ref: "#/components/schemas/Login" }, told] };
  return {
    operationId,
    summary,
    ...(body && {
      requestBody: {
        required: true,
        content: {
          "application/json": {
            schema: {
              type: "object",
              required: Object.keys(body),
              additionalProperties: false,
              properties: { ...body, ...form },
            },
          },
        },
      },
    }),
    responses: {
      200: {
        description: begins === true ? "The session that has begun." : "It is done.",
        content: { "application/json": { schema: begins === true ? begun : told } },
      },
      ...Object.fromEntries(
        faults.map((status) => [String(status), { $ref: `#/components/responses/${status}` }]),
      ),
    },
  };
}
