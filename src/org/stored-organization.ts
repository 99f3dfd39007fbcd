import { assert } from "../base/assert.ts";
import { fault, ok, type Result } from "../base/result.ts";
import type { SecretBox } from "../base/secret-box.ts";
import type { KeyKind } from "../dkim/private-key.ts";
import type { Address } from "../mail/address.ts";
import { rowKey } from "../store/organization-row.ts";
import type {
  ChangeOutcome,
  ConfigurationRow,
  MemberPage,
  MemberSlice,
  OrganizationStore,
  StoredRecipient,
} from "../store/organization-store.ts";
import { type Configuration, parseConfiguration } from "./configuration.ts";
import {
  type ConfigurationComparison,
  compareConfiguration,
  writeComparison,
} from "./configuration-comparison.ts";
import { type ConfigurationFault, formatFault } from "./configuration-fault.ts";
import { createConfigurationRows } from "./configuration-rows.ts";
import { openKeyRecord } from "./dkim-keys.ts";
import {
  findTaken,
  ownedMessage,
  type RecipientChange,
  told,
  undoneMessage,
} from "./edit-messages.ts";
import { prepareEdits } from "./edited-rows.ts";
import { findMemberChange, writeMemberChange } from "./member-edit.ts";
import { NOBODY } from "./object-owner.ts";
import type { Organization } from "./organization.ts";
import type {
  Applied,
  ApplyOptions,
  Edited,
  EditedMembers,
  EditFault,
  EditOptions,
  MemberEdit,
  ObjectEdit,
  OrganizationEditor,
  RecipientObject,
  StoredObject,
} from "./organization-editor.ts";
import type { Machine } from "./organization-reader.ts";
import type { ObjectKind, RecipientKind } from "./settings/object-kinds.ts";
import { buildOrganization } from "./snapshot.ts";
import { readStoredObject, recipientObject, storedObject } from "./stored-object.ts";

/** What it is made of. */
export interface StoredOrganizationParts {
  readonly store: OrganizationStore;
  readonly secrets: SecretBox;
  readonly machine: Machine;
  /** Absolute path of the file that the server was started with; it owns what it declares. */
  readonly file: string | undefined;
  /** Parses large files elsewhere; absent: here. */
  readonly parse?: OrganizationEditor["parse"];
}

/**
 * Puts a snapshot in force in all threads; resolves with what could not be done (a port that is
 * taken), in words for the administrator. `recipients`: nothing else has changed.
 */
export type PutInForce = (
  next: Organization,
  scope: "all" | "recipients",
) => Promise<readonly string[]>;

/** The organization in the store, and the snapshot of it that is in force. */
export class StoredOrganization implements OrganizationEditor {
  readonly #parts: StoredOrganizationParts;
  #organization: Organization | undefined;
  #putInForce: PutInForce = async () => [];
  /** Changes come one after another: each is checked with all that came before it. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(parts: StoredOrganizationParts) {
    this.#parts = parts;
  }

  /** Asked for after `open`. */
  get organization(): Organization {
    assert(this.#organization !== undefined, "no organization is in force yet");
    return this.#organization;
  }

  /**
   * Takes what is stored into force; the fault is what is wrong with it. Rejects with StoreFailure.
   */
  async open(): Promise<Result<Organization, readonly ConfigurationFault[]>> {
    const built = buildOrganization(await this.#parts.store.readObjects(), this.#parts.machine);
    if (built.ok) this.#organization = built.value;
    return built;
  }

  /** From now on, changes go to the threads this way. Nothing may have changed since `open`. */
  start(putInForce: PutInForce): void {
    this.#putInForce = putInForce;
  }

  async read(kind: ObjectKind, name: string): Promise<StoredObject | undefined> {
    return readStoredObject(this.#parts, { kind, name });
  }

  async list(kind: ObjectKind): Promise<readonly StoredObject[]> {
    const { value } = await this.#parts.store.readObjects();
    return value.flatMap((row) => (row.kind === kind ? [storedObject(row, this.#parts)] : []));
  }

  async find(
    who: Address | { readonly kind: RecipientKind; readonly name: string },
  ): Promise<RecipientObject | undefined> {
    const { store } = this.#parts;
    const { value } = await (typeof who === "string"
      ? store.findRecipients([who])
      : store.readRecipients([who]));
    return value[0] && recipientObject(value[0], this.#parts);
  }

  dkimRecord(kind: KeyKind, sealed: string): string | undefined {
    return openKeyRecord(kind, sealed, this.#parts.secrets);
  }

  async findAll(addresses: readonly Address[]): Promise<readonly (RecipientObject | undefined)[]> {
    const { value } = await this.#parts.store.findRecipients(addresses);
    return value.map((row) => row && recipientObject(row, this.#parts));
  }

  async listRecipients(page: {
    readonly kind: ObjectKind;
    readonly after: string;
    readonly limit: number;
  }): Promise<readonly StoredRecipient[]> {
    return (await this.#parts.store.listRecipients(page)).value;
  }

  readMembers(group: Address, page: MemberPage): Promise<MemberSlice> {
    return this.#parts.store.readMembers(group, page);
  }

  editMembers(edit: MemberEdit, options: EditOptions): Promise<Result<EditedMembers, EditFault>> {
    return this.#inTurn(() => this.#editMembers(edit, options));
  }

  edit(edits: readonly ObjectEdit[], options: EditOptions): Promise<Result<Edited, EditFault>> {
    return this.#inTurn(() => this.#edit(edits, options));
  }

  async parse(
    text: string,
    fileName: string,
  ): Promise<Result<Configuration, readonly ConfigurationFault[]>> {
    const { parse, machine } = this.#parts;
    return parse?.(text, fileName) ?? parseConfiguration(text, { fileName, ...machine });
  }

  apply(configuration: Configuration, options: ApplyOptions): Promise<Result<Applied, EditFault>> {
    return this.#inTurn(() => this.#apply(configuration, options));
  }

  /**
   * Brings a file into the store as the owner of what it declares: what it no longer declares goes.
   * `firstObjects` are put in besides. Before `open`, nothing is put in force.
   */
  useFile(
    configuration: Configuration,
    firstObjects: readonly ConfigurationRow[] = [],
  ): Promise<Result<Applied, EditFault>> {
    return this.#inTurn(async () => {
      const { store, secrets, file } = this.#parts;
      const rows = await createConfigurationRows(configuration, store, secrets);
      const objects = await withoutImpliedDefault(rows.objects, configuration, { store, file });
      const { declaredKinds } = configuration;
      const owner = file === undefined ? {} : { owner: file };
      const options = { ...owner, declaredKinds, firstObjects };
      const compared = await compareConfiguration({ ...rows, objects }, store, options);
      return this.#write(compared, { mode: "store" });
    });
  }

  #inTurn<Value>(work: () => Promise<Value>): Promise<Value> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  async #edit(
    edits: readonly ObjectEdit[],
    { mode, override }: EditOptions,
  ): Promise<Result<Edited, EditFault>> {
    const prepared = await prepareEdits(edits, this.#parts);
    if (!prepared.ok) return prepared;
    const { change, objects, objectsAfter } = prepared.value;
    const { file } = this.#parts;
    const owned = objects.flatMap(({ before }) => (before?.file === undefined ? [] : [before]));
    if (file !== undefined && override !== "file" && owned.length > 0) {
      return fault({ kind: "owned", messages: owned.map((one) => ownedMessage(one, file)) });
    }
    const checked = await this.#check(objectsAfter, change);
    if (!checked.ok) return checked;
    const organization = checked.value;
    if (mode === "show") return ok({ objects, organization, warnings: [] });
    const outcome = await this.#parts.store.change(change);
    if (outcome.kind === "conflict") return fault(CONFLICT);
    const warnings = owned.map((one) => undoneMessage(one, file));
    if (!outcome.changed) return ok({ objects, organization, warnings });
    const { objects: put = [], removedObjects = [] } = change;
    const scope = put.length + removedObjects.length > 0 ? "all" : "recipients";
    const problems = await this.#renew(scope);
    return ok({ objects, organization, warnings: [...warnings, ...problems] });
  }

  async #editMembers(
    edit: MemberEdit,
    { mode, override }: EditOptions,
  ): Promise<Result<EditedMembers, EditFault>> {
    const { store, file } = this.#parts;
    const group = await this.find({ kind: "distributionGroup", name: edit.name });
    if (group === undefined) return fault(CONFLICT);
    edit.check?.(group);
    const isOwned = group.file !== undefined && file !== undefined;
    if (isOwned && override !== "file") {
      return fault({ kind: "owned", messages: [ownedMessage(group, file)] });
    }
    const change = await findMemberChange(group, edit, store);
    const warnings = isOwned ? [undoneMessage(group, file)] : [];
    if (mode === "show" || change.added.length + change.removed.length === 0) {
      return ok({ ...change, warnings });
    }
    const outcome = await writeMemberChange(group, change, {
      store,
      version: this.organization.version,
    });
    const problems = await this.#catchUp();
    if (outcome.kind === "conflict") return fault(CONFLICT);
    return ok({ ...change, warnings: [...warnings, ...problems] });
  }

  async #apply(
    configuration: Configuration,
    options: ApplyOptions,
  ): Promise<Result<Applied, EditFault>> {
    const { store, secrets, file } = this.#parts;
    const rows = await createConfigurationRows(configuration, store, secrets);
    const declared = await withoutImpliedDefault(rows.objects, configuration, {
      store,
      file: undefined,
    });
    const compared = await compareConfiguration({ ...rows, objects: declared }, store);
    if (file !== undefined && options.override !== "file" && compared.owners.size > 0) {
      const owned = [...compared.objects, ...compared.recipients]
        .filter((row) => compared.owners.get(rowKey(row)) === file)
        .map(({ kind, name }) => ({ kind: kind as ObjectKind, name }));
      const messages = told(owned.map((one) => ownedMessage(one, file)));
      if (owned.length > 0) return fault({ kind: "owned", messages });
    }
    return this.#write(compared, options);
  }

  async #write(
    compared: ConfigurationComparison,
    options: ApplyOptions,
  ): Promise<Result<Applied, EditFault>> {
    const checked = await this.#check(compared.objectsAfter, compared);
    if (!checked.ok) return checked;
    const { objects, removedObjects, recipients, removedRecipients } = compared;
    const total = [objects, removedObjects, recipients, removedRecipients].reduce(
      (sum, { length }) => sum + length,
      0,
    );
    await options.compared?.(compared);
    if (options.mode === "show") return ok({ comparison: compared, warnings: [] });
    let outcome: ChangeOutcome;
    try {
      outcome = await writeComparison(compared, this.#parts.store, {
        ...(options.signal && { signal: options.signal }),
        written: (done) => options.progress?.(done, total),
      });
    } catch (error) {
      // A part of it may be stored. When that cannot be put in force now, the next change does it.
      const later = await this.#catchUp().then(
        () => "",
        (fault: unknown) => `; what is stored of it is not in force: ${messageOf(fault)}`,
      );
      if (error instanceof Error) error.message += later;
      throw error;
    }
    const warnings = await this.#catchUp();
    if (outcome.kind === "conflict") return fault(CONFLICT);
    return ok({ comparison: compared, warnings });
  }

  /** Not by whether this call changed something: an earlier one may have, and failed after that. */
  async #catchUp(): Promise<readonly string[]> {
    if (this.#organization === undefined) return [];
    const { version } = await this.#parts.store.readObjects();
    return version === this.#organization.version ? [] : this.#renew("all");
  }

  /** Everything that must be right before anything is stored. */
  async #check(
    objectsAfter: readonly ConfigurationRow[],
    change: RecipientChange,
  ): Promise<Result<Organization, EditFault>> {
    const built = buildOrganization({ version: 0, value: objectsAfter }, this.#parts.machine);
    if (!built.ok) {
      const messages = built.fault.map((one) => formatFault({ ...one, fileName: "" }).slice(2));
      return fault({ kind: "invalid", messages });
    }
    const taken = await findTaken(change, this.#parts.store);
    return taken.length > 0 ? fault({ kind: "taken", messages: told(taken) }) : built;
  }

  async #renew(scope: "all" | "recipients"): Promise<readonly string[]> {
    const before = this.#organization;
    const built = await this.open();
    // It was checked before it was stored: only another program can have written there.
    assert(built.ok, built.ok ? "" : built.fault.map(formatFault).join("; "));
    return before === undefined ? [] : this.#putInForce(built.value, scope);
  }
}

/**
 * A file that names no default domain means its first one, unless another domain, which the file
 * says nothing about and which stays, is the default already.
 */
async function withoutImpliedDefault(
  objects: readonly ConfigurationRow[],
  { namesDefaultDomain, declaredKinds }: Configuration,
  {
    store,
    file,
  }: { readonly store: Pick<OrganizationStore, "readObjects">; readonly file: string | undefined },
): Promise<readonly ConfigurationRow[]> {
  if (namesDefaultDomain) return objects;
  const declared = new Set(objects.map(rowKey));
  const stored = await store.readObjects();
  const other = stored.value.find(({ kind, name, json, owner = NOBODY }) => {
    if (kind !== "acceptedDomain" || declared.has(rowKey({ kind, name }))) return false;
    const stays = file === undefined || owner === NOBODY || !declaredKinds.has("acceptedDomain");
    const properties: unknown = JSON.parse(json);
    return stays && /^"true"$/i.test(JSON.stringify(Object(properties)["default"] ?? ""));
  });
  if (other === undefined) return objects;
  return objects.map((row) => {
    if (row.kind !== "acceptedDomain") return row;
    const { default: _, ...rest } = JSON.parse(row.json) as Record<string, unknown>;
    return { ...row, json: JSON.stringify(rest) };
  });
}

const CONFLICT: EditFault = {
  kind: "conflict",
  messages: ["somebody else has changed the organization meanwhile; look at it and try again"],
};

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
