import { type RefObject, useEffect } from "react";
import { texts } from "./texts.ts";

/** What Fluent calls a line: `Received, line 1 of 5 with 60 data points.` */
const LINE = /, line \d+ of \d+ with .*$/;

/**
 * Names the parts of a chart for who does not see it. Fluent names them in English, whatever the
 * language, and makes a landmark of each line.
 */
export function useChartNames(root: RefObject<HTMLElement | null>, title: string): void {
  useEffect(() => {
    const { current } = root;
    if (current === null) return;
    const name = () => {
      for (const part of current.querySelectorAll("svg [role=region], svg[role=region]")) {
        const isLine = part.tagName !== "svg";
        const own = isLine ? part.getAttribute("aria-label")?.replace(LINE, "") : undefined;
        part.setAttribute("aria-label", own ?? texts.chart(title));
        part.setAttribute("role", "group");
      }
      for (const list of current.querySelectorAll("[role=listbox]:not([data-named])")) {
        list.setAttribute("aria-label", texts.chartLines(title));
        list.setAttribute("data-named", "");
      }
    };
    name();
    const observer = new MutationObserver(name);
    observer.observe(current, { subtree: true, childList: true, attributeFilter: ["role"] });
    return () => observer.disconnect();
  }, [root, title]);
}
