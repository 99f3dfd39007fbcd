import { NOWHERE, type Position } from "./config-value.ts";
import type { FaultList } from "./configuration-fault.ts";
import type { DeclaredObject } from "./declared-object.ts";
import { type ReadProperties, readProperties } from "./object-reader.ts";
import {
  CONFIGURATION_KINDS,
  type ConfigurationKind,
  OBJECT_KINDS,
  type ObjectKind,
} from "./settings/object-kinds.ts";

/** An object whose properties are each right; whether they fit together is still to be checked. */
export interface ReadObject<Kind extends ObjectKind>
  extends ReadProperties<(typeof OBJECT_KINDS)[Kind]["table"]> {
  readonly declared: DeclaredObject;
  /** Reports what is wrong between properties, at the place of the one named. */
  readonly report: (property: string, message: string) => void;
}

/** All objects of one kind that are right in themselves; those that are not are reported. */
export function readObjects<Kind extends ObjectKind>(
  kind: Kind,
  declared: readonly DeclaredObject[],
  faults: FaultList,
): readonly ReadObject<Kind>[] {
  return declared.flatMap((object) => {
    if (object.kind !== kind) return [];
    const read = readObject(kind, object, faults);
    return read === undefined ? [] : [read];
  });
}

/** Reads one object of that kind. */
export function readObject<Kind extends ObjectKind>(
  kind: Kind,
  declared: DeclaredObject,
  faults: FaultList,
): ReadObject<Kind> | undefined {
  const table: (typeof OBJECT_KINDS)[Kind]["table"] = OBJECT_KINDS[kind].table;
  const context = { object: declared.label, faults };
  const read = readProperties(table, declared.properties, context);
  if (read === undefined) return undefined;
  const report = (property: string, message: string): void => {
    const at: Position = read.given.get(property) ?? declared.properties.at;
    faults.add(at, { object: declared.label, property, message });
  };
  return { ...read, declared, report };
}

/** The one object of a kind that always exists; where it is not declared, all its defaults. */
export function readSingle<Kind extends ConfigurationKind>(
  kind: Kind,
  declared: readonly DeclaredObject[],
  faults: FaultList,
): ReadObject<Kind> | undefined {
  const label = CONFIGURATION_KINDS[kind].title;
  const properties = { kind: "map", entries: [], at: NOWHERE } as const;
  const found = declared.find((object) => object.kind === kind);
  return readObject(kind, found ?? { kind, name: "", label, properties }, faults);
}
