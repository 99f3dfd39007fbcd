/** One row of figures: JSON that only its owner understands. */
export interface FigureEntry {
  /** `Minute`, `Hour`, `TopSender hour`. */
  readonly series: string;
  /** Epoch ms at which its span begins. */
  readonly startMs: number;
  readonly json: string;
}

/** Rows of a series that begin in a span of time. */
export interface FigureSpan {
  readonly series: string;
  readonly fromMs: number;
  /** Not any more in it. */
  readonly toMs: number;
}

/** What is written as one: all of it, or nothing. */
export interface FigureChange {
  /** Each takes the place of the one of its series and time. */
  readonly entries?: readonly FigureEntry[];
  /** Texts by name, such as how far a log was read. */
  readonly marks?: Readonly<Record<string, string>>;
  /** Rows that go. */
  readonly removed?: readonly FigureSpan[];
}

/**
 * Figures of mail flow, kept for charts. No mail depends on them. One owner, on a thread that may
 * wait for the disk; calls throw StoreFailure.
 */
export interface FigureStore {
  /** In order of time. */
  read(span: FigureSpan): readonly FigureEntry[];
  mark(name: string): string | undefined;
  write(change: FigureChange): void;
  close(): void;
}
