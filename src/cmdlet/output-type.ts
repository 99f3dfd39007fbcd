import { type Caller, isInRole, type RoleGroup } from "./role-group.ts";

/**
 * What a property holds, and its form in JSON: `date` is ISO 8601 in UTC, `span` is
 * `[d.]hh:mm:ss[.fff]`, `bytes` a number of octets, `list` a list of texts, `object` any JSON.
 */
export type PropertyKind =
  | "text"
  | "choice"
  | "number"
  | "bytes"
  | "boolean"
  | "date"
  | "span"
  | "list"
  | "object";

/** One property of an output type: for views, filters, sorting, schemas and pages. */
export interface OutputProperty {
  readonly kind: PropertyKind;
  /** A sentence for the administrator. */
  readonly doc: string;
  /** The values of a `choice`. */
  readonly choices?: readonly string[];
  /** Left empty for callers who are in none but these groups: help desks need no subjects. */
  readonly hiddenFrom?: readonly RoleGroup[];
}

/** What a cmdlet puts out. Names are Exchange's, in PascalCase, and stable: scripts read them. */
export interface OutputType {
  /** `QueueInfo`; unique, names the schema. */
  readonly name: string;
  readonly properties: Readonly<Record<string, OutputProperty>>;
  /** The columns of the table view, in order; the list view has all properties. */
  readonly table: readonly string[];
  /** Set when its objects, in their order, are the nodes of a tree: then that is the usual view. */
  readonly tree?: OutputTree;
}

/** How objects make a tree; all are names of properties. */
export interface OutputTree {
  /** A number: 0 is the trunk; a node belongs to the nearest one before it that is less deep. */
  readonly depth: string;
  /** A choice of Pass, Info, Warning, Fail. */
  readonly mark: string;
  /** What stands in the node's line. */
  readonly title: readonly string[];
  /** What stands below it, a line each, where there is anything. */
  readonly details: readonly string[];
}

/** JSON. */
export type OutputValue =
  | string
  | number
  | boolean
  | null
  | readonly OutputValue[]
  | { readonly [name: string]: OutputValue };

/** An object as it leaves the server: properties in the order of their type. */
export type OutputObject = Readonly<Record<string, OutputValue>>;

interface ValueOfKind {
  readonly text: string;
  readonly choice: string;
  readonly number: number;
  readonly bytes: number;
  readonly boolean: boolean;
  readonly date: string;
  readonly span: string;
  readonly list: readonly string[];
  readonly object: OutputValue;
}

/** An object of that type: every property is there; null is nothing. */
export type OutputOf<Type extends OutputType> = {
  readonly [Name in keyof Type["properties"]]: ValueOfKind[Type["properties"][Name]["kind"]] | null;
};

/**
 * Properties that this caller is not shown: those hidden from each of his groups that may run the
 * cmdlet. Another group of his, which may not, opens nothing in it.
 */
export function hiddenProperties(
  { output, roles }: { readonly output: OutputType; readonly roles: readonly RoleGroup[] },
  { roleGroups }: Pick<Caller, "roleGroups">,
): readonly string[] {
  const running = roleGroups.filter((group) => isInRole({ roleGroups: [group] }, roles));
  return Object.entries(output.properties)
    .filter(([, { hiddenFrom }]) => hiddenFrom && running.every((one) => hiddenFrom.includes(one)))
    .map(([name]) => name);
}
