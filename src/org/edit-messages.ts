import { rowKey } from "../store/organization-row.ts";
import type {
  ObjectKey,
  OrganizationChange,
  OrganizationStore,
} from "../store/organization-store.ts";
import { quote } from "./configuration-fault.ts";
import { isRecipientKind, OBJECT_KINDS, type ObjectKind } from "./settings/object-kinds.ts";

/** Addresses asked for in one call of the store. */
const LOOKUP_BATCH = 500;
/** Faults of one kind that are told. */
const TOLD_MAX = 20;

/** What a change does to recipients. */
export type RecipientChange = Pick<
  OrganizationChange,
  "recipients" | "updatedRecipients" | "removedRecipients"
>;

/** What recipients outside a change have, and recipients in it claim. */
export async function findTaken(
  { recipients = [], updatedRecipients = [], removedRecipients = [] }: RecipientChange,
  store: Pick<OrganizationStore, "findRecipients">,
): Promise<readonly string[]> {
  const put = [...recipients, ...updatedRecipients];
  const concerned = new Set([...put, ...removedRecipients].map(rowKey));
  const claims = put.flatMap((row) => row.addresses.map((address) => ({ row, address })));
  const taken: string[] = [];
  for (let start = 0; start < claims.length; start += LOOKUP_BATCH) {
    const batch = claims.slice(start, start + LOOKUP_BATCH);
    const { value } = await store.findRecipients(batch.map(({ address }) => address));
    batch.forEach(({ row, address }, index) => {
      const owner = value[index];
      if (owner === undefined || concerned.has(rowKey(owner))) return;
      const [label, other] = [row, owner].map(({ kind, name }) => rowLabel({ kind, name }));
      taken.push(`${label}: ${address} already belongs to ${other}`);
    });
  }
  return taken;
}

function rowLabel({ kind, name }: ObjectKey): string {
  return isRecipientKind(kind) ? labelOf(kind, name) : `${kind} ${quote(name)}`;
}

/** `mailbox "alice"`; the title alone where there is one of a kind. */
export function labelOf(kind: ObjectKind, name: string): string {
  const { title } = OBJECT_KINDS[kind];
  return name === "" ? title : `${title} ${quote(name)}`;
}

/** Why what a file declares is not changed, and the cure. */
export function ownedMessage(
  { kind, name }: { kind: ObjectKind; name: string },
  file: string,
): string {
  return (
    `${labelOf(kind, name)} is declared in ${file}: change it there and have the server read the ` +
    "file again (SIGHUP), or use -Force, which lasts until the file is read again"
  );
}

/** What becomes of a change to what a file declares. */
export function undoneMessage(
  { kind, name }: { readonly kind: ObjectKind; readonly name: string },
  file: string | undefined,
): string {
  const label = labelOf(kind, name);
  return `${label} is declared in ${file}: the next reload of that file undoes this change`;
}

/** The first of many messages, and how many there are besides. */
export function told(messages: readonly string[]): readonly string[] {
  if (messages.length <= TOLD_MAX) return messages;
  return [...messages.slice(0, TOLD_MAX), `and ${messages.length - TOLD_MAX} more`];
}
