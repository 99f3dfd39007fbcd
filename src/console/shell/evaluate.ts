import { unreachable } from "../../base/assert.ts";
import { DAY, HOUR, MINUTE, SECOND } from "../../base/units.ts";
import { momentMs, parseMoment } from "../../cmdlet/filter-value.ts";
import type { OutputValue } from "../../cmdlet/output-type.ts";
import { formatSuggestion } from "../../org/suggestion.ts";
import { compareValues } from "./compare-values.ts";
import { ShellFault } from "./shell-fault.ts";
import type { Arithmetic, Pipeline, ShellNode } from "./shell-syntax.ts";
import {
  isListValue,
  isTrue,
  memberOf,
  NULL_VALUE,
  type ShellValue,
  valueText,
} from "./shell-value.ts";

/** What names mean where a value is made out. */
export interface Scope {
  /** By name in lower case. */
  readonly variables: ReadonlyMap<string, ShellValue>;
  /** `$_` */
  readonly current: ShellValue | undefined;
  readonly nowMs: () => number;
  /** Runs what stands in parentheses. */
  readonly run: (pipeline: Pipeline, scope: Scope) => Promise<ShellValue>;
}

/** Characters that a template or a sum of texts may come to. */
const TEXT_CHARACTERS_MAX = 1024 * 1024;

/** Makes out a value. @throws ShellFault */
export async function evaluate(node: ShellNode, scope: Scope): Promise<ShellValue> {
  switch (node.kind) {
    case "literal":
      return { value: node.value };
    case "bare":
      return { value: node.text };
    case "template":
      return { value: await fillTemplate(node.parts, scope) };
    case "variable":
      return readVariable(node, scope);
    case "member":
      return memberOf(await evaluate(node.target, scope), node.name, node.at);
    case "index":
      return itemAt(await evaluate(node.target, scope), await evaluate(node.index, scope), node.at);
    case "method":
      return callMethod(node, scope);
    case "list":
      return evaluateList(node.items, scope);
    case "hash":
      return evaluateHash(node, scope);
    case "block":
      return { value: node.text };
    case "pipeline":
      return scope.run(node.pipeline, scope);
    case "compare": {
      const left = await evaluate(node.left, scope);
      const right = await evaluate(node.right, scope);
      const compared = { left, right, nowMs: scope.nowMs(), at: node.at };
      return { value: compareValues(node.operator, compared) };
    }
    case "arithmetic": {
      const left = await evaluate(node.left, scope);
      const right = await evaluate(node.right, scope);
      return calculate(node.operator, { left, right, at: node.at });
    }
    case "and":
      return {
        value:
          isTrue(await evaluate(node.left, scope)) && isTrue(await evaluate(node.right, scope)),
      };
    case "or":
      return {
        value:
          isTrue(await evaluate(node.left, scope)) || isTrue(await evaluate(node.right, scope)),
      };
    case "not":
      return { value: !isTrue(await evaluate(node.operand, scope)) };
    case "negate": {
      const { value } = await evaluate(node.operand, scope);
      return { value: 0 - numberOf(value, node.at) };
    }
    default:
      return unreachable(node);
  }
}

async function fillTemplate(parts: readonly (string | ShellNode)[], scope: Scope): Promise<string> {
  let text = "";
  for (const part of parts) {
    text += typeof part === "string" ? part : valueText((await evaluate(part, scope)).value);
    if (text.length > TEXT_CHARACTERS_MAX) throw new ShellFault("the text grows too long");
  }
  return text;
}

function readVariable(
  { name, at }: { readonly name: string; readonly at: number },
  scope: Scope,
): ShellValue {
  if (name === "_" || name.toLowerCase() === "psitem") {
    if (scope.current !== undefined) return scope.current;
    throw new ShellFault("$_ is the object of a pipe; there is none here", { at });
  }
  const value = scope.variables.get(name.toLowerCase());
  if (value !== undefined) return value;
  const hint = formatSuggestion(name, scope.variables.keys()).replace('"', '"$');
  throw new ShellFault(`there is no variable $${name}${hint}`, { at });
}

/** `[0]`, and `[-1]` from the end; a single value is a list of one. */
function itemAt(target: ShellValue, index: ShellValue, at: number): ShellValue {
  const { value, type } = target;
  if (typeof index.value === "string" && !/^-?\d+$/.test(index.value)) {
    return memberOf(target, index.value, at);
  }
  const number = numberOf(index.value, at);
  const items = isListValue(value) ? value : value === null ? [] : [value];
  const item = items.at(Math.trunc(number));
  return item === undefined ? NULL_VALUE : { value: item, type };
}

async function evaluateList(items: readonly ShellNode[], scope: Scope): Promise<ShellValue> {
  const values: ShellValue[] = [];
  for (const item of items) values.push(await evaluate(item, scope));
  // Lists within lists are one list, as in `@($a)` and `$a, $b`.
  const list = values.flatMap(({ value }) => (isListValue(value) ? value : [value]));
  const [first, ...others] = values;
  const type = others.every((other) => other.type === first?.type) ? first?.type : undefined;
  return { value: list, type };
}

async function evaluateHash(
  { entries }: Extract<ShellNode, { kind: "hash" }>,
  scope: Scope,
): Promise<ShellValue> {
  const values: [string, OutputValue][] = [];
  for (const { name, value } of entries) values.push([name, (await evaluate(value, scope)).value]);
  return { value: Object.fromEntries(values) };
}

function calculate(
  operator: Arithmetic,
  {
    left,
    right,
    at,
  }: { readonly left: ShellValue; readonly right: ShellValue; readonly at: number },
): ShellValue {
  if (operator === "+" && isListValue(left.value)) {
    return { value: [...left.value, ...(isListValue(right.value) ? right.value : [right.value])] };
  }
  if (operator === "+" && typeof left.value === "string") {
    return { value: (left.value + valueText(right.value)).slice(0, TEXT_CHARACTERS_MAX) };
  }
  const before = numberOf(left.value, at);
  const after = numberOf(right.value, at);
  switch (operator) {
    case "+":
      return { value: before + after };
    case "-":
      return { value: before - after };
    case "*":
      return { value: before * after };
    case "/":
    case "%":
      if (after === 0) throw new ShellFault("nothing can be divided by 0", { at });
      return { value: operator === "/" ? before / after : before % after };
    default:
      return unreachable(operator);
  }
}

function numberOf(value: OutputValue, at: number): number {
  const number =
    value === null ? 0 : typeof value === "string" && value.trim() === "" ? NaN : Number(value);
  if (typeof value === "object" && value !== null) throw notNumber(value, at);
  if (Number.isNaN(number)) throw notNumber(value, at);
  return number;
}

function notNumber(value: OutputValue, at: number): ShellFault {
  return new ShellFault(`${JSON.stringify(valueText(value))} is not a number`, { at });
}

const ADDED_MS: ReadonlyMap<string, number> = new Map([
  ["addmilliseconds", 1],
  ["addseconds", SECOND],
  ["addminutes", MINUTE],
  ["addhours", HOUR],
  ["adddays", DAY],
]);

/** The few methods that lines for Exchange use. */
async function callMethod(
  node: Extract<ShellNode, { kind: "method" }>,
  scope: Scope,
): Promise<ShellValue> {
  const target = await evaluate(node.target, scope);
  const { value } = await evaluateList(node.arguments, scope);
  const [first = null] = isListValue(value) ? value : [];
  const text = valueText(target.value);
  const name = node.name.toLowerCase();
  const addedMs = ADDED_MS.get(name);
  if (addedMs !== undefined) {
    const moment = parseMoment(text);
    if (moment === undefined) throw new ShellFault(`"${text}" is not a date`, { at: node.at });
    const atMs = momentMs(moment, scope.nowMs()) + numberOf(first, node.at) * addedMs;
    if (Number.isNaN(new Date(atMs).getTime()))
      throw new ShellFault("no such date", { at: node.at });
    return { value: new Date(atMs).toISOString(), property: { kind: "date", doc: "" } };
  }
  const other = valueText(first);
  switch (name) {
    case "tostring":
      return { value: text };
    case "tolower":
      return { value: text.toLowerCase() };
    case "toupper":
      return { value: text.toUpperCase() };
    case "trim":
      return { value: text.trim() };
    case "startswith":
      return { value: text.startsWith(other) };
    case "endswith":
      return { value: text.endsWith(other) };
    case "contains":
      return {
        value: isListValue(target.value) ? target.value.includes(first) : text.includes(other),
      };
    default: {
      const known = [...KNOWN_METHODS];
      const hint = formatSuggestion(node.name, known) || `; there are ${known.join(", ")}`;
      throw new ShellFault(`there is no method ${node.name}${hint}`, { at: node.at });
    }
  }
}

const KNOWN_METHODS = [
  ...["AddDays", "AddHours", "AddMinutes", "AddSeconds", "AddMilliseconds"],
  ...["ToString", "ToLower", "ToUpper", "Trim", "StartsWith", "EndsWith", "Contains"],
];
