import { fault, ok, type Result } from "../base/result.ts";
import { formatSuggestion } from "../org/suggestion.ts";
import { type FilterOperator, type FilterSyntax, parseFilterSyntax } from "./filter-syntax.ts";
import type { FilterFault } from "./filter-token.ts";
import { type FilterValue, isNullOperand, readFilterValue } from "./filter-value.ts";
import type { OutputType, PropertyKind } from "./output-type.ts";

/** A filter whose properties, operators and values fit an output type. */
export type FilterNode =
  | { readonly kind: "and" | "or"; readonly terms: readonly FilterNode[] }
  | { readonly kind: "not"; readonly term: FilterNode }
  | {
      readonly kind: "compare";
      readonly property: string;
      readonly propertyKind: PropertyKind;
      readonly operator: FilterOperator;
      readonly value: FilterValue;
    }
  /** `-ne $null` and `-eq $null`; a text or list that is empty is absent too. */
  | {
      readonly kind: "present" | "absent";
      readonly property: string;
      readonly propertyKind: PropertyKind;
    };

/** A filter for objects of one type; only `parseFilter` makes one. */
export class Filter {
  readonly root: FilterNode;
  readonly outputType: OutputType;
  /** As it was written. */
  readonly text: string;

  constructor(root: FilterNode, outputType: OutputType, text: string) {
    this.root = root;
    this.outputType = outputType;
    this.text = text;
  }

  /** The properties that it looks at. */
  get properties(): ReadonlySet<string> {
    return new Set(propertiesOf(this.root));
  }
}

function propertiesOf(node: FilterNode): readonly string[] {
  if ("terms" in node) return node.terms.flatMap(propertiesOf);
  return "term" in node ? propertiesOf(node.term) : [node.property];
}

const EQUALITY: readonly FilterOperator[] = ["eq", "ne"];
const LIKENESS: readonly FilterOperator[] = ["eq", "ne", "like", "notlike"];
const ORDER: readonly FilterOperator[] = ["eq", "ne", "gt", "ge", "lt", "le"];

/** Which operators a property of each kind has. */
export const OPERATORS_OF_KIND: Readonly<Record<PropertyKind, readonly FilterOperator[]>> = {
  text: LIKENESS,
  choice: LIKENESS,
  list: LIKENESS,
  object: ["like", "notlike"],
  number: ORDER,
  bytes: ORDER,
  span: ORDER,
  date: ORDER,
  boolean: EQUALITY,
};

/**
 * Reads the filter grammar against a type: `Status -eq 'Retry' -and LastRetryTime -lt -2h`. Names
 * and texts are compared without case. The fault says where.
 */
export function parseFilter(text: string, outputType: OutputType): Result<Filter, FilterFault> {
  const syntax = parseFilterSyntax(text);
  if (!syntax.ok) return syntax;
  const root = checkNode(syntax.value, outputType);
  return root.ok ? ok(new Filter(root.value, outputType, text)) : root;
}

/** The property of that name in any case, as the type has it. */
export function findProperty({ properties }: OutputType, name: string): string | undefined {
  if (Object.hasOwn(properties, name)) return name;
  const folded = name.toLowerCase();
  return Object.keys(properties).find((known) => known.toLowerCase() === folded);
}

function checkNode(syntax: FilterSyntax, type: OutputType): Result<FilterNode, FilterFault> {
  if (syntax.kind === "compare") return checkComparison(syntax, type);
  if (syntax.kind === "not") {
    const term = checkNode(syntax.term, type);
    return term.ok ? ok({ kind: "not", term: term.value }) : term;
  }
  const terms: FilterNode[] = [];
  for (const one of syntax.terms) {
    const term = checkNode(one, type);
    if (!term.ok) return term;
    terms.push(term.value);
  }
  return ok({ kind: syntax.kind, terms });
}

function checkComparison(
  { property: word, at, operator, operatorAt, operand }: FilterSyntax & { kind: "compare" },
  type: OutputType,
): Result<FilterNode, FilterFault> {
  const property = findProperty(type, word);
  const described = property === undefined ? undefined : type.properties[property];
  if (property === undefined || described === undefined) {
    const hint = formatSuggestion(word, Object.keys(type.properties));
    return fault({ problem: `${type.name} has no property ${JSON.stringify(word)}${hint}`, at });
  }
  const propertyKind = described.kind;
  if (isNullOperand(operand) && EQUALITY.includes(operator)) {
    const kind = operator === "eq" ? "absent" : "present";
    return ok({ kind, property, propertyKind });
  }
  const allowed = OPERATORS_OF_KIND[propertyKind];
  if (!allowed.includes(operator)) {
    const choice = allowed.map((one) => `-${one}`).join(", ");
    const what = `${property} (${propertyKind})`;
    const problem = `${what} cannot be compared with -${operator}; use ${choice}`;
    return fault({ problem, at: operatorAt });
  }
  const isPattern = operator === "like" || operator === "notlike";
  const value = isPattern
    ? ({ kind: "text", text: operand.text } as const)
    : readFilterValue(operand.text, described);
  if (value.kind === "problem") {
    const problem = `${property}: ${JSON.stringify(operand.text)} ${value.problem}`;
    return fault({ problem, at: operand.at });
  }
  return ok({ kind: "compare", property, propertyKind, operator, value });
}
