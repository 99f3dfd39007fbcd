import type { CleanupScope } from "../test/harness/scope.ts";

/** One measured value, and what issue and design ask of it. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly better: "higher" | "lower";
  readonly must?: number;
  readonly aim?: number;
}

/** What a scenario gets to work with. */
export interface Round {
  /** The source tree under measurement; `--against` runs two of them in turn. */
  readonly root: string;
  /** A tenth of the load or less: shows that it works, measures little. */
  readonly quick: boolean;
  /** Everything started is ended when the round is. */
  readonly scope: CleanupScope;
  /** Says how far it is, on one line. */
  progress(text: string): void;
}

/** Something that can be measured on this machine. */
export interface Scenario {
  readonly name: string;
  /** Why it cannot run here; `undefined` when it can. */
  missing(): string | undefined;
  run(round: Round): Promise<readonly Figure[]>;
}
