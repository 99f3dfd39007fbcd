import type { IncomingHttpHeaders } from "node:http";

/** Of a request, what tells on whose behalf a browser sends it. */
export interface BrowserRequest {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
}

/** Whether it changes nothing (RFC 9110 §9.2.1). */
export function isSafeMethod(method: string): boolean {
  return method === "GET" || method === "HEAD";
}

/**
 * Why a browser's request is not from a page of this server; `undefined` when it is, or when its
 * headers don't say. Programs that are no browsers need not say anything.
 */
export function findForeignOrigin({ method, headers }: BrowserRequest): string | undefined {
  const site = headers["sec-fetch-site"];
  // "none": an address that was typed in, or a bookmark; no form is sent that way.
  const isOwn = site === "same-origin" || (site === "none" && isSafeMethod(method));
  if (site !== undefined && !isOwn) {
    return "the request comes from a page of another site, which may not act for you here";
  }
  const { origin, host } = headers;
  // Browsers send it with all but GET and HEAD; "null" is a page that hides where it is from.
  if (origin !== undefined && origin.toLowerCase() !== `https://${(host ?? "").toLowerCase()}`) {
    return (
      "the request comes from a page of another origin, which may not act for you here; " +
      "a proxy in between must pass the header Host on as it is"
    );
  }
  return undefined;
}
