import type { ConfigJson } from "./config-value.ts";
import type { ObjectProperties } from "./organization-editor.ts";

/** Width up to which a list of single values stands on one line. */
const LINE_CHARACTERS_MAX = 100;

/** One object as an entry of its kind's list, two spaces in: `  - name: …`. */
export function formatListedObject(properties: ObjectProperties): string {
  const lines = formatEntries(properties, "    ");
  return `  - ${lines.slice(4)}`;
}

/** The object of a kind of which there is one, two spaces in. */
export function formatSingleObject(properties: ObjectProperties): string {
  return formatEntries(properties, "  ");
}

function formatEntries(properties: ObjectProperties, indent: string): string {
  return Object.entries(properties)
    .map(([name, value]) => `${indent}${formatScalar(name)}:${formatBehindName(value, indent)}`)
    .join("");
}

function formatBehindName(value: ConfigJson, indent: string): string {
  if (value === null) return " null\n";
  if (typeof value === "string") return ` ${formatScalar(value)}\n`;
  if (isList(value)) return formatList(value, indent);
  return Object.keys(value).length === 0 ? " {}\n" : `\n${formatEntries(value, `${indent}  `)}`;
}

function formatList(items: readonly ConfigJson[], indent: string): string {
  const scalars = items.filter((item) => typeof item === "string");
  if (scalars.length === items.length) {
    const flow = ` [${scalars.map(formatScalar).join(", ")}]\n`;
    if (flow.length + indent.length <= LINE_CHARACTERS_MAX) return flow;
  }
  const inner = `${indent}  `;
  const lines = items.map((item) => {
    if (
      typeof item === "object" &&
      item !== null &&
      !isList(item) &&
      Object.keys(item).length > 0
    ) {
      return `${inner}- ${formatEntries(item, `${inner}  `).slice(inner.length + 2)}`;
    }
    return `${inner}-${formatBehindName(item, `${inner}  `)}`;
  });
  return `\n${lines.join("")}`;
}

// The type guard of Array.isArray does not know read-only arrays.
function isList(value: ConfigJson): value is readonly ConfigJson[] {
  return Array.isArray(value);
}

/** Text that is itself in YAML, also inside brackets, and is not read as nothing. */
const PLAIN =
  /^(?!(?:null|Null|NULL)$)[A-Za-z0-9_./+][A-Za-z0-9_./@+$=-]*(?: [A-Za-z0-9_./@+$=-]+)*$/;

function formatScalar(text: string): string {
  // JSON's escapes are YAML's in double quotes (YAML 1.2 §5.7).
  return PLAIN.test(text) ? text : JSON.stringify(text);
}
