import type { OutputValue } from "../../cmdlet/output-type.ts";
import type { Argument, ArgumentValue } from "../argument-value.ts";
import { evaluate, type Scope } from "./evaluate.ts";
import type { CommandWord, ShellNode } from "./shell-syntax.ts";
import { isListValue, type ShellValue, valueText } from "./shell-value.ts";

/** The words of a command as the binder of cmdlets takes them. @throws ShellFault */
export async function readWords(
  words: readonly CommandWord[],
  scope: Scope,
): Promise<readonly Argument[]> {
  const read: Argument[] = [];
  for (const word of words) {
    if (word.kind === "value") {
      read.push(await readWord(word.node, scope));
    } else if (word.value === undefined) {
      read.push({ text: `-${word.name}`, isLiteral: false });
    } else {
      const value = await readWord(word.value, scope);
      const name = `-${word.name}:`;
      if (value.isLiteral) read.push({ text: `-${word.name}`, isLiteral: false }, value);
      else read.push({ text: name + value.text, isLiteral: false });
    }
  }
  return read;
}

async function readWord(node: ShellNode, scope: Scope): Promise<Argument> {
  if (node.kind === "bare") return { text: node.text, isLiteral: false };
  if (node.kind === "list" && node.items.every(({ kind }) => kind === "bare")) {
    const texts = node.items.map((item) => (item.kind === "bare" ? item.text : ""));
    return { text: texts.join(","), isLiteral: false };
  }
  const value = await evaluate(node, scope);
  if (value.value === null) return { text: "$null", isLiteral: false };
  if (typeof value.value === "boolean") return { text: `$${value.value}`, isLiteral: false };
  const text = valueText(value.value);
  if (typeof value.value !== "object") return { text, isLiteral: true };
  return { text, isLiteral: true, value: argumentOf(value) };
}

/** A value for a parameter; of an object that a cmdlet has put out, what identifies it. */
export function argumentOf({ value, type }: ShellValue): ArgumentValue {
  if (value === null || typeof value === "boolean") return value;
  if (typeof value !== "object") return String(value);
  if (isListValue(value)) return value.map((item) => argumentOf({ value: item, type }));
  if (type !== undefined) return valueText(value);
  const entries = Object.entries<OutputValue>(value);
  return Object.fromEntries(entries.map(([name, one]) => [name, argumentOf({ value: one })]));
}
