import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { Clock } from "../base/clock.ts";
import { KiB, MINUTE, SECOND } from "../base/units.ts";
import { AcmeFailure } from "./acme-failure.ts";

/** Shows the authority that names are ours. Methods reject with AcmeFailure. */
export interface ChallengeSolver {
  readonly type: "http-01" | "dns-01";
  /** Publishes the proof for one name; resolves when the authority may look. */
  present(domain: string, proof: ChallengeProof): Promise<void>;
  /** Takes it away again. */
  cleanUp(domain: string, proof: ChallengeProof): Promise<void>;
  /** After the last one. */
  close(): Promise<void>;
}

/** What one challenge asks for (RFC 8555 §8.1). */
export interface ChallengeProof {
  readonly token: string;
  readonly keyAuthorization: string;
}

const PATH = "/.well-known/acme-challenge/";
const CONNECTIONS_MAX = 100;
const HTTP_WITHIN_MS = 10 * SECOND;
const HEADER_BYTES_MAX = 8 * KiB;
const HOOK_WITHIN_MS = 5 * MINUTE;
const HOOK_OUTPUT_BYTES_MAX = 64 * KiB;
const HOOK_WORDS_MAX = 300;

/**
 * Answers HTTP-01 (RFC 8555 §8.3) on an address of ours: nothing but tokens, and only until it is
 * closed.
 */
export async function openHttpSolver(listen: {
  readonly address: string;
  readonly port: number;
}): Promise<ChallengeSolver> {
  const proofs = new Map<string, string>();
  const server = createServer(
    {
      headersTimeout: HTTP_WITHIN_MS,
      requestTimeout: HTTP_WITHIN_MS,
      connectionsCheckingInterval: SECOND,
      keepAlive: false,
      maxHeaderSize: HEADER_BYTES_MAX,
    },
    (request, response) => {
      const isAsked = request.method === "GET" || request.method === "HEAD";
      const path = request.url?.split("?")[0] ?? "";
      const proof = path.startsWith(PATH) ? proofs.get(path.slice(PATH.length)) : undefined;
      const found = isAsked && proof !== undefined;
      response.shouldKeepAlive = false;
      response.writeHead(found ? 200 : 404, {
        "content-type": found ? "application/octet-stream" : "text/plain",
        "cache-control": "no-store",
      });
      response.end(found ? proof : "There is nothing here.\n");
    },
  );
  server.maxConnections = CONNECTIONS_MAX;
  await listenOn(server, listen);
  return {
    type: "http-01",
    async present(_domain, { token, keyAuthorization }) {
      proofs.set(token, keyAuthorization);
    },
    async cleanUp(_domain, { token }) {
      proofs.delete(token);
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listenOn(
  server: Server,
  { address, port }: { readonly address: string; readonly port: number },
): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => {
      const reason = `http-01 cannot be answered on ${address}, port ${port}: ${error.message}`;
      const cure =
        "free the port, allow it (CAP_NET_BIND_SERVICE), or change acme.httpListen and lead " +
        "port 80 there";
      reject(new AcmeFailure(reason, cure));
    });
    server.listen({ host: address, port }, () => {
      server.removeAllListeners("error");
      // Nothing that fails later on ends the process; the authority then says what it saw.
      server.on("error", () => undefined);
      resolve();
    });
  });
}

/** The TXT record of DNS-01 (RFC 8555 §8.4). */
export function dnsRecordOf(
  domain: string,
  keyAuthorization: string,
): { readonly name: string; readonly value: string } {
  const value = createHash("sha256").update(keyAuthorization).digest("base64url");
  return { name: `_acme-challenge.${domain}`, value };
}

/**
 * Answers DNS-01 with a program: `PROGRAM present NAME VALUE` sets a TXT record and returns when it
 * is there, `PROGRAM cleanup NAME VALUE` removes it. No shell sees the words.
 */
export function openDnsSolver(program: string, clock: Clock): ChallengeSolver {
  const run = async (act: "present" | "cleanup", domain: string, proof: ChallengeProof) => {
    const { name, value } = dnsRecordOf(domain, proof.keyAuthorization);
    await runHook(program, [act, name, value], clock);
  };
  return {
    type: "dns-01",
    present: (domain, proof) => run("present", domain, proof),
    cleanUp: (domain, proof) => run("cleanup", domain, proof),
    close: () => Promise.resolve(),
  };
}

function runHook(program: string, words: readonly string[], clock: Clock): Promise<void> {
  return new Promise((resolve, reject) => {
    const limit = new AbortController();
    const late = clock.startTimer(HOOK_WITHIN_MS, () => limit.abort());
    const options = {
      signal: limit.signal,
      killSignal: "SIGKILL",
      maxBuffer: HOOK_OUTPUT_BYTES_MAX,
      windowsHide: true,
    } as const;
    execFile(program, [...words], options, (error, _stdout, stderr) => {
      late.cancel();
      if (error === null) return resolve();
      const said = stderr.trim().replace(/\s+/g, " ").slice(-HOOK_WORDS_MAX);
      const reason = limit.signal.aborted
        ? `it took longer than ${HOOK_WITHIN_MS / MINUTE} minutes`
        : `${describeExit(error)}${said === "" ? "" : `: ${said}`}`;
      const cure = `run ${program} ${words.join(" ")} by hand as the server's user`;
      reject(new AcmeFailure(`acme.dnsHook failed at ${words[0] ?? ""}: ${reason}`, cure));
    });
  });
}

function describeExit(error: Error): string {
  const code = "code" in error ? error.code : undefined;
  return typeof code === "number" ? `it ended with ${code}` : `it could not be run (${code})`;
}
