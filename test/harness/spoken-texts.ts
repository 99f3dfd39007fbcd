import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { visibleText } from "../../web/src/base/visible-text.ts";
import { labelOf } from "../../web/src/widgets/form/label.ts";
import { MARKS } from "./pseudo-language.ts";

const NOUNS = join(import.meta.dirname, "../../web/generated/nouns");

/** A text that is shown, or read out, and where. */
export interface ShownText {
  readonly text: string;
  /** `h1`, `button[aria-label]` */
  readonly where: string;
}

/**
 * Run in a page before anything else: what `Intl` formats, it marks. So one sees which moments
 * and numbers are in the reader's form.
 */
export const MARK_FORMS = `
for (const kind of ["DateTimeFormat", "NumberFormat"]) {
  const { get } = Object.getOwnPropertyDescriptor(Intl[kind].prototype, "format");
  Object.defineProperty(Intl[kind].prototype, "format", {
    get() {
      const format = get.call(this);
      return (value) => "${MARKS.form[0]}" + format(value) + "${MARKS.form[1]}";
    },
  });
}
for (const kind of ["RelativeTimeFormat", "ListFormat"]) {
  const { format } = Intl[kind].prototype;
  Intl[kind].prototype.format = function (...values) {
    return "${MARKS.form[0]}" + format.apply(this, values) + "${MARKS.form[1]}";
  };
}
`;

const COLLECT = `(() => {
  const ATTRIBUTES = ["aria-label", "aria-description", "aria-valuetext", "aria-roledescription",
    "title", "placeholder", "alt"];
  const found = [{ text: document.title, where: "title" }];
  const isShown = (element) => element.checkVisibility({ visibilityProperty: true }) &&
    element.closest("[aria-hidden=true]:not(svg)") === null || element.tagName === "OPTION";
  const nameOf = (element) => element.tagName.toLowerCase() +
    (element.getAttribute("role") === null ? "" : "[" + element.getAttribute("role") + "]");
  for (const element of document.body.querySelectorAll("*")) {
    if (["SCRIPT", "STYLE", "NOSCRIPT"].includes(element.tagName) || !isShown(element)) continue;
    for (const name of ATTRIBUTES) {
      const text = element.getAttribute(name);
      if (text) found.push({ text, where: nameOf(element) + "[" + name + "]" });
    }
    // Protocol and command lines are what they are.
    if (element.closest("code, pre, kbd, bdi") !== null) continue;
    for (const node of element.childNodes) {
      const text = node.nodeType === Node.TEXT_NODE ? node.textContent.trim() : "";
      if (text !== "") found.push({ text, where: nameOf(element) });
    }
  }
  return found;
})()`;

/** Every text of a page, seen or read out. */
export function collectTexts(page: Page): Promise<readonly ShownText[]> {
  return page.evaluate<readonly ShownText[]>(COLLECT);
}

/** What the server has said, and names and words of its cmdlets. */
export class ServerWords {
  readonly #whole = new Set<string>();
  #long = "";

  constructor() {
    for (const file of globSync("*.json", { cwd: NOUNS })) {
      this.add(JSON.parse(readFileSync(join(NOUNS, file), "utf8")));
    }
  }

  /** All strings in a value of JSON, and its names. */
  add(value: unknown): void {
    if (typeof value === "string") this.#addText(value);
    else if (Array.isArray(value)) for (const item of value) this.add(item);
    else if (typeof value === "object" && value !== null) {
      for (const [name, inner] of Object.entries(value)) {
        this.#addText(name);
        this.add(inner);
      }
    }
  }

  #addText(text: string): void {
    if (this.#whole.has(text)) return;
    this.#whole.add(text);
    this.#whole.add(visibleText(text));
    const label = labelOf(text);
    this.#whole.add(`${label.slice(0, 1).toUpperCase()}${label.slice(1)}`);
    if (text.length >= LONG) this.#long += `\n${text.replaceAll(/\s+/g, " ")}`;
  }

  /** Whether a text is one of these, several, or a stretch of a long one. */
  has(text: string): boolean {
    const bare = text.replaceAll(/\s+/g, " ").replaceAll(EDGES, "");
    if (!/\p{L}{2}/u.test(bare) || this.#whole.has(bare) || this.#whole.has(text)) return true;
    if (bare.length >= LONG && this.#long.includes(bare)) return true;
    const parts = text.split(/[,;:()=/]+ ?|\n| – | · /);
    return parts.length > 1 && parts.every((part) => this.has(part));
  }
}

const LONG = 12;
const EDGES = /^[\s\p{P}\p{S}\d]+|[\s\p{P}\p{S}\d]+$/gu;

/** What is left of a text without that which is marked. */
function unmarked(text: string): string {
  const [[textBegin, textEnd], [formBegin, formEnd]] = [MARKS.text, MARKS.form];
  let depth = 0;
  let rest = "";
  for (const character of text) {
    if (character === textBegin || character === formBegin) depth += 1;
    else if (character === textEnd || character === formEnd) depth -= 1;
    else if (depth === 0) rest += character;
    if (depth > 0 && rest.at(-1) !== "\n") rest += "\n";
  }
  return rest;
}

/** The texts with words that are neither from a table nor the server's. */
export function untranslated(texts: readonly ShownText[], words: ServerWords): readonly string[] {
  const found = texts.filter(({ text }) =>
    unmarked(text.replace(/ - Postrider$/, ""))
      .split("\n")
      .some((rest) => !words.has(rest)),
  );
  return [...new Set(found.map(({ text, where }) => `${where}: ${text}`))];
}
