/** What was typed: statements, one after the other. */
export interface Script {
  readonly statements: readonly Statement[];
}

/** A pipeline, or `$name = pipeline`. */
export interface Statement {
  /** Name of the variable that takes the result, without `$`. */
  readonly target: string | undefined;
  readonly pipeline: Pipeline;
  readonly at: number;
}

/** What stands between `|`. */
export interface Pipeline {
  readonly elements: readonly PipeElement[];
}

/** One stage; an expression can only be the first. */
export type PipeElement =
  | ShellCommand
  | { readonly kind: "expression"; readonly node: ShellNode; readonly at: number };

/** A cmdlet with what follows it, not bound to its parameters yet. */
export interface ShellCommand {
  readonly kind: "command";
  readonly name: string;
  readonly at: number;
  readonly words: readonly CommandWord[];
}

/** `-Name`, `-Name:value`, or a value. */
export type CommandWord =
  | {
      readonly kind: "name";
      readonly name: string;
      readonly at: number;
      /** Behind a colon. */
      readonly value: ShellNode | undefined;
    }
  | { readonly kind: "value"; readonly node: ShellNode; readonly at: number };

/** Operators between two values; all compare texts without case. */
export const COMPARISONS = [
  "eq",
  "ne",
  "gt",
  "ge",
  "lt",
  "le",
  "like",
  "notlike",
  "contains",
  "notcontains",
  "in",
  "notin",
] as const;

/** A name out of COMPARISONS. */
export type Comparison = (typeof COMPARISONS)[number];

/** Signs between two numbers; `+` joins texts and lists too. */
export type Arithmetic = "+" | "-" | "*" | "/" | "%";

/** A value as it was written. `at` is its place in the text, from 0. */
export type ShellNode = { readonly at: number } & (
  | { readonly kind: "literal"; readonly value: string | number | boolean | null }
  /** A word without quotes: what it means depends on where it stands. */
  | { readonly kind: "bare"; readonly text: string }
  | { readonly kind: "template"; readonly parts: readonly (string | ShellNode)[] }
  | { readonly kind: "variable"; readonly name: string }
  | { readonly kind: "member"; readonly target: ShellNode; readonly name: string }
  | { readonly kind: "index"; readonly target: ShellNode; readonly index: ShellNode }
  | {
      readonly kind: "method";
      readonly target: ShellNode;
      readonly name: string;
      readonly arguments: readonly ShellNode[];
    }
  | { readonly kind: "list"; readonly items: readonly ShellNode[] }
  | {
      readonly kind: "hash";
      readonly entries: readonly { readonly name: string; readonly value: ShellNode }[];
    }
  | ShellBlock
  | { readonly kind: "pipeline"; readonly pipeline: Pipeline }
  | {
      readonly kind: "compare";
      readonly operator: Comparison;
      readonly left: ShellNode;
      readonly right: ShellNode;
    }
  | {
      readonly kind: "arithmetic";
      readonly operator: Arithmetic;
      readonly left: ShellNode;
      readonly right: ShellNode;
    }
  | { readonly kind: "and" | "or"; readonly left: ShellNode; readonly right: ShellNode }
  | { readonly kind: "not" | "negate"; readonly operand: ShellNode }
);

/** `{ … }`: a script for each object, or the text of a filter, which need not be a script. */
export interface ShellBlock {
  readonly kind: "block";
  readonly at: number;
  readonly script: Script | SyntaxFault;
  /** With its braces. */
  readonly text: string;
}

/** What is wrong with what was typed, and where, from 0. */
export interface SyntaxFault {
  readonly problem: string;
  readonly at: number;
  /** Only its end is missing: another line may bring it. */
  readonly isIncomplete: boolean;
}
