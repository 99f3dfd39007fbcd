import { listCell } from "./cell-text.ts";
import type { OutputView, ViewOptions } from "./output-view.ts";

/** One property a line, as Format-List; a blank line between objects. */
export function createListView({ outputType, properties }: ViewOptions): OutputView {
  const nameWidth = Math.max(0, ...properties.map((name) => name.length));
  let isFirst = true;
  return {
    push(value) {
      const lines = properties.map((name) => {
        const cell = listCell(value[name], outputType.properties[name]?.kind ?? "text");
        return `${name.padEnd(nameWidth)} : ${cell}`.trimEnd();
      });
      const blank = isFirst ? "" : "\n";
      isFirst = false;
      return `${blank}${lines.join("\n")}\n`;
    },
    flush: () => "",
    end: () => "",
  };
}
