import { fault, ok, type Result } from "../base/result.ts";
import type { Cmdlet } from "../cmdlet/cmdlet.ts";
import type { OutputObject } from "../cmdlet/output-type.ts";
import { findParameter } from "../cmdlet/read-input.ts";
import { type Answer, errorAnswer, faultStatus } from "./http-answer.ts";

type Parameters = Readonly<Record<string, unknown>>;

const TAG = String.raw`(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"`;
const TAG_LIST = new RegExp(String.raw`^[ \t,]*${TAG}(?:[ \t]*,[ \t,]*${TAG})*[ \t,]*$`);
/** Those that can be one of ours, without their quotes. */
const STRONG_TAG = /^"([\x21\x23-\x7e]{1,256})"$/;
const TAGS_MAX = 100;

/**
 * Parameters with the condition of the request's If-Match (RFC 9110 §13.1.1) as -IfMatch. What has
 * no tags is never as somebody saw it: `*` alone says nothing about it.
 */
export function withCondition(
  cmdlet: Pick<Cmdlet<never>, "name" | "parameters" | "roles">,
  parameters: Parameters,
  header: string | undefined,
): Result<Parameters, Answer> {
  if (header === undefined) return ok(parameters);
  const tags = readIfMatch(header);
  if (tags === undefined) return refuse("If-Match is neither * nor a list of at most 100 ETags");
  if (Object.keys(parameters).some((name) => findParameter(cmdlet, name) === "IfMatch")) {
    return refuse("If-Match and IfMatch say the same: give one of them");
  }
  if (cmdlet.parameters["IfMatch"] !== undefined) return ok({ ...parameters, IfMatch: tags });
  if (tags.includes("*")) return ok(parameters);
  const message = `what ${cmdlet.name} changes has no ETag: leave If-Match out`;
  const error = { code: "conflict", message, parameter: "IfMatch" } as const;
  return fault(errorAnswer(faultStatus(error), error));
}

/** `["*"]`, or the tags that can fit; `undefined`: it is not written as it has to be. */
function readIfMatch(header: string): readonly string[] | undefined {
  if (header.trim() === "*") return ["*"];
  if (!TAG_LIST.test(header)) return undefined;
  const tags = [...header.matchAll(new RegExp(TAG, "g"))].map(([tag]) => tag);
  if (tags.length > TAGS_MAX) return undefined;
  return tags.flatMap((tag) => STRONG_TAG.exec(tag)?.[1] ?? []);
}

/**
 * The header ETag of an answer with one object that was asked for by its name, or that is the only
 * one of its kind. It stands for what is stored of the object: how a thing fares is not in it.
 */
export function tagHeaders(
  { parameters: known }: Pick<Cmdlet<never>, "parameters">,
  given: Parameters,
  objects: readonly OutputObject[],
): Readonly<Record<string, string>> {
  const tag = objects[0]?.["ETag"];
  if (typeof tag !== "string" || objects.length !== 1) return {};
  const values = new Map(Object.entries(given).map(([name, one]) => [name.toLowerCase(), one]));
  const isNamed = Object.entries(known)
    .filter(([, { position }]) => position !== undefined)
    .every(([name]) => {
      const value = values.get(name.toLowerCase());
      return typeof value === "string" && !/[*?]/.test(value);
    });
  return isNamed ? { etag: `"${tag}"` } : {};
}

function refuse(message: string): Result<never, Answer> {
  return fault(errorAnswer(400, { code: "bad-parameter", message, parameter: "IfMatch" }));
}
