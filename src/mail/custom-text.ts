import { escapeHtml } from "./html-escape.ts";
/** Characters of a custom text, tags and all (reference §6.4). */
export const CUSTOM_TEXT_CHARACTERS_MAX = 512;

/** A text that an administrator has written for notices, in both forms. */
export interface CustomText {
  /** Without mark-up; lines end in CRLF. */
  readonly text: string;
  /** Well-formed, made anew of the tags that are allowed. */
  readonly html: string;
}

const TOKEN = /<(\/?)([A-Za-z]{1,8})((?:\s[^<>]*)?)\s*\/?>|&([a-z]{1,8});|[^<>&]+|[<>&]/g;
const ENTITIES: Readonly<Record<string, string>> = { lt: "<", gt: ">", quot: '"', amp: "&" };
const HREF = /^\s+href\s*=\s*"((?:https?:\/\/|mailto:)[^"<>\s]{1,400})"\s*$/i;

/**
 * Reads a text with the tags B, EM, BR, P and A HREF and the escapes &lt; &gt; &quot; &amp;. The
 * fault is the end of a sentence that begins with the text.
 */
export function parseCustomText(source: string): CustomText | { readonly problem: string } {
  if (source.length > CUSTOM_TEXT_CHARACTERS_MAX) {
    return { problem: `is longer than ${CUSTOM_TEXT_CHARACTERS_MAX} characters` };
  }
  if (/[^\P{Cc}\r\n\t]/u.test(source) || !source.isWellFormed()) {
    return { problem: "holds control characters" };
  }
  const writer = new Writer();
  for (const [token, slash, tag, attributes, entity] of source.matchAll(TOKEN)) {
    const problem =
      tag === undefined
        ? writer.text(token, entity)
        : writer.tag(tag.toLowerCase(), { closes: slash !== "", attributes: attributes ?? "" });
    if (problem !== undefined) return { problem };
  }
  return writer.end();
}

/** Builds both forms as the tokens come. */
class Writer {
  #text = "";
  #html = "";
  readonly #open: { readonly tag: string; readonly href: string }[] = [];

  text(token: string, entity: string | undefined): string | undefined {
    if (entity === undefined && /^[<>&]$/.test(token)) {
      return `has a ${token} on its own; write ${token === "&" ? "&amp;" : "&lt; or &gt;"}`;
    }
    const plain = entity === undefined ? token.replace(/\s+/g, " ") : ENTITIES[entity];
    if (plain === undefined) return `has &${entity};, which is none of &lt; &gt; &quot; &amp;`;
    this.#text += plain;
    this.#html += escapeHtml(plain);
    return undefined;
  }

  tag(
    tag: string,
    how: { readonly closes: boolean; readonly attributes: string },
  ): string | undefined {
    if (tag === "br") {
      this.#text = `${this.#text.trimEnd()}\r\n`;
      this.#html += "<br>";
      return undefined;
    }
    if (!["b", "em", "p", "a"].includes(tag)) return `has <${tag}>; write only B, EM, BR, P and A`;
    return how.closes ? this.#close(tag) : this.#begin(tag, how.attributes);
  }

  end(): CustomText | { readonly problem: string } {
    const left = this.#open.at(-1);
    if (left !== undefined) return { problem: `has a <${left.tag}> that is not closed` };
    const text = this.#text.trim().replace(/(?:\r\n){3,}/g, "\r\n\r\n");
    return text === "" ? { problem: "says nothing" } : { text, html: this.#html };
  }

  #begin(tag: string, attributes: string): string | undefined {
    const href = tag === "a" ? (HREF.exec(attributes)?.[1] ?? "") : "";
    if (tag === "a" && href === "") {
      return 'has an <a> without its target; write <a href="https://…"> or "mailto:…"';
    }
    if (tag !== "a" && attributes.trim() !== "") return `has a <${tag}> with attributes`;
    this.#open.push({ tag, href });
    this.#html += tag === "a" ? `<a href="${escapeHtml(href)}">` : `<${tag}>`;
    return undefined;
  }

  #close(tag: string): string | undefined {
    const open = this.#open.pop();
    if (open?.tag !== tag) return `has a </${tag}> where none is open`;
    this.#html += `</${tag}>`;
    if (tag === "a") this.#text += ` (${open.href})`;
    if (tag === "p") this.#text = `${this.#text.trimEnd()}\r\n\r\n`;
    return undefined;
  }
}
