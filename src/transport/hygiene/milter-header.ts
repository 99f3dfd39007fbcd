import type { FieldChange, HeaderEdit } from "../../mail/header-edit.ts";
import { readLineStart } from "../../mail/header-line.ts";

/** A field as a milter is told of it. */
export interface MilterField {
  readonly name: string;
  /** Everything behind the colon, but for the last line end. */
  readonly value: Uint8Array;
}

interface Entry extends MilterField {
  /** Where it is in the stored content; absent: an edit has put it there. */
  readonly origin?: {
    /** In lower case. */
    readonly name: string;
    /** Among those of its name, from 0. */
    readonly position: number;
    /** Octets before the value, and of the value, as they are stored. */
    readonly head: number;
    readonly length: number;
  };
  /** What a milter has written: the value, or the whole field where it has no origin. */
  readonly written?: string;
}

const LF = 10;

/**
 * A message's header while milters change it: each sees what those before it and earlier agents
 * have made of it. What they have changed comes out as edits of the stored header. Fields that
 * edits of earlier agents have added cannot be changed.
 */
export class MilterHeader {
  #entries: Entry[];

  /** `header`: the fields as they are stored, without the empty line. */
  constructor(header: Uint8Array, edits: readonly HeaderEdit[]) {
    this.#entries = edits.reduce<Entry[]>(withEdit, readEntries(header));
  }

  /** From the top. */
  get fields(): readonly MilterField[] {
    return this.#entries;
  }

  /** At the end. */
  add(name: string, text: string): void {
    this.#entries.push(writtenEntry(name, text));
  }

  /** Before the field at `index`, the first being 0. */
  insert(index: number, field: { readonly name: string; readonly text: string }): void {
    this.#entries.splice(index, 0, writtenEntry(field.name, field.text));
  }

  /** The `index`th of its name, the first being 1; "" deletes it. One not there is added. */
  change(index: number, field: { readonly name: string; readonly text: string }): void {
    const name = field.name.toLowerCase();
    const ofName = this.#entries.filter((entry) => entry.name.toLowerCase() === name);
    const found = ofName[index - 1];
    if (found === undefined) {
      if (field.text !== "" && index > ofName.length) this.add(field.name, field.text);
      return;
    }
    const isForeign = found.origin === undefined && found.written === undefined;
    if (isForeign) return;
    const at = this.#entries.indexOf(found);
    if (field.text === "") this.#entries.splice(at, 1);
    else this.#entries[at] = { ...writtenEntry(found.name, field.text), ...originOf(found) };
  }

  /** Edits that make of the header before it the one after it. */
  editsSince(before: MilterHeader): readonly HeaderEdit[] {
    const edits: HeaderEdit[] = removals(before.#entries, this.#entries);
    const known = new Set(before.#entries);
    const firstKept = this.#entries.findIndex(({ origin }) => origin !== undefined);
    const lastKept = this.#entries.findLastIndex(({ origin }) => origin !== undefined);
    let above = "";
    let below = "";
    let between = "";
    for (const [index, entry] of this.#entries.entries()) {
      const { origin, written } = entry;
      const isNew = written !== undefined && !known.has(entry);
      if (origin === undefined) {
        const text = isNew ? `${entry.name}:${written}\r\n` : "";
        if (index < firstKept) above += text;
        else if (index > lastKept) below += text;
        else between += text;
        continue;
      }
      const changes: FieldChange[] = [];
      if (between !== "") changes.push({ offset: 0, length: 0, text: between });
      if (isNew) changes.push({ offset: origin.head, length: origin.length, text: written });
      between = "";
      const { name, position } = origin;
      if (changes.length > 0) edits.push({ kind: "replaceAt", name, position, changes });
    }
    if (above !== "") edits.push({ kind: "prepend", text: above });
    if (below !== "") edits.push({ kind: "append", text: below });
    return edits;
  }

  /** As it is now; later changes of this one don't change that one. */
  copy(): MilterHeader {
    const copy = new MilterHeader(new Uint8Array(), []);
    copy.#entries = [...this.#entries];
    return copy;
  }
}

/** What a milter gives as a value, made fit: lines parted by CRLF, each folded. */
export function fieldText(value: string, keepsSpace: boolean): string {
  const [first = "", ...lines] = value.replaceAll("\0", "").split(/[\r\n]+/);
  const folded = lines
    .filter((line) => line.trim() !== "")
    .map((line) => `\r\n${/^[ \t]/.test(line) ? "" : " "}${line}`);
  const space = keepsSpace || value === "" ? "" : " ";
  return `${space}${first}${folded.join("")}`;
}

function writtenEntry(name: string, text: string): Entry {
  return { name, value: Buffer.from(text), written: text };
}

function originOf({ origin }: Entry): Pick<Entry, "origin"> {
  return origin === undefined ? {} : { origin };
}

function removals(before: readonly Entry[], after: readonly Entry[]): HeaderEdit[] {
  const left = new Set(after.map(({ origin }) => origin));
  const gone = new Map<string, number[]>();
  for (const { origin } of before) {
    if (origin === undefined || left.has(origin)) continue;
    gone.set(origin.name, [...(gone.get(origin.name) ?? []), origin.position]);
  }
  return [...gone].map(([name, positions]) => ({ kind: "removeAt", name, positions }));
}

/** The fields of a header; what is no field ends it. */
function readEntries(header: Uint8Array): Entry[] {
  const bytes = Buffer.from(header.buffer, header.byteOffset, header.byteLength);
  const starts: number[] = [];
  let end = 0;
  while (end < bytes.length) {
    const line = readLineStart(bytes, end);
    if (line.kind === "field") starts.push(end);
    else if (line.kind !== "continuation" || starts.length === 0) break;
    const next = bytes.indexOf(LF, end);
    end = next < 0 ? bytes.length : next + 1;
  }
  const counts = new Map<string, number>();
  return starts.map((start, index) => {
    const field = bytes.subarray(start, starts[index + 1] ?? end);
    const head = field.indexOf(":") + 1;
    const name = field.toString("latin1", 0, head - 1).trimEnd();
    const key = name.toLowerCase();
    const position = counts.get(key) ?? 0;
    counts.set(key, position + 1);
    const value = withoutLineEnd(field.subarray(head));
    return { name, value, origin: { name: key, position, head, length: value.length } };
  });
}

function withoutLineEnd(bytes: Uint8Array): Uint8Array {
  const end = bytes.at(-1) === LF ? bytes.length - (bytes.at(-2) === 13 ? 2 : 1) : bytes.length;
  return bytes.subarray(0, end);
}

/** What an edit of an earlier agent makes of it. */
function withEdit(entries: Entry[], edit: HeaderEdit): Entry[] {
  const isNamed = ({ name }: Entry, wanted: string) => name.toLowerCase() === wanted.toLowerCase();
  switch (edit.kind) {
    case "prepend":
      return [...foreign(edit.text), ...entries];
    case "append":
      return [...entries, ...foreign(edit.text)];
    case "remove":
      return entries.filter((entry) => !isNamed(entry, edit.name));
    case "rename":
      return entries.map((entry) =>
        isNamed(entry, edit.from) ? { ...entry, name: edit.to } : entry,
      );
    case "removeAt": {
      const name = edit.name.toLowerCase();
      const isGone = ({ origin }: Entry) =>
        origin?.name === name && edit.positions.includes(origin.position);
      return entries.filter((entry) => !isGone(entry));
    }
    case "replaceAt": {
      const name = edit.name.toLowerCase();
      return entries.map((entry) =>
        entry.origin?.name === name && entry.origin.position === edit.position
          ? { ...entry, value: replaced(entry, edit.changes) }
          : entry,
      );
    }
  }
}

/** Fields that an edit has put in: nobody but that edit can change them. */
function foreign(text: string): readonly Entry[] {
  return readEntries(Buffer.from(text)).map(({ name, value }) => ({ name, value }));
}

/** Changes within the value; one of them may be about the octets before it, and is passed over. */
function replaced({ value, origin }: Entry, changes: readonly FieldChange[]): Uint8Array {
  const head = origin?.head ?? 0;
  let shift = 0;
  let bytes = Buffer.from(value);
  for (const { offset, length, text } of changes) {
    const at = offset - head + shift;
    if (at < 0) continue;
    const put = Buffer.from(text);
    bytes = Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + length)]);
    shift += put.length - length;
  }
  return bytes;
}
