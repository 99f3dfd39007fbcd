/** Items that are sorted or merged before others get their turn: a millisecond or two. */
const TURN_ITEMS = 4_096;

/** Sorts as `toSorted`, whatever there is, in turns between which other work is done. */
export async function sortInTurns<Item>(
  items: readonly Item[],
  compare: (left: Item, right: Item) => number,
): Promise<readonly Item[]> {
  let runs: Item[][] = [];
  for (let from = 0; from < items.length; from += TURN_ITEMS) {
    runs.push(items.slice(from, from + TURN_ITEMS).sort(compare));
    await turn();
  }
  while (runs.length > 1) {
    const merged: Item[][] = [];
    for (let at = 0; at < runs.length; at += 2) {
      merged.push(await merge(runs[at] ?? [], runs[at + 1] ?? [], compare));
    }
    runs = merged;
  }
  return runs[0] ?? [];
}

/** Of equal ones, those of the left run come first: the sorting is stable. */
async function merge<Item>(
  left: readonly Item[],
  right: readonly Item[],
  compare: (left: Item, right: Item) => number,
): Promise<Item[]> {
  const merged: Item[] = [];
  let at = 0;
  for (const item of left) {
    for (let next = right[at]; next !== undefined && compare(next, item) < 0; next = right[at]) {
      merged.push(next);
      at += 1;
      if (merged.length % TURN_ITEMS === 0) await turn();
    }
    merged.push(item);
    if (merged.length % TURN_ITEMS === 0) await turn();
  }
  for (; at < right.length; at += TURN_ITEMS) merged.push(...right.slice(at, at + TURN_ITEMS));
  return merged;
}

/** Lets others have their turn. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
