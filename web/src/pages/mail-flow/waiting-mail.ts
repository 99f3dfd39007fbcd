/** What somebody's words were, and for how many recipients. */
export interface SaidWords {
  readonly words: string;
  readonly count: number;
}

/** The words of the other side by how many they hold back, the most first; "" when none came. */
export function groupWords(
  rows: readonly { readonly Detail?: string | null }[],
): readonly SaidWords[] {
  const counts = new Map<string, number>();
  for (const { Detail } of rows) counts.set(Detail ?? "", (counts.get(Detail ?? "") ?? 0) + 1);
  return [...counts]
    .map(([words, count]) => ({ words, count }))
    .sort((left, right) => right.count - left.count || left.words.localeCompare(right.words));
}

/** A filter over queues for those that lead to a domain; the domain may be any text. */
export function queueFilter(domain: string): string {
  return `NextHopDomain -eq '${domain.replaceAll("'", "''")}'`;
}
