import type { ValueSchema } from "../../api/facts.ts";

/** How a value is edited. */
export type FieldKind =
  | { readonly kind: "text"; readonly isMultiline: boolean }
  | { readonly kind: "secret" | "boolean" | "list" | "date" }
  /** Sizes and spans are written as text that the server reads: `36MB`, `00:05:00`. */
  | { readonly kind: "number" | "bytes" | "span"; readonly isUnlimited: boolean }
  | { readonly kind: "choice" | "choices"; readonly choices: readonly string[] }
  /** Properties of its own, once or many times. */
  | {
      readonly kind: "section" | "sections";
      readonly properties: Readonly<Record<string, ValueSchema>>;
    }
  /** Whatever JSON. */
  | { readonly kind: "json" };

/** How a value is edited: by what the server says of its kind. */
export function fieldKindOf(schema: ValueSchema): FieldKind {
  const choices = schema["x-choices"] ?? [];
  switch (schema["x-kind"]) {
    case "secret":
    case "boolean":
    case "date":
      return { kind: schema["x-kind"] };
    case "number":
    case "bytes":
    case "span":
      return { kind: schema["x-kind"], isUnlimited: schema["x-range"]?.unlimited === true };
    case "choice":
      return { kind: "choice", choices };
    case "list":
      return choices.length > 0 ? { kind: "choices", choices } : { kind: "list" };
    case "map":
    case "table": {
      const properties = propertiesOf(schema);
      if (properties === undefined) return { kind: "json" };
      return { kind: schema["x-kind"] === "map" ? "section" : "sections", properties };
    }
    default:
      return { kind: "text", isMultiline: schema["x-multiline"] === true };
  }
}

function propertiesOf(schema: ValueSchema): Readonly<Record<string, ValueSchema>> | undefined {
  if (schema.properties !== undefined) return schema.properties;
  if (schema.items !== undefined) return propertiesOf(schema.items);
  for (const one of schema.anyOf ?? []) {
    const found = propertiesOf(one);
    if (found !== undefined) return found;
  }
  return undefined;
}
