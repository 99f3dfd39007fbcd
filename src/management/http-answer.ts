import type { IncomingHttpHeaders } from "node:http";
import type { Diagnostics } from "../base/diagnostics.ts";
import type { FaultCode } from "../cmdlet/cmdlet-fault.ts";
import type { ConnectionEnd } from "../net/connection-places.ts";

/** Sent with every answer: nothing here is a page, to be kept, framed or sniffed. */
export const SECURITY_HEADERS = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
} as const;

/** What goes back to the client. */
export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string | Buffer | AsyncIterable<string>;
}

/** Of a request, what says where it comes from and who it claims to be. */
export interface Client {
  readonly method: string;
  readonly ip: string;
  readonly headers: IncomingHttpHeaders;
  readonly socket: ConnectionEnd;
}

/** Why a request was answered with nothing but an error. */
export interface ErrorBody {
  readonly code: FaultCode | "unauthorized" | "too-many-requests" | "bad-request";
  readonly message: string;
  /** The parameter that is wrong. */
  readonly parameter?: string;
  /** Where in the parameter's text, from 0. */
  readonly at?: number;
}

/** The status for each kind of failure (RFC 9110 §15). */
export const FAULT_STATUS: Readonly<Record<FaultCode, number>> = {
  "unknown-cmdlet": 404,
  "bad-parameter": 400,
  forbidden: 403,
  "not-found": 404,
  conflict: 409,
  "not-allowed-now": 409,
  unavailable: 503,
  cancelled: 503,
  fault: 500,
};

/**
 * The status of a failure: where -IfMatch is what failed, 412 (RFC 9110 §13.1.1), however it was
 * given.
 */
export function faultStatus({
  code,
  parameter,
}: {
  readonly code: FaultCode;
  readonly parameter?: string;
}): number {
  return code === "conflict" && parameter === "IfMatch" ? 412 : FAULT_STATUS[code];
}

/** A value as the body. */
export function jsonAnswer(status: number, value: object): Answer {
  return { status, type: "application/json; charset=utf-8", body: JSON.stringify(value) };
}

/** An error in the form that all of this server's errors have. */
export function errorAnswer(status: number, error: ErrorBody): Answer {
  const answer = jsonAnswer(status, { error });
  // RFC 9110 §11.6.1: a 401 says how one would authenticate.
  if (status === 401) {
    return { ...answer, headers: { "www-authenticate": 'Bearer realm="Postrider"' } };
  }
  if (status === 429 || status === 503) return { ...answer, headers: { "retry-after": "5" } };
  return answer;
}

/** The answer to what a handler, or the server itself, has thrown; ours tell nothing of it. */
export function faultAnswer(
  error: unknown,
  context: { readonly path: string; readonly diagnostics: Diagnostics },
): Answer {
  const message = error instanceof Error ? error.message : String(error);
  const status =
    error instanceof Error && "statusCode" in error && typeof error.statusCode === "number"
      ? error.statusCode
      : 500;
  if (status < 500) return errorAnswer(status, { code: "bad-request", message });
  if (error instanceof Error && error.name === "StoreFailure") {
    return errorAnswer(503, { code: "unavailable", message: "the store could not do it" });
  }
  context.diagnostics.error("management-request-failed", { path: context.path, reason: message });
  const hint = "The server could not answer; its diagnostics say why.";
  return errorAnswer(status, { code: "fault", message: hint });
}
