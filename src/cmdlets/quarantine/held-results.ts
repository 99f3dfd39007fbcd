import type { OrderedSearch } from "../../cmdlet/ordered-results.ts";
import type { OutputObject } from "../../cmdlet/output-type.ts";
import { type SortOrder, type SortValues, sortValuesOf } from "../../cmdlet/sort-order.ts";
import type { HeldMessages, HeldPlace, KeptMessage } from "./services.ts";

/** Which messages are wanted, and as what they are put out. */
export interface HeldSearch<Shown extends OutputObject> {
  readonly desk: HeldMessages;
  readonly conditions: string;
  /** Absent: all of them. */
  readonly matches: ((kept: KeptMessage) => boolean) | undefined;
  readonly show: (kept: KeptMessage) => Shown;
  /** Some properties of that only. */
  readonly read: (kept: KeptMessage, names: Iterable<string>) => OutputObject;
  readonly identify: (place: HeldPlace) => string;
}

/** Messages that are held back, what came last first. */
export function heldResults<Shown extends OutputObject>(
  search: HeldSearch<Shown>,
  sortOrder: SortOrder | undefined,
): OrderedSearch<number, Shown> {
  const { desk, conditions, matches = () => true, show, read, identify } = search;
  const entry = (place: HeldPlace, values: SortValues = []) => ({
    ...{ key: place.id, identity: identify(place), values },
  });
  return {
    ...{ desk, conditions, unit: "messages" },
    async *stream(signal) {
      for await (const page of desk.messages(signal)) yield* page.filter(matches).map(show);
    },
    async *find(signal) {
      if (search.matches === undefined && sortOrder === undefined) {
        for await (const page of desk.places(signal)) yield page.map((place) => entry(place));
        return;
      }
      const wanted = sortOrder?.properties ?? [];
      for await (const page of desk.messages(signal)) {
        yield page
          .filter(matches)
          .map((kept) =>
            entry(kept.message, sortOrder && sortValuesOf(sortOrder, read(kept, wanted))),
          );
      }
    },
    read: async (page) => (await desk.find(page.map(({ key }) => key))).map(show),
  };
}
