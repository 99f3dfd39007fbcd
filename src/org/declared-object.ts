import { type ConfigMap, type ConfigValue, findEntry } from "./config-value.ts";
import { type FaultList, quote } from "./configuration-fault.ts";
import { OBJECT_KINDS, type ObjectKind } from "./settings/object-kinds.ts";
import { formatSuggestion } from "./suggestion.ts";

/** An object as the file or the store has it, its properties not yet looked at. */
export interface DeclaredObject {
  readonly kind: ObjectKind;
  /** "" for kinds of which there is one, and where the name is missing. */
  readonly name: string;
  /** `receive connector "Default Frontend"`: how faults name it. */
  readonly label: string;
  readonly properties: ConfigMap;
}

/** The objects of a file by kind, in its order. Unknown and repeated top-level names are faults. */
export function listDeclaredObjects(tree: ConfigMap, faults: FaultList): readonly DeclaredObject[] {
  const kindOf = new Map<string, ObjectKind>();
  // Object.keys forgets the type of the keys it returns.
  for (const kind of Object.keys(OBJECT_KINDS) as ObjectKind[]) {
    kindOf.set(OBJECT_KINDS[kind].key, kind);
  }
  const seen = new Set<string>();
  const declared: DeclaredObject[] = [];
  for (const { name, at, value } of tree.entries) {
    const kind = kindOf.get(name);
    if (kind === undefined) {
      const message = `unknown property ${quote(name)}${formatSuggestion(name, kindOf.keys())}`;
      faults.add(at, { property: name, message });
    } else if (seen.has(name)) {
      faults.add(at, { property: name, message: `${name} is given twice` });
    } else {
      for (const object of listObjectsOfKind(kind, value, faults)) declared.push(object);
    }
    seen.add(name);
  }
  reportRepeatedNames(declared, faults);
  return declared;
}

function listObjectsOfKind(
  kind: ObjectKind,
  value: ConfigValue,
  faults: FaultList,
): readonly DeclaredObject[] {
  const { key, isSingle, title } = OBJECT_KINDS[kind];
  if (value.kind === "null") return [];
  if (isSingle) {
    if (value.kind === "map") return [{ kind, name: "", label: title, properties: value }];
    faults.add(value.at, { property: key, message: `${key} must be a mapping of properties` });
    return [];
  }
  if (value.kind !== "list") {
    const message = `${key} must be a list, each entry with "- name: …"`;
    faults.add(value.at, { property: key, message });
    return [];
  }
  return value.items.flatMap((item, index) => {
    if (item.kind === "map") return [declareObject(kind, item, `#${index + 1}`)];
    const message = `entry ${index + 1} of ${key} must be a mapping, as in { name: … }`;
    faults.add(item.at, { property: key, message });
    return [];
  });
}

/** `place` stands for the name where there is none. */
export function declareObject(
  kind: ObjectKind,
  properties: ConfigMap,
  place: string,
): DeclaredObject {
  const value = findEntry(properties, "name")?.value;
  const name = value?.kind === "scalar" ? value.text : "";
  const { title } = OBJECT_KINDS[kind];
  const label = name === "" ? `${title} ${place}` : `${title} ${quote(name)}`;
  return { kind, name, label, properties };
}

/** Names are compared without case within their kind. */
function reportRepeatedNames(declared: readonly DeclaredObject[], faults: FaultList): void {
  const seen = new Map<string, DeclaredObject>();
  for (const object of declared) {
    const entry = findEntry(object.properties, "name");
    if (object.name === "" || entry === undefined) continue;
    const key = `${object.kind} ${object.name.toLowerCase()}`;
    const first = seen.get(key);
    seen.set(key, first ?? object);
    if (first === undefined) continue;
    const message = `name: another ${first.label} stands in line ${first.properties.at.line}`;
    const value = object.name;
    faults.add(entry.value.at, { object: object.label, property: "name", value, message });
  }
}
