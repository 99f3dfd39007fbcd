import type { IncomingMessage, ServerResponse } from "node:http";
import type { Clock } from "../base/clock.ts";
import type { Diagnostics } from "../base/diagnostics.ts";
import { SECOND } from "../base/units.ts";
import { sourceOf } from "../net/client-address.ts";
import type { Answer } from "./http-answer.ts";
import { failedPage } from "./quarantine-page.ts";
import { readForm } from "./request-body.ts";
import { RunSlots } from "./run-slots.ts";
import { SourceLimit } from "./source-limit.ts";

/** Somebody who reads a mail with links opens some pages a minute. */
const REQUESTS = { burst: 60, perSecond: 1 };
/** Each of them reads the store. */
const WORKING = { inAll: 8, perCaller: 4 };

const FORM_BYTES_MAX = 4096;
/** A form of a page of ours comes in one piece; who takes his time has no place kept for him. */
const FORM_WITHIN_MS = 10 * SECOND;

/** A request that comes by a link from a mail. */
export interface LinkRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** IP address of the client. */
  readonly address: string;
}

/** A request whose form has been read. */
export interface LinkOrder extends LinkRequest {
  /** What was sent; `undefined`: nothing, or no form. */
  readonly form: URLSearchParams | undefined;
}

/**
 * Makes what answers links in mails, without a login: the link is what one has to have. What
 * `answer` does must not depend on the opening of a link alone (programs that look for harmful mail
 * follow every link). Never rejects; no path, which is a secret, gets into a log.
 */
export function createLinkRoute(parts: {
  readonly clock: Clock;
  readonly diagnostics: Diagnostics;
  /** Told of in the diagnostics when answering failed. */
  readonly failed: string;
  readonly answer: (order: LinkOrder) => Promise<Answer>;
}): (asked: LinkRequest) => Promise<Answer> {
  const limit = new SourceLimit(parts.clock, REQUESTS);
  const slots = new RunSlots(WORKING);
  return async (asked) => {
    const source = sourceOf(asked.address);
    if (!limit.take(source)) return failedPage(429);
    const read = await readInTime(asked, parts.clock);
    if (read === "late") return failedPage(408);
    const release = slots.take(source);
    if (release === undefined) return failedPage(503);
    try {
      return await parts.answer({ ...asked, form: read });
    } catch (error) {
      parts.diagnostics.warn(parts.failed, { reason: String(error) });
      return failedPage(503);
    } finally {
      release();
    }
  };
}

/** A body that never ends is not read to its end: the answer closes the connection. */
async function readInTime(
  { request }: LinkRequest,
  clock: Clock,
): Promise<URLSearchParams | "late" | undefined> {
  if (request.method !== "POST") return undefined;
  const { promise: late, resolve } = Promise.withResolvers<"late">();
  const timer = clock.startTimer(FORM_WITHIN_MS, () => resolve("late"));
  const form = readForm(request, { bytesMax: FORM_BYTES_MAX }).catch(() => undefined);
  try {
    return await Promise.race([form, late]);
  } finally {
    timer.cancel();
  }
}
