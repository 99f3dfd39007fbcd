/** Text as it is compared: without case. The same in SQL needs a function with this meaning. */
export function foldText(text: string): string {
  return text.toLowerCase();
}

/**
 * Makes a test of a wildcard pattern, whole text, without case: `*` is any text, `?` one character.
 * Nothing else has a meaning: `[192.0.2.1]` is an address here and no set of characters. The pieces
 * between asterisks are searched for one after the other, each once: there is no way back, and so
 * no pattern that takes long.
 */
export function compileWildcard(pattern: string): (text: string) => boolean {
  const pieces = foldText(pattern).split("*");
  const first = pieces[0] ?? "";
  const last = pieces.at(-1) ?? "";
  if (pieces.length === 1) return (text) => isWholePiece(foldText(text), first);
  const middle = pieces.slice(1, -1).filter((piece) => piece !== "");
  return (text) => {
    const folded = foldText(text);
    if (!isPieceAt(folded, first, 0)) return false;
    let at = first.length;
    for (const piece of middle) {
      const found = findPiece(folded, piece, at);
      if (found < 0) return false;
      at = found + piece.length;
    }
    const lastAt = folded.length - last.length;
    return lastAt >= at && isPieceAt(folded, last, lastAt);
  };
}

function findPiece(text: string, piece: string, from: number): number {
  if (!piece.includes("?")) return text.indexOf(piece, from);
  for (let at = from; at + piece.length <= text.length; at += 1) {
    if (isPieceAt(text, piece, at)) return at;
  }
  return -1;
}

function isWholePiece(text: string, piece: string): boolean {
  return text.length === piece.length && isPieceAt(text, piece, 0);
}

function isPieceAt(text: string, piece: string, at: number): boolean {
  if (at + piece.length > text.length) return false;
  if (!piece.includes("?")) return text.startsWith(piece, at);
  for (let index = 0; index < piece.length; index += 1) {
    const wanted = piece[index];
    if (wanted !== "?" && wanted !== text[at + index]) return false;
  }
  return true;
}

/** The pattern for SQL's `LIKE … ESCAPE '\'`, folded. */
export function toLikePattern(pattern: string): string {
  return foldText(pattern)
    .replace(/[\\%_]/g, "\\$&")
    .replaceAll("*", "%")
    .replaceAll("?", "_");
}
