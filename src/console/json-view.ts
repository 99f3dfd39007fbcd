import type { OutputView, ViewOptions } from "./output-view.ts";
import { pickProperties } from "./pick-properties.ts";
import { safeJson } from "./safe-text.ts";

/** One array of all objects, also of one or none: a script need not ask how many there are. */
export function createJsonView({ properties }: ViewOptions): OutputView {
  let count = 0;
  return {
    push(value) {
      count += 1;
      const text = safeJson(pickProperties(value, properties), 2).replaceAll("\n", "\n  ");
      return `${count === 1 ? "[" : ","}\n  ${text}`;
    },
    flush: () => "",
    end: () => (count === 0 ? "[]\n" : "\n]\n"),
  };
}
