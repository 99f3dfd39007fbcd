import { TRACKING_FIELD_COUNT } from "./tracking-record.ts";
import { finishHash, mixOctet, TOKEN_SEED, type TokenKind } from "./tracking-token.ts";

const LF = 0x0a;
const CR = 0x0d;
const HASH_SIGN = 0x23;
const QUOTE = 0x22;
const COMMA = 0x2c;
const SEMICOLON = 0x3b;
const AT_SIGN = 0x40;
const LESS = 0x3c;
const GREATER = 0x3e;
const ZERO = 0x30;
const ONE = 0x31;
/** `yyyy-mm-dd` */
const DAY_OCTETS = 10;

const FIELD = {
  time: 0,
  clientIp: 1,
  internalMessageId: 9,
  messageId: 10,
  networkMessageId: 11,
  recipients: 12,
  recipientCount: 15,
  relatedRecipient: 16,
  sender: 19,
  returnPath: 20,
  originalClientIp: 24,
} as const;

/** Takes what is found in the lines of a piece of log. */
export interface LineSink {
  /** A line of the right form begins; its tokens follow. `atMs` is NaN when its time cannot be. */
  line(offset: number, atMs: number): void;
  token(hash: number): void;
}

/**
 * Reads whole lines without making a string of anything: ten million lines a run. Keeps the ends of
 * the fields of one line, and the day that the last line had.
 */
export class LineTokenizer {
  readonly #starts = new Int32Array(TRACKING_FIELD_COUNT);
  readonly #ends = new Int32Array(TRACKING_FIELD_COUNT);
  readonly #day = new Uint8Array(DAY_OCTETS);
  #dayMs = Number.NaN;

  /**
   * Gives the sink every event in `bytes`, which hold whole lines; `offset` is where they lie in
   * the file. Comments and lines of another form are passed over.
   */
  read(bytes: Uint8Array, offset: number, sink: LineSink): void {
    let from = 0;
    while (from < bytes.length) {
      const isComment = bytes[from] === HASH_SIGN;
      const fields = this.#cut(bytes, from);
      if (!isComment && fields.count === TRACKING_FIELD_COUNT) {
        sink.line(offset + from, this.#timeOf(bytes));
        this.#tokens(bytes, sink);
      }
      from = fields.next;
    }
  }

  /** Finds the fields of the line at `from`; `next` is where the following one begins. */
  #cut(bytes: Uint8Array, from: number): { readonly count: number; readonly next: number } {
    const starts = this.#starts;
    const ends = this.#ends;
    let count = 0;
    let quoted = false;
    let fieldFrom = from;
    let at = from;
    for (; at < bytes.length; at += 1) {
      const octet = bytes[at];
      if (octet === QUOTE) quoted = !quoted;
      else if (octet === COMMA && !quoted) {
        if (count < TRACKING_FIELD_COUNT) {
          starts[count] = fieldFrom;
          ends[count] = at;
        }
        count += 1;
        fieldFrom = at + 1;
      } else if (octet === LF) break;
    }
    if (count < TRACKING_FIELD_COUNT) {
      starts[count] = fieldFrom;
      ends[count] = at > fieldFrom && bytes[at - 1] === CR ? at - 1 : at;
    }
    return { count: count + 1, next: at + 1 };
  }

  #tokens(bytes: Uint8Array, sink: LineSink): void {
    this.#single(bytes, { field: FIELD.clientIp, kind: "clientIp", sink });
    this.#single(bytes, { field: FIELD.originalClientIp, kind: "clientIp", sink });
    this.#single(bytes, { field: FIELD.internalMessageId, kind: "internalMessageId", sink });
    this.#single(bytes, { field: FIELD.networkMessageId, kind: "networkMessageId", sink });
    this.#single(bytes, { field: FIELD.messageId, kind: "messageId", sink });
    const sender = { kind: "sender", domain: "senderDomain", isList: false, sink } as const;
    this.#addresses(bytes, { field: FIELD.sender, ...sender });
    this.#addresses(bytes, { field: FIELD.returnPath, ...sender });
    const recipient = { kind: "recipient", domain: "recipientDomain", sink } as const;
    const isList = !this.#isOne(bytes, FIELD.recipientCount);
    this.#addresses(bytes, { field: FIELD.recipients, ...recipient, isList });
    this.#addresses(bytes, { field: FIELD.relatedRecipient, ...recipient, isList: false });
  }

  #single(
    bytes: Uint8Array,
    what: { readonly field: number; readonly kind: TokenKind; readonly sink: LineSink },
  ): void {
    let { from, to } = this.#bounds(bytes, what.field);
    if (from >= to) return;
    if (what.kind === "messageId" && to - from > 2) {
      if (bytes[from] === LESS && bytes[to - 1] === GREATER) {
        from += 1;
        to -= 1;
      }
    }
    let hash = TOKEN_SEED[what.kind];
    for (let at = from; at < to; at += 1) {
      const octet = bytes[at] ?? 0;
      hash = mixOctet(hash, octet);
      if (octet === QUOTE) at += 1;
    }
    what.sink.token(finishHash(hash));
  }

  #addresses(
    bytes: Uint8Array,
    what: {
      readonly field: number;
      readonly kind: TokenKind;
      readonly domain: TokenKind;
      readonly isList: boolean;
      readonly sink: LineSink;
    },
  ): void {
    const { from, to } = this.#bounds(bytes, what.field);
    const { sink, isList } = what;
    const seed = TOKEN_SEED[what.kind];
    const domainSeed = TOKEN_SEED[what.domain];
    let hash = seed;
    let domainHash = 0;
    let length = 0;
    for (let at = from; at <= to; at += 1) {
      const octet = at < to ? (bytes[at] ?? 0) : SEMICOLON;
      if (octet === SEMICOLON && (isList || at === to)) {
        if (length > 0) sink.token(finishHash(hash));
        if (domainHash !== 0) sink.token(finishHash(domainHash));
        hash = seed;
        domainHash = 0;
        length = 0;
        continue;
      }
      hash = mixOctet(hash, octet);
      domainHash =
        octet === AT_SIGN ? domainSeed : domainHash === 0 ? 0 : mixOctet(domainHash, octet);
      length += 1;
      if (octet === QUOTE) at += 1;
    }
  }

  /** Of a field in quotes, what is between them; a doubled quote in there stands for one. */
  #bounds(bytes: Uint8Array, field: number): { readonly from: number; readonly to: number } {
    const from = this.#starts[field] ?? 0;
    const to = this.#ends[field] ?? 0;
    if (to - from < 2 || bytes[from] !== QUOTE) return { from, to };
    return { from: from + 1, to: bytes[to - 1] === QUOTE ? to - 1 : to };
  }

  #isOne(bytes: Uint8Array, field: number): boolean {
    const from = this.#starts[field] ?? 0;
    return this.#ends[field] === from + 1 && bytes[from] === ONE;
  }

  /** `yyyy-mm-ddThh:mm:ss.fffZ` to epoch ms. */
  #timeOf(bytes: Uint8Array): number {
    const from = this.#starts[FIELD.time] ?? 0;
    if ((this.#ends[FIELD.time] ?? 0) - from !== 24) return Number.NaN;
    let isSameDay = true;
    for (let at = 0; at < DAY_OCTETS; at += 1) {
      if (this.#day[at] !== bytes[from + at]) isSameDay = false;
    }
    if (!isSameDay) {
      this.#day.set(bytes.subarray(from, from + DAY_OCTETS));
      this.#dayMs = Date.parse(`${String.fromCharCode(...this.#day)}T00:00:00Z`);
    }
    const two = (at: number): number =>
      ((bytes[from + at] ?? 0) - ZERO) * 10 + ((bytes[from + at + 1] ?? 0) - ZERO);
    const second = (two(11) * 60 + two(14)) * 60 + two(17);
    const fraction = two(20) * 10 + ((bytes[from + 22] ?? 0) - ZERO);
    return this.#dayMs + second * 1000 + fraction;
  }
}
