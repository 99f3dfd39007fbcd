import { LRUCache } from "lru-cache";

/** What one edit made of an object. */
export interface RecentEdit {
  readonly who: string;
  readonly names: readonly string[];
}

const EDITS_MAX = 1000;
/** Edits of one object that are told of together. */
const STEPS_MAX = 50;

/** The last edits: so that whoever comes too late hears what has changed, and by whom. */
export class RecentEdits {
  readonly #byTagBefore = new LRUCache<string, RecentEdit & { readonly after: string }>({
    max: EDITS_MAX,
  });

  /** Notes an edit of the object of that label, by its tags before and after. */
  add(
    object: string,
    { before, after, ...edit }: RecentEdit & { readonly before: string; readonly after: string },
  ): void {
    if (before !== after) this.#byTagBefore.set(key(object, before), { ...edit, after });
  }

  /**
   * How the object has come from one tag to another; `undefined` where too much has happened, or
   * others than editors have changed it.
   */
  between(
    object: string,
    tags: { readonly before: string; readonly after: string },
  ): RecentEdit | undefined {
    const names = new Set<string>();
    let who = "";
    let at = tags.before;
    for (let step = 0; step < STEPS_MAX && at !== tags.after; step += 1) {
      const edit = this.#byTagBefore.get(key(object, at));
      if (edit === undefined) return undefined;
      for (const name of edit.names) names.add(name);
      ({ who, after: at } = edit);
    }
    return who === "" || at !== tags.after ? undefined : { who, names: [...names] };
  }
}

function key(object: string, tag: string): string {
  return `${tag} ${object.toLowerCase()}`;
}
