import type { ObjectChange } from "../../cmdlet/cmdlet.ts";
import type { OutputOf, OutputType } from "../../cmdlet/output-type.ts";
import type { ConfigJson } from "../../org/config-value.ts";
import type { ConfigurationComparison } from "../../org/configuration-comparison.ts";
import type { ObjectProperties, OrganizationEditor } from "../../org/organization-editor.ts";
import {
  isConfigurationKind,
  isRecipientKind,
  OBJECT_KINDS,
  type ObjectKind,
} from "../../org/settings/object-kinds.ts";
import type { SettingTable } from "../../org/settings/setting.ts";
import { MASK } from "../../org/settings/setting-format.ts";
import type { ConfigurationRow, RecipientRow } from "../../store/organization-store.ts";

/** What a configuration changes about one object. */
export const CONFIGURATION_CHANGE = {
  name: "ConfigurationChange",
  properties: {
    Change: {
      kind: "choice",
      choices: ["Added", "Changed", "Kept"],
      doc: "What happens to the object. Kept: it is not in the file, and stays as it is.",
    },
    Kind: { kind: "text", doc: "As the file has it: `receiveConnectors`." },
    Name: { kind: "text", doc: "The object's name; empty where there is one of the kind." },
    Properties: {
      kind: "list",
      doc: "What differs: the property, what is stored and what the file says. Secrets are masked.",
    },
  },
  table: ["Change", "Kind", "Name", "Properties"],
} as const satisfies OutputType;

type Change = OutputOf<typeof CONFIGURATION_CHANGE>;

/** Characters of a value that are shown. */
const SHOWN_MAX = 200;

/** What a comparison changes, at most `max` objects, with what is stored of them now. */
export async function listChanges(
  { objects, recipients, added }: ConfigurationComparison,
  editor: Pick<OrganizationEditor, "read">,
  max: number,
): Promise<readonly Change[]> {
  const changes: Change[] = [];
  const rows: readonly (ConfigurationRow | RecipientRow)[] = [...objects, ...recipients];
  for (const row of rows.slice(0, max)) {
    const { kind, name, json } = row;
    if (!isRecipientKind(kind) && !isConfigurationKind(kind)) continue;
    const isAdded = added.has(`${kind}\0${name.toLowerCase()}`);
    const before = isAdded ? undefined : await editor.read(kind, name);
    // Written from ObjectProperties.
    const properties = JSON.parse(json) as ObjectProperties;
    const after = "members" in row ? { ...properties, members: row.members } : properties;
    changes.push({
      Change: isAdded ? "Added" : "Changed",
      Kind: OBJECT_KINDS[kind].key,
      Name: name,
      Properties: differences(kind, before?.properties ?? {}, after),
    });
  }
  return changes;
}

/** What is stored and not in the file, at most `max` objects. */
export function listKept({ others }: ConfigurationComparison, max: number): readonly Change[] {
  return others.named.slice(0, max).flatMap(({ kind, name }) => {
    if (!isRecipientKind(kind) && !isConfigurationKind(kind)) return [];
    return [{ Change: "Kept", Kind: OBJECT_KINDS[kind].key, Name: name, Properties: [] }];
  });
}

function differences(
  kind: ObjectKind,
  before: ObjectProperties,
  after: ObjectProperties,
): readonly string[] {
  const table: SettingTable = OBJECT_KINDS[kind].table;
  return Object.entries(table).flatMap(([name, { type }]) => {
    const [old, now] = [before[name], after[name]].map((value) => withoutEmpty(name, value));
    if (JSON.stringify(old) === JSON.stringify(now)) return [];
    const show = (value: ConfigJson | undefined): string => {
      if (value === undefined) return "(default)";
      return type.isSecret === true ? MASK : shortText(JSON.stringify(value));
    };
    if (name === "name" && old === undefined) return [];
    if (old === undefined) return [`${name}: ${show(now)}`];
    return [`${name}: ${show(old)} -> ${show(now)}`];
  });
}

/** No members and an empty list of them are the same. */
function withoutEmpty(name: string, value: ConfigJson | undefined): ConfigJson | undefined {
  return name === "members" && Array.isArray(value) && value.length === 0 ? undefined : value;
}

function shortText(text: string): string {
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text;
}

/** For the audit log. */
export function auditedChange({ Change: kind, Kind, Name, Properties }: Change): ObjectChange {
  const object = `${Kind} ${Name ?? ""}`.trim();
  return { object, after: { Change: kind, Properties } };
}
