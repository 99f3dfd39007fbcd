import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import type { FastifyInstance } from "fastify";
import type { Diagnostics } from "../base/diagnostics.ts";
import { SECOND } from "../base/units.ts";
import { type Caller, isInRole } from "../cmdlet/role-group.ts";
import { createHealthRoutes, type HealthParts } from "./health-routes.ts";
import {
  type Answer,
  type Client,
  errorAnswer,
  faultAnswer,
  SECURITY_HEADERS,
} from "./http-answer.ts";
import type { MetricsPage } from "./metrics-page.ts";
import { answerRun, type RunParts } from "./run-route.ts";

/** Pages that are made at once or not at all. */
const PAGE_TIMEOUT_MS = 10 * SECOND;

/** What is served, whichever way the client has come. */
export interface RouteParts extends HealthParts, RunParts {
  readonly page: MetricsPage;
  readonly diagnostics: Diagnostics;
}

/** A way in. */
export interface Door {
  /** Whether the client is on this machine, and so may see more than a load balancer. */
  readonly isLocal: (client: Client) => boolean;
  /** Who the client is; an answer: it may not come in. */
  readonly identify: (client: Client) => Promise<Caller | Answer>;
}

/** Adds everything that is served; what is not listed here is a 404. */
export function addRoutes(
  server: FastifyInstance<Server>,
  { parts, door }: { readonly parts: RouteParts; readonly door: Door },
): void {
  const { diagnostics } = parts;
  // Bodies are read by whoever answers, once it is known who sends them.
  server.removeAllContentTypeParsers();
  server.addContentTypeParser("*", (_request, _body, done) => done(null));
  for (const [path, answer] of Object.entries(createHealthRoutes(parts, parts.page))) {
    server.get(path, { handlerTimeout: PAGE_TIMEOUT_MS }, async (request, reply) => {
      const reasons = door.isLocal(request);
      return send(
        reply,
        await answer({ reasons, figures: reasons || (await mayRead(door, request)) }),
      );
    });
  }
  server.all("/api/*", async (request, reply) =>
    send(
      reply,
      await answerApi({ parts, door }, { client: request, raw: request.raw, response: reply.raw }),
    ),
  );
  server.addHook("onRequest", async (_request, reply) => void reply.headers(SECURITY_HEADERS));
  server.addHook("preClose", async () => parts.runs.stop());
  server.setNotFoundHandler((_request, reply) => send(reply, NOTHING_HERE));
  server.setErrorHandler((error, request, reply) =>
    send(reply, faultAnswer(error, { path: request.url, diagnostics })),
  );
}

const NOTHING_HERE = errorAnswer(404, { code: "not-found", message: "There is nothing here." });

async function answerApi(
  { parts, door }: { readonly parts: RouteParts; readonly door: Door },
  {
    client,
    raw,
    response,
  }: {
    readonly client: Client;
    readonly raw: IncomingMessage;
    readonly response: ServerResponse;
  },
): Promise<Answer> {
  const caller = await door.identify(client);
  if ("status" in caller) return caller;
  const known = { caller, request: raw, response };
  const [path] = (raw.url ?? "").split("?", 1);
  if (path === "/api/v1/run" && raw.method === "POST") return answerRun(parts, known);
  return NOTHING_HERE;
}

/** Whether the client has come with a token or session that lets it read figures. */
async function mayRead(door: Door, client: Client): Promise<boolean> {
  if (client.headers.authorization === undefined) return false;
  const caller = await door.identify(client);
  return (
    !("status" in caller) &&
    isInRole(caller, ["Server Management", "View-Only Organization Management"])
  );
}

/** Of a reply on either kind of server, what an answer needs. */
interface Reply {
  code(status: number): Reply;
  headers(values: Readonly<Record<string, string>>): Reply;
  send(body: string | Readable): Reply;
}

function send(reply: Reply, { status, type, headers, body }: Answer): Reply {
  return reply
    .code(status)
    .headers({ ...headers, "content-type": type })
    .send(typeof body === "string" ? body : Readable.from(body));
}
