import { type Finding, findingAt, lineAt, type Source, walk } from "./source.ts";

/** Lines of a file. */
export const FILE_LINES_MAX = 400;
/** Lines of a function, its first and its last included. */
export const FUNCTION_LINES_MAX = 70;
/** Characters of a line. */
export const LINE_WIDTH_MAX = 100;

const FUNCTIONS = new Set(["FunctionDeclaration", "FunctionExpression", "ArrowFunctionExpression"]);

/** A file that has grown past what one reader keeps in mind. */
export function findLongFile(source: Source): readonly Finding[] {
  const count = source.text.trimEnd().split("\n").length;
  return count <= FILE_LINES_MAX ? [] : [findingAt(source, 0, `has ${count} lines`)];
}

/** Functions, methods and callbacks that are too long. */
export function findLongFunctions(source: Source): readonly Finding[] {
  const findings: Finding[] = [];
  walk(source.program, (node) => {
    if (!FUNCTIONS.has(node.type)) return;
    const count = lineAt(source, node.end) - lineAt(source, node.start) + 1;
    if (count > FUNCTION_LINES_MAX) {
      findings.push(findingAt(source, node.start, `is a function of ${count} lines`));
    }
  });
  return findings;
}

/** Lines that don't fit beside another file. */
export function findWideLines(source: Source): readonly Finding[] {
  return source.text.split("\n").flatMap((text, index) => {
    const width = [...text].length;
    if (width <= LINE_WIDTH_MAX) return [];
    return [{ path: source.path, line: index + 1, message: `is ${width} characters wide` }];
  });
}
