import type { Cmdlet } from "../cmdlet/cmdlet.ts";
import type { Parameter } from "../cmdlet/parameter.ts";

/** A cmdlet as the command line has it: what is said of it, without what it does. */
export type KnownCmdlet = Omit<Cmdlet<never>, "plan" | "run">;

type AnyParameter = Parameter<unknown, "" | "Ms">;

/** `Get-Queue [[-Identity] <text>] [-Filter <filter>]`, as PowerShell writes it; lines. */
export function formatSyntax({ name, parameters }: KnownCmdlet): readonly string[] {
  const byPlace = Object.entries(parameters).sort(
    ([, left], [, right]) => (left.position ?? Infinity) - (right.position ?? Infinity) || 0,
  );
  const parts = byPlace.map(([parameter, described]) => formatPart(parameter, described));
  const lines: string[] = [name];
  for (const part of parts) {
    const last = lines.at(-1) ?? "";
    if (last.length + part.length > 80) lines.push(`    ${part}`);
    else lines[lines.length - 1] = `${last} ${part}`;
  }
  return lines;
}

function formatPart(name: string, { position, presence, isSwitch, type }: AnyParameter): string {
  const dashed = position === undefined ? `-${name}` : `[-${name}]`;
  const whole = isSwitch ? `-${name}` : `${dashed} <${shortLabel(type.label)}>`;
  return presence === "required" ? whole : `[${whole}]`;
}

/** Characters of a choice that is shown whole. */
const CHOICE_CHARACTERS_MAX = 60;
const KNOWN_LABEL = /^(?:text|name|integer|number|size|span|filter|sort)\b/;

/** The beginning of a label: `text, at most 64 characters` is `text`, `a, b, c` is `a|b|c`. */
export function shortLabel(label: string): string {
  const list = /^list of (.+)$/s.exec(label)?.[1];
  if (list !== undefined) return `list of ${shortLabel(list)}`;
  if (KNOWN_LABEL.test(label)) return (label.split(/[,(]| (?:of )?\d/)[0] ?? label).trim();
  const choice = label.split(", ").join("|");
  return choice.length <= CHOICE_CHARACTERS_MAX ? choice : "word";
}

/** What is said of a parameter, sentence by sentence. */
export function describeParameter(parameter: AnyParameter): readonly string[] {
  const { doc, presence, defaultText, position, pipeline, roles, excludes } = parameter;
  const sentences = [doc];
  if (presence === "required") sentences.push("Must be given.");
  if (defaultText !== "" && !parameter.isSwitch) sentences.push(`Default: ${defaultText}.`);
  if (position !== undefined)
    sentences.push(`May be given without its name, at place ${position + 1}.`);
  if (pipeline !== undefined) sentences.push("Taken from the pipe.");
  if (excludes !== undefined) {
    sentences.push(`Not together with ${excludes.map((name) => `-${name}`).join(", ")}.`);
  }
  if (roles !== undefined) sentences.push(`Only for ${roles.join(", ")}.`);
  return sentences;
}
