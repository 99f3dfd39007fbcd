import { fault, ok, type Result } from "../base/result.ts";
import { type ConfigEntry, type ConfigJson, findEntry } from "./config-value.ts";
import { type ConfigurationFault, FaultList } from "./configuration-fault.ts";
import { listDeclaredObjects } from "./declared-object.ts";
import type { Organization } from "./organization.ts";
import { readOrganization } from "./organization-reader.ts";
import { type DeclaredRecipient, readRecipients, storedProperties } from "./recipient-reader.ts";
import {
  CONFIGURATION_KINDS,
  type ConfigurationKind,
  isConfigurationKind,
  OBJECT_KINDS,
  type ObjectKind,
} from "./settings/object-kinds.ts";
import { impliedPriorities } from "./transport-rule.ts";
import { parseYamlTree } from "./yaml-tree.ts";

/** An object of a file that was found to be right, as the store will have it. */
export interface ConfigurationObject {
  readonly kind: ConfigurationKind;
  /** "" for kinds of which there is one. */
  readonly name: string;
  /** What the file gives; defaults are not written out, so that they follow the release. */
  readonly properties: Readonly<Record<string, ConfigJson>>;
}

/** A whole configuration file, checked in every respect that needs nothing but the file. */
export interface Configuration {
  readonly objects: readonly ConfigurationObject[];
  readonly recipients: readonly DeclaredRecipient[];
  /** The kinds that the file says something about, if only that there are none. */
  readonly declaredKinds: ReadonlySet<ObjectKind>;
  /** Whether the file names the default domain; if not, it is the first one. */
  readonly namesDefaultDomain: boolean;
  /** What the objects come to, version 0. */
  readonly organization: Organization;
}

/** What the parser needs besides the text. */
export interface ConfigurationContext {
  /** As faults name it. */
  readonly fileName: string;
  /** Default of server.fqdn. */
  readonly hostName: string;
  /** Default of server.transportThreads. */
  readonly cores: number;
}

/** Reads a configuration file (YAML). Total: every text gives a configuration or all its faults. */
export function parseConfiguration(
  text: string,
  context: ConfigurationContext,
): Result<Configuration, readonly ConfigurationFault[]> {
  const faults = new FaultList(context.fileName);
  const tree = parseYamlTree(text, faults);
  if (tree === undefined) return fault(faults.list());
  const declared = listDeclaredObjects(tree, faults);
  const recipients = readRecipients(declared, faults);
  const organization = readOrganization(declared, context, faults);
  if (organization === undefined || !faults.isEmpty) return fault(faults.list());
  const defaultDomain = organization.acceptedDomains.find((domain) => domain.default)?.name;
  const priorities = impliedPriorities(organization.transportRules);
  const objects = declared.flatMap(({ kind, name, properties }) => {
    if (!isConfigurationKind(kind)) return [];
    const stored = storedProperties(CONFIGURATION_KINDS[kind].table, properties);
    const priority = kind === "transportRule" ? priorities.get(name) : undefined;
    if (priority !== undefined) {
      return [{ kind, name, properties: { ...stored, priority: String(priority) } }];
    }
    // "The first one" means nothing in the store, which has no order of its own.
    const isDefault = kind === "acceptedDomain" && name === defaultDomain;
    return [{ kind, name, properties: isDefault ? { ...stored, default: "true" } : stored }];
  });
  const declaredKinds = new Set(
    // Object.keys forgets the type of the keys it returns.
    (Object.keys(OBJECT_KINDS) as ObjectKind[]).filter((kind) =>
      tree.entries.some(({ name }) => name === OBJECT_KINDS[kind].key),
    ),
  );
  const namesDefaultDomain = declared.some(
    ({ kind, properties }) => kind === "acceptedDomain" && isTrue(findEntry(properties, "default")),
  );
  return ok({ objects, recipients, declaredKinds, namesDefaultDomain, organization });
}

function isTrue(entry: ConfigEntry | undefined): boolean {
  return entry?.value.kind === "scalar" && entry.value.text.toLowerCase() === "true";
}
