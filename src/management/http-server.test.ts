import assert from "node:assert/strict";
import { webcrypto } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { type IncomingHttpHeaders, type RequestOptions, request as requestHttp } from "node:http";
import { Agent, request as requestHttps } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, before, beforeEach, test } from "node:test";
import "reflect-metadata";
import { PemConverter, X509CertificateGenerator } from "@peculiar/x509";
import { fakeClock } from "../base/clock.fake.ts";
import { silentDiagnostics } from "../base/diagnostics.ts";
import { createMetrics } from "../base/metrics.ts";
import { createCmdletTable } from "../cmdlet/cmdlet-table.ts";
import type { CertificateSecret } from "../tls/certificate-material.ts";
import { closedAccess } from "./access-control.fake.ts";
import { HEALTH_TIMEOUT_MS, type HealthCheck } from "./health.ts";
import {
  CONNECTIONS_PER_SOURCE_MAX,
  type ManagementOptions,
  type ManagementServer,
  openManagementServer,
} from "./http-server.ts";

const HEALTHY: readonly HealthCheck[] = [{ name: "store", ok: true }];
let pairs: readonly CertificateSecret[] = [];
let directory = "";
let opened: ManagementServer[] = [];

before(async () => {
  pairs = [await makeCertificate("CN=first"), await makeCertificate("CN=second")];
});

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "postrider-http-"));
});

afterEach(async () => {
  await Promise.all(opened.map((server) => server.close()));
  opened = [];
  rmSync(directory, { recursive: true });
});

async function makeCertificate(name: string): Promise<CertificateSecret> {
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const certificate = await X509CertificateGenerator.createSelfSigned(
    { name, keys, signingAlgorithm: algorithm, notAfter: new Date("2100-01-01") },
    webcrypto,
  );
  const key = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
  return { cert: certificate.toString("pem"), key: PemConverter.encode(key, "PRIVATE KEY") };
}

function pair(index: number): CertificateSecret {
  const found = pairs[index];
  assert.ok(found);
  return found;
}

async function open(change: Partial<ManagementOptions> = {}): Promise<ManagementServer> {
  const server = await openManagementServer({
    socketPath: join(directory, "postrider.sock"),
    https: { address: "127.0.0.1", port: 0, certificate: pair(0) },
    health: async () => HEALTHY,
    readiness: async () => HEALTHY,
    metrics: async () => [createMetrics().snapshot()],
    table: createCmdletTable([]),
    execute: async function* () {},
    access: closedAccess(),
    diagnostics: silentDiagnostics,
    clock: fakeClock(),
    ...change,
  });
  opened.push(server);
  return server;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly certificate: string;
}

/** Asks over the Unix socket, or over HTTPS when a port is given. */
function ask(path: string, options: RequestOptions = {}): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const overTls = options.port !== undefined;
  const where = overTls
    ? { host: "127.0.0.1", agent: new Agent({ rejectUnauthorized: false }) }
    : { socketPath: join(directory, "postrider.sock"), agent: false as const };
  const send = overTls ? requestHttps : requestHttp;
  const request = send({ path, ...where, ...options }, (response) => {
    const { socket } = response;
    const certificate =
      "getPeerCertificate" in socket && typeof socket.getPeerCertificate === "function"
        ? socket.getPeerCertificate().subject.CN
        : "";
    let text = "";
    response.setEncoding("utf8").on("data", (part: string) => (text += part));
    response.on("end", () => {
      const { statusCode = 0, headers } = response;
      resolve({ status: statusCode, headers, text, certificate: String(certificate) });
    });
  });
  request.on("error", reject).end();
  return promise;
}

test("healthz and readyz answer 200 with the checks, on the socket and over HTTPS", async () => {
  const { port } = await open();
  for (const path of ["/healthz", "/readyz"]) {
    for (const where of [{}, { port }]) {
      const { status, text } = await ask(path, where);
      assert.equal(status, 200);
      assert.deepEqual(JSON.parse(text), { status: "ok", checks: HEALTHY });
    }
  }
});

test("one check that is not ok makes 503, with its reason for local clients", async () => {
  const { port } = await open({
    readiness: async () => [...HEALTHY, { name: "listeners", ok: false, reason: "starting" }],
  });
  const local = await ask("/readyz");
  assert.equal(local.status, 503);
  assert.match(local.text, /"status":"failing".*"reason":"starting"/);
  const remote = await ask("/readyz", { port, headers: { "x-forwarded-for": "192.0.2.1" } });
  assert.equal(remote.status, 503);
  assert.match(remote.text, /"name":"listeners","ok":false/);
  assert.doesNotMatch(remote.text, /starting/);
});

test("a check that throws is 503", async () => {
  await open({ health: () => Promise.reject(new Error("database is locked")) });
  const { status, text } = await ask("/healthz");
  assert.equal(status, 503);
  assert.match(text, /database is locked/);
});

test("a check that never answers is 503 when its time is up", async () => {
  const clock = fakeClock();
  const asked = Promise.withResolvers<void>();
  await open({
    clock,
    health: () => {
      asked.resolve();
      return new Promise(() => {});
    },
  });
  const answer = ask("/healthz");
  await asked.promise;
  clock.advance(HEALTH_TIMEOUT_MS);
  assert.equal((await answer).status, 503);
});

test("metrics are shown on the socket and to this machine, and refused to others", async () => {
  const metrics = createMetrics();
  metrics.add("postrider_messages_received_total:SMTP", 3);
  metrics.observe("postrider_submit_duration_seconds", 0.003);
  const { port } = await open({ metrics: async () => [metrics.snapshot()] });
  for (const where of [{}, { port }]) {
    const { status, headers, text } = await ask("/metrics", where);
    assert.equal(status, 200);
    assert.equal(headers["content-type"], "text/plain; version=0.0.4; charset=utf-8");
    assert.match(text, /^postrider_messages_received_total\{source="SMTP"\} 3$/m);
    assert.match(text, /^postrider_submit_duration_seconds_bucket\{le="0\.005"\} 1$/m);
    assert.match(text, /^process_resident_memory_bytes \d+$/m);
  }
  const typed = { port, headers: { "sec-fetch-site": "none" } };
  assert.equal((await ask("/metrics", typed)).status, 200);
  for (const name of ["forwarded", "x-forwarded-for", "sec-fetch-site"]) {
    const { status, headers, text } = await ask("/metrics", { port, headers: { [name]: "x" } });
    assert.equal(status, 401);
    assert.ok(headers["www-authenticate"]);
    assert.match(text, /on this machine only/);
  }
});

test("the metrics page is in the text format of Prometheus, no series twice", async () => {
  await open();
  const { text } = await ask("/metrics");
  const seen = new Set<string>();
  for (const line of text.split("\n")) {
    if (line === "" || /^# (HELP|TYPE) [a-z]\w* \S/.test(line)) continue;
    const [, series = ""] =
      /^([a-z]\w*(?:\{\w+="[^"]*"(?:,\w+="[^"]*")*\})?) (?:[\d.e+-]+|Nan)$/.exec(line) ?? [];
    assert.notEqual(series, "", line);
    assert.ok(!seen.has(series), series);
    seen.add(series);
  }
  assert.ok(seen.size > 100);
});

test("a fault of ours is 500 without its words", async () => {
  await open({ metrics: () => Promise.reject(new Error("thread 3 is gone")) });
  const { status, text } = await ask("/metrics");
  assert.equal(status, 500);
  assert.doesNotMatch(text, /thread 3/);
});

for (const [method, path] of [
  ["GET", "/none"],
  ["POST", "/"],
  ["POST", "/healthz"],
  ["GET", "/healthz/../metrics%00"],
  ["DELETE", "/metrics"],
] as const) {
  test(`${method} ${path} is a 404 in JSON, with the security headers`, async () => {
    const { port } = await open();
    const { status, headers, text } = await ask(path, { method, port });
    assert.equal(status, 404);
    assert.equal(JSON.parse(text).error.code, "not-found");
    assert.equal(headers["x-content-type-options"], "nosniff");
    assert.equal(headers["cache-control"], "no-store");
    assert.equal(headers.server, undefined);
    assert.equal(headers["x-powered-by"], undefined);
  });
}

test("a header block past its limit is refused", async () => {
  const { port } = await open();
  const fits = { port, headers: { "x-filler": "x".repeat(7 * 1024) } };
  assert.equal((await ask("/healthz", fits)).status, 200);
  const long = { port, headers: { "x-filler": "x".repeat(9 * 1024) } };
  assert.equal((await ask("/healthz", long)).status, 431);
});

test("an address that cannot be read is answered as all others, and not repeated", async () => {
  const { port } = await open();
  for (const path of ["/%ff%fe", "/api/v1/story/%e0%80"]) {
    const { status, headers, text } = await ask(path, { port });
    assert.equal(status, 400);
    assert.equal(headers["x-content-type-options"], "nosniff");
    assert.equal(headers["cache-control"], "no-store");
    assert.match(text, /^\{"error":\{"code":"bad-request"/);
    assert.doesNotMatch(text, /%ff|story/);
  }
});

test("the socket is its owner's only, replaces a stale one, goes with the server", async () => {
  const path = join(directory, "postrider.sock");
  writeFileSync(path, "left by a crash");
  const server = await open();
  assert.ok(statSync(path).isSocket());
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(directory), ["postrider.sock"]);
  await server.close();
  assert.deepEqual(readdirSync(directory), []);
});

test("a socket path that the system cannot take is an error that says so", async () => {
  const socketPath = join(directory, "x".repeat(100), "postrider.sock");
  await assert.rejects(open({ socketPath }), /too long|ENOENT/);
});

test("a renewed certificate is used without a restart", async () => {
  const server = await open();
  const { port } = server;
  assert.equal((await ask("/healthz", { port })).certificate, "first");
  server.useCertificate(pair(1));
  assert.equal((await ask("/healthz", { port })).certificate, "second");
});

test("when one listener cannot be opened, none stays open", async () => {
  const { port = 0 } = await open({ socketPath: join(directory, "first.sock") });
  const https = { address: "127.0.0.1", port, certificate: pair(0) };
  await assert.rejects(open({ https }), /EADDRINUSE/);
  assert.deepEqual(readdirSync(directory), ["first.sock"]);
  await assert.rejects(open({ socketPath: join(directory, "none", "x.sock") }), /ENOENT/);
  await open({ https: { address: "127.0.0.1", port: 0, certificate: pair(0) } });
});

/** A connection over which nothing whole is asked. */
function hold(from: { readonly port: number; readonly localAddress?: string }) {
  const options = { host: "127.0.0.1", agent: false, rejectUnauthorized: false, ...from };
  const sent = requestHttps(options);
  sent.on("error", () => undefined).flushHeaders();
  return sent;
}

async function connected(sent: ReturnType<typeof hold>): Promise<void> {
  const [socket] = await once(sent, "socket");
  await once(socket, "connect");
}

test("many sources don't take all connections either", async () => {
  const { port = 0 } = await open();
  const held = [];
  for (let count = 0; count < 4 * CONNECTIONS_PER_SOURCE_MAX; count += 1) {
    const sent = hold({ port, localAddress: `127.0.1.${1 + (count % 4)}` });
    await connected(sent);
    held.push(sent);
  }
  assert.equal((await ask("/healthz", { port, localAddress: "127.0.2.1" })).status, 200);
  for (const sent of held) sent.destroy();
});

test("one source does not take all connections", async () => {
  const { port } = await open();
  assert.ok(port !== undefined);
  const held = [];
  for (let count = 0; count < CONNECTIONS_PER_SOURCE_MAX; count += 1) {
    const sent = hold({ port });
    await connected(sent);
    held.push(sent);
  }
  await once(hold({ port }), "close");
  // Another source, and root by the socket, are let in.
  const other = { port, localAddress: "127.0.0.2" };
  assert.equal((await ask("/healthz", other)).status, 200);
  assert.equal((await ask("/healthz")).status, 200);
  for (const sent of held) sent.destroy();
  for (;;) {
    const status = await ask("/healthz", { port }).then(
      (answer) => answer.status,
      () => undefined,
    );
    if (status === 200) break;
  }
});
