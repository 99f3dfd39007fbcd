import {
  type Cmdlet,
  type CmdletInput,
  defineCmdlet,
  type Invocation,
} from "../../cmdlet/cmdlet.ts";
import { CmdletFault } from "../../cmdlet/cmdlet-fault.ts";
import { IF_MATCH, ifMatchOf } from "../../cmdlet/entity-tag.ts";
import { applySettings, FORCE, planOf, type ShownEdit } from "../../cmdlet/object-change.ts";
import type { OutputObject } from "../../cmdlet/output-type.ts";
import { moreResultsWarning, pagingParameters, selectPage } from "../../cmdlet/paging.ts";
import { optionalParameter, requiredParameter, switchParameter } from "../../cmdlet/parameter.ts";
import { runEdits } from "../../cmdlet/run-edits.ts";
import { readSettingInput, settingParameters } from "../../cmdlet/setting-parameters.ts";
import { compileWildcard } from "../../cmdlet/wildcard.ts";
import type { Organization } from "../../org/organization.ts";
import type {
  EditedObject,
  ObjectEdit,
  ObjectProperties,
  StoredObject,
} from "../../org/organization-editor.ts";
import type { SettingTable } from "../../org/settings/setting.ts";
import { line } from "../../org/settings/setting-types.ts";
import { formatSuggestion } from "../../org/suggestion.ts";
import { defaultOf, formerDefaults, makeDefault } from "./default-object.ts";
import {
  type Arrange,
  NOTHING_STORED,
  type ObjectNoun,
  objectLabel,
  showObject,
} from "./object-noun.ts";
import { titleOf, withArticle } from "./object-title.ts";
import type { OrganizationServices } from "./services.ts";

type Run = Invocation<OrganizationServices>;

/** Characters of a name or pattern; no object has a longer one. */
const IDENTITY_MAX = 320;

/**
 * Get, Set and, where there can be more than one, New and Remove; Enable and Disable of what is
 * switched.
 */
export function objectCmdlets(noun: ObjectNoun): readonly Cmdlet<OrganizationServices>[] {
  if (noun.isSingle) return [getSingle(noun), setCmdlet(noun)];
  // Where there is nothing but a name, there is nothing to change.
  const changes = Object.keys(noun.table).length > 1 ? [setCmdlet(noun)] : [];
  const switches = noun.isSwitched === true ? SWITCHES.map((one) => switchCmdlet(noun, one)) : [];
  return [getCmdlet(noun), newCmdlet(noun), ...changes, removeCmdlet(noun), ...switches];
}

/** Set and Remove. */
export function changeCmdlets(noun: ObjectNoun): readonly Cmdlet<OrganizationServices>[] {
  return [setCmdlet(noun), removeCmdlet(noun)];
}

function getSingle(noun: ObjectNoun): Cmdlet<OrganizationServices> {
  return defineCmdlet({
    name: `Get-${noun.noun}`,
    summary: `Shows the ${titleOf(noun)} with the values in force.`,
    roles: noun.readers,
    effect: "reads",
    confirmation: "none",
    examples: [{ command: `Get-${noun.noun} | Format-List`, doc: "All its settings." }],
    parameters: {},
    output: noun.output,
    async *run({ services }: Run) {
      const { organization: editor } = services;
      const stored = (await editor.read(noun.kind, "")) ?? NOTHING_STORED;
      yield showObject(noun, stored, editor.organization);
    },
  });
}

function getCmdlet(noun: ObjectNoun): Cmdlet<OrganizationServices> {
  const title = titleOf(noun);
  return defineCmdlet({
    name: `Get-${noun.noun}`,
    summary: `Shows ${title} objects with the values in force.`,
    roles: noun.readers,
    effect: "reads",
    confirmation: "none",
    examples: [
      { command: `Get-${noun.noun}`, doc: "All of them." },
      { command: `Get-${noun.noun} "A*" | Format-List`, doc: "Every property of some." },
    ],
    parameters: {
      Identity: optionalParameter(
        line({ max: IDENTITY_MAX }),
        "Its name; * stands for any text, ? for one character.",
        { position: 0, completion: noun.noun, pipeline: "property" },
      ),
      ...pagingParameters(noun.output),
      ...(noun.parts?.originals && {
        Original: switchParameter("Shows what is there without any of them."),
      }),
    },
    output: noun.output,
    async *run(
      { services, clock, warn }: Run,
      { identity, filter, sortOrder, resultSize, ...more },
    ) {
      const { organization: editor } = services;
      const isOriginal = "original" in more && more.original === true;
      const originals = isOriginal ? noun.parts?.originals?.() : undefined;
      const all = originals ?? (await editor.list(noun.kind));
      const organization = isOriginal ? undefined : editor.organization;
      const matches = identity === undefined ? () => true : compileWildcard(identity);
      const found = all.filter(({ name }) => matches(name));
      const isPattern = identity === undefined || /[*?]/.test(identity);
      if (found.length === 0 && !isPattern) throw missing(noun, identity, all);
      const seen = await noun.seen?.look(services);
      const shown = found.map((one) => ({
        ...showObject(noun, one, organization),
        ...seen?.(one.name),
      }));
      const page = selectPage(shown, { filter, sortOrder, resultSize }, { nowMs: clock.nowMs() });
      yield* page.items;
      if (page.hasMore) warn(moreResultsWarning(resultSize));
    },
  });
}

function newCmdlet(noun: ObjectNoun): Cmdlet<OrganizationServices> {
  const edit = (
    run: Run,
    input: CmdletInput,
    given: ReadonlySet<string>,
  ): readonly ObjectEdit[] => {
    const settings = readSettingInput(givenTable(noun), input, given);
    const name = newName(noun, input, settings);
    const arranged = arrangedBy(noun, run, { mode: "new", name, settings });
    return [
      {
        kind: noun.kind,
        name,
        change(stored) {
          if (stored !== undefined) {
            const text = `there is already ${withArticle(titleOf(noun))} "${stored.name}"`;
            throw new CmdletFault("conflict", text, { parameter: "Name" });
          }
          const made = applySettings(noun.table, { name }, settings, {});
          return { ...made, ...defaultOf(input), ...arranged.own };
        },
      },
      ...arranged.others,
      ...formerDefaults(noun, run, { input, name }),
    ];
  };
  const except = ["default", ...(noun.parts === undefined ? [] : ["name"])];
  const { guarded = [] } = noun;
  const [example, doc] = noun.examples.new ?? [" -Name Sample", "A new one."];
  return changing(noun, edit, {
    name: `${noun.makingVerb}-${noun.noun}`,
    summary: `Makes ${withArticle(titleOf(noun))}. It is in force at once.`,
    example: { command: `${noun.makingVerb}-${noun.noun}${example}`, doc },
    parameters: {
      ...noun.parts?.parameters,
      ...positioned(settingParameters(noun.table, { mode: "new", except, guarded }), "Name"),
      ...makeDefault(noun),
    },
    confirmation: "none",
  });
}

function setCmdlet(noun: ObjectNoun): Cmdlet<OrganizationServices> {
  const edit = (
    run: Run,
    input: CmdletInput,
    given: ReadonlySet<string>,
  ): readonly ObjectEdit[] => {
    const settings = readSettingInput(noun.table, input, given);
    const { organization: editor } = run.services;
    const name = noun.isSingle ? "" : String(input["identity"]);
    const arranged = arrangedBy(noun, run, { mode: "change", name, settings });
    return [
      {
        kind: noun.kind,
        name,
        change(found) {
          if (found === undefined && !noun.isSingle) throw missing(noun, name);
          const stored = found ?? NOTHING_STORED;
          const current = showObject(noun, stored, editor.organization);
          const changed = applySettings(noun.table, stored.properties, settings, current);
          return { ...changed, ...defaultOf(input), ...arranged.own };
        },
      },
      ...arranged.others,
      ...formerDefaults(noun, run, { input, name }),
    ];
  };
  const except = ["default", ...(noun.parts === undefined ? [] : ["name"])];
  const { guarded = [] } = noun;
  const [example, doc] = noun.examples.set;
  return changing(noun, edit, {
    name: `Set-${noun.noun}`,
    summary: `Changes the ${titleOf(noun)}. What is not given stays; $null brings defaults back.`,
    example: { command: `Set-${noun.noun}${example}`, doc },
    parameters: {
      ...(noun.isSingle ? {} : { Identity: identityOf(noun) }),
      ...settingParameters(noun.table, { mode: "change", except, guarded }),
      ...makeDefault(noun),
      Force: FORCE,
      IfMatch: IF_MATCH,
    },
    confirmation: "none",
  });
}

const SWITCHES = [
  { verb: "Enable", enabled: "true", means: "Puts %s in force", doc: "From now on." },
  { verb: "Disable", enabled: "false", means: "Puts %s out of force; it stays", doc: "For now." },
] as const;

function switchCmdlet(
  noun: ObjectNoun,
  { verb, enabled, means, doc }: (typeof SWITCHES)[number],
): Cmdlet<OrganizationServices> {
  const edit = (_run: Run, input: CmdletInput): readonly ObjectEdit[] => [
    {
      kind: noun.kind,
      name: String(input["identity"]),
      change(stored) {
        if (stored === undefined) throw missing(noun, String(input["identity"]));
        return { ...stored.properties, enabled };
      },
    },
  ];
  return changing(noun, edit, {
    name: `${verb}-${noun.noun}`,
    summary: `${means.replace("%s", withArticle(titleOf(noun)))}.`,
    example: { command: `${verb}-${noun.noun} "Sample"`, doc },
    parameters: { Identity: identityOf(noun), Force: FORCE, IfMatch: IF_MATCH },
    confirmation: "none",
  });
}

function removeCmdlet(noun: ObjectNoun): Cmdlet<OrganizationServices> {
  const edit = (_run: Run, input: CmdletInput): readonly ObjectEdit[] => [
    {
      kind: noun.kind,
      name: String(input["identity"]),
      change(stored) {
        if (stored === undefined) throw missing(noun, String(input["identity"]));
        return undefined;
      },
    },
  ];
  return changing(noun, edit, {
    name: `Remove-${noun.noun}`,
    summary: `Removes ${withArticle(titleOf(noun))}.`,
    example: { command: `Remove-${noun.noun} "Old"`, doc: "It asks first." },
    parameters: { Identity: identityOf(noun), Force: FORCE, IfMatch: IF_MATCH },
    confirmation: "asks",
  });
}

/** A cmdlet that changes objects: by the same edit it runs and shows what it would do. */
function changing(
  noun: ObjectNoun,
  edit: (run: Run, input: CmdletInput, given: ReadonlySet<string>) => readonly ObjectEdit[],
  facts: {
    readonly name: `${string}-${string}`;
    readonly summary: string;
    readonly example: { readonly command: string; readonly doc: string };
    readonly parameters: Cmdlet<OrganizationServices>["parameters"];
    readonly confirmation: "none" | "asks";
  },
): Cmdlet<OrganizationServices> {
  const { example, ...rest } = facts;
  const change = (run: Run, input: CmdletInput, mode: "store" | "show") =>
    runEdits(run, edit(run, input, run.given), {
      mode,
      isForced: input["force"] === true,
      ifMatch: ifMatchOf(input),
      show(one, organizations): ShownEdit {
        const view = (stored: StoredObject | undefined, organization: Organization) =>
          stored && { stored: stored.properties, shown: showObject(noun, stored, organization) };
        const name = (one.before ?? one.after)?.name ?? "";
        return {
          object: objectLabel(noun, name),
          table: noun.table,
          before: view(one.before ?? emptySingle(noun, one), organizations.before),
          after: view(one.after, organizations.after),
        };
      },
    });
  return {
    ...rest,
    notes: noun.notes,
    roles: noun.changers,
    effect: "changes",
    examples: [example],
    output: noun.output,
    async plan(run, input) {
      return planOf(await change(run, input, "show"));
    },
    async *run(run, input): AsyncGenerator<OutputObject> {
      const shown = await change(run, input, "store");
      const made = shown[0]?.after;
      if (/^(?:New|Add)-/.test(facts.name) && made !== undefined) yield made.shown;
    },
  };
}

/** What a kind of which there is one was before anything of it was stored. */
function emptySingle(noun: ObjectNoun, { kind }: EditedObject): StoredObject | undefined {
  return noun.isSingle ? { kind, ...NOTHING_STORED } : undefined;
}

/** Where the name has parts, -Name may be one of them. */
function givenTable({ table, parts }: ObjectNoun): SettingTable {
  if (parts === undefined) return table;
  return Object.fromEntries(Object.entries(table).filter(([property]) => property !== "name"));
}

function newName(
  { parts }: ObjectNoun,
  input: CmdletInput,
  settings: ReturnType<typeof readSettingInput>,
): string {
  if (parts !== undefined) return parts.nameOf(input);
  const named = settings.get("name");
  return named?.kind === "value" && typeof named.json === "string" ? named.json : "";
}

/** What the object's place means for it and for others. */
function arrangedBy(
  { arrange, kind }: ObjectNoun,
  { services }: Run,
  edit: Parameters<Arrange>[1],
): { readonly own: ObjectProperties; readonly others: readonly ObjectEdit[] } {
  const arranged = arrange?.(services.organization.organization, edit);
  if (arranged === undefined) return { own: {}, others: [] };
  const others = [...arranged.others].map(([name, properties]) => ({
    kind,
    name,
    change: (stored: StoredObject | undefined) => stored && { ...stored.properties, ...properties },
  }));
  return { own: arranged.own, others };
}

function identityOf(noun: ObjectNoun) {
  return requiredParameter(line({ max: IDENTITY_MAX }), `The ${titleOf(noun)}'s name.`, {
    position: 0,
    completion: noun.noun,
    pipeline: "property",
  });
}

function positioned(
  parameters: Cmdlet<OrganizationServices>["parameters"],
  first: string,
): Cmdlet<OrganizationServices>["parameters"] {
  const rows = Object.entries(parameters).map(([name, parameter]) =>
    name === first ? [name, { ...parameter, position: 0 }] : [name, parameter],
  );
  return Object.fromEntries(rows) as Cmdlet<OrganizationServices>["parameters"];
}

function missing(
  noun: ObjectNoun,
  name: string | undefined,
  all: readonly Pick<StoredObject, "name">[] = [],
): CmdletFault {
  const hint = formatSuggestion(
    name ?? "",
    all.map((one) => one.name),
  );
  const cure = `; Get-${noun.noun} lists what there is`;
  const text = `there is no ${titleOf(noun)} "${name ?? ""}"${hint === "" ? cure : hint}`;
  return new CmdletFault("not-found", text, { parameter: "Identity" });
}
