import type { Clock } from "../base/clock.ts";
import { MiB, SECOND } from "../base/units.ts";
import { httpsExchange } from "../net/https-exchange.ts";
import { AcmeFailure } from "./acme-failure.ts";

/** One request to the authority. */
export interface AcmeRequest {
  readonly method: "GET" | "HEAD" | "POST";
  readonly url: string;
  /** JSON of a signed request (RFC 8555 §6.2). */
  readonly body?: string;
}

/** Its answer. */
export interface AcmeAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Asks the authority. Rejects with AcmeFailure when there is no answer. */
export type Exchange = (request: AcmeRequest) => Promise<AcmeAnswer>;

const ANSWER_BYTES_MAX = MiB;
const ANSWER_WITHIN_MS = 30 * SECOND;
const CURE = "check acme.directoryUrl, acme.caFile, name service, and that HTTPS gets out";

/**
 * Asks over HTTPS, and over nothing else (RFC 8555 §6.1).
 * @param authorities PEM of those to trust; `undefined`: the defaults of this thread
 */
export function openAcmeExchange(
  clock: Clock,
  authorities: readonly string[] | undefined,
): Exchange {
  return async ({ method, url, body }) => {
    if (URL.parse(url)?.protocol !== "https:") {
      throw new AcmeFailure(`${url} is no https address`, CURE);
    }
    const answered = await httpsExchange(url, {
      clock,
      timeoutMs: ANSWER_WITHIN_MS,
      bytesMax: ANSWER_BYTES_MAX,
      ca: authorities,
      ...(method === "HEAD" && { method }),
      ...(body !== undefined && { post: { body, contentType: "application/jose+json" } }),
    });
    if (!answered.ok) {
      throw new AcmeFailure(`${url} cannot be reached: ${answered.fault.text}`, CURE);
    }
    const { status, headers, body: bytes } = answered.value;
    return { status, headers, body: Buffer.from(bytes).toString("utf8") };
  };
}
