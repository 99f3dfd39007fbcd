import { createHash } from "node:crypto";
import type { ConfigJson } from "../org/config-value.ts";
import type { ObjectProperties } from "../org/organization-editor.ts";
import { listOf, Problem, scalarType } from "../org/settings/setting-types.ts";
import type { CmdletInput } from "./cmdlet.ts";
import { CmdletFault } from "./cmdlet-fault.ts";
import type { OutputProperty } from "./output-type.ts";
import { optionalParameter } from "./parameter.ts";

const TAG_CHARACTERS = 20;
const TAGS_MAX = 100;
const TAG_CHARACTERS_MAX = 256;

/** As one is written (RFC 9110 §8.8.3), with or without its quotes. */
const ENTITY_TAG = /^(?:W\/)?"[\x21\x23-\x7e]*"$|^[\x21\x23-\x7e]+$/;

/** `ETag` of the objects that cmdlets change; never a column of the table view. */
export const ETAG: OutputProperty = {
  kind: "text",
  doc: "Stands for what is stored of it; -IfMatch of what changes it says that it is still that.",
};

/** `-IfMatch` of the cmdlets that change objects: `ifMatchOf` reads it. */
export const IF_MATCH = optionalParameter(
  listOf(
    scalarType({
      label: "ETag",
      suffix: "",
      parse: (text) =>
        text.length <= TAG_CHARACTERS_MAX && ENTITY_TAG.test(text)
          ? text
          : new Problem("is not an ETag; Get shows that of an object, and * is any"),
    }),
    { max: TAGS_MAX },
  ),
  "ETag of the object as it was seen: it is changed only if it is still like that.",
);

/** The value of `-IfMatch`; `undefined` when it was not given. */
export function ifMatchOf({ ifMatch }: CmdletInput): readonly string[] | undefined {
  // Read by the type of IF_MATCH.
  return Array.isArray(ifMatch) ? (ifMatch as readonly string[]) : undefined;
}

/**
 * The tag of an object by what is stored of it. Neither the order of its properties nor a restart
 * makes another one of it. Members of a group are left out: they come
 * and go one by one, and have a tag of their own.
 */
export function entityTag({ members: _, ...stored }: ObjectProperties): string {
  const text = JSON.stringify(inOrder(stored));
  return createHash("sha256").update(text).digest("hex").slice(0, TAG_CHARACTERS);
}

function inOrder(value: ConfigJson): ConfigJson {
  if (Array.isArray(value)) return (value as readonly ConfigJson[]).map(inOrder);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).toSorted(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(entries.map(([name, inner]) => [name, inOrder(inner)]));
}

/**
 * Whether an object may be changed by somebody who saw it as one of these. Tags are compared
 * strongly (RFC 9110 §13.1.1): a weak one, which is never ours, fits nothing.
 */
export function matchesTag(ifMatch: readonly string[] | undefined, tag: string): boolean {
  if (ifMatch === undefined) return true;
  return ifMatch.some((one) => one === "*" || one === tag || one === `"${tag}"`);
}

/** The fault of an object that is another one than its editor has seen. */
export function changedMeanwhile(
  label: string,
  { who, names }: { readonly who?: string; readonly names?: readonly string[] } = {},
): CmdletFault {
  const by = who === undefined ? "" : ` by ${who}`;
  const what = names === undefined || names.length === 0 ? "" : ` (${names.join(", ")})`;
  const cure = "look at it again, and give what is to be different from how it is now";
  const text = `${label} has been changed meanwhile${by}${what}: ${cure}`;
  return new CmdletFault("conflict", text, { parameter: "IfMatch" });
}
