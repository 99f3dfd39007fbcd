import { formatBytes } from "../../base/format.ts";
import {
  ACTION_PARTS,
  ACTION_PHRASES,
  CONDITION_PHRASES,
  type ConditionGroup,
  OPTIONS,
  VALUE_WORDS,
} from "./rule-phrases.ts";

/** What a rule is set to, by parameter name. */
export type RuleValues = Readonly<Record<string, unknown>>;

/** One condition, exception or action that a rule can have. */
export interface RulePart {
  readonly name: string;
  /** Of New-TransportRule: what makes it. */
  readonly parameters: readonly string[];
  /** `{Parameter}` stands for a value. */
  readonly words: string;
  readonly group: ConditionGroup | undefined;
  readonly description: string;
}

/** A piece of a sentence. */
export interface Segment {
  readonly text: string;
  /** Whether it is a value, which may be hostile text. */
  readonly isValue: boolean;
}

interface PredicateFacts {
  readonly Name: string | null;
  readonly Parameters: readonly string[] | null;
  readonly ExceptionParameters: readonly string[] | null;
  readonly Description: string | null;
}

/** The conditions of the server, as its Get-TransportRulePredicate tells of them. */
export function conditionParts(predicates: readonly PredicateFacts[]): readonly RulePart[] {
  return predicates.map(({ Name, Parameters, Description }) =>
    conditionPart(Name ?? "", Parameters ?? [], Description),
  );
}

/** The same as exceptions. */
export function exceptionParts(predicates: readonly PredicateFacts[]): readonly RulePart[] {
  return predicates.map(({ Name, ExceptionParameters, Description }) => {
    const part = conditionPart(Name ?? "", ExceptionParameters ?? [], Description);
    return { ...part, name: `ExceptIf${part.name}`, words: withExceptions(part.words) };
  });
}

function conditionPart(
  name: string,
  parameters: readonly string[],
  description: string | null,
): RulePart {
  const phrase = CONDITION_PHRASES.get(name);
  const words = phrase?.words ?? plainWords(name, name);
  return { name, parameters, words, group: phrase?.group, description: description ?? "" };
}

function withExceptions(words: string): string {
  return words.replaceAll("{", "{ExceptIf");
}

/** For what is newer than this page. */
function plainWords(name: string, parameter: string): string {
  return `${name.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase()} {${parameter}}`;
}

/** The actions of the server, as its Get-TransportRuleAction tells of them. */
export function actionParts(
  actions: readonly { readonly Name: string | null; readonly Description: string | null }[],
): readonly RulePart[] {
  const inOthers = new Set(Object.values(ACTION_PARTS).flatMap((names) => names.slice(1)));
  return actions.flatMap(({ Name, Description }) => {
    const name = Name ?? "";
    if (inOthers.has(name)) return [];
    const parameters = ACTION_PARTS[name] ?? [name];
    const words = ACTION_PHRASES.get(name)?.words ?? plainWords(name, name);
    return [{ name, parameters, words, group: undefined, description: Description ?? "" }];
  });
}

/** Whether a value says anything. */
export function isSet(value: unknown): boolean {
  if (value === undefined || value === null || value === "" || value === false) return false;
  return !Array.isArray(value) || value.length > 0;
}

/** Whether a rule has that condition, exception or action. */
export function hasPart({ parameters }: RulePart, values: RuleValues): boolean {
  return parameters.some((name) => !OPTIONS.has(name) && isSet(values[name]));
}

/** The rule without it. */
export function withoutPart({ parameters }: RulePart, values: RuleValues): RuleValues {
  const cleared = parameters
    .filter((name) => isSet(values[name]) && !OPTIONS.has(name))
    .map((name) => [name, Array.isArray(values[name]) ? [] : null] as const);
  return { ...values, ...Object.fromEntries(cleared) };
}

/** The part in words, values as they are; one that is not there yet is an ellipsis. */
export function describePart({ words }: Pick<RulePart, "words">, values: RuleValues): Segment[] {
  return words
    .split(/(\{\w+\})/)
    .filter((piece) => piece !== "")
    .flatMap((piece): Segment[] => {
      const name = /^\{(\w+)\}$/.exec(piece)?.[1];
      if (name === undefined) return [{ text: piece, isValue: false }];
      if (!isSet(values[name])) return [];
      return [{ text: formatRuleValue(name, values[name]), isValue: true }];
    });
}

/** The part as it is offered: `the sender is …`. */
export function offerPart({ words }: Pick<RulePart, "words">): string {
  return words.replaceAll(/\{\w+\}/g, "…").replaceAll(/(… )+…/g, "…");
}

function formatRuleValue(name: string, value: unknown): string {
  if (Array.isArray(value)) return value.map((one) => wordsOf(String(one))).join(", ");
  if (typeof value === "number" && /SizeOver$/.test(name)) return formatBytes(value);
  return wordsOf(String(value));
}

function wordsOf(value: string): string {
  return VALUE_WORDS[value] ?? value;
}

/** Where a rule comes to stand when it is moved to the place of another. */
export function movedTo(
  names: readonly string[],
  { name, to }: { readonly name: string; readonly to: string },
): number | undefined {
  const from = names.indexOf(name);
  const target = names.indexOf(to);
  return from < 0 || target < 0 || from === target ? undefined : target;
}
