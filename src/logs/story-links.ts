import { hash, randomBytes } from "node:crypto";
import type { Clock } from "../base/clock.ts";
import { RECORD_PAGE_MAX, type RecordStore } from "../store/record-store.ts";

/** What a link shows, to whom, and for how long. */
export interface StoryLink {
  /** As `isNetworkMessageId` has it. */
  readonly networkMessageId: string;
  /** Only what concerns this one. */
  readonly recipient: string | undefined;
  /** Epoch ms. */
  readonly expiresMs: number;
  /** Whether whoever has the link may read; otherwise he must have an account here as well. */
  readonly isAnonymous: boolean;
}

/** A link that was made; what it consists of is kept nowhere. */
export interface KeptLink extends StoryLink {
  /** Names it; nobody reads a story with it. */
  readonly id: string;
  readonly createdBy: string;
  readonly createdMs: number;
}

/** Links at one time; all of them are in memory. */
export const STORY_LINKS_MAX: number = RECORD_PAGE_MAX;

const KIND = "story-link";
/** Nobody guesses 192 bits: no salt, no cost. */
const REFERENCE_BYTES = 24;
const ID_DIGITS = 32;

/** Whether a text is a message's id: a GUID. */
export function isNetworkMessageId(text: string): boolean {
  return /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i.test(text);
}

/** The links to stories: good until they expire, or are removed. */
export class StoryLinks {
  readonly #records: RecordStore;
  readonly #clock: Clock;
  readonly #links = new Map<string, KeptLink>();

  private constructor(records: RecordStore, clock: Clock) {
    this.#records = records;
    this.#clock = clock;
  }

  /** Reads those that were made before. Rejects with StoreFailure. */
  static async open(records: RecordStore, clock: Clock): Promise<StoryLinks> {
    const links = new StoryLinks(records, clock);
    for (const { key, json } of await records.list(KIND, { after: "", limit: RECORD_PAGE_MAX })) {
      // Written by `make`.
      const link: Omit<KeptLink, "id"> = JSON.parse(json);
      links.#links.set(key, { ...link, id: key });
    }
    return links;
  }

  /** Those that are still good, the newest first. */
  all(): readonly KeptLink[] {
    const nowMs = this.#clock.nowMs();
    for (const { id, expiresMs } of this.#links.values()) {
      if (expiresMs <= nowMs) this.#links.delete(id);
    }
    return [...this.#links.values()].toSorted((one, other) => other.createdMs - one.createdMs);
  }

  /**
   * Makes one; `reference` is what its address ends with, and is shown this once. `undefined`:
   * there are too many. Durable once it has resolved. Rejects with StoreFailure.
   */
  async make(
    wanted: StoryLink & Pick<KeptLink, "createdBy">,
  ): Promise<{ readonly reference: string; readonly link: KeptLink } | undefined> {
    if (this.all().length >= STORY_LINKS_MAX) return undefined;
    const reference = randomBytes(REFERENCE_BYTES).toString("base64url");
    const id = idOf(reference);
    const kept = { ...wanted, createdMs: this.#clock.nowMs() };
    const { expiresMs } = wanted;
    await this.#records.write([{ kind: KIND, key: id, json: JSON.stringify(kept), expiresMs }]);
    const link = { ...kept, id };
    this.#links.set(id, link);
    return { reference, link };
  }

  /** What a reference stands for; `undefined`: nothing, or nothing any more. */
  find(reference: string): KeptLink | undefined {
    const link = this.#links.get(idOf(reference));
    return link !== undefined && link.expiresMs > this.#clock.nowMs() ? link : undefined;
  }

  /** They are good for nothing from now on. Rejects with StoreFailure. */
  async remove(ids: readonly string[]): Promise<void> {
    await this.#records.remove(KIND, ids);
    for (const id of ids) this.#links.delete(id);
  }
}

function idOf(reference: string): string {
  return hash("sha256", reference, "hex").slice(0, ID_DIGITS);
}
