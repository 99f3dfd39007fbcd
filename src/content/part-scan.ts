import { isUtf8 } from "node:buffer";
import { fault, ok, type Result } from "../base/result.ts";
import { type HeaderField, parseHeaderFields } from "../mail/header-fields.ts";
import { BOUNDARY_BYTES_MAX } from "../mail/mime-header.ts";
import type { ContentLimitFault, ContentLimits } from "./content-limits.ts";
import type { ContentPart } from "./message-view.ts";
import { parseStructuredField, type StructuredField } from "./structured-field.ts";

/** An entity as the scan finds it; offsets are as in `PartPlace`. */
export interface ScannedPart {
  readonly parent: ScannedPart | undefined;
  readonly path: string;
  readonly depth: number;
  readonly headerFrom: number;
  readonly children: ScannedPart[];
  kind: ContentPart["kind"];
  bodyFrom: number;
  to: number;
  fields: readonly HeaderField[];
  contentType: StructuredField;
}

/** What the bounds of a scan are. */
export type ScanLimits = Pick<
  ContentLimits,
  "headerBytesMax" | "fieldCountMax" | "depthMax" | "partCountMax"
>;

interface Frame {
  readonly part: ScannedPart;
  readonly boundary: Buffer;
}

const LF = 10;
const CR = 13;
const SPACE = 32;
const TAB = 9;
const DASH = 45;
const COLON = 58;
const BREAK_AND_DASHES = Buffer.from("\n--");
/** Of a line that may be a boundary: white space may follow. */
const DELIMITER_BYTES_MAX = BOUNDARY_BYTES_MAX + 250;
const NO_TYPE = parseStructuredField("");
const IDENTITY: ReadonlySet<string> = new Set(["", "7bit", "8bit", "binary", "7-bit", "8-bit"]);

/**
 * Finds the parts of a message (RFC 2046 §5.1, §5.2.1), in one pass. Unlike the walker that
 * converts on the relay path it looks into all that a reader would show, signed parts too, and
 * takes a lone LF for a line end: who decides by content must not see less than who reads it. A
 * line that is no field ends a header; an outer boundary ends what is inside, closed or not.
 */
export function scanParts(
  bytes: Buffer,
  limits: ScanLimits,
  work?: ScanWork,
): Result<ScannedPart, ContentLimitFault> {
  return new PartScan(bytes, limits, work ?? { lineCount: 0 }).run();
}

/** Counts what a scan does, for those who want to know that it is bounded. */
export interface ScanWork {
  /** Lines looked at one by one. */
  lineCount: number;
}

class PartScan {
  readonly #bytes: Buffer;
  readonly #limits: ScanLimits;
  readonly #work: ScanWork;
  readonly #frames: Frame[] = [];
  #fault: ContentLimitFault | undefined;
  #partCount = 0;
  #headerBytes = 0;
  #current: ScannedPart;
  #inHeader = true;

  constructor(bytes: Buffer, limits: ScanLimits, work: ScanWork) {
    this.#bytes = bytes;
    this.#work = work;
    this.#limits = limits;
    this.#current = this.#open(undefined, 0);
  }

  run(): Result<ScannedPart, ContentLimitFault> {
    const root = this.#current;
    let at = 0;
    while (at < this.#bytes.length && this.#fault === undefined) {
      this.#work.lineCount += 1;
      const delimiter = this.#matchDelimiter(at);
      if (delimiter !== undefined) at = this.#crossDelimiter(at, delimiter);
      else at = this.#inHeader ? this.#headerLine(at) : this.#nextDelimiterLine(at);
    }
    if (this.#inHeader) this.#closeHeader(this.#bytes.length);
    this.#closeUpTo(undefined, this.#bytes.length);
    return this.#fault === undefined ? ok(root) : fault(this.#fault);
  }

  /** Start of the next line that begins with two dashes. */
  #nextDelimiterLine(at: number): number {
    if (this.#frames.length === 0) return this.#bytes.length;
    const found = this.#bytes.indexOf(BREAK_AND_DASHES, at);
    return found === -1 ? this.#bytes.length : found + 1;
  }

  #lineEnd(at: number): number {
    const found = this.#bytes.indexOf(LF, at);
    return found === -1 ? this.#bytes.length : found + 1;
  }

  /** Takes one line of a header; returns where to go on. */
  #headerLine(at: number): number {
    const first = this.#bytes[at];
    const isEmpty = first === LF || (first === CR && this.#bytes[at + 1] === LF);
    const next = this.#lineEnd(at);
    if (isEmpty) {
      this.#closeHeader(next);
      return next;
    }
    const continues = (first === SPACE || first === TAB) && at > this.#current.headerFrom;
    if (!continues && !this.#isField(at)) {
      this.#closeHeader(at);
      return at;
    }
    this.#headerBytes += next - at;
    if (this.#headerBytes > this.#limits.headerBytesMax) this.#exceed("headerBytesMax");
    return next;
  }

  #isField(from: number): boolean {
    let at = from;
    for (; at < this.#bytes.length; at += 1) {
      const byte = this.#bytes[at] ?? 0;
      if (byte === COLON || byte <= SPACE || byte > 126) break;
    }
    if (at === from) return false;
    while (this.#bytes[at] === SPACE || this.#bytes[at] === TAB) at += 1;
    return this.#bytes[at] === COLON;
  }

  #matchDelimiter(at: number): { readonly frame: number; readonly closes: boolean } | undefined {
    if (this.#frames.length === 0) return undefined;
    if (this.#bytes[at] !== DASH || this.#bytes[at + 1] !== DASH) return undefined;
    const stretch = this.#bytes.subarray(at, at + DELIMITER_BYTES_MAX);
    const found = stretch.indexOf(LF);
    if (found === -1 && stretch.length === DELIMITER_BYTES_MAX) return undefined;
    let length = found === -1 ? stretch.length : found;
    while (isBlank(stretch[length - 1])) length -= 1;
    for (let frame = this.#frames.length - 1; frame >= 0; frame -= 1) {
      const boundary = this.#frames[frame]?.boundary;
      if (boundary === undefined) break;
      const size = boundary.length + 2;
      const closes = length === size + 2 && stretch[size] === DASH && stretch[size + 1] === DASH;
      if (length !== size && !closes) continue;
      if (stretch.compare(boundary, 0, boundary.length, 2, size) === 0) return { frame, closes };
    }
    return undefined;
  }

  #crossDelimiter(at: number, found: { readonly frame: number; readonly closes: boolean }): number {
    const part = this.#frames[found.frame]?.part;
    // The line end before it is the boundary's.
    const hasCr = this.#bytes[at - 2] === CR;
    const contentEnd = at - (this.#bytes[at - 1] === LF ? (hasCr ? 2 : 1) : 0);
    if (this.#inHeader) this.#closeHeader(contentEnd);
    // A message/rfc822 header that ended just now has opened one more.
    if (this.#inHeader) this.#closeHeader(contentEnd);
    this.#closeUpTo(part, contentEnd);
    const next = this.#lineEnd(at);
    this.#frames.length = found.frame + (found.closes ? 0 : 1);
    if (part === undefined) return next;
    this.#current = found.closes ? part : this.#open(part, next);
    this.#inHeader = !found.closes;
    return next;
  }

  #open(parent: ScannedPart | undefined, at: number): ScannedPart {
    const number = (parent?.children.length ?? 0) + 1;
    const part: ScannedPart = {
      parent,
      path:
        parent === undefined ? "" : parent.path === "" ? `${number}` : `${parent.path}.${number}`,
      depth: parent === undefined ? 0 : parent.depth + 1,
      headerFrom: at,
      children: [],
      kind: "leaf",
      bodyFrom: at,
      to: at,
      fields: [],
      contentType: NO_TYPE,
    };
    parent?.children.push(part);
    this.#partCount += 1;
    if (this.#partCount > this.#limits.partCountMax) this.#exceed("partCountMax");
    if (part.depth > this.#limits.depthMax) this.#exceed("depthMax");
    return part;
  }

  #closeHeader(bodyFrom: number): void {
    const part = this.#current;
    this.#inHeader = false;
    part.bodyFrom = Math.max(part.headerFrom, bodyFrom);
    part.fields = parseHeaderFields(this.#bytes.subarray(part.headerFrom, part.bodyFrom));
    if (part.fields.length > this.#limits.fieldCountMax) this.#exceed("fieldCountMax");
    const type = firstValue(part, "content-type");
    if (type !== undefined) part.contentType = parseStructuredField(type);
    else if (part.parent?.contentType.value === "multipart/digest") part.contentType = IN_DIGEST;
    const { value, parameters } = part.contentType;
    const boundary = (parameters.get("boundary") ?? "").trimEnd();
    if (value.startsWith("multipart/")) {
      const header = this.#bytes.subarray(part.headerFrom, part.bodyFrom);
      const octets = Buffer.from(boundary, isUtf8(header) ? "utf8" : "latin1");
      if (octets.length === 0 || octets.length > BOUNDARY_BYTES_MAX) return;
      // Composite types may not be encoded (RFC 2045 §6.4), and readers look for boundaries anyway.
      part.kind = "multipart";
      this.#frames.push({ part, boundary: octets });
    } else if (isMessageType(value) && IDENTITY.has(encodingName(part)) && !this.#isOver()) {
      part.kind = "message";
      this.#current = this.#open(part, part.bodyFrom);
      this.#inHeader = true;
    }
  }

  #isOver(): boolean {
    return this.#fault !== undefined;
  }

  /** Everything from the current part up to `part`, which stays open, ends here. */
  #closeUpTo(part: ScannedPart | undefined, to: number): void {
    for (let each: ScannedPart | undefined = this.#current; each !== part; each = each?.parent) {
      if (each === undefined) break;
      // The empty line of a part without a body is at the same time the boundary's line end.
      if (each.kind === "leaf") {
        each.bodyFrom = Math.max(each.headerFrom, Math.min(each.bodyFrom, to));
      }
      each.to = Math.max(each.bodyFrom, to);
      // Without a single boundary it is shown as the text that it is.
      if (each.kind === "multipart" && each.children.length === 0) each.kind = "leaf";
    }
  }

  #exceed(limit: keyof ScanLimits): void {
    this.#fault ??= { limit, max: this.#limits[limit] };
  }
}

const IN_DIGEST = parseStructuredField("message/rfc822");

/** Types that hold a message (RFC 2046 §5.2.1, RFC 6532 §3.7). */
export function isMessageType(mediaType: string): boolean {
  return (
    mediaType === "message/rfc822" || mediaType === "message/global" || mediaType === "message/news"
  );
}

/** The value of the first field with this name (in lower case). */
export function firstValue(part: ScannedPart, name: string): string | undefined {
  return part.fields.find((field) => field.name === name)?.value;
}

/** Content-Transfer-Encoding's first word in lower case, `""` without one. */
export function encodingName(part: ScannedPart): string {
  const value = firstValue(part, "content-transfer-encoding") ?? "";
  return parseStructuredField(value).value;
}

function isBlank(byte: number | undefined): boolean {
  return byte === SPACE || byte === TAB || byte === CR;
}
