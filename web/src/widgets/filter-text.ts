/** A way to compare, as the server's filters have it. */
export type FilterOperator = "eq" | "ne" | "gt" | "ge" | "lt" | "le" | "like" | "notlike";

const ORDERED: readonly FilterOperator[] = ["gt", "ge", "lt", "le", "eq", "ne"];
const TEXTUAL: readonly FilterOperator[] = ["like", "notlike", "eq", "ne"];
const EQUAL: readonly FilterOperator[] = ["eq", "ne"];

const OPERATORS: Readonly<Record<string, readonly FilterOperator[]>> = {
  text: TEXTUAL,
  list: TEXTUAL,
  choice: EQUAL,
  boolean: EQUAL,
  number: ORDERED,
  bytes: ORDERED,
  span: ORDERED,
  date: ["gt", "lt", "ge", "le"],
};

/** How properties of a kind can be compared, the most usual way first; none: not at all. */
export function operatorsOf(kind: string | undefined): readonly FilterOperator[] {
  return OPERATORS[kind ?? ""] ?? [];
}

/** One comparison, as a page puts it together. */
export interface FilterTerm {
  readonly property: string;
  readonly kind: string;
  readonly operator: FilterOperator;
  /** As typed; "": nothing. Words for `like` get their stars here. */
  readonly value: string;
}

/** `Status -eq 'Retry'`, `MessageCount -gt 10`, `LastError -eq $null` */
export function formatTerm({ property, kind, operator, value }: FilterTerm): string {
  const isPattern = operator === "like" || operator === "notlike";
  if (value === "" && !isPattern) return `${property} -${operator} $null`;
  if (kind === "boolean") return `${property} -${operator} $${value}`;
  if (kind === "number") return `${property} -${operator} ${value.trim()}`;
  const text = isPattern && !/[*?]/.test(value) ? `*${value}*` : value;
  return `${property} -${operator} ${quoteFilterText(text)}`;
}

/** A text as filters have it. */
export function quoteFilterText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** Both must hold. */
export function bothFilters(left: string | undefined, right: string): string {
  const own = left?.trim() ?? "";
  if (own === "") return right;
  return /\s-or\s/i.test(own) ? `(${own}) -and ${right}` : `${own} -and ${right}`;
}
