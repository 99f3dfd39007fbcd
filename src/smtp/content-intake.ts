import { ChunkScanner, type ContentFault, DataDecoder } from "./data-decoder.ts";
import type { InputCursor } from "./input-cursor.ts";
import type { Reply } from "./reply.ts";
import { REPLY } from "./reply-table.ts";
import type { Effect } from "./server-effect.ts";

const FAULT_REPLIES: Readonly<Record<ContentFault, Reply>> = {
  "bare-line-feed": REPLY.bareLineFeedInContent,
  "bare-carriage-return": REPLY.bareCarriageReturnInContent,
  nul: REPLY.nulInContent,
};

/** What content must be. */
export interface ContentRules {
  readonly messageBytesMax: number;
  /** What becomes of an LF without CR. */
  readonly bareLineFeed: "reject" | "repair";
}

const LF = 10;
const CR = 13;

/**
 * The content of one message on its way to the sink: counts it, and once it has failed aborts it
 * and lets the rest pass by unseen.
 */
class ContentIntake {
  readonly #bytesMax: number;
  #bytes = 0;
  /** The content so far ends with CR; looked at only where line feeds are repaired. */
  #afterCr = false;
  #failure: Reply | undefined;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** What to reply at the end of data, or of the chunk; the first failure stands. */
  get failure(): Reply | undefined {
    return this.#failure;
  }

  /** Takes bytes whose bare LFs, if they may have any, become CRLF. */
  protected repair(found: Uint8Array, effects: Effect[], bareLineFeedFound: boolean): void {
    const bytes = bareLineFeedFound ? repairLineFeeds(found, this.#afterCr) : found;
    if (found.length > 0) this.#afterCr = found[found.length - 1] === CR;
    this.take(bytes, effects);
  }

  protected take(bytes: Uint8Array, effects: Effect[]): void {
    if (this.#failure !== undefined || bytes.length === 0) return;
    const room = this.#bytesMax - this.#bytes;
    const taken = bytes.length > room ? bytes.subarray(0, room) : bytes;
    this.#bytes += taken.length;
    if (taken.length > 0) effects.push({ kind: "content", bytes: taken });
    if (bytes.length > room) this.#fail(REPLY.messageTooBig, effects);
  }

  protected refuse(fault: ContentFault, effects: Effect[]): void {
    if (this.#failure === undefined) this.#fail(FAULT_REPLIES[fault], effects);
  }

  #fail(reply: Reply, effects: Effect[]): void {
    this.#failure = reply;
    effects.push({ kind: "abort-content" });
  }
}

/** Every LF that has no CR before it gets one. */
function repairLineFeeds(bytes: Uint8Array, startsAfterCr: boolean): Uint8Array {
  // At most every octet is such an LF.
  const repaired = Buffer.allocUnsafe(bytes.length * 2);
  let length = 0;
  let afterCr = startsAfterCr;
  for (const byte of bytes) {
    if (byte === LF && !afterCr) repaired[length++] = CR;
    repaired[length++] = byte;
    afterCr = byte === CR;
  }
  return repaired.subarray(0, length);
}

/** Content that comes by DATA. */
export class DataIntake extends ContentIntake {
  readonly #decoder: DataDecoder;

  constructor(rules: ContentRules) {
    super(rules.messageBytesMax);
    this.#decoder = new DataDecoder(rules);
  }

  /** Reads on; true once the end of data has been read. */
  read(input: InputCursor, effects: Effect[]): boolean {
    const start = input.offset;
    const decoder = this.#decoder;
    input.offset = decoder.decode(input.bytes, start);
    const content = input.bytes.subarray(start, decoder.contentEnd);
    this.repair(content, effects, decoder.bareLineFeedFound);
    if (decoder.fault !== undefined) this.refuse(decoder.fault, effects);
    return decoder.ended;
  }
}

/** Content that comes by one BDAT or several. */
export class ChunkIntake extends ContentIntake {
  /** Absent for BINARYMIME: there every byte is content like any other. */
  readonly #scanner: ChunkScanner | undefined;

  constructor(rules: ContentRules, options: { readonly binary: boolean }) {
    super(rules.messageBytesMax);
    this.#scanner = options.binary ? undefined : new ChunkScanner(rules);
  }

  /** Takes the next bytes of a chunk. */
  read(bytes: Uint8Array, effects: Effect[]): void {
    if (this.failure !== undefined) return;
    const scanner = this.#scanner;
    const found = scanner?.scan(bytes);
    const content = found === undefined ? bytes : bytes.subarray(0, found.offset);
    this.repair(content, effects, scanner?.bareLineFeedFound ?? false);
    if (found !== undefined) this.refuse(found.fault, effects);
  }

  /** The last chunk has been read. */
  end(effects: Effect[]): void {
    const fault = this.#scanner?.end();
    if (fault !== undefined) this.refuse(fault, effects);
  }
}
