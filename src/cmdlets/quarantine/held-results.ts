import type { OrderedSearch } from "../../cmdlet/ordered-results.ts";
import type { OutputObject } from "../../cmdlet/output-type.ts";
import { type SortOrder, sortValuesOf } from "../../cmdlet/sort-order.ts";
import type { HeldMessages, KeptMessage } from "./services.ts";

/** A message as it is put out. */
type HeldObject = OutputObject & { readonly Identity: string | number | null };

/** Which messages are wanted, and as what they are put out. */
export interface HeldSearch<Shown extends HeldObject> {
  readonly desk: HeldMessages;
  readonly conditions: string;
  readonly matches: (kept: KeptMessage) => boolean;
  readonly show: (kept: KeptMessage) => Shown;
}

/** Messages that are held back, what came last first. */
export function heldResults<Shown extends HeldObject>(
  { desk, conditions, matches, show }: HeldSearch<Shown>,
  sortOrder: SortOrder | undefined,
): OrderedSearch<number, Shown> {
  return {
    ...{ desk, conditions, unit: "messages" },
    async *stream(signal) {
      for await (const page of desk.messages(signal)) yield* page.filter(matches).map(show);
    },
    async *find(signal) {
      for await (const page of desk.messages(signal)) {
        yield page.filter(matches).map((kept) => {
          const shown = show(kept);
          const values = sortOrder === undefined ? [] : sortValuesOf(sortOrder, shown);
          return { key: kept.message.id, identity: String(shown.Identity), values };
        });
      }
    },
    read: async (page) => (await desk.find(page.map(({ key }) => key))).map(show),
  };
}
