import type { Schema } from "./openapi-facts.ts";
import { failing } from "./openapi-fixed.ts";

const LEADS_BACK = "Back to the page for signing in, with the query failed=REASON.";

/** What browsers are led to, with nobody signed in. */
export const OPENAPI_BROWSER_PATHS: Readonly<Record<string, Schema>> = {
  "/api/v1/oidc": {
    get: {
      operationId: "beginOrganizationSignIn",
      summary: "Leads the browser to the organization's provider of OpenID Connect.",
      tags: ["Sign-in"],
      security: [],
      parameters: [inQuery("to", "The page of the admin center to go on to, such as /queues.")],
      responses: {
        303: { description: `To the provider. ${LEADS_BACK}` },
        ...failing(400, 429),
      },
    },
  },
  "/api/v1/oidc/callback": {
    get: {
      operationId: "finishOrganizationSignIn",
      summary: "Where the provider leads back to: begins a session, by cookie.",
      tags: ["Sign-in"],
      security: [],
      parameters: [inQuery("state", "As it was given to him."), inQuery("code", "His answer.")],
      responses: {
        200: { description: "A page that leads on.", content: { "text/html": {} } },
        303: { description: LEADS_BACK },
        ...failing(400, 429),
      },
    },
  },
  "/api/v1/story/{reference}": {
    get: {
      operationId: "story",
      summary: "The story of a message, by a link of New-MessageTraceLink.",
      tags: ["Server"],
      security: [],
      parameters: [{ name: "reference", in: "path", required: true, schema: { type: "string" } }],
      responses: {
        200: {
          description: "The story as it is now; a page for browsers.",
          content: { "application/json": { schema: { type: "object" } }, "text/html": {} },
        },
        ...failing(401, 404, 429, 503),
      },
    },
  },
};

function inQuery(name: string, description: string): Schema {
  return { name, in: "query", description, schema: { type: "string" } };
}
