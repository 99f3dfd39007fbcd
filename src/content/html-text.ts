import { MiB } from "../base/units.ts";
import { readMarkup } from "./markup.ts";

/** What a reader sees of HTML, and where it leads. */
export interface HtmlText {
  readonly text: string;
  /** Targets of links and images, each once. */
  readonly links: readonly string[];
  readonly isCut: boolean;
}

/**
 * Of HTML source that is read, in characters: more than of its text, since markup may be long, and
 * must not push text out of sight.
 */
export const HTML_LENGTH_MAX = 16 * MiB;
/** Links beyond these are not told. */
const LINKS_MAX = 1000;
const LINK_LENGTH_MAX = 2000;
/** Elements whose text nobody is shown. */
const HIDDEN: ReadonlySet<string> = new Set(["script", "style", "title", "template"]);
/** Elements that stand on lines of their own. */
const BLOCKS: ReadonlySet<string> = new Set(
  (
    "address article aside blockquote body br center dd div dl dt fieldset figure footer form " +
    "h1 h2 h3 h4 h5 h6 header hr html li main nav ol p pre section table tbody tfoot thead tr ul"
  ).split(" "),
);
const CELLS: ReadonlySet<string> = new Set(["td", "th"]);

/**
 * Takes the text out of HTML as it streams by: no tree is built, so that neither depth nor size can
 * hide text from us or cost more than time linear in it. Never throws.
 */
export function readHtmlText(html: string, textLengthMax: number): HtmlText {
  const sink = new TextSink(textLengthMax);
  const links = new Set<string>();
  let hiddenDepth = 0;
  const separate = (name: string) => {
    if (BLOCKS.has(name)) sink.lineBreak();
    else if (CELLS.has(name)) sink.space();
  };
  readMarkup(html, "html", {
    open(name, attributes) {
      if (HIDDEN.has(name)) hiddenDepth += 1;
      separate(name);
      const target = attributes.get("href") ?? attributes.get("src");
      if (target !== undefined && links.size < LINKS_MAX) {
        links.add(target.slice(0, LINK_LENGTH_MAX));
      }
    },
    close(name) {
      if (HIDDEN.has(name)) hiddenDepth = Math.max(0, hiddenDepth - 1);
      separate(name);
    },
    text(text) {
      if (hiddenDepth === 0) sink.push(text);
    },
  });
  return { text: sink.text(), links: [...links], isCut: sink.isCut };
}

/** Puts text together with white space collapsed, up to a length. */
class TextSink {
  readonly #max: number;
  readonly #pieces: string[] = [];
  #length = 0;
  #gap: "" | " " | "\n" = "";
  isCut = false;

  constructor(max: number) {
    this.#max = max;
  }

  lineBreak(): void {
    this.#gap = "\n";
  }

  space(): void {
    if (this.#gap === "") this.#gap = " ";
  }

  push(raw: string): void {
    if (this.isCut) return;
    // U+00AD and zero-width characters are what spam cuts its words with; nobody sees them.
    const text = raw.replace(/[\u00ad\u200b-\u200d\u2060\ufeff]/g, "").replace(/\s+/g, " ");
    if (text.startsWith(" ")) this.space();
    const words = text.trim();
    if (words !== "") {
      this.#add((this.#length === 0 ? "" : this.#gap) + words);
      this.#gap = "";
    }
    if (text.endsWith(" ")) this.space();
  }

  text(): string {
    return this.#pieces.join("");
  }

  #add(text: string): void {
    const room = this.#max - this.#length;
    this.isCut = text.length > room;
    const piece = this.isCut ? text.slice(0, room) : text;
    this.#pieces.push(piece);
    this.#length += piece.length;
  }
}
