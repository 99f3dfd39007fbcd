import type { Result } from "../base/result.ts";
import type { ConfigJson } from "../org/config-value.ts";
import type { Edited, EditFault, ObjectProperties } from "../org/organization-editor.ts";
import type { SettingTable } from "../org/settings/setting.ts";
import type { ObjectChange, Plan } from "./cmdlet.ts";
import { CmdletFault, type FaultCode } from "./cmdlet-fault.ts";
import type { OutputObject, OutputValue } from "./output-type.ts";
import { switchParameter } from "./parameter.ts";
import { cmdletName } from "./setting-names.ts";
import { differingProperties } from "./setting-output.ts";
import type { SettingInput } from "./setting-parameters.ts";

/** `-Force` of the cmdlets that change objects. */
export const FORCE = switchParameter(
  "Changes also what the configuration file declares, until the server reads the file again.",
);

const CODES: Readonly<Record<EditFault["kind"], FaultCode>> = {
  owned: "not-allowed-now",
  invalid: "bad-parameter",
  taken: "conflict",
  conflict: "conflict",
};

/** What an edit came to. @throws CmdletFault in place of its fault */
export function takeEdited<Value>(edited: Result<Value, EditFault>): Value {
  if (edited.ok) return edited.value;
  throw new CmdletFault(CODES[edited.fault.kind], edited.fault.messages.join("\n"));
}

/**
 * Puts what was given into the properties of an object. `$null` is kept where a setting may be
 * nothing, and brings back the default elsewhere. `current` has the lists in force, for Add and
 * Remove.
 */
export function applySettings(
  table: SettingTable,
  stored: ObjectProperties,
  given: ReadonlyMap<string, SettingInput | undefined>,
  current: OutputObject,
): ObjectProperties {
  const properties: Record<string, ConfigJson> = { ...stored };
  for (const [property, input] of given) {
    if (input === undefined) {
      if (table[property]?.presence === "nullable") properties[property] = null;
      else delete properties[property];
    } else if (input.kind === "value") {
      properties[property] = input.json;
    } else {
      properties[property] = changeList(stored[property] ?? current[cmdletName(property)], input);
    }
  }
  return properties;
}

function changeList(
  before: ConfigJson | OutputValue | undefined,
  { add, remove }: Extract<SettingInput, { kind: "change" }>,
): ConfigJson {
  const list = Array.isArray(before) ? (before as readonly unknown[]) : [before];
  const texts = list.filter((item) => item !== undefined && item !== null).map(String);
  const gone = new Set(remove.map(fold));
  const kept = texts.filter((item) => !gone.has(fold(item)));
  const known = new Set(kept.map(fold));
  return [...kept, ...add.filter((item) => !known.has(fold(item)))];
}

function fold(value: unknown): string {
  return String(value).toLowerCase();
}

/** One object before and after an edit, as it is shown and as it is stored. */
export interface ShownEdit {
  /** `ReceiveConnector Default Frontend` */
  readonly object: string;
  readonly table: SettingTable;
  readonly before: { readonly shown: OutputObject; readonly stored: ObjectProperties } | undefined;
  readonly after: { readonly shown: OutputObject; readonly stored: ObjectProperties } | undefined;
}

/** For the audit log: only what differs, when the object was there before and is after. */
export function objectChange({ object, table, before, after }: ShownEdit): ObjectChange {
  if (before === undefined || after === undefined) {
    return {
      object,
      ...(before && { before: before.shown }),
      ...(after && { after: after.shown }),
    };
  }
  const names = differingProperties(table, before, after);
  const pick = (shown: OutputObject): OutputObject =>
    Object.fromEntries(names.map((name) => [name, shown[name] ?? null]));
  return { object, before: pick(before.shown), after: pick(after.shown) };
}

/** Lines that -WhatIf shows; a plan has at most so many. */
const ACTIONS_MAX = 20;

/** What an edit would do: `Set ReceiveConnector X: MaxHopCount: 60 -> 30`. */
export function planOf(edits: readonly ShownEdit[]): Plan {
  const actions = edits.flatMap((edit) => {
    const { object, table, before, after } = edit;
    if (after === undefined) return [`Remove ${object}`];
    if (before === undefined) return [`Create ${object}`, ...givenLines(after, table)];
    const names = differingProperties(table, before, after);
    if (names.length === 0) return [`${object} stays as it is`];
    return names.map((name) => {
      const [old, now] = [before, after].map(({ shown }) => JSON.stringify(shown[name] ?? null));
      return `Set ${object}: ${name}: ${old} -> ${old === now ? "another" : now}`;
    });
  });
  return { actions: actions.slice(0, ACTIONS_MAX), count: edits.length };
}

function givenLines(
  { shown, stored }: NonNullable<ShownEdit["after"]>,
  table: SettingTable,
): readonly string[] {
  const given = Object.keys(table)
    .filter((name) => Object.hasOwn(stored, name))
    .map(cmdletName);
  return given.map((name) => `  ${name}: ${JSON.stringify(shown[name] ?? null)}`);
}

/** Tells what came besides. */
export function warnAll(
  { warnings }: Pick<Edited, "warnings">,
  warn: (text: string) => void,
): void {
  for (const warning of warnings) warn(warning);
}
