import type { ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import fastify, { type FastifyInstance } from "fastify";
import type { Diagnostics } from "../base/diagnostics.ts";
import { KiB, MINUTE, SECOND } from "../base/units.ts";
import type { CmdletTable } from "../cmdlet/cmdlet-table.ts";
import type { Execute } from "../cmdlet/execution.ts";
import type { Caller } from "../cmdlet/role-group.ts";
import { shownAddress } from "../net/client-address.ts";
import { ConnectionPlaces } from "../net/connection-places.ts";
import { type CertificateSecret, contextSecret } from "../tls/certificate-material.ts";
import { tlsProfileOptions } from "../tls/tls-profile.ts";
import { CmdletRuns, CONNECTION_TIMEOUT_MS } from "./cmdlet-runs.ts";
import { EventRoute } from "./event-route.ts";
import type { HealthParts } from "./health-routes.ts";
import { type Client, errorAnswer, SECURITY_HEADERS } from "./http-answer.ts";
import { addRoutes, type Door } from "./http-routes.ts";
import { createMetricsPage } from "./metrics-page.ts";
import type { ModerationLinks } from "./moderation-route.ts";
import type { QuarantineLinks } from "./quarantine-route.ts";
import type { AccessControl } from "./session-routes.ts";
import type { SignInDesk } from "./sign-in-desk.ts";
import type { StoryReader } from "./story-route.ts";
import { bindUnixSocket } from "./unix-socket.ts";

/** What the management server shows and where. */
export interface ManagementOptions extends HealthParts {
  /** HTTPS for the network (`server.admin.listen`). */
  readonly https?: {
    readonly address: string;
    readonly port: number;
    readonly certificate: CertificateSecret;
  };
  /** HTTP for local root; the socket file has mode 0600. The caller owns the data directory. */
  readonly socketPath?: string;
  /** Every cmdlet there is, and what runs them. */
  readonly table: CmdletTable<never>;
  readonly execute: Execute;
  /** Who may come in over the network. */
  readonly access: AccessControl;
  /** Ways in besides the login, and pages of one's own account. */
  readonly desk?: SignInDesk;
  /** Stories that links lead to. */
  readonly stories?: StoryReader;
  /** Messages in quarantine that links lead to. */
  readonly links?: QuarantineLinks;
  /** Messages that wait for approval, to which links lead. */
  readonly moderation?: ModerationLinks;
  readonly diagnostics: Diagnostics;
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

const HEADER_BYTES_MAX = 8 * KiB;
const HEADERS_TIMEOUT_MS = 10 * SECOND;
/** Until a body is complete: a configuration of 64 MiB may come over a slow line. */
const REQUEST_TIMEOUT_MS = 2 * MINUTE;
const CONNECTIONS_MAX = 200;
/** Of one source. */
export const CONNECTIONS_PER_SOURCE_MAX = 50;
const PLACES = { inAll: CONNECTIONS_MAX, perSource: CONNECTIONS_PER_SOURCE_MAX };

/** Opens the listeners asked for. Rejects when one cannot be opened; then none stays open. */
export async function openManagementServer(options: ManagementOptions): Promise<ManagementServer> {
  const runs = new CmdletRuns(options);
  const events = new EventRoute(options);
  const parts = { ...options, runs, events, page: createMetricsPage() };
  const opened: FastifyInstance[] = [];
  const close = async () => {
    await Promise.all(opened.map((server) => server.close()));
  };
  try {
    const { https, socketPath } = options;
    const overTls = https && createTlsServer(https.certificate);
    if (https !== undefined && overTls !== undefined) {
      opened.push(overTls);
      overTls.server.headersTimeout = HEADERS_TIMEOUT_MS;
      const places = new ConnectionPlaces(PLACES);
      // Before TLS: a handshake costs more than the one who asks for it has paid.
      overTls.server.on("connection", (socket) => places.take(socket));
      addRoutes(overTls, { parts, door: networkDoor(options.access, places) });
      await overTls.listen({ host: https.address, port: https.port });
    }
    if (socketPath !== undefined) {
      const overSocket = fastify(serverOptions());
      opened.push(overSocket);
      overSocket.server.headersTimeout = HEADERS_TIMEOUT_MS;
      overSocket.server.maxConnections = CONNECTIONS_MAX;
      addRoutes(overSocket, { parts, door: socketDoor(options.access) });
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

/** Who can open the socket file is root, or the user that the server runs as. */
const SOCKET_CALLER: Caller = {
  name: "root",
  roleGroups: ["Organization Management"],
  via: "socket",
  address: "",
};

function socketDoor(access: AccessControl): Door {
  return {
    isLocal: () => true,
    // Who shows a token wants to be its bearer here too.
    identify: ({ method, headers }) =>
      headers.authorization === undefined
        ? { kind: "known", caller: SOCKET_CALLER }
        : access.identify({ method, headers, address: "", cookies: "ignored" }),
    cookies: "ignored",
    addressOf: () => "",
  };
}

function networkDoor(access: AccessControl, places: ConnectionPlaces): Door {
  return {
    isLocal: isLoopback,
    identify: ({ method, headers, ip, socket }) => {
      const presented = { method, headers, address: shownAddress(ip), cookies: "taken" } as const;
      const identified = access.identify(presented);
      if (identified.kind === "known") places.know(socket);
      return identified;
    },
    cookies: "taken",
    addressOf: ({ ip }) => shownAddress(ip),
  };
}

function portOf(address: string | AddressInfo | null): number | undefined {
  return typeof address === "object" ? address?.port : undefined;
}

const BAD_ADDRESS = errorAnswer(400, {
  code: "bad-request",
  message: "the address is none: what stands behind a % is not in UTF-8",
});

function serverOptions() {
  return {
    logger: false,
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    keepAliveTimeout: 10 * SECOND,
    requestTimeout: REQUEST_TIMEOUT_MS,
    maxRequestsPerSocket: 1000,
    forceCloseConnections: "idle",
    return503OnClosing: true,
    trustProxy: false,
    routerOptions: { maxParamLength: 100 },
    // An address that cannot be read gets no further, and not to the headers of all answers.
    frameworkErrors: (
      _error: Error,
      _request: object,
      { raw }: { readonly raw: ServerResponse },
    ) => {
      const headers = {
        ...SECURITY_HEADERS,
        "content-type": BAD_ADDRESS.type,
        connection: "close",
      };
      raw.writeHead(BAD_ADDRESS.status, headers).end(BAD_ADDRESS.body);
    },
  } as const;
}

function tlsOptions(secret: CertificateSecret) {
  return { ...tlsProfileOptions("intermediate", undefined), ...contextSecret(secret) };
}

function createTlsServer(secret: CertificateSecret) {
  const https = {
    ...tlsOptions(secret),
    maxHeaderSize: HEADER_BYTES_MAX,
    handshakeTimeout: HEADERS_TIMEOUT_MS,
  } as const;
  return fastify({ ...serverOptions(), https });
}

/** A proxy on this machine speaks for others: what it forwards is not local. */
function isLoopback({ headers, ip }: Client): boolean {
  if (headers.forwarded !== undefined) return false;
  if (headers["x-forwarded-for"] !== undefined) return false;
  // So does a browser, for the page that it shows; "none" is an address that was typed in.
  if ((headers["sec-fetch-site"] ?? "none") !== "none") return false;
  return ip === "::1" || /^(::ffff:)?127\./.test(ip);
}
