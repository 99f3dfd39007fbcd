import type { MimeHeader, TransferEncoding } from "./mime-header.ts";
import { BOUNDARY_BYTES_MAX, parseMimeHeader } from "./mime-header.ts";

/** One entity: the message itself, a body part, or the message inside a message/rfc822. */
export interface MimeEntity extends MimeHeader {
  /** The header section as it came, the empty line included when there was one. */
  readonly raw: Uint8Array;
  /** A message (whose header holds MIME-Version), not a body part. */
  readonly isMessage: boolean;
  /** `sealed` is multipart/signed: nothing below its header may change (RFC 1847 §2.1). */
  readonly kind: "leaf" | "multipart" | "message" | "sealed";
}

/** Told what passes by. All bytes together, in order, are the message. */
export interface MimeVisitor {
  header(entity: MimeEntity): void;
  /** Bytes of the body of the leaf whose header came last. */
  body(bytes: Uint8Array): void;
  /** The leaf's body is over; `last` when the message ends with it. */
  endBody(last: boolean): void;
  /** Text before the first or after the last boundary of a multipart: readers ignore it. */
  outside(bytes: Uint8Array): void;
  /** A boundary line with the CRLF before it, which belongs to it (RFC 2046 §5.1.1). */
  delimiter(bytes: Uint8Array): void;
  /** Bytes that must pass as they are: signed, or past a limit. */
  sealed(bytes: Uint8Array): void;
  /** The multipart that began last ended without any boundary of its own. */
  unopened(): void;
  /** A limit was passed: everything from here on comes as `sealed`. */
  giveUp(reason: string): void;
}

/** Multiparts and messages inside one another. */
export const MIME_DEPTH_MAX = 64;
/** Entities in all. */
export const MIME_ENTITIES_MAX = 10_000;
/** Bytes of one entity's header section. */
export const MIME_HEADER_BYTES_MAX = 1024 * 1024;
/** A longer line is no boundary, whatever it begins with. */
const DELIMITER_BYTES_MAX = BOUNDARY_BYTES_MAX + 250;

const CR = 13;
const LF = 10;
const DASH = 45;
const EMPTY = Buffer.alloc(0);
const CRLF = Buffer.from("\r\n");

interface Frame {
  readonly boundary: Buffer;
  readonly sealed: boolean;
  /** Parts without a type are messages (multipart/digest, RFC 2046 §5.1.5). */
  readonly digest: boolean;
  readonly depth: number;
  seen: boolean;
}

type Mode = "header" | "body" | "outside" | "sealed";

/**
 * Finds the parts of a message as it streams by (RFC 2045, 2046). Memory: one chunk, one header
 * section and the open boundaries, each bounded. A line is ended by CRLF only. A boundary is the
 * whole line but for white space after it, as nearly all readers take it; one of an outer multipart
 * ends the inner ones, closed or not (RFC 2046 §5.1.2).
 */
export class MimeWalker {
  readonly #visitor: MimeVisitor;
  readonly #frames: Frame[] = [];
  /** Undecided bytes: a CRLF that may belong to a boundary, and the start of a line. */
  #carry: Buffer = EMPTY;
  #mode: Mode = "header";
  #lineStart = true;
  /** The bytes before the line's start are a CRLF not given to the visitor yet. */
  #breakHeld = false;
  #header: Uint8Array[] = [];
  #headerBytes = 0;
  #entityCount = 1;
  #depth = 0;
  #isMessage = true;
  #inLeaf = false;
  #gaveUp = false;

  constructor(visitor: MimeVisitor) {
    this.#visitor = visitor;
  }

  push(chunk: Uint8Array): void {
    const view = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    this.#run(this.#carry.length === 0 ? view : Buffer.concat([this.#carry, view]), false);
  }

  /** The message is over. */
  end(): void {
    this.#run(this.#carry, true);
    if (this.#mode === "header") this.#closeHeader();
    if (this.#inLeaf) this.#visitor.endBody(true);
    this.#dropFrames(0);
  }

  #run(bytes: Buffer, final: boolean): void {
    /** Up to here the visitor has everything. */
    let given = 0;
    let at = this.#breakHeld ? 2 : 0;
    while (at < bytes.length) {
      if (this.#lineStart) {
        const line = this.#readLineStart(bytes, at, final);
        if (line === "more") break;
        if (line !== undefined) {
          const contentEnd = this.#breakHeld ? at - 2 : at;
          if (line.kind === "delimiter") {
            this.#give(bytes, given, contentEnd);
            this.#crossDelimiter(line, bytes.subarray(contentEnd, line.end));
          } else {
            this.#give(bytes, given, line.end);
            if (!this.#gaveUp) this.#closeHeader();
          }
          this.#breakHeld = false;
          given = line.end;
          at = line.end;
          continue;
        }
      }
      const end = bytes.indexOf(CRLF, at);
      this.#lineStart = end !== -1;
      this.#breakHeld = this.#lineStart && this.#mode !== "header";
      if (end === -1) {
        at = bytes.length - (!final && bytes[bytes.length - 1] === CR ? 1 : 0);
        break;
      }
      at = end + 2;
    }
    if (final) at = bytes.length;
    const keep = final ? at : this.#breakHeld ? at - 2 : at;
    this.#give(bytes, given, keep);
    this.#carry = keep === bytes.length ? EMPTY : Buffer.from(bytes.subarray(keep));
  }

  /** `undefined`: an ordinary line. */
  #readLineStart(bytes: Buffer, at: number, final: boolean): Line | "more" | undefined {
    const first = bytes[at];
    const second = bytes[at + 1];
    if (second === undefined && !final && (first === CR || first === DASH)) return "more";
    if (first === CR && second === LF && this.#mode === "header")
      return { kind: "blank", end: at + 2 };
    if (first !== DASH || second !== DASH || this.#frames.length === 0) return undefined;
    // Looked for in a bounded stretch: else each of many long lines would be read to its end.
    const stretch = bytes.subarray(at, at + DELIMITER_BYTES_MAX + 2);
    const found = stretch.indexOf(CRLF);
    if (found === -1) {
      if (stretch.length > DELIMITER_BYTES_MAX) return undefined;
      if (!final) return "more";
    }
    const line = found === -1 ? stretch : stretch.subarray(0, found);
    const end = at + line.length + (found === -1 ? 0 : 2);
    return this.#matchDelimiter(line, end);
  }

  #matchDelimiter(line: Buffer, end: number): Line | undefined {
    let length = line.length;
    while (line[length - 1] === 32 || line[length - 1] === 9) length -= 1;
    for (let index = this.#frames.length - 1; index >= 0; index -= 1) {
      const frame = this.#frames[index];
      if (frame === undefined) break;
      const size = frame.boundary.length + 2;
      const closes = length === size + 2 && line[size] === DASH && line[size + 1] === DASH;
      if (length !== size && !closes) continue;
      if (line.compare(frame.boundary, 0, frame.boundary.length, 2, size) !== 0) continue;
      if (frame.sealed && !closes) return undefined;
      return { kind: "delimiter", index, closes, end };
    }
    return undefined;
  }

  #crossDelimiter(line: Delimiter, bytes: Buffer): void {
    if (this.#mode === "header") this.#closeHeader();
    if (this.#gaveUp) {
      this.#visitor.sealed(bytes);
      return;
    }
    if (this.#inLeaf) this.#visitor.endBody(false);
    this.#inLeaf = false;
    this.#dropFrames(line.index + 1);
    const frame = this.#frames[line.index];
    if (frame !== undefined) frame.seen = true;
    this.#visitor.delimiter(bytes);
    if (line.closes) {
      this.#frames.length = line.index;
      this.#mode = "outside";
    } else this.#openHeader({ isMessage: false, depth: (frame?.depth ?? 0) + 1 });
  }

  #dropFrames(length: number): void {
    const innermost = this.#frames[this.#frames.length - 1];
    if (this.#frames.length > length && innermost?.seen === false) this.#visitor.unopened();
    this.#frames.length = Math.min(this.#frames.length, length);
  }

  #openHeader(entity: { readonly isMessage: boolean; readonly depth: number }): void {
    this.#mode = "header";
    this.#header = [];
    this.#headerBytes = 0;
    this.#isMessage = entity.isMessage;
    this.#depth = entity.depth;
    this.#entityCount += 1;
    if (this.#entityCount > MIME_ENTITIES_MAX) this.#giveUp("too many body parts");
    else if (entity.depth > MIME_DEPTH_MAX) this.#giveUp("body parts nested too deeply");
  }

  #closeHeader(): void {
    const raw =
      this.#header.length === 1 ? (this.#header[0] ?? EMPTY) : Buffer.concat(this.#header);
    this.#header = [];
    const header = parseMimeHeader(raw);
    const inDigest = !this.#isMessage && this.#frames[this.#frames.length - 1]?.digest === true;
    const kind = entityKind(header, inDigest);
    this.#visitor.header({ ...header, raw, isMessage: this.#isMessage, kind });
    this.#inLeaf = kind === "leaf";
    this.#mode = kind === "leaf" ? "body" : kind === "sealed" ? "sealed" : "outside";
    if (kind === "message") this.#openHeader({ isMessage: true, depth: this.#depth + 1 });
    else if (kind !== "leaf") {
      this.#frames.push({
        boundary: Buffer.from(header.boundary ?? "", "latin1"),
        sealed: kind === "sealed",
        digest: header.mediaType === "multipart/digest",
        depth: this.#depth,
        seen: kind === "sealed",
      });
    }
  }

  #give(bytes: Buffer, from: number, to: number): void {
    if (to <= from) return;
    const part = bytes.subarray(from, to);
    if (this.#mode === "body") this.#visitor.body(part);
    else if (this.#mode === "outside") this.#visitor.outside(part);
    else if (this.#mode === "sealed") this.#visitor.sealed(part);
    else {
      // A copy, so that a small header does not keep a large chunk alive.
      this.#header.push(Buffer.from(part));
      this.#headerBytes += part.length;
      if (this.#headerBytes > MIME_HEADER_BYTES_MAX) this.#giveUp("a header section is too long");
    }
  }

  #giveUp(reason: string): void {
    this.#gaveUp = true;
    this.#visitor.giveUp(reason);
    this.#frames.length = 0;
    this.#mode = "sealed";
    for (const part of this.#header) this.#visitor.sealed(part);
    this.#header = [];
  }
}

interface Delimiter {
  readonly kind: "delimiter";
  /** Which open multipart it belongs to. */
  readonly index: number;
  readonly closes: boolean;
  /** Past its CRLF. */
  readonly end: number;
}

type Line = Delimiter | { readonly kind: "blank"; readonly end: number };

function entityKind(header: MimeHeader, inDigest: boolean): MimeEntity["kind"] {
  const encoded = header.encoding !== undefined && !IDENTITY.has(header.encoding);
  if (encoded || header.ambiguous) return "leaf";
  const type =
    header.mediaType ?? (inDigest && !header.hasContentType ? "message/rfc822" : undefined);
  if (type === "message/rfc822" || type === "message/news") return "message";
  if (type?.startsWith("multipart/") !== true || header.boundary === undefined) return "leaf";
  return type === "multipart/signed" ? "sealed" : "multipart";
}

/** Encodings under which the body's bytes are the data itself, and composite types may stand. */
const IDENTITY: ReadonlySet<TransferEncoding> = new Set(["7bit", "8bit", "binary"]);
