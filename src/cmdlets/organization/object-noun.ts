import type { CmdletInput } from "../../cmdlet/cmdlet.ts";
import { ETAG, entityTag } from "../../cmdlet/entity-tag.ts";
import type { OutputObject, OutputProperty, OutputType } from "../../cmdlet/output-type.ts";
import type { ParameterTable } from "../../cmdlet/parameter.ts";
import type { RoleGroup } from "../../cmdlet/role-group.ts";
import { settingProperties, settingValues } from "../../cmdlet/setting-output.ts";
import type { SettingInput } from "../../cmdlet/setting-parameters.ts";
import type { Organization } from "../../org/organization.ts";
import type { ObjectProperties, StoredObject } from "../../org/organization-editor.ts";
import { CONFIGURATION_KINDS, type ConfigurationKind } from "../../org/settings/object-kinds.ts";
import type { SettingTable } from "../../org/settings/setting.ts";
import type { OrganizationServices } from "./services.ts";

/** One kind of object as the cmdlets know it; Get, New, Set and Remove are made of it. */
export interface ObjectNoun {
  readonly kind: ConfigurationKind;
  /** Exchange's: `ReceiveConnector`. */
  readonly noun: string;
  readonly table: SettingTable;
  /** Whether there is exactly one, without a name. */
  readonly isSingle: boolean;
  /** What makes one: Exchange has `Add-` for entries of lists. */
  readonly makingVerb: "New" | "Add";
  readonly output: OutputType;
  /** Who may change them besides Organization Management. */
  readonly changers: readonly RoleGroup[];
  /** Settings that even these may not change: what decides who may do what. */
  readonly guarded?: readonly string[];
  /** Who may look at them besides. */
  readonly readers: readonly RoleGroup[];
  readonly notes: readonly string[];
  /** Parameters behind `New-X`, `Set-X`, with what they are for. */
  readonly examples: {
    readonly new?: readonly [string, string];
    readonly set: readonly [string, string];
  };
  /** Names of those that are the default one of the kind. */
  readonly defaultNames: (organization: Organization) => readonly string[];
  readonly parts?: NameParts;
  readonly arrange?: Arrange;
  /** Enable and Disable set `enabled`. */
  readonly isSwitched?: boolean;
  readonly seen?: SeenProperties;
  /** The object as the organization in force has it. */
  readonly find: (organization: Organization, name: string) => object | undefined;
}

/**
 * What follows for an object and its neighbours from the settings that are given for it; for kinds
 * whose objects have an order.
 */
export type Arrange = (
  organization: Organization,
  edit: {
    readonly mode: "new" | "change";
    readonly name: string;
    readonly settings: ReadonlyMap<string, SettingInput | undefined>;
  },
) => { readonly own: ObjectProperties; readonly others: ReadonlyMap<string, ObjectProperties> };

/** What Get shows besides what is set: what the server has seen of the objects. */
export interface SeenProperties {
  readonly properties: Readonly<Record<string, OutputProperty>>;
  /** Looks at all at once; the answer is for each object by its name. */
  readonly look: (services: OrganizationServices) => Promise<(name: string) => OutputObject>;
}

/** For kinds whose name is made of parts that are given and shown each for itself. */
export interface NameParts {
  /** In place of -Name. */
  readonly parameters: ParameterTable;
  readonly nameOf: (input: CmdletInput) => string;
  readonly properties: Readonly<Record<string, OutputProperty>>;
  readonly show: (name: string) => OutputObject;
  /** What is there without anybody having made it: `-Original`. */
  readonly originals?: () => readonly {
    readonly name: string;
    readonly properties: ObjectProperties;
  }[];
}

/** What a noun says of itself. */
export interface NounFacts
  extends Pick<
    ObjectNoun,
    | "kind"
    | "noun"
    | "changers"
    | "guarded"
    | "examples"
    | "find"
    | "parts"
    | "arrange"
    | "isSwitched"
    | "seen"
  > {
  readonly notes?: readonly string[];
  /** Default: New. */
  readonly makingVerb?: ObjectNoun["makingVerb"];
  readonly defaultNames?: ObjectNoun["defaultNames"];
  /** Columns of the table view. */
  readonly columns: readonly string[];
}

/** Makes a noun of its facts and the settings of its kind. */
export function defineNoun(facts: NounFacts): ObjectNoun {
  const { kind, noun, columns } = facts;
  const { table, isSingle } = CONFIGURATION_KINDS[kind];
  const identity = { kind: "text", doc: "The name by which cmdlets find it." } as const;
  const declaredIn = {
    kind: "text",
    doc: "The configuration file that declares it, and in which it has to be changed.",
  } as const;
  return {
    ...facts,
    table,
    isSingle,
    makingVerb: facts.makingVerb ?? "New",
    notes: facts.notes ?? [],
    defaultNames: facts.defaultNames ?? (() => []),
    readers: [...new Set([...facts.changers, ...READERS])],
    output: {
      name: noun,
      properties: {
        ...(isSingle ? {} : { Identity: identity }),
        ...facts.parts?.properties,
        ...settingProperties(table),
        ...facts.seen?.properties,
        DeclaredIn: declaredIn,
        ETag: ETAG,
      },
      table: columns,
    },
  };
}

const READERS: readonly RoleGroup[] = ["Server Management", "View-Only Organization Management"];

/** An object as its cmdlets put it out. */
export function showObject(
  { table, isSingle, find, parts, seen }: ObjectNoun,
  stored: Pick<StoredObject, "name" | "properties" | "file">,
  organization: Organization | undefined,
): OutputObject {
  // What changes an object does not look; Get puts in what it has seen.
  const unseen = Object.keys(seen?.properties ?? {}).map((property) => [property, null] as const);
  const { name, properties, file } = stored;
  const effective = (organization && find(organization, name)) ?? {};
  return {
    ...(isSingle ? {} : { Identity: name }),
    ...parts?.show(name),
    ...settingValues(table, properties, effective),
    ...Object.fromEntries(unseen),
    DeclaredIn: file ?? null,
    // Nobody has stored the originals of a kind, and nobody changes them.
    ETag: organization === undefined ? null : entityTag(properties),
  };
}

/** `ReceiveConnector Default Frontend`, for audit and plan. */
export function objectLabel({ noun, isSingle }: ObjectNoun, name: string): string {
  return isSingle ? noun : `${noun} ${name}`;
}

/** What a kind of which there is one has when nothing of it was ever stored. */
export const NOTHING_STORED: { readonly name: string; readonly properties: ObjectProperties } = {
  name: "",
  properties: {},
};
