import type { Server, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import type { FastifyInstance } from "fastify";
import type { Identified, Presented } from "../access/identification.ts";
import type { Clock } from "../base/clock.ts";
import type { Diagnostics } from "../base/diagnostics.ts";
import { MINUTE, SECOND } from "../base/units.ts";
import { isInRole, type RoleGroup } from "../cmdlet/role-group.ts";
import { MODERATION_ROOT } from "../transport/moderation/moderation-link.ts";
import { QUARANTINE_ROOT } from "../transport/quarantine/quarantine-link.ts";
import { createAdminCenter } from "./admin-center.ts";
import { type ApiParts, createApi } from "./api.ts";
import { createHealthRoutes, type HealthParts } from "./health-routes.ts";
import {
  type Answer,
  type Client,
  errorAnswer,
  faultAnswer,
  SECURITY_HEADERS,
} from "./http-answer.ts";
import type { MetricsPage } from "./metrics-page.ts";
import { createModerationRoute, type ModerationLinks } from "./moderation-route.ts";
import { createQuarantineRoute, type QuarantineLinks } from "./quarantine-route.ts";

const FIGURE_READERS: readonly RoleGroup[] = [
  "Server Management",
  "View-Only Organization Management",
];

/** Pages that are made at once or not at all. */
const PAGE_TIMEOUT_MS = 10 * SECOND;

/** How long a client may leave a piece of its answer unread; pieces are small. */
export const UNREAD_TIMEOUT_MS: number = MINUTE;

/** What is served, whichever way the client has come. */
export interface RouteParts extends HealthParts, ApiParts {
  /** Absent: links of digests lead nowhere. */
  readonly links?: QuarantineLinks;
  /** Absent: links of moderators lead nowhere. */
  readonly moderation?: ModerationLinks;
  readonly page: MetricsPage;
  readonly diagnostics: Diagnostics;
}

/** A way in. */
export interface Door {
  /** Whether the client is on this machine, and so may see more than a load balancer. */
  readonly isLocal: (client: Client) => boolean;
  /** Who the client is. */
  readonly identify: (client: Client) => Identified;
  /** Whether it can be a browser. */
  readonly cookies: Presented["cookies"];
  /** The address for audit and limits. */
  readonly addressOf: (client: Client) => string;
}

/** Adds everything that is served; what is not listed here is a 404. */
export function addRoutes(
  server: FastifyInstance<Server>,
  { parts, door }: { readonly parts: RouteParts; readonly door: Door },
): void {
  const { clock, diagnostics } = parts;
  // Bodies are read by whoever answers, once it is known who sends them.
  server.removeAllContentTypeParsers();
  server.addContentTypeParser("*", (_request, _body, done) => done(null));
  for (const [path, answer] of Object.entries(createHealthRoutes(parts, parts.page))) {
    server.get(path, { handlerTimeout: PAGE_TIMEOUT_MS }, async (request, reply) => {
      const reasons = door.isLocal(request);
      const figures = reasons || mayRead(door, request);
      return send(reply, await answer({ reasons, figures }), clock);
    });
  }
  const api = createApi(parts);
  server.all("/api/*", async (request, reply) =>
    send(
      reply,
      await api({
        request: request.raw,
        response: reply.raw,
        address: door.addressOf(request),
        identified: door.identify(request),
        identifyAgain: () => door.identify(request),
        cookies: door.cookies,
      }),
      clock,
    ),
  );
  const admin = createAdminCenter();
  for (const path of ["/", "/admin", "/admin/*"]) {
    server.get(path, async (request, reply) => {
      const [asked = ""] = request.url.split("?", 1);
      const found = await admin({ path: asked, headers: request.headers });
      return send(reply, found ?? NOTHING_HERE, clock);
    });
  }
  const { links, moderation, execute } = parts;
  if (moderation !== undefined) {
    const answer = createModerationRoute({ moderation, execute, clock, diagnostics });
    server.all(`${MODERATION_ROOT}*`, async (request, reply) => {
      const from = { address: door.addressOf(request), response: reply.raw };
      return send(reply, await answer({ request: request.raw, ...from }), clock);
    });
  }
  if (links !== undefined) {
    const answer = createQuarantineRoute({ links, execute, clock, diagnostics });
    server.all(`${QUARANTINE_ROOT}*`, async (request, reply) => {
      const from = { address: door.addressOf(request), response: reply.raw };
      return send(reply, await answer({ request: request.raw, ...from }), clock);
    });
  }
  server.addHook("onRequest", async (_request, reply) => void reply.headers(SECURITY_HEADERS));
  server.addHook("preClose", async () => {
    parts.runs.stop();
    parts.events.stop();
  });
  server.setNotFoundHandler((_request, reply) => send(reply, NOTHING_HERE, clock));
  server.setErrorHandler((error, request, reply) =>
    send(reply, faultAnswer(error, { path: request.url, diagnostics }), clock),
  );
}

const NOTHING_HERE = errorAnswer(404, { code: "not-found", message: "There is nothing here." });

/** Whether the client has shown that it may read figures. */
function mayRead(door: Door, client: Client): boolean {
  const identified = door.identify(client);
  if (identified.kind !== "known") return false;
  const { caller } = identified;
  return caller.cmdlets === undefined && isInRole(caller, FIGURE_READERS);
}

/** Of a reply on either kind of server, what an answer needs. */
interface Reply {
  readonly raw: ServerResponse;
  code(status: number): Reply;
  headers(values: Readonly<Record<string, string>>): Reply;
  send(body: string | Buffer | Readable): Reply;
}

function send(reply: Reply, { status, type, headers, body }: Answer, clock: Clock): Reply {
  return reply
    .code(status)
    .headers({ ...headers, "content-type": type })
    .send(isWhole(body) ? body : Readable.from(whileRead(body, reply.raw, clock)));
}

function isWhole(body: Answer["body"]): body is string | Buffer {
  return typeof body === "string" || Buffer.isBuffer(body);
}

/**
 * Ends the connection of a client that leaves its answer unread: behind it a cmdlet stands still in
 * the middle of what it does, and holds what it needs for that.
 */
async function* whileRead(
  pieces: AsyncIterable<string>,
  response: ServerResponse,
  clock: Clock,
): AsyncGenerator<string> {
  for await (const piece of pieces) {
    const timer = clock.startTimer(UNREAD_TIMEOUT_MS, () => response.destroy());
    try {
      yield piece;
    } finally {
      timer.cancel();
    }
  }
}
