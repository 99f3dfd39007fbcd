import type { IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import fastify, { type FastifyInstance, type RawServerBase } from "fastify";
import type { Clock } from "../base/clock.ts";
import type { Diagnostics } from "../base/diagnostics.ts";
import type { MetricsSnapshot } from "../base/metrics.ts";
import { KiB, MINUTE, SECOND } from "../base/units.ts";
import { type CertificateSecret, contextSecret } from "../tls/certificate-material.ts";
import { tlsProfileOptions } from "../tls/tls-profile.ts";
import { type CheckHealth, examine, type HealthCheck } from "./health.ts";
import { createMetricsPage, METRICS_CONTENT_TYPE, type MetricsPage } from "./metrics-page.ts";
import { bindUnixSocket } from "./unix-socket.ts";

/** What the management server shows and where. */
export interface ManagementOptions {
  /** HTTPS for the network (`server.admin.listen`). */
  readonly https?: {
    readonly address: string;
    readonly port: number;
    readonly certificate: CertificateSecret;
  };
  /** HTTP for local root; the socket file has mode 0600. The caller owns the data directory. */
  readonly socketPath?: string;
  /** Process alive and store answering. */
  readonly health: CheckHealth;
  /** Every listener open, store open, back pressure below high. */
  readonly readiness: CheckHealth;
  /** The figures of every thread. */
  readonly metrics: () => Promise<readonly MetricsSnapshot[]>;
  readonly diagnostics: Diagnostics;
  readonly clock: Clock;
}

/** The management server while it is open. */
export interface ManagementServer {
  /** Port of the HTTPS listener (the one chosen when 0 was asked for). */
  readonly port: number | undefined;
  /** Takes another certificate for connections from now on. */
  useCertificate(secret: CertificateSecret): void;
  /** Stops listening, ends idle connections, lets requests under way finish. */
  close(): Promise<void>;
}

const BODY_BYTES_MAX = 64 * KiB;
const HEADER_BYTES_MAX = 8 * KiB;
const REQUEST_TIMEOUT_MS = 10 * SECOND;
const CONNECTIONS_MAX = 200;

/** Sent with every answer: nothing here is a page, to be kept, framed or sniffed. */
const SECURITY_HEADERS = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
} as const;

/** Opens the listeners asked for. Rejects when one cannot be opened; then none stays open. */
export async function openManagementServer(options: ManagementOptions): Promise<ManagementServer> {
  const page = createMetricsPage();
  const opened: FastifyInstance[] = [];
  const close = async () => {
    await Promise.all(opened.map((server) => server.close()));
  };
  try {
    const { https, socketPath } = options;
    const overTls = https && createTlsServer(https.certificate);
    if (https !== undefined && overTls !== undefined) {
      opened.push(overTls);
      overTls.server.maxConnections = CONNECTIONS_MAX;
      addRoutes(overTls, { options, page, isLocal: isLoopback });
      await overTls.listen({ host: https.address, port: https.port });
    }
    if (socketPath !== undefined) {
      const overSocket = fastify(serverOptions());
      opened.push(overSocket);
      overSocket.server.maxConnections = CONNECTIONS_MAX;
      addRoutes(overSocket, { options, page, isLocal: () => true });
      await bindUnixSocket(overSocket, socketPath);
    }
    return {
      port: overTls && portOf(overTls.server.address()),
      useCertificate: (secret) => overTls?.server.setSecureContext(tlsOptions(secret)),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function portOf(address: string | AddressInfo | null): number | undefined {
  return typeof address === "object" ? address?.port : undefined;
}

function serverOptions() {
  return {
    logger: false,
    bodyLimit: BODY_BYTES_MAX,
    connectionTimeout: MINUTE,
    keepAliveTimeout: 10 * SECOND,
    requestTimeout: REQUEST_TIMEOUT_MS,
    handlerTimeout: REQUEST_TIMEOUT_MS,
    maxRequestsPerSocket: 1000,
    forceCloseConnections: "idle",
    return503OnClosing: true,
    trustProxy: false,
    routerOptions: { maxParamLength: 100 },
  } as const;
}

function tlsOptions(secret: CertificateSecret) {
  return { ...tlsProfileOptions("intermediate", undefined), ...contextSecret(secret) };
}

function createTlsServer(secret: CertificateSecret) {
  const https = {
    ...tlsOptions(secret),
    maxHeaderSize: HEADER_BYTES_MAX,
    handshakeTimeout: REQUEST_TIMEOUT_MS,
  } as const;
  return fastify({ ...serverOptions(), https });
}

/** Of a request, what says where it comes from. */
interface Client {
  readonly ip: string;
  readonly headers: IncomingHttpHeaders;
}

interface Routing {
  readonly options: ManagementOptions;
  readonly page: MetricsPage;
  /** Whether the client is on this machine, and so may see more than a load balancer. */
  readonly isLocal: (request: Client) => boolean;
}

function addRoutes<Server extends RawServerBase>(
  server: FastifyInstance<Server>,
  { options, page, isLocal }: Routing,
): void {
  const { clock, diagnostics } = options;
  const routes: Readonly<Record<string, (local: boolean) => Promise<Answer>>> = {
    "/healthz": async (local) => healthAnswer(await examine(options.health, clock), local),
    "/readyz": async (local) => healthAnswer(await examine(options.readiness, clock), local),
    "/metrics": async (local) =>
      local
        ? {
            status: 200,
            type: METRICS_CONTENT_TYPE,
            body: await page.format(await options.metrics()),
          }
        : STRANGER,
  };
  for (const [path, answer] of Object.entries(routes)) {
    server.get(path, async (request, reply) => send(reply, await answer(isLocal(request))));
  }
  server.addHook("onRequest", async (_request, reply) => void reply.headers(SECURITY_HEADERS));
  server.setNotFoundHandler((_request, reply) =>
    send(reply, errorAnswer(404, { code: "not-found", message: "There is nothing here." })),
  );
  server.setErrorHandler((error, request, reply) =>
    send(reply, faultAnswer(error, { path: request.url, diagnostics })),
  );
}

/** What goes back to the client. */
interface Answer {
  readonly status: number;
  readonly type: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Of a reply on either kind of server, what an answer needs. */
interface Reply {
  code(status: number): Reply;
  headers(values: Readonly<Record<string, string>>): Reply;
  send(body: string): Reply;
}

function send(reply: Reply, { status, type, headers, body }: Answer): Reply {
  return reply
    .code(status)
    .headers({ ...headers, "content-type": type })
    .send(body);
}

function jsonAnswer(status: number, value: object): Answer {
  return { status, type: "application/json; charset=utf-8", body: JSON.stringify(value) };
}

function errorAnswer(
  status: number,
  error: { readonly code: string; readonly message: string },
): Answer {
  return jsonAnswer(status, { error });
}

function healthAnswer(checks: readonly HealthCheck[], local: boolean): Answer {
  const ok = checks.every((check) => check.ok);
  // Reasons may name paths and hosts: those who have not logged in get names and results only.
  const shown = local ? checks : checks.map((check) => ({ name: check.name, ok: check.ok }));
  return jsonAnswer(ok ? 200 : 503, { status: ok ? "ok" : "failing", checks: shown });
}

const STRANGER: Answer = {
  ...errorAnswer(401, {
    code: "unauthorized",
    message:
      "Metrics are served on the Unix socket and to clients on this machine only, " +
      "until an administrator can log in over the network.",
  }),
  // RFC 9110 §11.6.1: a 401 says how one would authenticate.
  headers: { "www-authenticate": 'Bearer realm="Postrider"' },
};

function faultAnswer(
  error: unknown,
  context: { readonly path: string; readonly diagnostics: Diagnostics },
): Answer {
  const message = error instanceof Error ? error.message : String(error);
  const status =
    error instanceof Error && "statusCode" in error && typeof error.statusCode === "number"
      ? error.statusCode
      : 500;
  if (status < 500) return errorAnswer(status, { code: "bad-request", message });
  context.diagnostics.error("management-request-failed", { path: context.path, reason: message });
  const hint = "The server could not answer; its diagnostics say why.";
  return errorAnswer(status, { code: "fault", message: hint });
}

/** A proxy on this machine speaks for others: what it forwards is not local. */
function isLoopback({ headers, ip }: Client): boolean {
  if (headers.forwarded !== undefined) return false;
  if (headers["x-forwarded-for"] !== undefined) return false;
  return ip === "::1" || /^(::ffff:)?127\./.test(ip);
}
