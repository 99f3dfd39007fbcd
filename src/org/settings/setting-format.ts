import { formatEndpoint } from "./network-types.ts";
import type { SettingForm, SettingTable, SettingType } from "./setting.ts";
import { formatBytes, formatSpan } from "./setting-types.ts";

/** A setting's value as people and scripts see it. */
export type ShownValue =
  | string
  | number
  | boolean
  | null
  | readonly ShownValue[]
  | { readonly [name: string]: ShownValue };

/** In place of every secret. */
export const MASK = "***";

type AnyType = Pick<SettingType<unknown, "" | "Ms">, "form" | "isSecret" | "table" | "listMax">;

/**
 * A value that a type has read, in the form in which one would write it: `[::]:25`, `36MB`,
 * `00:10:00`, `unlimited`; booleans and whole numbers as themselves, secrets as MASK, sections by
 * `nameOf` their properties.
 */
export function formatSetting(
  type: AnyType,
  value: unknown,
  nameOf: (property: string) => string,
): ShownValue {
  if (value === undefined || value === null) return null;
  const { table } = type;
  if (table !== undefined) {
    if (Array.isArray(value)) return value.map((item) => formatSection(table, item, nameOf));
    return formatSection(table, value, nameOf);
  }
  if (type.isSecret === true) return MASK;
  return formatValue(type.form, value);
}

function formatSection(
  table: SettingTable,
  value: unknown,
  nameOf: (property: string) => string,
): ShownValue {
  const values = new Map(Object.entries(Object(value) as object));
  const shown = Object.entries(table).map(([property, { type }]) => {
    const inner: unknown = values.get(property + type.suffix);
    return [nameOf(property), formatSetting(type, inner, nameOf)] as const;
  });
  return Object.fromEntries(shown);
}

function formatValue(form: SettingForm | undefined, value: unknown): ShownValue {
  if (Array.isArray(value)) {
    const items = form?.kind === "list" ? form.items : undefined;
    return value.map((item) => formatValue(items, item));
  }
  if (typeof value === "number") return formatNumber(form, value);
  if (typeof value === "string" || typeof value === "boolean") return value;
  return formatStructure(new Map<string, unknown>(Object.entries(Object(value) as object)));
}

function formatNumber(form: SettingForm | undefined, value: number): string | number {
  if (value === Number.POSITIVE_INFINITY) return "unlimited";
  if (form?.kind === "bytes") return formatBytes(value);
  if (form?.kind === "span") return formatSpan(value);
  return form?.kind === "number" && form.isUnlimited ? String(value) : value;
}

/** The types of more than one part, each as its reader takes it. */
function formatStructure(parts: ReadonlyMap<string, unknown>): ShownValue {
  const text = (name: string): string => String(parts.get(name));
  if (parts.has("port"))
    return formatEndpoint({ address: text("address"), port: Number(text("port")) });
  if (parts.has("first") && parts.has("text")) return text("text");
  if (parts.has("space")) return `SMTP:${text("space")};${text("cost")}`;
  if (parts.has("isAddress")) {
    return parts.get("isAddress") === true ? `[${text("host")}]` : text("host");
  }
  if (parts.has("isTree")) return `${parts.get("isTree") === true ? "*." : ""}${text("domain")}`;
  if (parts.has("issuer") || parts.has("subject")) {
    const shown = (name: string, mark: string) =>
      parts.get(name) === undefined ? "" : `${mark}${text(name)}`;
    return shown("issuer", "<I>") + shown("subject", "<S>");
  }
  return Object.fromEntries(
    [...parts].map(([name, value]) => [name, formatValue(undefined, value)]),
  );
}
