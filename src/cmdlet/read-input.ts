import { isAbsolute } from "node:path";
import { fault, ok, type Result } from "../base/result.ts";
import { type ConfigValue, fromConfigJson } from "../org/config-value.ts";
import { describeValue } from "../org/configuration-fault.ts";
import { formatSuggestion } from "../org/suggestion.ts";
import type { Cmdlet, CmdletInput } from "./cmdlet.ts";
import { CmdletFault } from "./cmdlet-fault.ts";
import { Filter } from "./filter.ts";
import { hiddenProperties } from "./output-type.ts";
import type { Parameter } from "./parameter.ts";
import { type Caller, isInRole, type RoleGroup } from "./role-group.ts";
import { SortOrder } from "./sort-order.ts";

/** Input that was read, and which of the parameters were given. */
export interface ReadInput {
  readonly input: CmdletInput;
  readonly given: ReadonlySet<string>;
}

type AnyParameter = Parameter<unknown, "" | "Ms">;
type AnyCmdlet = Pick<Cmdlet<never>, "name" | "parameters" | "roles">;

/** Finds a parameter by its name in any case. */
export function findParameter(cmdlet: AnyCmdlet, name: string): string | undefined {
  const folded = name.toLowerCase();
  return Object.keys(cmdlet.parameters).find((known) => known.toLowerCase() === folded);
}

/**
 * Reads values given by name (in any case) against the cmdlet's table. The first thing that is
 * wrong is the fault: an unknown name, a bad value, one that is missing or not allowed.
 */
export function readInput(
  cmdlet: AnyCmdlet,
  values: Readonly<Record<string, unknown>>,
  caller: Caller,
): Result<ReadInput, CmdletFault> {
  const given = new Set<string>();
  const input: Record<string, unknown> = {};
  for (const [word, value] of Object.entries(values)) {
    const name = findParameter(cmdlet, word);
    const parameter = name === undefined ? undefined : cmdlet.parameters[name];
    if (name === undefined || parameter === undefined) return fault(unknownParameter(cmdlet, word));
    if (given.has(name)) return bad(name, `-${name} is given twice`);
    if (parameter.roles !== undefined && !mayGive(parameter.roles, caller)) {
      const text = `-${name} of ${cmdlet.name} needs the role ${parameter.roles.join(" or ")}`;
      return fault(new CmdletFault("forbidden", text, { parameter: name }));
    }
    if (parameter.type.isServerPath === true && !mayName(value, caller)) {
      const whose = "only Organization Management may name others";
      const text = `-${name}: this is no path within the server's data directory; ${whose}`;
      return fault(new CmdletFault("forbidden", text, { parameter: name }));
    }
    given.add(name);
    const read = readValue(name, parameter, fromConfigJson(value));
    if (!read.ok) return read;
    const secret = findHiddenProperty(cmdlet, read.value, caller);
    if (secret !== undefined) {
      const text = `${caller.name} may not see ${secret}, and so not filter or sort by it`;
      return fault(new CmdletFault("forbidden", text, { parameter: name }));
    }
    input[inputName(name, parameter)] = read.value;
  }
  for (const [name, parameter] of Object.entries(cmdlet.parameters)) {
    if (given.has(name)) {
      const other = parameter.excludes?.find((excluded) => given.has(excluded));
      if (other !== undefined) return bad(name, `-${name} and -${other} exclude each other`);
    } else if (parameter.presence === "required") {
      return bad(name, `-${name} is missing; ${cmdlet.name} needs it (${parameter.type.label})`);
    } else {
      input[inputName(name, parameter)] = parameter.defaultValue;
    }
  }
  return ok({ input, given });
}

function readValue(
  name: string,
  parameter: AnyParameter,
  value: ConfigValue,
): Result<unknown, CmdletFault> {
  if (value.kind === "null") {
    // $null clears what may be nothing.
    if (parameter.presence === "optional") return ok(undefined);
    return bad(name, `-${name} must not be $null (${parameter.type.label})`);
  }
  const faults: CmdletFault[] = [];
  const read = parameter.type.read(value, (what, problem) => {
    const shown = parameter.type.isSecret === true ? "the value" : describeValue(what);
    // A filter says where in its text; all else comes from nowhere, line 0.
    const at = what.at.line === 1 ? what.at.column - 1 : undefined;
    const text = at === undefined ? `-${name}: ${shown} ${problem}` : `-${name} ${problem}`;
    const where = { parameter: name, ...(at !== undefined && { at }) };
    faults.push(new CmdletFault("bad-parameter", text, where));
  });
  return faults[0] === undefined ? ok(read) : fault(faults[0]);
}

/**
 * What only Organization Management may say is more than any cmdlet gives: a token whose scope is
 * some of them may not say it either.
 */
function mayGive(roles: readonly RoleGroup[], caller: Caller): boolean {
  const isForFew = roles.every((role) => role === "Organization Management");
  return isInRole(caller, roles) && !(isForFew && caller.cmdlets !== undefined);
}

/** The server may read, and remove, more than is the business of everybody who sets it up. */
function mayName(path: unknown, caller: Caller): boolean {
  if (typeof path !== "string" || mayGive([], caller)) return true;
  return !isAbsolute(path) && !path.split("/").includes("..");
}

/** A filter would tell, true or false, what the output keeps from this caller. */
function findHiddenProperty(
  { roles }: AnyCmdlet,
  value: unknown,
  caller: Caller,
): string | undefined {
  if (!(value instanceof Filter || value instanceof SortOrder)) return undefined;
  const hidden = hiddenProperties({ output: value.outputType, roles }, caller);
  return hidden.find((name) => value.properties.has(name));
}

function inputName(name: string, { type }: AnyParameter): string {
  return `${name.charAt(0).toLowerCase()}${name.slice(1)}${type.suffix}`;
}

function unknownParameter(cmdlet: AnyCmdlet, word: string): CmdletFault {
  const hint = formatSuggestion(word, Object.keys(cmdlet.parameters));
  const text = `${cmdlet.name} has no parameter -${word}${hint}`;
  return new CmdletFault("bad-parameter", text, { parameter: word });
}

function bad(parameter: string, message: string): Result<never, CmdletFault> {
  return fault(new CmdletFault("bad-parameter", message, { parameter }));
}
