import type { OutputValue } from "../cmdlet/output-type.ts";
import type { OutputView, ViewOptions } from "./output-view.ts";
import { pickProperties } from "./pick-properties.ts";
import { safeJson } from "./safe-text.ts";

/** A list of mappings. Texts that YAML could take for anything else stand in double quotes. */
export function createYamlView({ properties }: ViewOptions): OutputView {
  let count = 0;
  return {
    push(value) {
      count += 1;
      const lines = formatNode(pickProperties(value, properties));
      return lines.map((line, index) => `${index === 0 ? "- " : "  "}${line}\n`).join("");
    },
    flush: () => "",
    end: () => (count === 0 ? "[]\n" : ""),
  };
}

/** Lines of a block, not indented. */
function formatNode(value: OutputValue): readonly string[] {
  if (Array.isArray(value) && value.length > 0) {
    return value.flatMap((item: OutputValue) =>
      formatNode(item).map((line, index) => (index === 0 ? "- " : "  ") + line),
    );
  }
  if (!isMapping(value) || Object.keys(value).length === 0) return [formatScalar(value)];
  return Object.entries(value).flatMap(([name, inner]) => {
    const key = formatScalar(name);
    if (!isBlock(inner)) return [`${key}: ${formatScalar(inner)}`];
    return [`${key}:`, ...formatNode(inner).map((line) => `  ${line}`)];
  });
}

function isMapping(value: OutputValue): value is { readonly [name: string]: OutputValue } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isBlock(value: OutputValue): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Object.keys(value).length > 0;
}

/** Begins like no other type, has no sign of YAML's, and is none of its words. */
const PLAIN = /^[A-Za-z][\w@.+/\\ -]*(?<! )$/;
const YAML_WORDS = /^(?:true|false|null|yes|no|on|off|y|n)$/i;

function formatScalar(value: OutputValue): string {
  const isPlain = typeof value === "string" && PLAIN.test(value) && !YAML_WORDS.test(value);
  // Every JSON text is YAML (1.2).
  return isPlain ? value : safeJson(value);
}
