import { type Finding, findingAt, isNode, type Source } from "./source.ts";

/** Exports without a doc comment right before them (files under src, tests apart). */
export function findUndocumented(source: Source): readonly Finding[] {
  const documented = new Set<string>();
  return source.program.body.flatMap((statement) => {
    if (
      statement.type !== "ExportNamedDeclaration" &&
      statement.type !== "ExportDefaultDeclaration"
    ) {
      return [];
    }
    const declaration: unknown = statement.declaration;
    if (!isNode(declaration)) return [];
    const name = declaredName(declaration);
    // Of an overloaded function, the first signature carries the comment for all.
    if (documented.has(name) || hasDocComment(source, statement.start)) {
      documented.add(name);
      return [];
    }
    return [findingAt(source, statement.start, `exports ${name} without a doc comment`)];
  });
}

function declaredName(declaration: Readonly<Record<string, unknown>>): string {
  const list = declaration["declarations"];
  const first: unknown = Array.isArray(list) ? list[0] : declaration;
  const id = isNode(first) ? first["id"] : undefined;
  return isNode(id) && typeof id["name"] === "string" ? id["name"] : "its default";
}

/** Line comments may stand between the two: a linter's directive, for one. */
function hasDocComment(source: Source, offset: number): boolean {
  let end = offset;
  for (const comment of source.comments.toReversed()) {
    if (comment.start >= offset) continue;
    if (source.text.slice(comment.end, end).trim() !== "") return false;
    if (comment.type === "Block") return comment.value.startsWith("*");
    end = comment.start;
  }
  return false;
}
