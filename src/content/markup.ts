import { lateLibrary } from "../base/late-library.ts";

const htmlparser2 = lateLibrary<typeof import("htmlparser2")>("htmlparser2");

/** Told what stands in markup, in order. Names are in lower case in HTML, as written in XML. */
export interface MarkupVisitor {
  /** Tags that close themselves are opened and closed in XML, only opened in HTML. */
  /** @param endsAt offset in the text behind the tag */
  open(name: string, attributes: ReadonlyMap<string, string>, endsAt: number): void;
  /** @param beginsAt offset in the text of the tag */
  close(name: string, beginsAt: number): void;
  /** Entities decoded; one run of text may come in several calls. */
  text(text: string): void;
}

/** Attributes of one tag that are told. */
const ATTRIBUTES_MAX = 50;

/**
 * Reads HTML or XML in time linear in its length, in constant memory besides. Only the tokenizer of
 * the library is used: its parser keeps a stack of open tags that costs quadratic time when they
 * are many (40 seconds for one megabyte of `<b>`). Nothing outside the text is ever fetched, and
 * entities that a document declares are not expanded. Never throws.
 */
export function readMarkup(text: string, kind: "html" | "xml", visitor: MarkupVisitor): void {
  const reader = new MarkupReader(text, kind === "xml", visitor);
  const { Tokenizer } = htmlparser2();
  const tokenizer = new Tokenizer({ xmlMode: kind === "xml", decodeEntities: true }, reader);
  tokenizer.write(text);
  tokenizer.end();
}

/** The tokenizer's callbacks; offsets are into the text. */
class MarkupReader {
  readonly #text: string;
  readonly #isXml: boolean;
  readonly #visitor: MarkupVisitor;
  #name = "";
  #attributes = new Map<string, string>();
  #attributeName = "";
  #attributeValue: string[] = [];

  constructor(text: string, isXml: boolean, visitor: MarkupVisitor) {
    this.#text = text;
    this.#isXml = isXml;
    this.#visitor = visitor;
  }

  onopentagname(start: number, end: number): void {
    this.#name = this.#nameAt(start, end);
    this.#attributes = new Map();
  }

  onattribname(start: number, end: number): void {
    this.#attributeName = this.#nameAt(start, end);
    this.#attributeValue = [];
  }

  onattribdata(start: number, end: number): void {
    this.#attributeValue.push(this.#text.slice(start, end));
  }

  onattribentity(codePoint: number): void {
    this.#attributeValue.push(String.fromCodePoint(codePoint));
  }

  onattribend(): void {
    const isRoom = this.#attributes.size < ATTRIBUTES_MAX;
    if (!isRoom || this.#attributes.has(this.#attributeName)) return;
    this.#attributes.set(this.#attributeName, this.#attributeValue.join(""));
  }

  onopentagend(end: number): void {
    this.#visitor.open(this.#name, this.#attributes, end + 1);
  }

  onselfclosingtag(end: number): void {
    this.#visitor.open(this.#name, this.#attributes, end + 1);
    if (this.#isXml) this.#visitor.close(this.#name, end + 1);
  }

  onclosetag(start: number, end: number): void {
    this.#visitor.close(this.#nameAt(start, end), start - 2);
  }

  ontext(start: number, end: number): void {
    this.#visitor.text(this.#text.slice(start, end));
  }

  ontextentity(codePoint: number): void {
    this.#visitor.text(String.fromCodePoint(codePoint));
  }

  oncdata(start: number, end: number, endOffset: number): void {
    if (this.#isXml) this.#visitor.text(this.#text.slice(start, end - endOffset));
  }

  oncomment(): void {}
  ondeclaration(): void {}
  onprocessinginstruction(): void {}
  onend(): void {}

  #nameAt(start: number, end: number): string {
    const name = this.#text.slice(start, end);
    return this.#isXml ? name : name.toLowerCase();
  }
}
