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

/**
 * The content of one message on its way to the sink: counts it, and once it has failed aborts it
 * and lets the rest pass by unseen.
 */
class ContentIntake {
  readonly #bytesMax: number;
  #bytes = 0;
  #failure: Reply | undefined;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** What to reply at the end of data, or of the chunk; the first failure stands. */
  get failure(): Reply | undefined {
    return this.#failure;
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

/** Content that comes by DATA. */
export class DataIntake extends ContentIntake {
  readonly #decoder = new DataDecoder();

  /** Reads on; true once the end of data has been read. */
  read(input: InputCursor, effects: Effect[]): boolean {
    const start = input.offset;
    const decoder = this.#decoder;
    input.offset = decoder.decode(input.bytes, start);
    this.take(input.bytes.subarray(start, decoder.contentEnd), effects);
    if (decoder.fault !== undefined) this.refuse(decoder.fault, effects);
    return decoder.ended;
  }
}

/** Content that comes by one BDAT or several. */
export class ChunkIntake extends ContentIntake {
  /** Absent for BINARYMIME: there every byte is content like any other. */
  readonly #scanner: ChunkScanner | undefined;

  constructor(bytesMax: number, options: { readonly binary: boolean }) {
    super(bytesMax);
    this.#scanner = options.binary ? undefined : new ChunkScanner();
  }

  /** Takes the next bytes of a chunk. */
  read(bytes: Uint8Array, effects: Effect[]): void {
    if (this.failure !== undefined) return;
    const found = this.#scanner?.scan(bytes);
    this.take(found === undefined ? bytes : bytes.subarray(0, found.offset), effects);
    if (found !== undefined) this.refuse(found.fault, effects);
  }

  /** The last chunk has been read. */
  end(effects: Effect[]): void {
    const fault = this.#scanner?.end();
    if (fault !== undefined) this.refuse(fault, effects);
  }
}
