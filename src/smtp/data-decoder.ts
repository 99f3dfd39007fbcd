/** What makes content unfit to be passed on: other servers disagree on what it means. */
export type ContentFault = "bare-line-feed" | "bare-carriage-return" | "nul";

const NUL = 0;
const LF = 10;
const CR = 13;
const DOT = 46;

// Where in a line the reading is.
const WITHIN_LINE = 0;
const AFTER_CR = 1;
const LINE_START = 2;
const AFTER_DOT = 3;
const AFTER_DOT_CR = 4;
const END = 5;
type State = 0 | 1 | 2 | 3 | 4 | 5;

/** Where `byte` leads. Only CRLF starts a line, and only CRLF.CRLF ends the data. */
function advance(state: State, byte: number): State {
  switch (byte) {
    case LF:
      if (state === AFTER_CR) return LINE_START;
      return state === AFTER_DOT_CR ? END : WITHIN_LINE;
    case CR:
      return state === AFTER_DOT ? AFTER_DOT_CR : AFTER_CR;
    case DOT:
      return state === LINE_START ? AFTER_DOT : WITHIN_LINE;
    default:
      return WITHIN_LINE;
  }
}

function faultAt(afterCr: boolean, byte: number): ContentFault | undefined {
  if (afterCr) return byte === LF ? undefined : "bare-carriage-return";
  if (byte === LF) return "bare-line-feed";
  return byte === NUL ? "nul" : undefined;
}

/**
 * Turns the bytes after DATA into content: removes the dots that the client has stuffed and finds
 * the end, which is CRLF.CRLF and nothing else (RFC 5321 §4.1.1.4, §4.5.2), however the bytes are
 * cut.
 *
 * A bare CR, a bare LF or a NUL is a fault: what ends a line for some servers and not for others
 * lets one message be read as two (RFC 5321 §2.3.8). After a fault no content comes any more, but
 * the end is still looked for, and is still CRLF.CRLF. Where bare LFs are to be repaired they are
 * no fault, and still neither start a line nor end the data.
 */
export class DataDecoder {
  #state: State = LINE_START;
  readonly #rejects: boolean;
  #fault: ContentFault | undefined;
  #contentEnd = 0;
  #bareLineFeedFound = false;

  constructor(rules: { readonly bareLineFeed: "reject" | "repair" }) {
    this.#rejects = rules.bareLineFeed === "reject";
  }

  /** The bytes last given hold a bare LF that is to be repaired. */
  get bareLineFeedFound(): boolean {
    return this.#bareLineFeedFound;
  }

  /** The first fault met so far. */
  get fault(): ContentFault | undefined {
    return this.#fault;
  }

  /** CRLF.CRLF has been read. */
  get ended(): boolean {
    return this.#state === END;
  }

  /** Content lies in the bytes last given to `decode`, from the `start` given with them to here. */
  get contentEnd(): number {
    return this.#contentEnd;
  }

  /**
   * Reads `bytes` from `start` to their end or the end of data and returns where it stopped. May
   * overwrite what it has read: content closes up over removed dots, so that ordinary content is
   * never copied and content full of dots still makes a single piece.
   */
  decode(bytes: Uint8Array, start: number): number {
    const end = bytes.length;
    let state = this.#state;
    let read = start;
    // Content so far is [start, write), then [segment, read) once that has been moved to `write`.
    let write = start;
    let segment = start;
    let clean = this.#fault === undefined;
    this.#bareLineFeedFound = false;
    while (read < end && state !== END) {
      if (state === WITHIN_LINE) {
        // Nearly every byte of ordinary mail is read here.
        while (read < end && (bytes[read] ?? 0) > CR) read += 1;
        if (read === end) break;
      }
      const byte = bytes[read] ?? 0;
      if (clean) {
        const fault = faultAt(state === AFTER_CR || state === AFTER_DOT_CR, byte);
        if (fault === "bare-line-feed" && !this.#rejects) {
          this.#bareLineFeedFound = true;
        } else if (fault !== undefined) {
          this.#fault = fault;
          write = closeSegment(bytes, segment, read, write);
          clean = false;
        }
      }
      state = advance(state, byte);
      if (clean && state >= AFTER_DOT) {
        // Neither the dot, nor what may follow it to end the data, is content.
        write = state === AFTER_DOT ? closeSegment(bytes, segment, read, write) : write;
        segment = read + 1;
      }
      read += 1;
    }
    this.#state = state;
    this.#contentEnd = clean ? closeSegment(bytes, segment, read, write) : write;
    return read;
  }
}

/** Moves [segment, read) down to `write`; returns where the content then ends. */
function closeSegment(bytes: Uint8Array, segment: number, read: number, write: number): number {
  const length = read - segment;
  if (segment !== write) {
    // A call for every line of three dots would be a way to keep the server busy.
    if (length > 64) bytes.copyWithin(write, segment, read);
    else
      for (let index = 0; index < length; index += 1)
        bytes[write + index] = bytes[segment + index] ?? 0;
  }
  return write + length;
}

/**
 * Looks for the same faults in content that BDAT counts and nothing stuffs (RFC 3030 §2). Content
 * declared BINARYMIME is not shown to it: there these bytes are legitimate.
 */
export class ChunkScanner {
  readonly #rejects: boolean;
  #afterCr = false;
  #bareLineFeedFound = false;

  constructor(rules: { readonly bareLineFeed: "reject" | "repair" }) {
    this.#rejects = rules.bareLineFeed === "reject";
  }

  /** The bytes last scanned hold a bare LF that is to be repaired. */
  get bareLineFeedFound(): boolean {
    return this.#bareLineFeedFound;
  }

  /** The first fault in the next bytes of the content. */
  scan(bytes: Uint8Array): { readonly fault: ContentFault; readonly offset: number } | undefined {
    const end = bytes.length;
    let afterCr = this.#afterCr;
    let index = 0;
    this.#bareLineFeedFound = false;
    while (index < end) {
      if (!afterCr) {
        while (index < end && (bytes[index] ?? 0) > CR) index += 1;
        if (index === end) break;
      }
      const byte = bytes[index] ?? 0;
      const fault = faultAt(afterCr, byte);
      if (fault === "bare-line-feed" && !this.#rejects) this.#bareLineFeedFound = true;
      else if (fault !== undefined) return { fault, offset: index };
      afterCr = byte === CR;
      index += 1;
    }
    this.#afterCr = afterCr;
    return undefined;
  }

  /** What is wrong with content that ends here. */
  end(): ContentFault | undefined {
    return this.#afterCr ? "bare-carriage-return" : undefined;
  }
}
