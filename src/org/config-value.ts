/** Where something stands in a file; both from 1. Line 0: not in a file but in the store. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A property with its name's place. */
export interface ConfigEntry {
  readonly name: string;
  readonly at: Position;
  readonly value: ConfigValue;
}

/** A mapping; names may be unknown or repeated, the reader of the object says so. */
export interface ConfigMap {
  readonly kind: "map";
  readonly entries: readonly ConfigEntry[];
  readonly at: Position;
}

/**
 * A configured value before its meaning is known: what YAML and the organization store have in
 * common. Scalars are text, so that `007`, `no` and `00:05:00` reach the setting as written.
 */
export type ConfigValue =
  | { readonly kind: "scalar"; readonly text: string; readonly at: Position }
  /** `null`, `~` or nothing. */
  | { readonly kind: "null"; readonly at: Position }
  | { readonly kind: "list"; readonly items: readonly ConfigValue[]; readonly at: Position }
  | ConfigMap;

/** The form of a value in the store and in tables of defaults. */
export type ConfigJson =
  | string
  | null
  | readonly ConfigJson[]
  | { readonly [name: string]: ConfigJson };

/** The place of values that stand in no file. */
export const NOWHERE: Position = { line: 0, column: 0 };

/** Forgets the places; comes back through `fromConfigJson`. */
export function toConfigJson(value: ConfigValue): ConfigJson {
  switch (value.kind) {
    case "scalar":
      return value.text;
    case "null":
      return null;
    case "list":
      return value.items.map(toConfigJson);
    case "map":
      return Object.fromEntries(
        value.entries.map((entry) => [entry.name, toConfigJson(entry.value)]),
      );
  }
}

/** Total for whatever JSON.parse returns; numbers and booleans become their text. */
export function fromConfigJson(json: unknown): ConfigValue {
  if (json === null || json === undefined) return { kind: "null", at: NOWHERE };
  if (Array.isArray(json)) return { kind: "list", items: json.map(fromConfigJson), at: NOWHERE };
  if (typeof json === "object") {
    const entries = Object.entries(json).map(([name, value]) => ({
      name,
      at: NOWHERE,
      value: fromConfigJson(value),
    }));
    return { kind: "map", entries, at: NOWHERE };
  }
  // JSON has nothing else than texts, numbers and booleans now.
  const text = typeof json === "string" ? json : JSON.stringify(json);
  return { kind: "scalar", text: text ?? "", at: NOWHERE };
}

/** The value of the first property of that name. */
export function findEntry(map: ConfigMap, name: string): ConfigEntry | undefined {
  return map.entries.find((entry) => entry.name === name);
}

/** The text of a scalar as it is stored; "" for anything else. */
export function configText(json: unknown): string {
  return typeof json === "string" ? json : "";
}
