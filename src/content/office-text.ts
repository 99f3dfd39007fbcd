import { readMarkup } from "./markup.ts";
import type { FileProperty } from "./message-view.ts";

const PROPERTIES_MAX = 200;
const VALUE_LENGTH_MAX = 4096;

/** Elements of one family of formats, by name without prefix. */
interface TextRules {
  /** Only what is in these is text; `undefined`: everything. */
  readonly text: ReadonlySet<string> | undefined;
  readonly lineEnds: ReadonlySet<string>;
  readonly tabs: ReadonlySet<string>;
}

const OPEN_XML: TextRules = {
  text: new Set(["t", "v"]),
  lineEnds: new Set(["p", "si", "br", "row"]),
  tabs: new Set(["tab", "c", "tc"]),
};
const OPEN_DOCUMENT: TextRules = {
  text: undefined,
  lineEnds: new Set(["p", "h", "line-break"]),
  tabs: new Set(["tab", "table-cell"]),
};

/** Text of a part of a Word, Excel or PowerPoint file (ECMA-376), up to a length. */
export function readOpenXmlText(xml: string, lengthMax: number): string {
  return readText(xml, OPEN_XML, lengthMax);
}

/** Text of content.xml of an OpenDocument file, up to a length. */
export function readOpenDocumentText(xml: string, lengthMax: number): string {
  return readText(xml, OPEN_DOCUMENT, lengthMax);
}

function readText(xml: string, rules: TextRules, lengthMax: number): string {
  const pieces: string[] = [];
  let length = 0;
  let textDepth = 0;
  /** A cell whose value is the number of a shared string: that string is read where it stands. */
  let isReference = false;
  const add = (text: string) => {
    if (length >= lengthMax) return;
    pieces.push(text);
    length += text.length;
  };
  readMarkup(xml, "xml", {
    open(name, attributes) {
      const local = localName(name);
      if (local === "c") isReference = attributes.get("t") === "s";
      if (rules.text?.has(local) === true) textDepth += 1;
    },
    close(name) {
      const local = localName(name);
      if (rules.text?.has(local) === true) textDepth = Math.max(0, textDepth - 1);
      if (rules.lineEnds.has(local)) add("\n");
      else if (rules.tabs.has(local)) add("\t");
    },
    text(text) {
      if (rules.text !== undefined && (textDepth === 0 || isReference)) return;
      add(text);
    },
  });
  const whole = pieces.join("").replace(/\n{3,}/g, "\n\n");
  return whole.slice(0, lengthMax).toWellFormed();
}

/** Names that Office shows for elements of core.xml, app.xml and meta.xml. */
const PROPERTY_NAMES: ReadonlyMap<string, string> = new Map([
  ["title", "Title"],
  ["subject", "Subject"],
  ["creator", "Author"],
  ["initial-creator", "Author"],
  ["keywords", "Keywords"],
  ["keyword", "Keywords"],
  ["description", "Comments"],
  ["lastModifiedBy", "LastAuthor"],
  ["category", "Category"],
  ["contentStatus", "ContentStatus"],
  ["Company", "Company"],
  ["Manager", "Manager"],
  ["Application", "Application"],
  ["HyperlinkBase", "HyperlinkBase"],
]);

/**
 * Properties of a document: those with a known name, and those that users define (`property` in
 * custom.xml, `user-defined` in meta.xml) under the name that they have there.
 */
export function readDocumentProperties(xml: string): readonly FileProperty[] {
  const found: FileProperty[] = [];
  let name: string | undefined;
  let value = "";
  readMarkup(xml, "xml", {
    open(tag, attributes) {
      const local = localName(tag);
      const named = attributes.get("name") ?? attributes.get("meta:name");
      const isOwn = local === "property" || local === "user-defined";
      const next = isOwn ? named : PROPERTY_NAMES.get(local);
      if (next === undefined) return;
      name = next;
      value = "";
    },
    close(tag) {
      const local = localName(tag);
      const ends = local === "property" || local === "user-defined" || PROPERTY_NAMES.has(local);
      if (name === undefined || !ends) return;
      if (value.trim() !== "" && found.length < PROPERTIES_MAX) {
        found.push({ name, value: value.trim() });
      }
      name = undefined;
    },
    text(text) {
      if (name !== undefined && value.length < VALUE_LENGTH_MAX) value += text;
    },
  });
  return found;
}

function localName(name: string): string {
  return name.slice(name.indexOf(":") + 1);
}
