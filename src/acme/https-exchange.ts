import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import type { Clock } from "../base/clock.ts";
import { MiB, SECOND } from "../base/units.ts";
import { AcmeFailure } from "./acme-failure.ts";

/** One request to the authority. */
export interface HttpsRequest {
  readonly method: "GET" | "HEAD" | "POST";
  readonly url: string;
  /** JSON of a signed request (RFC 8555 §6.2). */
  readonly body?: string;
}

/** Its answer. */
export interface HttpsAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
}

/** Asks the authority. Rejects with AcmeFailure when there is no answer. */
export type Exchange = (request: HttpsRequest) => Promise<HttpsAnswer>;

const ANSWER_BYTES_MAX = MiB;
const ANSWER_WITHIN_MS = 30 * SECOND;
const USER_AGENT = "Postrider";
const CURE = "check acme.directoryUrl, acme.caFile, name service, and that HTTPS gets out";

/**
 * Asks over HTTPS, and over nothing else (RFC 8555 §6.1).
 * @param authorities PEM of those to trust; `undefined`: the defaults of this thread
 */
export function openHttpsExchange(
  clock: Clock,
  authorities: readonly string[] | undefined,
): Exchange {
  return (asked) => {
    const { promise, resolve, reject } = Promise.withResolvers<HttpsAnswer>();
    if (URL.parse(asked.url)?.protocol !== "https:") {
      return Promise.reject(new AcmeFailure(`${asked.url} is no https address`, CURE));
    }
    const { method, url, body } = asked;
    const sent = request(
      url,
      {
        method,
        agent: false,
        ...(authorities !== undefined && { ca: [...authorities] }),
        headers: {
          "user-agent": USER_AGENT,
          ...(body !== undefined && { "content-type": "application/jose+json" }),
        },
      },
      (response) => readAnswer(response).then(resolve, reject),
    );
    const late = clock.startTimer(ANSWER_WITHIN_MS, () => {
      sent.destroy(new Error(`no answer within ${ANSWER_WITHIN_MS / SECOND} s`));
    });
    sent.on("error", reject);
    sent.end(body);
    return promise
      .catch((error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error);
        throw new AcmeFailure(`${url} cannot be reached: ${reason}`, CURE);
      })
      .finally(() => late.cancel());
  };
}

async function readAnswer(response: IncomingMessage): Promise<HttpsAnswer> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of response) {
    const bytes = Buffer.from(piece);
    length += bytes.length;
    if (length > ANSWER_BYTES_MAX) throw new Error(`more than ${ANSWER_BYTES_MAX} bytes`);
    pieces.push(bytes);
  }
  const body = Buffer.concat(pieces).toString("utf8");
  return { status: response.statusCode ?? 0, headers: response.headers, body };
}
