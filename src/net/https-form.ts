import { request } from "node:https";
import type { Clock } from "../base/clock.ts";
import { fault, ok, type Result } from "../base/result.ts";
import { KiB, SECOND } from "../base/units.ts";

/** How long the whole exchange may take. */
const TIMEOUT_MS = 20 * SECOND;
const ANSWER_BYTES_MAX = 64 * KiB;

/**
 * Sends a form by POST over HTTPS to a server with a valid certificate; follows no redirect. The
 * fault is the system's word for what went wrong. Never rejects.
 */
export function postForm(
  url: string,
  form: Readonly<Record<string, string>>,
  clock: Clock,
): Promise<Result<{ readonly status: number; readonly text: string }, string>> {
  const body = new URLSearchParams(form).toString();
  return new Promise((resolve) => {
    const sent = request(url, {
      method: "POST",
      agent: false,
      headers: {
        "content-type": "application/x-www-form-urlencoded",
        "content-length": Buffer.byteLength(body),
        accept: "application/json",
      },
    });
    const timer = clock.startTimer(TIMEOUT_MS, () => sent.destroy(new Error("timeout")));
    const end = (result: Parameters<typeof resolve>[0]) => {
      timer.cancel();
      resolve(result);
    };
    sent.on("error", (error) => end(fault(error.message)));
    sent.on("response", (answer) => {
      const parts: Buffer[] = [];
      let bytes = 0;
      answer.on("error", (error) => end(fault(error.message)));
      answer.on("data", (part: Buffer) => {
        bytes += part.length;
        if (bytes > ANSWER_BYTES_MAX) sent.destroy(new Error("the answer is too long"));
        else parts.push(part);
      });
      answer.on("end", () => {
        end(ok({ status: answer.statusCode ?? 0, text: Buffer.concat(parts).toString("utf8") }));
      });
    });
    sent.end(body);
  });
}
