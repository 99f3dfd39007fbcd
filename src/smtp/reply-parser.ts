/** A server's reply as it came; text is made safe for a log or a notice, and otherwise verbatim. */
export interface ServerReply {
  /** 200 to 599. */
  readonly code: number;
  /** Lines without code, separator and line end; never CR, LF, NUL or another control character. */
  readonly lines: readonly string[];
}

/** One thing read from the server; after a fault nothing more can be read from that connection. */
export type ReplyItem =
  | { readonly kind: "reply"; readonly reply: ServerReply }
  | { readonly kind: "fault"; readonly text: string };

/**
 * Octets of one line with its end. RFC 5321 §4.5.3.1.5 says 512; real servers explain themselves
 * longer.
 */
export const REPLY_LINE_BYTES_MAX = 4096;
/** Lines of one reply; an EHLO reply has about twenty. */
export const REPLY_LINES_MAX = 128;
/** Octets of one reply. */
export const REPLY_BYTES_MAX = 32 * 1024;
/** Characters of a formatted reply: it goes into the queue, the logs and the notice. */
export const REPLY_TEXT_MAX = 1024;

const LF = 10;
const CR = 13;
const SPACE = 32;
const HYPHEN = 45;
const ZERO = 48;

/**
 * Reads replies (RFC 5321 §4.2) from bytes that may be cut anywhere. Total: every input gives
 * replies or a fault. Tolerated, because real servers do it: a bare LF as line end, a code without
 * text, a missing enhanced code, and lines of one reply whose codes differ within their first digit
 * (the last line counts). Codes that differ in the first digit are a fault: success and failure at
 * once tell nothing.
 */
export class ReplyParser {
  /** Start of a line whose end has not come; allocated on the first cut. */
  #partial: Buffer | undefined;
  #partialBytes = 0;
  #chunk: Buffer = EMPTY;
  #offset = 0;
  #lines: string[] = [];
  #code = 0;
  #replyBytes = 0;
  #fault: ReplyItem | undefined;

  /** Hands over the next bytes; call `next` until it gives `undefined` before the next push. */
  push(bytes: Uint8Array): void {
    this.#chunk = asBuffer(bytes);
    this.#offset = 0;
  }

  /**
   * The next whole reply, the fault that ends reading, or `undefined` when more bytes are needed.
   */
  next(): ReplyItem | undefined {
    while (this.#fault === undefined) {
      const end = this.#chunk.indexOf(LF, this.#offset);
      if (end < 0) {
        this.#keepRest();
        break;
      }
      const item = this.#readLine(end + 1);
      if (item !== undefined) return item;
    }
    return this.#fault;
  }

  /**
   * Whether nothing has been received that is not read yet: a part of a line, or lines of a reply.
   */
  isEmpty(): boolean {
    return (
      this.#partialBytes === 0 && this.#lines.length === 0 && this.#offset >= this.#chunk.length
    );
  }

  #keepRest(): void {
    const rest = this.#chunk.length - this.#offset;
    if (rest > 0 && this.#append(this.#chunk.length)) this.#offset = this.#chunk.length;
  }

  /** Moves the bytes up to `end` behind the partial line; false when the line is too long. */
  #append(end: number): boolean {
    const count = end - this.#offset;
    if (this.#partialBytes + count > REPLY_LINE_BYTES_MAX) {
      this.#fail("reply line too long");
      return false;
    }
    this.#partial ??= Buffer.allocUnsafe(REPLY_LINE_BYTES_MAX);
    this.#chunk.copy(this.#partial, this.#partialBytes, this.#offset, end);
    this.#partialBytes += count;
    return true;
  }

  #readLine(end: number): ReplyItem | undefined {
    let source = this.#chunk;
    let start = this.#offset;
    let stop = end;
    if (this.#partialBytes > 0) {
      if (!this.#append(end)) return undefined;
      source = this.#partial ?? EMPTY;
      start = 0;
      stop = this.#partialBytes;
      this.#partialBytes = 0;
    }
    this.#offset = end;
    if (stop - start > REPLY_LINE_BYTES_MAX) return this.#fail("reply line too long");
    stop -= 1;
    if (stop > start && source[stop - 1] === CR) stop -= 1;
    return this.#takeLine(source, start, stop);
  }

  #takeLine(source: Buffer, start: number, stop: number): ReplyItem | undefined {
    const code = readCode(source, start, stop);
    const separator = stop - start > 3 ? source[start + 3] : SPACE;
    if (code === undefined || (separator !== SPACE && separator !== HYPHEN)) {
      return this.#fail(
        `not a reply: ${safeText(source.toString("utf8", start, stop)).slice(0, 80)}`,
      );
    }
    if (this.#lines.length > 0 && !sameClass(code, this.#code)) {
      return this.#fail(`codes ${this.#code} and ${code} in one reply`);
    }
    this.#replyBytes = (this.#lines.length === 0 ? 0 : this.#replyBytes) + stop - start;
    if (this.#lines.length >= REPLY_LINES_MAX || this.#replyBytes > REPLY_BYTES_MAX) {
      return this.#fail("reply too long");
    }
    this.#code = code;
    this.#lines.push(safeText(source.toString("utf8", Math.min(start + 4, stop), stop)));
    if (separator === HYPHEN) return undefined;
    const reply = { code, lines: this.#lines };
    this.#lines = [];
    return { kind: "reply", reply };
  }

  #fail(text: string): undefined {
    this.#fault = { kind: "fault", text };
    this.#lines = [];
  }
}

const EMPTY = Buffer.alloc(0);

/** The enhanced status code (RFC 2034) that starts the text and agrees with the code, else `""`. */
export function statusOfReply(reply: ServerReply): string {
  for (const line of reply.lines) {
    const status = ENHANCED_STATUS.exec(line)?.[1];
    if (status !== undefined && sameClass(reply.code, Number(status[0]) * 100)) return status;
  }
  return "";
}

const ENHANCED_STATUS = /^([245]\.\d{1,3}\.\d{1,3})(?: |$)/;

/**
 * The reply on one line: code, then its lines joined with spaces, at most REPLY_TEXT_MAX
 * characters.
 * The enhanced code that servers repeat on each line is kept on the first only.
 */
export function formatServerReply(reply: ServerReply): string {
  const first = reply.lines[0] ?? "";
  if (reply.lines.length < 2)
    return clip(first === "" ? `${reply.code}` : `${reply.code} ${first}`);
  const status = ENHANCED_STATUS.exec(first)?.[1];
  const rest = reply.lines.slice(1).map((line) => {
    return status !== undefined && line.startsWith(`${status} `)
      ? line.slice(status.length + 1)
      : line;
  });
  return clip([`${reply.code}`, first, ...rest].filter((part) => part !== "").join(" "));
}

function clip(text: string): string {
  return text.length <= REPLY_TEXT_MAX ? text : `${text.slice(0, REPLY_TEXT_MAX - 1)}…`;
}

/** Replaces what could end a line, or steer a terminal, in text that came from the network. */
export function safeText(text: string): string {
  for (let index = 0; index < text.length; index++) {
    if (isControl(text.charCodeAt(index))) return replaceControls(text, index);
  }
  return text;
}

function replaceControls(text: string, from: number): string {
  const parts = [text.slice(0, from)];
  for (let index = from; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    parts.push(isControl(unit) ? (unit === TAB ? " " : "?") : text.charAt(index));
  }
  return parts.join("");
}

const TAB = 9;

/** C0, DEL, C1 and Unicode's own line ends. */
function isControl(unit: number): boolean {
  return unit < 32 || (unit >= 127 && unit < 160) || unit === 0x2028 || unit === 0x2029;
}

/** Three digits from 200 to 599 (RFC 5321 §4.2.1 knows no other first digit). */
function readCode(source: Buffer, start: number, stop: number): number | undefined {
  if (stop - start < 3) return undefined;
  const first = (source[start] ?? 0) - ZERO;
  const second = (source[start + 1] ?? 0) - ZERO;
  const third = (source[start + 2] ?? 0) - ZERO;
  if (first < 2 || first > 5 || second < 0 || second > 9 || third < 0 || third > 9)
    return undefined;
  return first * 100 + second * 10 + third;
}

function sameClass(left: number, right: number): boolean {
  return Math.trunc(left / 100) === Math.trunc(right / 100);
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
