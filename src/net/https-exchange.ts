import type { ClientRequest, IncomingMessage } from "node:http";
import { request } from "node:https";
import { isIPv6, type LookupFunction } from "node:net";
import type { Clock } from "../base/clock.ts";
import { fault, ok, type Result } from "../base/result.ts";

/** What to send, and how long and large the answer may be. */
export interface HttpsOptions {
  readonly clock: Clock;
  /** For the whole of it. */
  readonly timeoutMs: number;
  readonly bytesMax: number;
  /** Authorities to trust, PEM; `undefined`: the system's. */
  readonly ca?: readonly string[] | undefined;
  /** Addresses of a host, none when there are none; `undefined`: the system's resolver. */
  readonly lookup?: ((host: string) => Promise<readonly string[]>) | undefined;
  /** In place of the address's own; the name in the certificate stays. */
  readonly port?: number | undefined;
  /** Only the answer's header is asked for. */
  readonly method?: "HEAD";
  /** Sent by POST; without it, a GET. */
  readonly post?: {
    readonly body: Uint8Array | string;
    readonly contentType: string;
  };
  /** Gives up when aborted. */
  readonly signal?: AbortSignal | undefined;
}

/** An answer, whatever its status. */
export interface HttpsAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** Why there is no answer. */
export interface HttpsFault {
  /** The certificate is not valid, or not the host's. */
  readonly isCertificate: boolean;
  readonly text: string;
}

/**
 * Asks a server over HTTPS whose certificate is valid and for the host; follows no redirect, keeps
 * no connection. Never rejects.
 */
export function httpsExchange(
  url: string,
  options: HttpsOptions,
): Promise<Result<HttpsAnswer, HttpsFault>> {
  const { clock, timeoutMs, bytesMax, ca, lookup, port, post, signal } = options;
  const method = options.method ?? (post === undefined ? "GET" : "POST");
  return new Promise((resolve) => {
    let sent: ClientRequest;
    try {
      sent = request(url, {
        agent: false,
        method,
        headers: {
          "user-agent": "Postrider",
          accept: "*/*",
          connection: "close",
          ...(post && {
            "content-type": post.contentType,
            "content-length": Buffer.byteLength(post.body),
          }),
        },
        ...(ca === undefined ? {} : { ca: [...ca] }),
        ...(lookup === undefined ? {} : { lookup: lookupBy(lookup) }),
        ...(port === undefined ? {} : { port }),
      });
    } catch (error) {
      // Names that DNS allows and a URL does not, and schemes that others chose.
      resolve(fault(faultOf(error instanceof Error ? error : new Error(String(error)))));
      return;
    }
    const timer = clock.startTimer(timeoutMs, () => failed("timed out"));
    const stopped = () => failed("stopped");
    const end = (result: Result<HttpsAnswer, HttpsFault>) => {
      timer.cancel();
      signal?.removeEventListener("abort", stopped);
      resolve(result);
      sent.destroy();
    };
    const failed = (text: string) => end(fault({ isCertificate: false, text }));
    // An error may follow the end: without a listener it would be nobody's, and end the thread.
    sent.on("error", (error) => end(fault(faultOf(error))));
    // Not every end is told as an error: an upgrade that nobody asked for is none.
    const unanswered = () => failed("connection closed without an answer");
    sent.on("close", unanswered);
    sent.on("response", (answer) => {
      sent.off("close", unanswered);
      collect(answer, { bytesMax, end, failed });
    });
    signal?.addEventListener("abort", stopped, { once: true });
    if (signal?.aborted === true) stopped();
    else sent.end(post?.body);
  });
}

function collect(
  answer: IncomingMessage,
  how: {
    readonly bytesMax: number;
    readonly end: (result: Result<HttpsAnswer, HttpsFault>) => void;
    readonly failed: (text: string) => void;
  },
): void {
  const { bytesMax, end, failed } = how;
  const parts: Buffer[] = [];
  let bytes = 0;
  answer.on("error", (error) => end(fault(faultOf(error))));
  answer.on("close", () => failed("connection closed within the answer"));
  answer.on("data", (part: Buffer) => {
    bytes += part.length;
    // Not by an error on the request: the answer may have ended before that is told.
    if (bytes > bytesMax) failed(`longer than ${bytesMax}`);
    else parts.push(part);
  });
  answer.on("end", () => {
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(answer.headers)) {
      if (typeof value === "string") headers[name] = value;
    }
    end(ok({ status: answer.statusCode ?? 0, headers, body: Buffer.concat(parts) }));
  });
}

function lookupBy(lookup: (host: string) => Promise<readonly string[]>): LookupFunction {
  return (host, options, found) => {
    void lookup(host).then((addresses) => {
      const all = addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }));
      const [first] = all;
      if (first === undefined) found(new Error(`${host} has no address`), "");
      else if (options.all === true) found(null, all);
      else found(null, first.address, first.family);
    });
  };
}

/** OpenSSL's words for a chain, and Node's own for a name. */
const CERTIFICATE_CODE =
  /CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS_CERT_ALTNAME_INVALID|INVALID_CA|PATH_LENGTH|INVALID_PURPOSE/;

function faultOf(error: Error): HttpsFault {
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  return { isCertificate: CERTIFICATE_CODE.test(code), text: code || error.message };
}
