import type { OutputObject, OutputType } from "../cmdlet/output-type.ts";

/** Turns objects into text as they come. Each call returns what is to be written now. */
export interface OutputView {
  readonly push: (value: OutputObject) => string;
  /** What is held back, when nothing more has come for a while. */
  readonly flush: () => string;
  readonly end: () => string;
}

/** What a view depends on. */
export interface ViewOptions {
  readonly outputType: OutputType;
  /** Names out of the type, in order. */
  readonly properties: readonly string[];
  /** Columns of the terminal; `undefined`: no terminal, and so nothing is cut off. */
  readonly width: number | undefined;
  readonly hasColour: boolean;
}
