/** A property that a run has changed, as its texts before and after. */
export interface PropertyChange {
  readonly object: string;
  readonly name: string;
  readonly before: string;
  readonly after: string;
}

/** What Search-AdminAuditLog says of changed properties; those that stayed are left out. */
export function propertyChanges(modified: unknown): readonly PropertyChange[] {
  return recordsOf(modified)
    .map((one) => ({
      object: textOf(one["Object"]),
      name: textOf(one["Name"]),
      before: textOf(one["OldValue"]),
      after: textOf(one["NewValue"]),
    }))
    .filter(({ name, before, after }) => name !== "ETag" && (before !== after || name === ""));
}

/** The parameters of a run, as he who ran it has thought of them. */
export function givenParameters(parameters: unknown): readonly (readonly [string, string])[] {
  return recordsOf(parameters)
    .map((one) => [textOf(one["Name"]), textOf(one["Value"])] as const)
    .filter(([name]) => name !== "IfMatch");
}

type Properties = Readonly<Record<string, unknown>>;

/** Those of a list of objects that are any. */
export function recordsOf(value: unknown): readonly Properties[] {
  if (!Array.isArray(value)) return [];
  return value.filter((one): one is Properties => typeof one === "object" && one !== null);
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (Array.isArray(value)) return value.map(textOf).join(", ");
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}
