/** Where rows are kept. */
export interface RowKeeping<Row> {
  readonly put: (row: Row) => Promise<void>;
  readonly remove: (name: string) => Promise<void>;
}

/**
 * Rows by name, without case: held in memory, written through. Changes come one after the other, so
 * that none overwrites what another has just written.
 */
export class NamedRows<Row extends { readonly name: string }> {
  readonly #keeping: RowKeeping<Row>;
  readonly #rows: Map<string, Row>;
  #last: Promise<unknown> = Promise.resolve();
  #changeCount = 0;

  constructor(rows: readonly Row[], keeping: RowKeeping<Row>) {
    this.#keeping = keeping;
    this.#rows = new Map(rows.map((row) => [row.name.toLowerCase(), row]));
  }

  /** How many changes there were since the rows were read. */
  get changeCount(): number {
    return this.#changeCount;
  }

  /** By name. */
  all(): readonly Row[] {
    const byName = [...this.#rows].toSorted(([left], [right]) => (left < right ? -1 : 1));
    return byName.map(([, row]) => row);
  }

  find(name: string): Row | undefined {
    return this.#rows.get(name.toLowerCase());
  }

  /**
   * Puts what `edit` makes of the row of that name, or removes it when that is `undefined`. What
   * `edit` throws is thrown, and nothing is changed then. Durable once it has resolved.
   */
  change(name: string, edit: (row: Row | undefined) => Row | undefined): Promise<void> {
    const changing = this.#last.then(() => this.#change(name.toLowerCase(), edit));
    this.#last = changing.catch(() => undefined);
    return changing;
  }

  async #change(key: string, edit: (row: Row | undefined) => Row | undefined): Promise<void> {
    const before = this.#rows.get(key);
    const after = edit(before);
    if (after === before) return;
    if (after === undefined) {
      await this.#keeping.remove(key);
      this.#rows.delete(key);
    } else {
      await this.#keeping.put(after);
      this.#rows.set(key, after);
    }
    this.#changeCount += 1;
  }
}
