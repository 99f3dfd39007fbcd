import type { FilterNode } from "../../cmdlet/filter.ts";
import type { RecipientObject } from "../../org/organization-editor.ts";
import type { RecipientKind } from "../../org/settings/object-kinds.ts";

/** How recipients are shown, and so what a filter over them may name. */
export type RecipientView = "recipient" | RecipientKind;

/** Which recipients are looked for. Plain data: another thread looks. */
export interface RecipientQuery {
  readonly kinds: readonly RecipientKind[];
  /** Only those behind it, in the order of kinds and names; its kind is one of `kinds`. */
  readonly after?: { readonly kind: RecipientKind; readonly name: string };
  /** Pattern of the name, or of any address; absent: all. */
  readonly pattern?: string;
  /** Over the output type of `view`. */
  readonly filter?: { readonly root: FilterNode; readonly properties: ReadonlySet<string> };
  readonly view: RecipientView;
  /** How many there are is all that is wanted. */
  readonly isCounted?: true;
  /** Relative dates count from here. */
  readonly nowMs: number;
}

/** Some of what was found, in order of kind and name. */
export interface RecipientBatch {
  /** Empty where they are only counted. */
  readonly recipients: readonly RecipientObject[];
  readonly foundCount: number;
  /** Recipients looked at for it. */
  readonly examinedCount: number;
}

/** Looks through recipients; a million are read page by page, as fast as they are taken. */
export interface RecipientSearch {
  /** How many there are of these kinds; none of them is read for it. */
  count(kinds: readonly RecipientKind[]): Promise<number>;
  search(query: RecipientQuery): AsyncIterable<RecipientBatch>;
}
