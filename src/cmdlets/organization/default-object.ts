import type { CmdletInput, Invocation } from "../../cmdlet/cmdlet.ts";
import { optionalParameter, type ParameterTable } from "../../cmdlet/parameter.ts";
import type { ObjectEdit, ObjectProperties } from "../../org/organization-editor.ts";
import { bool } from "../../org/settings/setting-types.ts";
import type { ObjectNoun } from "./object-noun.ts";
import { titleOf } from "./object-title.ts";
import type { OrganizationServices } from "./services.ts";

/** `-MakeDefault` where one of a kind is the default. */
export function makeDefault(noun: ObjectNoun): ParameterTable {
  if (!Object.hasOwn(noun.table, "default")) return {};
  const doc = `Whether it is the default ${titleOf(noun)}; $true ends that of the one before.`;
  return { MakeDefault: optionalParameter(bool(), doc) };
}

/** What -MakeDefault sets of the object itself. */
export function defaultOf(input: CmdletInput): ObjectProperties {
  return typeof input["makeDefault"] === "boolean" ? { default: String(input["makeDefault"]) } : {};
}

/** With -MakeDefault, the one that was the default so far is so no longer. */
export function formerDefaults(
  noun: ObjectNoun,
  { services }: Pick<Invocation<OrganizationServices>, "services">,
  { input, name }: { readonly input: CmdletInput; readonly name: string },
): readonly ObjectEdit[] {
  if (input["makeDefault"] !== true) return [];
  const former = noun
    .defaultNames(services.organization.organization)
    .filter((one) => one.toLowerCase() !== name.toLowerCase());
  return former.map((one) => ({
    kind: noun.kind,
    name: one,
    change: (stored) => stored && { ...stored.properties, default: "false" },
  }));
}
