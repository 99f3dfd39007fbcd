import { fault, ok, type Result } from "../base/result.ts";
import { formatSuggestion } from "../org/suggestion.ts";
import type { ArgumentValue } from "./argument-value.ts";

/** How output is written. */
export const FORMATS = ["table", "list", "tree", "json", "csv", "yaml"] as const;

/** A name out of FORMATS. */
export type Format = (typeof FORMATS)[number];

/** What every cmdlet takes besides its own parameters. */
export interface RunOptions {
  readonly whatIf: boolean;
  /** `undefined`: as the cmdlet says. */
  readonly confirm: boolean | undefined;
  readonly format: Format | undefined;
  /** Properties to show, in order; wildcards allowed; empty: those of the view. */
  readonly properties: readonly string[];
  readonly wantsHelp: boolean;
}

/** One of them, for binder, help and pages. */
export interface RunParameter {
  readonly isSwitch: boolean;
  readonly isList: boolean;
  /** What stands for its value. */
  readonly label: string;
  readonly doc: string;
}

/** The parameters that every cmdlet has on the command line. */
export const RUN_PARAMETERS: Readonly<Record<string, RunParameter>> = {
  WhatIf: {
    isSwitch: true,
    isList: false,
    label: "switch",
    doc: "Shows what would be done, and does nothing.",
  },
  Confirm: {
    isSwitch: true,
    isList: false,
    label: "switch",
    doc: "Asks before anything is done; -Confirm:$false does not ask, for scripts.",
  },
  Format: {
    isSwitch: false,
    isList: false,
    label: FORMATS.join(", "),
    doc: "How the output is written. Without it: a tree where it is one, else a table.",
  },
  Property: {
    isSwitch: false,
    isList: true,
    label: "list of property names",
    doc: "The properties to show, in that order; * stands for any letters.",
  },
  Help: {
    isSwitch: true,
    isList: false,
    label: "switch",
    doc: "Shows help for the cmdlet; -? is the same.",
  },
};

/** Reads what was given for RUN_PARAMETERS. The fault is a sentence. */
export function readRunOptions(
  given: ReadonlyMap<string, ArgumentValue>,
): Result<RunOptions, string> {
  for (const [name, value] of given) {
    const isSwitch = RUN_PARAMETERS[name]?.isSwitch === true;
    if (isSwitch && typeof value !== "boolean") {
      return fault(`-${name} is a switch; write -${name} or -${name}:$false`);
    }
  }
  const format = readFormat(given.get("Format"));
  if (!format.ok) return format;
  const property = given.get("Property");
  const properties = Array.isArray(property) ? property : property === undefined ? [] : [property];
  const confirm = given.get("Confirm");
  return ok({
    whatIf: given.get("WhatIf") === true,
    confirm: typeof confirm === "boolean" ? confirm : undefined,
    format: format.value,
    properties: properties.map(String),
    wantsHelp: given.get("Help") === true,
  });
}

function readFormat(value: ArgumentValue | undefined): Result<Format | undefined, string> {
  if (value === undefined) return ok(undefined);
  const word = typeof value === "string" ? value : JSON.stringify(value);
  const format = FORMATS.find((known) => known === word.toLowerCase());
  if (format !== undefined) return ok(format);
  const hint = formatSuggestion(word, FORMATS);
  return fault(`-Format is one of ${FORMATS.join(", ")}, not ${JSON.stringify(word)}${hint}`);
}
