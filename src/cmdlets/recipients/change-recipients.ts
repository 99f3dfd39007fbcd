import type { Invocation } from "../../cmdlet/cmdlet.ts";
import type { ShownEdit } from "../../cmdlet/object-change.ts";
import { type EditManner, runEdits } from "../../cmdlet/run-edits.ts";
import { domainOf } from "../../mail/address.ts";
import { findAcceptedDomain } from "../../org/accepted-domain.ts";
import { configText } from "../../org/config-value.ts";
import type {
  EditedObject,
  ObjectProperties,
  RecipientObject,
  StoredObject,
} from "../../org/organization-editor.ts";
import type { RecipientKind } from "../../org/settings/object-kinds.ts";
import { labelOf, missing, readAddress } from "./find-recipient.ts";
import { createShow, shownProperties, shownTable } from "./recipient-output.ts";
import type { RecipientServices } from "./services.ts";

/** How a recipient is changed. */
export interface RecipientChange extends Omit<EditManner, "show"> {
  /** By its properties as they are stored; `undefined`: it goes. */
  readonly change: (properties: ObjectProperties) => ObjectProperties | undefined;
}

/** Changes a recipient that was found; a group's members stay as they are. @throws CmdletFault */
export async function changeRecipient(
  run: Invocation<RecipientServices>,
  { kind, name }: Pick<RecipientObject, "kind" | "name">,
  { change, ...manner }: RecipientChange,
): Promise<readonly ShownEdit[]> {
  const edit = {
    kind,
    name,
    members: "stay" as const,
    change(stored: StoredObject | undefined) {
      // It has gone since it was found.
      if (stored === undefined) throw missing(name, { kinds: [kind], parameter: "Identity" });
      return change(stored.properties);
    },
  };
  return runEdits(run, [edit], { ...manner, show: (edited) => showEdit(kind, edited) });
}

/** A recipient before and after, as it is shown. */
export function showEdit(kind: RecipientKind, { before, after }: EditedObject): ShownEdit {
  const show = createShow(kind);
  // Members of one that was there stay uncounted; what is new has those that it was given.
  const isEmpty = before === undefined && after?.properties["members"] === undefined;
  const count = isEmpty ? { memberCount: 0 } : {};
  const view = (stored: StoredObject | undefined) =>
    stored && { shown: show({ ...stored, kind, ...count }), stored: shownProperties(stored) };
  const name = (before ?? after)?.name ?? "";
  return {
    object: labelOf({ kind, name }),
    table: shownTable(kind),
    before: view(before),
    after: view(after),
  };
}

/** Warns of addresses that no mail can come to. */
export function warnOfStrangeDomains(
  { services, warn }: Pick<Invocation<RecipientServices>, "services" | "warn">,
  { shown }: NonNullable<ShownEdit["after"]>,
): void {
  const { organization } = services.organization;
  const texts = [shown["PrimarySmtpAddress"] ?? [], shown["EmailAddresses"] ?? []].flat();
  const told = new Set<string>();
  for (const text of texts) {
    const address = readAddress(configText(text));
    const domain = address && domainOf(address);
    if (domain === undefined || told.has(domain)) continue;
    if (findAcceptedDomain(organization, domain) !== undefined) continue;
    told.add(domain);
    warn(`${domain} is no accepted domain: mail for ${address} does not come to this recipient`);
  }
}

/** The output of a cmdlet that only does something. */
export async function* putOutNothing(work: () => Promise<unknown>): AsyncGenerator<never> {
  await work();
  yield* [];
}
