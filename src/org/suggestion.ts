/** Longer words are not compared: nobody mistypes one into another. */
const WORD_CHARACTERS_MAX = 64;

/** The known word that was probably meant, or `undefined` when none is close. */
export function suggestWord(word: string, known: Iterable<string>): string | undefined {
  if (word.length > WORD_CHARACTERS_MAX) return undefined;
  const folded = word.toLowerCase();
  let best: string | undefined;
  // Two letters swapped are a distance of two; all letters replaced are another word.
  let bestDistance = Math.min(word.length, Math.max(2, Math.floor(word.length / 3)) + 1);
  for (const candidate of known) {
    const distance = editDistance(folded, candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** `; did you mean "maxMessageSize"?`, or "" when nothing is close. */
export function formatSuggestion(word: string, known: Iterable<string>): string {
  const suggested = suggestWord(word, known);
  return suggested === undefined ? "" : `; did you mean "${suggested}"?`;
}

/** Characters to insert, remove or replace (Levenshtein). */
function editDistance(left: string, right: string): number {
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= right.length; column += 1) {
      const replaced = (previous[column - 1] ?? 0) + (left[row - 1] === right[column - 1] ? 0 : 1);
      const removed = (previous[column] ?? 0) + 1;
      const inserted = (current[column - 1] ?? 0) + 1;
      current.push(Math.min(replaced, removed, inserted));
    }
    previous = current;
  }
  return previous[right.length] ?? 0;
}
