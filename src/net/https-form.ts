import type { Clock } from "../base/clock.ts";
import { fault, ok, type Result } from "../base/result.ts";
import { KiB, SECOND } from "../base/units.ts";
import { httpsExchange } from "./https-exchange.ts";

/** How long the whole exchange may take. */
const TIMEOUT_MS = 20 * SECOND;
const ANSWER_BYTES_MAX = 64 * KiB;

/**
 * Sends a form by POST over HTTPS to a server with a valid certificate; follows no redirect. The
 * fault is the system's word for what went wrong. Never rejects.
 */
export async function postForm(
  url: string,
  form: Readonly<Record<string, string>>,
  clock: Clock,
): Promise<Result<{ readonly status: number; readonly text: string }, string>> {
  const answered = await httpsExchange(url, {
    clock,
    timeoutMs: TIMEOUT_MS,
    bytesMax: ANSWER_BYTES_MAX,
    post: {
      body: new URLSearchParams(form).toString(),
      contentType: "application/x-www-form-urlencoded",
    },
  });
  if (!answered.ok) return fault(answered.fault.text);
  const { status, body } = answered.value;
  return ok({ status, text: Buffer.from(body).toString("utf8") });
}
