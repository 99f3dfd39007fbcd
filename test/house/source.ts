import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Comment, type Program, parseSync, visitorKeys } from "oxc-parser";

/** The repository's top folder. */
export const ROOT = join(import.meta.dirname, "../..");

/** A TypeScript or JavaScript file as the house rules see it. */
export interface Source {
  /** From the top of the repository, with forward slashes. */
  readonly path: string;
  readonly text: string;
  readonly program: Program;
  readonly comments: readonly Comment[];
}

/** What a rule objects to. */
export interface Finding {
  readonly path: string;
  readonly line: number;
  readonly message: string;
}

/** A node of the syntax tree; each rule looks at the few fields that it knows. */
export interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

/** Parses one file; a syntax error is a fault of the rule's fixture or of the file, and throws. */
export function readSource(path: string, text: string): Source {
  const { program, comments, errors } = parseSync(path, text);
  const first = errors[0];
  if (first !== undefined) throw new Error(`${path}: ${first.message}`);
  return { path, text, program, comments };
}

const parsed = new Map<string, Source>();

/** Every file under the patterns, parsed. */
export function readSources(...patterns: readonly string[]): readonly Source[] {
  return globSync(patterns, { cwd: ROOT })
    .sort()
    .map((path) => {
      const source = parsed.get(path) ?? readSource(path, readFileSync(join(ROOT, path), "utf8"));
      parsed.set(path, source);
      return source;
    });
}

/** All sources of the project that are ours to keep in order. */
export function readProject(): readonly Source[] {
  return readSources(
    "src/**/*.ts",
    "agents/*.ts",
    "test/**/*.ts",
    "bench/**/*.ts",
    "scripts/**/*.mjs",
    "web/{src,build}/**/*.{ts,tsx}",
  );
}

/** The line of an offset, from 1. */
export function lineAt(source: Source, offset: number): number {
  return source.text.slice(0, offset).split("\n").length;
}

/** A finding at an offset of the file. */
export function findingAt(source: Source, offset: number, message: string): Finding {
  return { path: source.path, line: lineAt(source, offset), message };
}

/** Whether a value is a node of the syntax tree. */
export function isNode(value: unknown): value is SyntaxNode {
  return typeof value === "object" && value !== null && "type" in value && "start" in value;
}

/** Calls `visit` for every node, parents first. */
export function walk(node: unknown, visit: (node: SyntaxNode, parent?: SyntaxNode) => void): void {
  const step = (current: unknown, parent: SyntaxNode | undefined): void => {
    if (Array.isArray(current)) {
      for (const item of current) step(item, parent);
    } else if (isNode(current)) {
      visit(current, parent);
      for (const key of visitorKeys[current.type] ?? []) step(current[key], current);
    }
  };
  step(node, undefined);
}

/** `a.b.c` of a member expression, `a` of an identifier, "" of anything else. */
export function dottedName(node: unknown): string {
  if (!isNode(node)) return "";
  if (node.type === "Identifier") return String(node["name"]);
  if (node.type !== "MemberExpression" || node["computed"] === true) return "";
  const left = dottedName(node["object"]);
  const property = node["property"];
  return left === "" || !isNode(property) ? "" : `${left}.${String(property["name"])}`;
}

/** The text of a string literal; `undefined` for anything else. */
export function stringValue(node: unknown): string | undefined {
  if (!isNode(node) || node.type !== "Literal") return undefined;
  return typeof node["value"] === "string" ? node["value"] : undefined;
}

/** One line per finding, for the message of a failed assertion. */
export function formatFindings(findings: readonly Finding[]): string {
  return findings.map(({ path, line, message }) => `${path}:${line} ${message}`).join("\n");
}
