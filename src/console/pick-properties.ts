import type { OutputObject } from "../cmdlet/output-type.ts";

/** The object with these properties in this order; what it does not have is null. */
export function pickProperties(value: OutputObject, properties: readonly string[]): OutputObject {
  return Object.fromEntries(properties.map((name) => [name, value[name] ?? null]));
}
