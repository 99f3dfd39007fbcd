import type { FieldChange, HeaderEdit } from "./header-edit.ts";
import { readLineStart } from "./header-line.ts";

/** Stored content as this file needs it; the store's reader has this shape. */
export interface OutgoingSource {
  /** Length of the whole content. */
  readonly bytes: number;
  /** Piece `index`, from 0; `undefined` past the end. May reject with the store's own failure. */
  read(index: number): Promise<Uint8Array | undefined>;
  /** Piece `index` when it is in memory already. */
  peek(index: number): Uint8Array | undefined;
}

const LF = 10;
const CRLF = Buffer.from("\r\n");

/**
 * The content with its header edits applied, piece by piece in constant memory. Bytes that no edit
 * names pass unchanged. Throws what `content.read` throws.
 */
export async function* openOutgoing(
  content: OutgoingSource,
  edits: readonly HeaderEdit[],
): AsyncGenerator<Uint8Array, void, undefined> {
  const plan = planEdits(edits);
  if (plan.above.length > 0) yield Buffer.from(plan.above);
  const rewriter = plan.scans ? new HeaderRewriter(plan) : undefined;
  for (let index = 0; ; index += 1) {
    const piece = content.peek(index) ?? (await content.read(index));
    if (piece === undefined) break;
    if (rewriter === undefined || rewriter.done) yield piece;
    else yield* rewriter.push(piece);
  }
  if (rewriter !== undefined) yield* rewriter.end();
}

/**
 * As `openOutgoing`, at once, when every piece is in memory; `undefined` otherwise. With edits that
 * only prepend (the common case: a Received field) nothing is scanned or copied.
 */
export function outgoingIfInMemory(
  content: OutgoingSource,
  edits: readonly HeaderEdit[],
): readonly Uint8Array[] | undefined {
  const pieces: Uint8Array[] = [];
  const plan = edits.length === 0 ? undefined : planEdits(edits);
  if (plan !== undefined && plan.above.length > 0) pieces.push(Buffer.from(plan.above));
  const rewriter = plan?.scans === true ? new HeaderRewriter(plan) : undefined;
  let seenBytes = 0;
  for (let index = 0; seenBytes < content.bytes; index += 1) {
    const piece = content.peek(index);
    if (piece === undefined || piece.length === 0) return undefined;
    seenBytes += piece.length;
    if (rewriter === undefined || rewriter.done) pieces.push(piece);
    else pieces.push(...rewriter.push(piece));
  }
  if (rewriter !== undefined) pieces.push(...rewriter.end());
  return pieces;
}

/** What a list of edits comes to: text above, text below, and names taken out of the original. */
interface EditPlan {
  readonly above: string;
  readonly below: string;
  /** In lower case. */
  readonly removed: ReadonlySet<string>;
  /** Single fields, by name in lower case: which of them, from 0. */
  readonly removedAt: ReadonlyMap<string, ReadonlySet<number>>;
  /** By name in lower case, then by position; each list in order of its offsets. */
  readonly replacedAt: ReadonlyMap<string, ReadonlyMap<number, readonly FieldChange[]>>;
  /** From the name in lower case. */
  readonly renamed: ReadonlyMap<string, string>;
  /** False when the stored header needs no look at all. */
  readonly scans: boolean;
}

/** An edit sees what the ones before it left: removing a name also takes it out of earlier text. */
function planEdits(edits: readonly HeaderEdit[]): EditPlan {
  let above = "";
  let below = "";
  const removed = new Set<string>();
  const removedAt = new Map<string, ReadonlySet<number>>();
  const replacedAt = new Map<string, Map<number, readonly FieldChange[]>>();
  const renamed = new Map<string, string>();
  for (const edit of edits) {
    if (edit.kind === "prepend") above = edit.text + above;
    else if (edit.kind === "append") below += edit.text;
    else if (edit.kind === "remove") {
      const name = edit.name.toLowerCase();
      above = withoutField(above, name);
      below = withoutField(below, name);
      for (const [from, to] of renamed) if (to.toLowerCase() === name) removed.add(from);
      // Fields that bore the name have another by now, and stay.
      if (!renamed.has(name)) removed.add(name);
    } else if (edit.kind === "removeAt") {
      const name = edit.name.toLowerCase();
      removedAt.set(name, new Set([...(removedAt.get(name) ?? []), ...edit.positions]));
    } else if (edit.kind === "replaceAt") {
      const name = edit.name.toLowerCase();
      const fields = replacedAt.get(name) ?? new Map<number, readonly FieldChange[]>();
      fields.set(edit.position, merged(fields.get(edit.position) ?? [], edit.changes));
      replacedAt.set(name, fields);
    } else {
      above = withRenamed(above, edit);
      below = withRenamed(below, edit);
      const from = edit.from.toLowerCase();
      if (!renamed.has(from)) renamed.set(from, edit.to);
    }
  }
  const changes = removed.size + removedAt.size + replacedAt.size + renamed.size;
  const scans = below.length > 0 || changes > 0;
  return { above, below, removed, removedAt, replacedAt, renamed, scans };
}

/** Both lists in one, in order; of two that touch the same octets the later one counts. */
function merged(
  earlier: readonly FieldChange[],
  later: readonly FieldChange[],
): readonly FieldChange[] {
  const kept = earlier.filter(
    (one) =>
      !later.some(
        ({ offset, length }) =>
          (offset < one.offset + one.length && one.offset < offset + length) ||
          (offset === one.offset && length === one.length),
      ),
  );
  return [...kept, ...later].sort((one, other) => one.offset - other.offset);
}

/** Header lines with the fields of one name under another. */
function withRenamed(text: string, names: { readonly from: string; readonly to: string }): string {
  if (!text.toLowerCase().includes(names.from.toLowerCase())) return text;
  return text.replace(/^([!-9;-~]+)(?=[ \t]*:)/gm, (name) =>
    name.toLowerCase() === names.from.toLowerCase() ? names.to : name,
  );
}

/** Header lines without the fields of that (lower-case) name. */
function withoutField(text: string, name: string): string {
  let kept = "";
  let dropping = false;
  for (let at = 0; at < text.length; ) {
    const end = text.indexOf("\n", at);
    const next = end === -1 ? text.length : end + 1;
    const first = text[at];
    if (first !== " " && first !== "\t") {
      const colon = text.indexOf(":", at);
      dropping = colon !== -1 && text.slice(at, colon).trimEnd().toLowerCase() === name;
    }
    if (!dropping) kept += text.slice(at, next);
    at = next;
  }
  return kept;
}

/**
 * Removes and appends while the header section passes by. Holds no more than the start of one line
 * (its field name), whatever the header's size. A bare LF ends a line here, because some
 * readers take it so: a field hidden behind one is found and removed too.
 */
class HeaderRewriter {
  readonly #removed: ReadonlySet<string>;
  readonly #removedAt: ReadonlyMap<string, ReadonlySet<number>>;
  readonly #replacedAt: EditPlan["replacedAt"];
  readonly #renamed: ReadonlyMap<string, string>;
  readonly #below: Uint8Array;
  /** Fields seen so far of the names in `#removedAt` and `#replacedAt`. */
  readonly #counts = new Map<string, number>();
  /** What is still to be replaced in the field that passes, with offsets into the content. */
  #pending: readonly FieldChange[] = [];
  /** The first of them has been written, and its octets are being passed over. */
  #isWritten = false;
  /** Where in the content the bytes at hand begin. */
  #base = 0;
  #carry: Uint8Array | undefined;
  #midLine = false;
  #dropping = false;
  #seenField = false;
  /** The header section has passed: pieces need no more rewriting. */
  done = false;

  constructor(plan: EditPlan) {
    this.#removed = plan.removed;
    this.#removedAt = plan.removedAt;
    this.#replacedAt = plan.replacedAt;
    this.#renamed = plan.renamed;
    this.#below = Buffer.from(plan.below);
  }

  push(piece: Uint8Array): Uint8Array[] {
    const bytes = this.#carry === undefined ? piece : Buffer.concat([this.#carry, piece]);
    this.#carry = undefined;
    const out: Uint8Array[] = [];
    /** Start of the kept bytes that are not in `out` yet. */
    let from = 0;
    let at = 0;
    while (at < bytes.length) {
      if (!this.#midLine) {
        const start = readLineStart(bytes, at);
        if (start.kind === "more") break;
        if (start.kind === "end" || (start.kind === "continuation" && !this.#seenField)) {
          if (!this.#dropping) this.#keep(out, bytes, from, at);
          this.#pending = [];
          this.#finish(out);
          out.push(at === 0 ? bytes : bytes.subarray(at));
          return out;
        }
        if (start.kind === "field") {
          this.#seenField = true;
          const position = this.#positionOf(start.name);
          const drops = this.#drops(start.name, position);
          if (drops && !this.#dropping) this.#keep(out, bytes, from, at);
          if (!drops && this.#dropping) from = at;
          this.#dropping = drops;
          const changes = drops ? undefined : this.#replacedAt.get(start.name)?.get(position);
          if (!drops && (changes !== undefined || this.#pending.length > 0)) {
            this.#keep(out, bytes, from, at);
            from = at;
            this.#expect(changes ?? [], at);
          }
          const to = this.#renamed.get(start.name);
          if (to !== undefined && !drops) {
            this.#keep(out, bytes, from, at);
            out.push(Buffer.from(to));
            from = at + start.name.length;
          }
        }
      }
      const end = bytes.indexOf(LF, at);
      this.#midLine = end === -1;
      at = end === -1 ? bytes.length : end + 1;
    }
    if (!this.#dropping) this.#keep(out, bytes, from, at);
    if (at < bytes.length) this.#carry = bytes.subarray(at);
    this.#base += at;
    return out;
  }

  end(): Uint8Array[] {
    if (this.done) return [];
    const out: Uint8Array[] = [];
    // The last line has no line end: what is appended must not become part of it.
    if (this.#midLine && !this.#dropping && this.#below.length > 0) out.push(CRLF);
    this.#finish(out);
    if (this.#carry !== undefined) out.push(this.#carry);
    return out;
  }

  /** Which field of its name this one is; of names that nobody counts, always the first. */
  #positionOf(name: string): number {
    if (!this.#removedAt.has(name) && !this.#replacedAt.has(name)) return 0;
    const position = this.#counts.get(name) ?? 0;
    this.#counts.set(name, position + 1);
    return position;
  }

  #drops(name: string, position: number): boolean {
    return this.#removed.has(name) || this.#removedAt.get(name)?.has(position) === true;
  }

  /** The field whose first octet is at `at` has these changes. */
  #expect(changes: readonly FieldChange[], at: number): void {
    const start = this.#base + at;
    this.#pending = changes.map((change) => ({ ...change, offset: start + change.offset }));
    this.#isWritten = false;
  }

  /** Passes octets on, with what takes the place of some of them. */
  #keep(out: Uint8Array[], bytes: Uint8Array, from: number, to: number): void {
    let at = from;
    while (this.#pending.length > 0) {
      const [{ offset, length, text } = NOTHING] = this.#pending;
      const start = offset - this.#base;
      if (start >= to) break;
      if (!this.#isWritten) {
        if (start > at) out.push(bytes.subarray(at, start));
        at = Math.max(at, start);
        out.push(Buffer.from(text));
        this.#isWritten = true;
      }
      at = Math.max(at, Math.min(to, start + length));
      // The rest of what it replaces is in the next piece.
      if (start + length > to) return;
      this.#pending = this.#pending.slice(1);
      this.#isWritten = false;
    }
    if (to > at) out.push(bytes.subarray(at, to));
  }

  #finish(out: Uint8Array[]): void {
    this.done = true;
    if (this.#below.length > 0) out.push(this.#below);
  }
}

const NOTHING: FieldChange = { offset: 0, length: 0, text: "" };
