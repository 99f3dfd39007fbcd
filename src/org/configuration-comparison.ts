import { recipientDigest, rowKey } from "../store/organization-row.ts";
import {
  type ChangeOutcome,
  type ConfigurationRow,
  LISTED_MAX,
  type MemberSlice,
  type ObjectKey,
  type OrganizationStore,
  type RecipientRow,
} from "../store/organization-store.ts";
import type { ConfigurationRows } from "./configuration-rows.ts";
import { GIVES_WAY, NOBODY } from "./object-owner.ts";

/** Objects named in each list; the counts are of all of them. */
export const NAMED_MAX = 20;

/** Objects named of those that were not declared. */
const OTHERS_MAX = 1000;

/** What a reload changes: `sendConnector "Internet"`; kinds of which there is one stand alone. */
export interface ConfigurationDifference {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
  readonly addedCount: number;
  readonly changedCount: number;
  readonly removedCount: number;
}

/** What has to be written so that the store holds what was declared. */
export interface ConfigurationComparison {
  /** Of the store that was compared with. */
  readonly version: number;
  /** All objects of the organization as they will be, for the checks. */
  readonly objectsAfter: readonly ConfigurationRow[];
  readonly objects: readonly ConfigurationRow[];
  readonly removedObjects: readonly ObjectKey[];
  readonly recipients: readonly RecipientRow[];
  readonly removedRecipients: readonly ObjectKey[];
  /** Keys (`rowKey`) of what is put in and was not there. */
  readonly added: ReadonlySet<string>;
  /** What is put in only to become the file's; its content stays. */
  readonly adopted: ReadonlySet<string>;
  /** Stored, not declared, and staying as it is. */
  readonly others: OtherObjects;
  /** By `rowKey`: whose it is, of what is put in and belongs to another file. */
  readonly owners: ReadonlyMap<string, string>;
}

/** Some of them, and how many there are. */
export interface OtherObjects {
  /** At most OTHERS_MAX. */
  readonly named: readonly ObjectKey[];
  readonly count: number;
}

/** Whose the declared objects become. */
export interface ComparisonOptions {
  /** The file that owns them; absent: they stay whose they are, and nothing is removed. */
  readonly owner?: string;
  /** Kinds that the file says something about: what gives way (`GIVES_WAY`) goes from them. */
  readonly declaredKinds?: ReadonlySet<string>;
  /** Besides what was declared: put in as they are. The store has none of them. */
  readonly firstObjects?: readonly ConfigurationRow[];
}

type ComparableStore = Pick<
  OrganizationStore,
  "readObjects" | "listDigests" | "readRecipients" | "readMembers"
>;

/**
 * Compares what was declared with what is stored. Reads the store in pages, between which others
 * get their turn. Rejects with StoreFailure.
 */
export async function compareConfiguration(
  declared: ConfigurationRows,
  store: ComparableStore,
  options: ComparisonOptions = {},
): Promise<ConfigurationComparison> {
  const stored = await store.readObjects();
  const comparing = new Comparing(options);
  const objects = new Map(declared.objects.map((row) => [rowKey(row), row]));
  const kept = new Map(stored.value.map((row) => [rowKey(row), row]));
  const removedObjects: ObjectKey[] = [];
  const changed: ConfigurationRow[] = [];
  for (const [key, row] of objects) {
    const old = kept.get(key);
    const isSame = old?.name === row.name && old.json === row.json;
    const owned = comparing.put(row, old, isSame);
    if (owned === undefined) continue;
    changed.push(owned);
    kept.set(key, owned);
  }
  for (const row of options.firstObjects ?? []) {
    changed.push(row);
    comparing.added.add(rowKey(row));
    objects.set(rowKey(row), row);
    kept.set(rowKey(row), row);
  }
  for (const [key, row] of kept) {
    if (objects.has(key)) continue;
    if (!comparing.goes(row)) {
      // An object of which there is one, and of which nothing was set.
      if (row.json !== "{}") comparing.stays(row);
      continue;
    }
    removedObjects.push({ kind: row.kind, name: row.name });
    kept.delete(key);
  }
  const recipients = await compareRecipients(declared.recipients, store, comparing);
  return {
    version: stored.version,
    objectsAfter: [...kept].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row),
    objects: changed,
    removedObjects,
    ...recipients,
    added: comparing.added,
    adopted: comparing.adopted,
    others: comparing.others,
    owners: comparing.owners,
  };
}

async function compareRecipients(
  declared: readonly RecipientRow[],
  store: ComparableStore,
  comparing: Comparing,
): Promise<Pick<ConfigurationComparison, "recipients" | "removedRecipients">> {
  const waiting = new Map(declared.map((row) => [rowKey(row), row]));
  const recipients: RecipientRow[] = [];
  const removedRecipients: ObjectKey[] = [];
  let after: ObjectKey = { kind: "", name: "" };
  for (;;) {
    const page = await store.listDigests({ after, limit: LISTED_MAX });
    for (const old of page) {
      const row = waiting.get(rowKey(old));
      waiting.delete(rowKey(old));
      if (row === undefined) {
        if (comparing.goes(old)) removedRecipients.push({ kind: old.kind, name: old.name });
        else comparing.stays(old);
        continue;
      }
      const { digest } = old;
      const isSame = digest === "" ? await isStored(row, store) : digest === recipientDigest(row);
      const owned = comparing.put(row, old, isSame);
      if (owned !== undefined) recipients.push(owned);
    }
    const last = page.at(-1);
    if (last === undefined) break;
    after = last;
  }
  for (const row of waiting.values()) {
    const owned = comparing.put(row, undefined, false);
    if (owned !== undefined) recipients.push(owned);
  }
  return { recipients, removedRecipients };
}

/** Compares all of a recipient; its addresses are in its properties. */
async function isStored(row: RecipientRow, store: ComparableStore): Promise<boolean> {
  const [old] = (await store.readRecipients([row])).value;
  const [primary] = row.addresses;
  if (old?.name !== row.name || old.json !== row.json || primary === undefined) return false;
  if (old.memberCount !== row.members.length) return false;
  let position = 0;
  for (let from: number | undefined = 0; from !== undefined; ) {
    const page = { from, limit: LISTED_MAX };
    const slice: MemberSlice = await store.readMembers(primary, page);
    if (slice.members.some((member, index) => member !== row.members[position + index])) {
      return false;
    }
    position += slice.members.length;
    from = slice.next;
  }
  return true;
}

/** The rules of ownership, and what they have come to so far. */
class Comparing {
  readonly added = new Set<string>();
  readonly adopted = new Set<string>();
  readonly owners = new Map<string, string>();
  readonly others = { named: [] as ObjectKey[], count: 0 };
  readonly #options: ComparisonOptions;

  constructor(options: ComparisonOptions) {
    this.#options = options;
  }

  /** The row as it has to be written; `undefined` when the store holds it already. */
  put<Row extends ConfigurationRow>(
    row: Row,
    old: { readonly owner?: string } | undefined,
    isSame: boolean,
  ): Row | undefined {
    const oldOwner = old?.owner ?? NOBODY;
    const owner = this.#options.owner ?? (oldOwner === GIVES_WAY ? NOBODY : oldOwner);
    const isOwnerKept = this.#options.owner === undefined || owner === oldOwner;
    if (isSame && isOwnerKept) return undefined;
    if (old === undefined) this.added.add(rowKey(row));
    else if (isSame) this.adopted.add(rowKey(row));
    const isFree = oldOwner === NOBODY || oldOwner === GIVES_WAY;
    if (!isFree && oldOwner !== this.#options.owner) this.owners.set(rowKey(row), oldOwner);
    return { ...row, owner };
  }

  /** Notes what is stored, was not declared, and is not removed. */
  stays({ kind, name }: ObjectKey): void {
    if (this.others.count < OTHERS_MAX) this.others.named.push({ kind, name });
    this.others.count += 1;
  }

  /** Whether what is stored and was not declared is to be removed. */
  goes({ kind, owner = NOBODY }: { readonly kind: string; readonly owner?: string }): boolean {
    if (this.#options.owner === undefined) return false;
    const givesWay = owner === GIVES_WAY && this.#options.declaredKinds?.has(kind) === true;
    return givesWay || owner === this.#options.owner;
  }
}

/** What a comparison comes to, for the log line of a reload. */
export function describeComparison(comparison: ConfigurationComparison): ConfigurationDifference {
  const { objects, recipients, removedObjects, removedRecipients } = comparison;
  const put = [...objects, ...recipients].filter((row) => !comparison.adopted.has(rowKey(row)));
  const [added, changed] = [true, false].map((isNew) =>
    put.filter((row) => comparison.added.has(rowKey(row)) === isNew),
  );
  const removed = [...removedObjects, ...removedRecipients];
  const named = (rows: readonly ObjectKey[] = []) => rows.slice(0, NAMED_MAX).map(labelOf);
  return {
    added: named(added),
    changed: named(changed),
    removed: named(removed),
    addedCount: added?.length ?? 0,
    changedCount: changed?.length ?? 0,
    removedCount: removed.length,
  };
}

/** `mailbox "alice"`; kinds of which there is one stand alone. */
function labelOf({ kind, name }: ObjectKey): string {
  return name === "" ? kind : `${kind} ${JSON.stringify(name)}`;
}

/** Rows of one transaction: a few milliseconds, so that nobody who commits mail waits for it. */
export const CHUNK_ROWS = 500;

/**
 * Writes what a comparison has found. Up to CHUNK_ROWS recipients are one transaction with all the
 * rest. More of them are written in chunks, between which others get their turn: first what is
 * put in (an address that moves is taken at once, so that no recipient is away meanwhile), then the
 * objects, then what goes. A crash in between leaves a part, which writing again completes.
 * `written` hears how many rows are done. A version other than the one compared with is a conflict.
 * Rejects with StoreFailure, or with the signal's reason.
 */
export async function writeComparison(
  comparison: ConfigurationComparison,
  store: Pick<OrganizationStore, "change">,
  options: { readonly signal?: AbortSignal; readonly written?: (rows: number) => void } = {},
): Promise<ChangeOutcome> {
  const { objects, removedObjects, recipients, removedRecipients } = comparison;
  const count = recipients.length + removedRecipients.length;
  let expectedVersion = comparison.version;
  let written = 0;
  let outcome: ChangeOutcome = { kind: "done", version: expectedVersion, changed: false };
  if (count <= CHUNK_ROWS) {
    if (objects.length + removedObjects.length + count === 0) return outcome;
    return store.change({
      expectedVersion,
      objects,
      removedObjects,
      recipients,
      removedRecipients,
    });
  }
  const steps = [
    ...chunks(recipients).map((rows) => ({ recipients: rows, addresses: "take" as const })),
    { objects, removedObjects },
    ...chunks(removedRecipients).map((rows) => ({ removedRecipients: rows })),
  ];
  for (const step of steps) {
    options.signal?.throwIfAborted();
    outcome = await store.change({ ...step, expectedVersion });
    if (outcome.kind === "conflict") return outcome;
    expectedVersion = outcome.version;
    for (const rows of Object.values(step)) if (Array.isArray(rows)) written += rows.length;
    options.written?.(written);
  }
  return outcome.kind === "done" ? { ...outcome, changed: true } : outcome;
}

function chunks<Row>(rows: readonly Row[]): readonly (readonly Row[])[] {
  const made: (readonly Row[])[] = [];
  for (let start = 0; start < rows.length; start += CHUNK_ROWS) {
    made.push(rows.slice(start, start + CHUNK_ROWS));
  }
  return made;
}
