import { readMarkup } from "./markup.ts";

/** Where text goes into HTML so that it is the first or the last that is shown: offsets. */
export interface HtmlPlaces {
  readonly start: number;
  readonly end: number;
}

/** Finds them: within the body where there is one, else as near as can be. */
export function findHtmlPlaces(html: string): HtmlPlaces {
  const opened = new Map<string, number>();
  const closed = new Map<string, number>();
  readMarkup(html, "html", {
    open(name, _attributes, endsAt) {
      if (PLACES.has(name) && !opened.has(name)) opened.set(name, endsAt);
    },
    close(name, beginsAt) {
      if (PLACES.has(name)) closed.set(name, beginsAt);
    },
    text() {},
  });
  const headEnd = closed.get("head");
  const afterHead = headEnd === undefined ? undefined : html.indexOf(">", headEnd) + 1;
  const start =
    opened.get("body") ?? (afterHead || undefined) ?? opened.get("html") ?? doctype(html);
  const end = closed.get("body") ?? closed.get("html") ?? html.length;
  return { start, end: Math.max(start, end) };
}

const PLACES: ReadonlySet<string> = new Set(["html", "head", "body"]);

/** Nothing may stand before the doctype, or browsers lay the page out as of old. */
function doctype(html: string): number {
  const match = /^\s{0,100}<!doctype[^>]{0,500}>/i.exec(html);
  return match?.[0].length ?? 0;
}
