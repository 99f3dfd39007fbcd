import { fault, ok, type Result } from "../../base/result.ts";
import type { ArgumentValue } from "../argument-value.ts";
import type { KnownCmdlet } from "../cmdlet-syntax.ts";
import { argumentOf } from "./server-words.ts";
import { findName, isObjectValue, type ShellValue, valueText } from "./shell-value.ts";

/** Names of the parameters that are filled from the pipe, without those that were given. */
export function pipeParameters(
  { parameters }: Pick<KnownCmdlet, "parameters">,
  given: Readonly<Record<string, unknown>>,
): readonly string[] {
  return Object.entries(parameters)
    .filter(([name, { pipeline, excludes = [] }]) => {
      if (pipeline === undefined || Object.hasOwn(given, name)) return false;
      return !excludes.some((other) => Object.hasOwn(given, other));
    })
    .map(([name]) => name);
}

/**
 * What one object of the pipe gives to a cmdlet: from the properties of those names; when it has
 * none of them, its Identity (or Name) goes to the first. A text is an identity. The fault is a
 * sentence.
 */
export function bindPiped(
  cmdlet: Pick<KnownCmdlet, "name" | "parameters">,
  names: readonly string[],
  item: ShellValue,
): Result<Readonly<Record<string, ArgumentValue>>, string> {
  const [first] = names;
  if (first === undefined) {
    const cure = "use ForEach-Object { … } with $_ as the object";
    return fault(`${cmdlet.name} takes nothing more from the pipe; ${cure}`);
  }
  const { value, type } = item;
  const whole = names.find((name) => cmdlet.parameters[name]?.pipeline === "value");
  if (whole !== undefined) return ok({ [whole]: argumentOf({ value }) });
  if (!isObjectValue(value)) return ok({ [first]: valueText(value) });
  const found = new Map<string, ArgumentValue>();
  for (const name of names) {
    const member = value[findName(value, name) ?? ""];
    if (member !== undefined && member !== null) found.set(name, argumentOf({ value: member }));
  }
  if (found.size === 0) {
    const identity = value[findName(value, "Identity") ?? findName(value, "Name") ?? ""];
    if (typeof identity === "string") found.set(first, identity);
  }
  if (found.size > 0) return ok(Object.fromEntries(found));
  const title = type?.name ?? "the object";
  return fault(`${cmdlet.name} cannot take ${title} from the pipe: it has no ${names.join(", ")}`);
}
