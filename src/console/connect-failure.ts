import { request } from "node:https";
import { resolve } from "node:path";
import { RecordFault } from "./record-reader.ts";
import type { ServerPlace } from "./server-place.ts";

const UNTRUSTED: readonly string[] = [
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
];

/** Why the server could not be asked, and what to do about it. */
export async function describeConnectFailure(error: unknown, place: ServerPlace): Promise<string> {
  if (error instanceof RecordFault) return error.message;
  const reason = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return place.kind === "socket"
    ? describeSocketFailure({ code, reason }, place.dataDirectory)
    : describeHttpsFailure({ code, reason, error }, place);
}

function describeSocketFailure(
  { code, reason }: { readonly code: string; readonly reason: string },
  dataDirectory: string,
): string {
  const directory = resolve(dataDirectory);
  switch (code) {
    case "ENOENT":
    case "ECONNREFUSED":
      return (
        `no server runs on ${directory}; ` +
        `start it with "postrider serve --data-dir ${directory}", ` +
        "or say where it is with --data-dir DIR or --server URL"
      );
    case "EACCES":
      return (
        `${directory} lets only the user in who runs the server, and root; ` +
        "use sudo, or --server URL with a token"
      );
    case "ECONNRESET":
    case "EPIPE":
      return "the server ended the connection before the run was over";
    default:
      return `the server on ${directory} cannot be reached: ${reason}`;
  }
}

async function describeHttpsFailure(
  failure: { readonly code: string; readonly reason: string; readonly error: unknown },
  { url }: ServerPlace & { kind: "https" },
): Promise<string> {
  const { code, reason, error } = failure;
  if (UNTRUSTED.includes(code)) {
    const fingerprint = await readFingerprint(url);
    const shown = fingerprint === undefined ? "" : ` (SHA-256 fingerprint ${fingerprint})`;
    return (
      `the certificate of ${url.host} is signed by itself ` +
      `or by an authority unknown here${shown}; ` +
      "if it is the right one, give it or its authority with --ca FILE"
    );
  }
  switch (code) {
    case "ERR_TLS_CERT_ALTNAME_INVALID":
      return `the certificate of ${url.host} is not for that name: ${reason}`;
    case "CERT_HAS_EXPIRED":
      return `the certificate of ${url.host} has expired; renew it on the server`;
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `there is no host ${url.hostname}, or DNS does not answer`;
    case "ECONNREFUSED":
      return `nothing listens on ${url.host}; is server.admin.listen set there?`;
    case "ETIMEDOUT":
    case "EHOSTUNREACH":
    case "ENETUNREACH":
      return `${url.host} does not answer`;
    case "ENOENT":
    case "EACCES":
      // A file that was named on the command line: its path is in the reason.
      return error instanceof Error && "path" in error ? reason : `${url.host}: ${reason}`;
    default:
      return `${url.host} cannot be reached: ${reason}`;
  }
}

/** Looks at the certificate and sends nothing. */
function readFingerprint(url: URL): Promise<string | undefined> {
  return new Promise((done) => {
    const looking = request(url, { agent: false, rejectUnauthorized: false });
    const finish = (fingerprint: string | undefined) => {
      done(fingerprint);
      looking.destroy();
    };
    looking.on("error", () => finish(undefined));
    looking.once("socket", (socket) => {
      socket.setTimeout(5000, () => finish(undefined));
      socket.once("secureConnect", () => {
        const isTls = "getPeerX509Certificate" in socket;
        const read = isTls ? socket.getPeerX509Certificate : undefined;
        const certificate: unknown = typeof read === "function" ? read.call(socket) : undefined;
        finish(fingerprintOf(certificate));
      });
    });
  });
}

function fingerprintOf(certificate: unknown): string | undefined {
  if (typeof certificate !== "object" || certificate === null) return undefined;
  const text = "fingerprint256" in certificate ? certificate.fingerprint256 : undefined;
  return typeof text === "string" ? text : undefined;
}
