import { unreachable } from "../base/assert.ts";
import type { Filter, FilterNode } from "./filter.ts";
import type { FilterOperator } from "./filter-syntax.ts";
import { type FilterValue, momentMs } from "./filter-value.ts";
import { foldText, toLikePattern } from "./wildcard.ts";

/** Where a property is in a database. */
export interface SqlColumn {
  /** An expression: a column, or a subquery in parentheses. Never from a caller's text. */
  readonly sql: string;
  /** Texts only: the expression yields what `foldText` makes of them, so that an index serves. */
  readonly isFolded?: boolean;
  /** What stands for a text, for columns with codes: `Retry` is 3. Gets the text folded. */
  readonly encode?: (folded: string) => SqlValue;
}

/** What may be bound to a parameter. */
export type SqlValue = string | number;

/** How the properties of a type are stored: dates epoch ms, spans ms, booleans 0 and 1. */
export interface SqlMapping {
  readonly columns: Readonly<Record<string, SqlColumn>>;
  /** The SQL function with the meaning of `foldText`; SQLite's own `lower` knows ASCII only. */
  readonly foldFunction: string;
  readonly nowMs: number;
}

/** A condition with its parameters, `?` each, in order. */
export interface SqlCondition {
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

const SQL_OPERATORS: Readonly<Record<FilterOperator, string>> = {
  eq: "=",
  ne: "=",
  gt: ">",
  ge: ">=",
  lt: "<",
  le: "<=",
  like: "LIKE",
  notlike: "LIKE",
};

/**
 * The filter as a condition that is true or false and never NULL: it means what `compileFilter`
 * does. `undefined` when a property is in no column: then the caller filters what comes back.
 * Lists and objects are in no column.
 */
export function compileFilterToSql(
  { root }: Filter,
  mapping: SqlMapping,
): SqlCondition | undefined {
  return compileNode(root, mapping);
}

function compileNode(node: FilterNode, mapping: SqlMapping): SqlCondition | undefined {
  switch (node.kind) {
    case "and":
    case "or": {
      const terms: SqlCondition[] = [];
      for (const inner of node.terms) {
        const term = compileNode(inner, mapping);
        if (term === undefined) return undefined;
        terms.push(term);
      }
      const joint = node.kind === "and" ? " AND " : " OR ";
      return {
        sql: `(${terms.map(({ sql }) => sql).join(joint)})`,
        values: terms.flatMap(({ values }) => values),
      };
    }
    case "not": {
      const term = compileNode(node.term, mapping);
      return term && { sql: `NOT ${term.sql}`, values: term.values };
    }
    case "present":
    case "absent":
      return compilePresence(node, mapping);
    case "compare":
      return compileComparison(node, mapping);
    default:
      return unreachable(node);
  }
}

function compilePresence(
  { kind, property, propertyKind }: FilterNode & { kind: "present" | "absent" },
  mapping: SqlMapping,
): SqlCondition | undefined {
  const column = mapping.columns[property];
  if (column === undefined) return undefined;
  const isText = propertyKind === "text" && column.encode === undefined;
  const absent = isText
    ? `(${column.sql} IS NULL OR ${column.sql} = '')`
    : `(${column.sql} IS NULL)`;
  return { sql: kind === "absent" ? absent : `NOT ${absent}`, values: [] };
}

function compileComparison(
  { property, operator, value }: FilterNode & { kind: "compare" },
  mapping: SqlMapping,
): SqlCondition | undefined {
  const column = mapping.columns[property];
  if (column === undefined) return undefined;
  const isNegated = operator === "ne" || operator === "notlike";
  const isPattern = operator === "like" || operator === "notlike";
  // A code has no letters that a pattern could meet.
  if (isPattern && column.encode !== undefined) return undefined;
  const isText = value.kind === "text" && column.encode === undefined;
  const left =
    isText && column.isFolded !== true ? `${mapping.foldFunction}(${column.sql})` : column.sql;
  const bound = bindValue(value, { isPattern, column, nowMs: mapping.nowMs });
  const escapeClause = isPattern ? " ESCAPE '\\'" : "";
  // Where there is NULL, NOT would stay NULL: so the comparison says itself that it is false.
  const comparison = `${left} ${SQL_OPERATORS[operator]} ?${escapeClause}`;
  const test = `(${column.sql} IS NOT NULL AND ${comparison})`;
  return { sql: isNegated ? `NOT ${test}` : test, values: [bound] };
}

function bindValue(
  value: FilterValue,
  how: { readonly isPattern: boolean; readonly column: SqlColumn; readonly nowMs: number },
): SqlValue {
  switch (value.kind) {
    case "text": {
      const folded = foldText(value.text);
      if (how.column.encode !== undefined) return how.column.encode(folded);
      return how.isPattern ? toLikePattern(value.text) : folded;
    }
    case "number":
      return value.number;
    case "boolean":
      return value.isTrue ? 1 : 0;
    case "moment":
    case "relative":
      return momentMs(value, how.nowMs);
    default:
      return unreachable(value);
  }
}
