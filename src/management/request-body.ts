import type { IncomingHttpHeaders } from "node:http";
import { fault, ok, type Result } from "../base/result.ts";
import { type Answer, errorAnswer } from "./http-answer.ts";

/** Maps and lists within one another; what reads the values goes down by recursion. */
const DEPTH_MAX = 32;

/** Of a request, what its body is read from. */
export interface BodySource {
  readonly headers: IncomingHttpHeaders;
  iterator(options: { readonly destroyOnReturn: boolean }): AsyncIterable<unknown>;
}

/** A JSON object as it came. */
export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Reads the body of a request, which must be a JSON object; a fault is what to answer. Nothing is
 * read before it is called: who the client is, and how much it may send, is known by then.
 */
export async function readJsonBody(
  request: BodySource,
  limits: { readonly bytesMax: number },
): Promise<Result<{ readonly value: JsonObject; readonly bytes: number }, Answer>> {
  const type = request.headers["content-type"] ?? "";
  if (!/^application\/json *(?:;|$)/i.test(type)) {
    return refuse(415, 'send a JSON object with the header "Content-Type: application/json"');
  }
  const text = await readText(request, limits.bytesMax);
  if (text === undefined) {
    return refuse(413, `the body is longer than ${limits.bytesMax} bytes`);
  }
  try {
    const value: unknown = JSON.parse(text.toString("utf8"));
    if (!isJsonObject(value)) return refuse(400, "the body is no JSON object");
    if (!isShallow(value, DEPTH_MAX)) return refuse(400, "the body is nested too deeply");
    return ok({ value, bytes: text.length });
  } catch (error) {
    const reason = error instanceof SyntaxError ? error.message : "";
    return refuse(400, `the body is not JSON: ${reason}`);
  }
}

/**
 * Reads the fields of an HTML form; `undefined` when the body is none, or longer than that.
 */
export async function readForm(
  request: BodySource,
  limits: { readonly bytesMax: number },
): Promise<URLSearchParams | undefined> {
  const type = request.headers["content-type"] ?? "";
  if (!/^application\/x-www-form-urlencoded *(?:;|$)/i.test(type)) return undefined;
  const text = await readText(request, limits.bytesMax);
  return text && new URLSearchParams(text.toString("utf8"));
}

/** Whether it is an object, no list. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

async function readText(request: BodySource, bytesMax: number): Promise<Buffer | undefined> {
  if (Number(request.headers["content-length"] ?? 0) > bytesMax) return undefined;
  const parts: Buffer[] = [];
  let bytes = 0;
  // Not destroyed on the way out: the answer has still to go over the same connection.
  for await (const part of request.iterator({ destroyOnReturn: false })) {
    if (!(part instanceof Buffer)) continue;
    bytes += part.length;
    if (bytes > bytesMax) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts, bytes);
}

function isShallow(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null) return true;
  return depth > 0 && Object.values(value).every((inner) => isShallow(inner, depth - 1));
}

function refuse(status: number, message: string): Result<never, Answer> {
  const answer = errorAnswer(status, { code: "bad-request", message });
  // The rest of the body would be taken for the next request, or read for nothing.
  return fault({ ...answer, headers: { ...answer.headers, connection: "close" } });
}
