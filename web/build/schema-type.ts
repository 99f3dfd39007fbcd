/** The part of JSON Schema that our OpenAPI document uses. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** The TypeScript type of what a schema describes; references are names in `Schemas`. */
export function formatSchemaType(schema: JsonSchema): string {
  const { $ref, anyOf, enum: choices, const: only, type } = schema;
  if (typeof $ref === "string") return `Schemas[${JSON.stringify($ref.split("/").at(-1))}]`;
  if (Array.isArray(anyOf)) return union(anyOf.map((one: JsonSchema) => formatSchemaType(one)));
  if (only !== undefined) return JSON.stringify(only);
  if (Array.isArray(choices)) return union(choices.map((one) => JSON.stringify(one)));
  if (Array.isArray(type)) {
    return union(type.map((one: unknown) => formatSchemaType({ ...schema, type: one })));
  }
  switch (type) {
    case "string":
    case "boolean":
    case "null":
      return type;
    case "number":
    case "integer":
      return "number";
    case "array":
      return `readonly (${formatSchemaType(recordOf(schema["items"]))})[]`;
    case "object":
      return formatObjectType(schema);
    default:
      return "unknown";
  }
}

function formatObjectType({ properties, required }: JsonSchema): string {
  const entries = Object.entries(recordOf(properties));
  if (entries.length === 0) return "Readonly<Record<string, unknown>>";
  const needed = new Set(Array.isArray(required) ? required : []);
  const lines = entries.map(([name, schema]) => {
    const mark = needed.has(name) ? "" : "?";
    return `readonly ${JSON.stringify(name)}${mark}: ${formatSchemaType(recordOf(schema))};`;
  });
  return `{ ${lines.join(" ")} }`;
}

/** A value as an object; what is none has no properties. */
export function recordOf(value: unknown): JsonSchema {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function union(types: readonly string[]): string {
  return [...new Set(types)].join(" | ") || "never";
}
