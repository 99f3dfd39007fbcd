import type { ConfigValue, Position } from "./config-value.ts";

/** Faults told at once; more would only hide the first ones. */
export const FAULTS_MAX = 50;
/** Characters of a value that a fault repeats. */
const SHOWN_CHARACTERS_MAX = 80;

/** One thing that is wrong with a configuration, and what would be right. */
export interface ConfigurationFault extends Position {
  readonly fileName: string;
  /** `receive connector "Default Frontend"`, or "" when the fault is in no object. */
  readonly object: string;
  readonly property: string | undefined;
  /** The offending text; never a password. */
  readonly value: string | undefined;
  /** Whole sentence, property and value in it. */
  readonly message: string;
}

/** `postrider.yaml:12:5: receive connector "Default": unknown property "x"; did you mean "y"?` */
export function formatFault(fault: ConfigurationFault): string {
  const place = fault.line === 0 ? "" : `:${fault.line}:${fault.column}`;
  const object = fault.object === "" ? "" : `${fault.object}: `;
  return `${escapeControls(fault.fileName)}${place}: ${object}${fault.message}`;
}

/** Text in quotes, on one line, without anything that a terminal would obey. */
export function quote(text: string): string {
  const shown =
    text.length > SHOWN_CHARACTERS_MAX ? `${text.slice(0, SHOWN_CHARACTERS_MAX)}…` : text;
  return escapeControls(JSON.stringify(shown.toWellFormed()));
}

/** C0, C1, line separators and the marks that reorder text, as `\uXXXX`. */
function escapeControls(text: string): string {
  return text.replace(
    /[\p{Cc}\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** A value as a fault shows it. */
export function describeValue(value: ConfigValue): string {
  switch (value.kind) {
    case "scalar":
      return quote(value.text);
    case "null":
      return "nothing";
    case "list":
      return "a list";
    case "map":
      return "a mapping";
  }
}

/** Collects faults of one reading, the first FAULTS_MAX of them whole. */
export class FaultList {
  readonly #fileName: string;
  readonly #faults: ConfigurationFault[] = [];
  #count = 0;

  constructor(fileName: string) {
    this.#fileName = fileName;
  }

  /** Whether anything was wrong so far. */
  get isEmpty(): boolean {
    return this.#count === 0;
  }

  add(
    at: Position,
    fault: {
      readonly object?: string;
      readonly property?: string;
      readonly value?: string;
      readonly message: string;
    },
  ): void {
    this.#count += 1;
    if (this.#count > FAULTS_MAX) return;
    this.#faults.push({
      fileName: this.#fileName,
      line: at.line,
      column: at.column,
      object: fault.object ?? "",
      property: fault.property,
      value: fault.value,
      message: fault.message,
    });
  }

  /** In the order of the file; the last one counts those left out. */
  list(): readonly ConfigurationFault[] {
    const listed = this.#faults.toSorted(
      (left, right) => left.line - right.line || left.column - right.column,
    );
    const last = listed.at(-1);
    if (last === undefined || this.#count <= FAULTS_MAX) return listed;
    const message = `and ${this.#count - FAULTS_MAX} more faults`;
    const rest = { ...last, object: "", property: undefined, value: undefined, message };
    return [...listed, rest];
  }
}
