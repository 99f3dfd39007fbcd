import type { Result } from "../base/result.ts";
import type { KeyKind } from "../dkim/private-key.ts";
import type { Address } from "../mail/address.ts";
import type { MemberPage, MemberSlice, StoredRecipient } from "../store/organization-store.ts";
import type { ConfigJson } from "./config-value.ts";
import type { Configuration } from "./configuration.ts";
import type { ConfigurationComparison } from "./configuration-comparison.ts";
import type { ConfigurationFault } from "./configuration-fault.ts";
import type { Organization } from "./organization.ts";
import type { ObjectKind, RecipientKind } from "./settings/object-kinds.ts";

/** What is given of an object, by the names of its table; everything else has its default. */
export type ObjectProperties = Readonly<Record<string, ConfigJson>>;

/** An object as it is stored: secrets sealed or hashed, members of a group among the rest. */
export interface StoredObject {
  readonly kind: ObjectKind;
  /** "" for kinds of which there is one. */
  readonly name: string;
  readonly properties: ObjectProperties;
  /** The file that declares it; absent: none that the server was started with. */
  readonly file?: string;
}

/** A recipient as it is stored, its members left out. */
export interface RecipientObject extends StoredObject {
  readonly kind: RecipientKind;
  readonly memberCount: number;
  /** Of a group: another one whenever somebody has come or gone. */
  readonly membersVersion?: number;
}

/** What becomes of one object. */
export interface ObjectEdit {
  readonly kind: ObjectKind;
  /** As it is called now, in any case; "" for kinds of which there is one. */
  readonly name: string;
  /**
   * Gets the object as it is stored, `undefined` when there is none; returns the properties that it
   * is to have, `name` among them when it has one, or `undefined` when it is to go. Called while
   * nobody else can change anything. What it throws comes out of `edit`, and nothing has happened.
   */
  readonly change: (stored: StoredObject | undefined) => ObjectProperties | undefined;
  /** `stay`: members of a group that is there are not among its properties and stay as they are. */
  readonly members?: "stay";
}

/** Who comes to a group and who goes. */
export interface MemberEdit {
  /** The group's, in any case. */
  readonly name: string;
  readonly added: readonly Address[];
  readonly removed: readonly Address[];
  /**
   * Gets the group as it is while nobody else can change it. What it throws comes out of
   * `editMembers`, and nothing has happened.
   */
  readonly check?: (group: RecipientObject) => void;
}

/** What an edit of members did, or would do: those that were there already are not added. */
export interface EditedMembers {
  readonly added: readonly Address[];
  /** As they were stored. */
  readonly removed: readonly Address[];
  readonly warnings: readonly string[];
}

/** How an edit is made. */
export interface EditOptions {
  /** `show`: everything is checked and nothing stored, for -WhatIf. */
  readonly mode: "store" | "show";
  /** `file`: also what a file declares, until its next reload. */
  readonly override?: "file";
}

/** What an edit did to one object; both as stored. */
export interface EditedObject {
  readonly kind: ObjectKind;
  readonly before: StoredObject | undefined;
  readonly after: StoredObject | undefined;
}

/** Why nothing was changed. Messages name object, property, value and cure. */
export interface EditFault {
  /**
   * `owned`: a file declares it. `invalid`: it contradicts itself or others. `taken`: another has
   * that name or address. `conflict`: somebody else has changed something meanwhile; try again.
   */
  readonly kind: "owned" | "invalid" | "taken" | "conflict";
  readonly messages: readonly string[];
}

/** What happened, and what to tell the administrator besides. */
export interface Edited {
  readonly objects: readonly EditedObject[];
  /** As it is now, or as it would be. */
  readonly organization: Organization;
  /** A listener that could not be opened, a file that will undo the change. */
  readonly warnings: readonly string[];
}

/** How a whole configuration is applied. */
export interface ApplyOptions extends EditOptions {
  readonly signal?: AbortSignal;
  /** Gets what was found, before anything is stored. */
  readonly compared?: (comparison: ConfigurationComparison) => Promise<void>;
  /** Rows written so far, and in all. */
  readonly progress?: (done: number, total: number) => void;
}

/** What applying a configuration changes, or would change. */
export interface Applied {
  readonly comparison: ConfigurationComparison;
  readonly warnings: readonly string[];
}

/**
 * The one way to change the organization while the server runs, for the handlers of cmdlets. To
 * read: `organization` has the snapshot in force; `read` and `list` have objects and recipients as
 * they are stored. To change:
 *
 *     const done = await editor.edit([{ kind: "mailbox", name: "alice", change: (stored) => {
 *       if (stored === undefined) throw new CmdletFault("not-found", …);
 *       return { ...stored.properties, maxSendSize: "25MB" };
 *     } }], { mode: "store" });
 *
 * The whole organization is then built and checked with it, stored in one transaction, and in force
 * in all threads before `edit` resolves. A new `password` (in clear) is hashed on the way; leave
 * out `passwordHash`, `scramVerifiers` and `ntHash` with it. To rename, return another `name`. All
 * of it rejects with StoreFailure when the store does not answer.
 */
export interface OrganizationEditor {
  /** In force now. */
  readonly organization: Organization;
  /** One object or recipient by its name, in any case. */
  read(kind: ObjectKind, name: string): Promise<StoredObject | undefined>;
  /** All objects of the organization of that kind; none of a recipient's kind. */
  list(kind: ObjectKind): Promise<readonly StoredObject[]>;
  /** A recipient by any of its addresses, or by its kind and name in any case. */
  find(
    who: Address | { readonly kind: RecipientKind; readonly name: string },
  ): Promise<RecipientObject | undefined>;
  /** What DNS has to say of a sealed DKIM key; `undefined`: it cannot be opened. */
  dkimRecord(kind: KeyKind, sealed: string): string | undefined;
  /** Recipients by any of their addresses; in the order and length of `addresses`. */
  findAll(addresses: readonly Address[]): Promise<readonly (RecipientObject | undefined)[]>;
  /** A page of the recipients of a kind, by name, after that name; members are left out. */
  listRecipients(page: {
    readonly kind: ObjectKind;
    readonly after: string;
    readonly limit: number;
  }): Promise<readonly StoredRecipient[]>;
  /** Some of a group's members; `group` is its address. */
  readMembers(group: Address, page: MemberPage): Promise<MemberSlice>;
  /** Changes objects, all of them or none. */
  edit(edits: readonly ObjectEdit[], options: EditOptions): Promise<Result<Edited, EditFault>>;
  /** Adds and removes members of a group; thousands are stored in several transactions. */
  editMembers(edit: MemberEdit, options: EditOptions): Promise<Result<EditedMembers, EditFault>>;
  /** Reads a file's text, with what this machine contributes to it. */
  parse(
    text: string,
    fileName: string,
  ): Promise<Result<Configuration, readonly ConfigurationFault[]>>;
  /** Puts in what a configuration declares, and leaves everything else as it is. */
  apply(configuration: Configuration, options: ApplyOptions): Promise<Result<Applied, EditFault>>;
}
