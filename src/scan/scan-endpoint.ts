import { isIPv6 } from "node:net";
import { fault, ok, type Result } from "../base/result.ts";

/** Where a scanner listens. */
export type ScanEndpoint =
  | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  | { readonly kind: "unix"; readonly path: string };

/** What the kernel takes as the name of a Unix socket on Linux (unix(7): 108 with its NUL). */
const PATH_BYTES_MAX = 107;
const HOST = /^[a-z0-9](?:[a-z0-9.-]{0,252}[a-z0-9])?$/i;

/**
 * Reads `host:port`, `[IPv6]:port`, `/path` or `unix:/path`; the fault says what would be right.
 */
export function parseScanEndpoint(text: string): Result<ScanEndpoint, string> {
  const path = text.startsWith("unix:") ? text.slice("unix:".length) : text;
  if (path.startsWith("/")) {
    const isFit = Buffer.byteLength(path) <= PATH_BYTES_MAX && !path.includes("\0");
    return isFit
      ? ok({ kind: "unix", path })
      : fault(`a path of at most ${PATH_BYTES_MAX} bytes is wanted`);
  }
  const [, bracketed, plain = "", digits = ""] =
    /^(?:\[([^\]]*)\]|([^:]*)):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  const isHost = bracketed === undefined ? HOST.test(plain) : isIPv6(bracketed);
  if (!isHost || port < 1 || port > 65_535) {
    return fault('"host:port", "[IPv6 address]:port" or the path of a Unix socket is wanted');
  }
  return ok({ kind: "tcp", host: bracketed ?? plain, port });
}

/** As it is written in settings and logs. */
export function formatScanEndpoint(endpoint: ScanEndpoint): string {
  if (endpoint.kind === "unix") return endpoint.path;
  const { host, port } = endpoint;
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}
