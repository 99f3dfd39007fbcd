import { SESSION_COOKIE } from "../access/session-cookie.ts";
import type { Cmdlet } from "../cmdlet/cmdlet.ts";
import { type CmdletTable, nounOf } from "../cmdlet/cmdlet-table.ts";
import { OPENAPI_BROWSER_PATHS } from "./openapi-browser.ts";
import { operationFacts, type Schema } from "./openapi-facts.ts";
import { OPENAPI_FIXED_PATHS, OPENAPI_RESPONSES, OPENAPI_SCHEMAS } from "./openapi-fixed.ts";
import { outputSchema, parameterSchema, propertySchema } from "./openapi-schema.ts";
import { OPENAPI_SIGN_IN_PATHS } from "./openapi-sign-in.ts";
import { NDJSON_CONTENT_TYPE } from "./record-lines.ts";
import { listEndpoints, type RestEndpoint, takesQuery } from "./rest-endpoint.ts";

/** Every failure that any cmdlet may end with. */
const FAILURES = Object.fromEntries(
  Object.keys(OPENAPI_RESPONSES)
    .filter((status) => status !== "412")
    .map((status) => [status, { $ref: `#/components/responses/${status}` }]),
);

/** The OpenAPI 3.1 document of these cmdlets, as an object for JSON. */
export function formatOpenApi(table: CmdletTable<never>): Schema {
  const paths: Record<string, Record<string, Schema>> = {};
  for (const endpoint of listEndpoints(table)) {
    const path = paths[endpoint.path] ?? {};
    path[endpoint.method.toLowerCase()] = operation(endpoint);
    paths[endpoint.path] = path;
  }
  const nouns = [...new Set(table.all.map(nounOf))].toSorted();
  return {
    openapi: "3.1.0",
    info: {
      title: "Postrider",
      version: "v1",
      description:
        "Every cmdlet of the server. Names of parameters and choices are read in any case. Runs " +
        "that change something leave an entry in the audit log.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "/" }],
    security: [{ bearer: [] }, { cookie: [] }],
    tags: [
      { name: "Server" },
      { name: "Sign-in" },
      { name: "Account" },
      ...nouns.map((name) => ({ name: `Cmdlets ${name}` })),
    ],
    paths: {
      ...OPENAPI_FIXED_PATHS,
      ...OPENAPI_SIGN_IN_PATHS,
      ...OPENAPI_BROWSER_PATHS,
      ...paths,
    },
    components: {
      securitySchemes: {
        bearer: {
          type: "http",
          scheme: "bearer",
          description: "The token of a session (POST /api/v1/login), or an API token.",
        },
        cookie: {
          type: "apiKey",
          in: "cookie",
          name: SESSION_COOKIE,
          description:
            "For pages of the server itself: POST /api/v1/login with cookie: true. Whatever is " +
            "not GET needs the header X-CSRF-Token besides. Requests with the header " +
            "X-Background don't keep the session from ending by silence.",
        },
      },
      responses: OPENAPI_RESPONSES,
      schemas: { ...OPENAPI_SCHEMAS, ...outputSchemas(table) },
    },
  };
}

function outputSchemas(table: CmdletTable<never>): Readonly<Record<string, Schema>> {
  return Object.fromEntries(table.all.map(({ output }) => [output.name, outputSchema(output)]));
}

function operation(endpoint: RestEndpoint): Schema {
  const { cmdlet } = endpoint;
  const parameters = takesQuery(endpoint) ? queryParameters(cmdlet) : [];
  return {
    operationId: cmdlet.name,
    summary: cmdlet.summary,
    description: describeCmdlet(cmdlet),
    tags: [`Cmdlets ${nounOf(cmdlet)}`],
    parameters: [...parameters, WHAT_IF, ...(isConditional(cmdlet) ? [IF_MATCH_HEADER] : [])],
    ...(takesQuery(endpoint) ? {} : { requestBody: requestBody(cmdlet) }),
    responses: {
      200: success(endpoint),
      ...FAILURES,
      ...(isConditional(cmdlet) && { 412: { $ref: "#/components/responses/412" } }),
    },
    "x-role-groups": ["Organization Management", ...cmdlet.roles],
    ...operationFacts(cmdlet),
  };
}

const WHAT_IF: Schema = {
  name: "whatIf",
  in: "query",
  description: "Says what the cmdlet would do, and does nothing.",
  schema: { type: "boolean", default: false },
};

/** What changes an object may be told as what it was seen. */
function isConditional({ parameters }: Cmdlet<never>): boolean {
  return parameters["IfMatch"] !== undefined;
}

const IF_MATCH_HEADER: Schema = {
  name: "If-Match",
  in: "header",
  description: "The same as IfMatch (RFC 9110 §13.1.1): the ETag of the object as it was seen.",
  schema: { type: "string", examples: ['"6bb11e2bb9fdd3ed8e71"'] },
};

const ETAG_HEADER: Schema = {
  description: "Of one object that was asked for by its name: its ETag, for If-Match.",
  schema: { type: "string" },
};

function describeCmdlet({ summary, notes = [], examples }: Cmdlet<never>): string {
  const shown = examples.map(({ command, doc }) => `- \`${command}\`: ${doc}`);
  const list = shown.length === 0 ? [] : [`On the command line:\n\n${shown.join("\n")}`];
  return [summary, ...notes, ...list].join("\n\n");
}

function queryParameters({ parameters }: Cmdlet<never>): readonly Schema[] {
  return Object.entries(parameters).map(([name, parameter]) => ({
    name,
    in: "query",
    required: parameter.presence === "required",
    description: parameter.doc,
    schema: parameterSchema(parameter),
  }));
}

function requestBody({ parameters }: Cmdlet<never>): Schema {
  const entries = Object.entries(parameters);
  const required = entries.filter(([, one]) => one.presence === "required").map(([name]) => name);
  return {
    required: required.length > 0,
    content: {
      "application/json": {
        schema: {
          type: "object",
          additionalProperties: false,
          required,
          properties: Object.fromEntries(
            entries.map(([name, parameter]) => [name, propertySchema(parameter)]),
          ),
        },
      },
    },
  };
}

function success({ method, cmdlet: { output } }: RestEndpoint): Schema {
  const hasTag = method === "GET" && output.properties["ETag"] !== undefined;
  return {
    description: "What the cmdlet has put out.",
    ...(hasTag && { headers: { ETag: ETAG_HEADER } }),
    content: {
      "application/json": {
        schema: {
          type: "object",
          required: ["value", "warnings"],
          properties: {
            value: { type: "array", items: { $ref: `#/components/schemas/${output.name}` } },
            warnings: { type: "array", items: { type: "string" } },
            plan: { $ref: "#/components/schemas/Plan" },
          },
        },
      },
      [NDJSON_CONTENT_TYPE]: { schema: { $ref: "#/components/schemas/ExecutionRecord" } },
    },
  };
}
