import type { Priority } from "../../store/queue-store.ts";

const ORDER: readonly Priority[] = ["High", "Normal", "Low"];

/** First in, first out within each priority; High before Normal before Low (reference §5.9). */
export class PriorityFifo<Item> {
  readonly #items: Record<Priority, Item[]> = { High: [], Normal: [], Low: [] };
  readonly #heads: Record<Priority, number> = { High: 0, Normal: 0, Low: 0 };
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(item: Item, priority: Priority): void {
    this.#items[priority].push(item);
    this.#length += 1;
  }

  shift(): Item | undefined {
    for (const priority of ORDER) {
      const items = this.#items[priority];
      const head = this.#heads[priority];
      if (head >= items.length) continue;
      const item = items[head];
      this.#heads[priority] = head + 1;
      this.#length -= 1;
      // Not Array.shift: that moves all the others. The used part is cut off when it has grown.
      if (head + 1 === items.length || head > 1_000) {
        this.#items[priority] = items.slice(head + 1);
        this.#heads[priority] = 0;
      }
      return item;
    }
    return undefined;
  }

  /** Takes everything out, in order. */
  drain(): Item[] {
    const items: Item[] = [];
    for (let item = this.shift(); item !== undefined; item = this.shift()) items.push(item);
    return items;
  }

  /** Takes out what `wanted` picks, in order; the rest stays as it was. */
  extract(wanted: (item: Item) => boolean): Item[] {
    const extracted: Item[] = [];
    for (const priority of ORDER) {
      const items = this.#items[priority].slice(this.#heads[priority]);
      const kept = items.filter((item) => !wanted(item));
      if (kept.length === items.length) continue;
      extracted.push(...items.filter(wanted));
      this.#items[priority] = kept;
      this.#heads[priority] = 0;
    }
    this.#length -= extracted.length;
    return extracted;
  }

  /** All items, oldest first within each priority, without taking them out. */
  values(): Item[] {
    return ORDER.flatMap((priority) => this.#items[priority].slice(this.#heads[priority]));
  }
}
