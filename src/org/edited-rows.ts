import { assert } from "../base/assert.ts";
import { fault, ok, type Result } from "../base/result.ts";
import type { SecretBox } from "../base/secret-box.ts";
import { rowKey } from "../store/organization-row.ts";
import type {
  ConfigurationRow,
  ObjectKey,
  OrganizationChange,
  OrganizationStore,
  RecipientRow,
  RecipientUpdate,
  Versioned,
} from "../store/organization-store.ts";
import { fromConfigJson } from "./config-value.ts";
import { FaultList, formatFault, quote } from "./configuration-fault.ts";
import { recipientRows, sealObjects } from "./configuration-rows.ts";
import { type DeclaredObject, declareObject } from "./declared-object.ts";
import type {
  EditedObject,
  EditFault,
  ObjectEdit,
  ObjectProperties,
  StoredObject,
} from "./organization-editor.ts";
import { readRecipients, storedProperties } from "./recipient-reader.ts";
import {
  CONFIGURATION_KINDS,
  isConfigurationKind,
  isRecipientKind,
  OBJECT_KINDS,
} from "./settings/object-kinds.ts";
import { propertiesOf, readAllMembers, readStoredObject } from "./stored-object.ts";

/** What edits come to; nothing is stored yet, nor checked as a whole. */
export interface PreparedEdits {
  readonly change: OrganizationChange;
  readonly objects: readonly EditedObject[];
  /** All objects of the organization as they would be. */
  readonly objectsAfter: readonly ConfigurationRow[];
}

interface EditContext {
  readonly store: OrganizationStore;
  readonly secrets: SecretBox;
  readonly file: string | undefined;
}

interface Planned {
  readonly edit: ObjectEdit;
  readonly before: StoredObject | undefined;
  readonly after: DeclaredObject | undefined;
}

/** Runs edits on what is stored, and makes rows of their results. Rejects as they throw. */
export async function prepareEdits(
  edits: readonly ObjectEdit[],
  context: EditContext,
): Promise<Result<PreparedEdits, EditFault>> {
  const { store } = context;
  const stored = await store.readObjects();
  const planned: Planned[] = [];
  for (const edit of edits) {
    const before = await readStoredObject(context, edit);
    const properties = edit.change(before);
    planned.push({ edit, before, after: properties && declare(edit, properties) });
  }
  const renamed = await findRenamedOnto(planned, context);
  if (renamed.length > 0) return fault({ kind: "taken", messages: renamed });
  const made = await makeRows(planned, stored, context);
  if (!made.ok) return made;
  const { objects } = made.value;
  const { recipients, updatedRecipients } = await partMembers(made.value.recipients, {
    planned,
    store,
  });
  const rows = [...objects, ...recipients, ...updatedRecipients];
  const put = new Set(rows.map(rowKey));
  const removed = planned.flatMap(({ edit: { kind }, before }) =>
    before === undefined || put.has(rowKey({ kind, name: before.name }))
      ? []
      : [{ kind, name: before.name }],
  );
  const removedObjects = removed.filter(({ kind }) => !isRecipientKind(kind));
  const gone = new Set([...removedObjects, ...objects].map(rowKey));
  const objectsAfter = [...stored.value.filter((row) => !gone.has(rowKey(row))), ...objects];
  return ok({
    change: {
      expectedVersion: stored.version,
      objects,
      recipients,
      updatedRecipients,
      removedObjects,
      removedRecipients: removed.filter(({ kind }) => isRecipientKind(kind)),
    },
    objects: planned.map((one) => editedObject(one, rows, recipients)),
    objectsAfter: objectsAfter.toSorted((left, right) => (rowKey(left) < rowKey(right) ? -1 : 1)),
  });
}

/** Tells the groups whose members stay from the recipients that are written as a whole. */
async function partMembers(
  rows: readonly RecipientRow[],
  {
    planned,
    store,
  }: {
    readonly planned: readonly Planned[];
    readonly store: Pick<OrganizationStore, "readMembers">;
  },
): Promise<Required<Pick<OrganizationChange, "recipients" | "updatedRecipients">>> {
  const recipients: RecipientRow[] = [];
  const updatedRecipients: RecipientUpdate[] = [];
  for (const row of rows) {
    const { before } =
      planned.find(({ edit, after }) => edit.members && after && rowKey(after) === rowKey(row)) ??
      {};
    if (before?.kind !== "distributionGroup") recipients.push(row);
    else if (rowKey(before) === rowKey(row)) {
      const { members: _, ...update } = row;
      updatedRecipients.push(update);
    } else {
      // Under another name it is another row, which takes its members along.
      recipients.push({ ...row, members: await readAllMembers(before, store) });
    }
  }
  return { recipients, updatedRecipients };
}

function declare(
  { kind, name }: Pick<ObjectEdit, "kind" | "name">,
  properties: ObjectProperties,
): DeclaredObject {
  const map = fromConfigJson(properties);
  assert(map.kind === "map", "properties are a mapping");
  return declareObject(kind, map, quote(name));
}

/** New names, of new objects or of renamed ones, that something else has. */
async function findRenamedOnto(
  planned: readonly Planned[],
  context: EditContext,
): Promise<readonly string[]> {
  const leaving = new Set(
    planned.flatMap(({ before }) => (before === undefined ? [] : [rowKey(before)])),
  );
  const taken: string[] = [];
  for (const { before, after } of planned) {
    if (after === undefined || OBJECT_KINDS[after.kind].isSingle) continue;
    if (before !== undefined && rowKey(before) === rowKey(after)) continue;
    if (leaving.has(rowKey(after))) continue;
    const other = await readStoredObject(context, after);
    if (other !== undefined) taken.push(`there is already a ${after.label}`);
  }
  return taken;
}

async function makeRows(
  planned: readonly Planned[],
  stored: Versioned<readonly ConfigurationRow[]>,
  { store, secrets, file }: EditContext,
): Promise<
  Result<
    { readonly objects: readonly ConfigurationRow[]; readonly recipients: readonly RecipientRow[] },
    EditFault
  >
> {
  const faults = new FaultList("");
  const after = planned.flatMap((one) => one.after ?? []);
  // Mailboxes name throttling policies: those that are stored count as declared.
  const policies = stored.value.flatMap(({ kind, name, json }) =>
    kind === "throttlingPolicy" ? [declare({ kind, name }, propertiesOf(json))] : [],
  );
  const recipients = readRecipients([...policies, ...after], faults);
  if (!faults.isEmpty) {
    const messages = faults.list().map((one) => formatFault(one).slice(2));
    return fault({ kind: "invalid", messages });
  }
  const objects = after.flatMap(({ kind, name, properties }) => {
    if (!isConfigurationKind(kind)) return [];
    const { table } = CONFIGURATION_KINDS[kind];
    return [{ kind, name, properties: storedProperties(table, properties) }];
  });
  const owners = new Map(
    planned.flatMap(({ after: next, before }) =>
      next && before?.file !== undefined ? [[rowKey(next), before.file] as const] : [],
    ),
  );
  const owned = <Row extends ObjectKey>(row: Row) => {
    const owner = owners.get(rowKey(row));
    return owner === undefined || owner !== file ? row : { ...row, owner };
  };
  return ok({
    objects: (await sealObjects(objects, store, secrets)).map(owned),
    recipients: (await recipientRows(recipients, store, secrets)).map(owned),
  });
}

function editedObject(
  { edit, before, after }: Planned,
  rows: readonly ConfigurationRow[],
  recipients: readonly RecipientRow[],
): EditedObject {
  const { kind } = edit;
  const row = after && rows.find((one) => rowKey(one) === rowKey(after));
  if (row === undefined) return { kind, before, after: undefined };
  const members = recipients.find((one) => one === row)?.members ?? [];
  const properties = propertiesOf(row.json);
  const stored: StoredObject = {
    kind,
    name: row.name,
    properties: members.length > 0 ? { ...properties, members } : properties,
    ...(before?.file !== undefined && { file: before.file }),
  };
  return { kind, before, after: stored };
}
