import type { Address } from "./address.ts";
import { isDate } from "./date.ts";
import { bytesOf, type Importance, importanceOf, subjectOf, textOf } from "./header-values.ts";
import { firstMailbox, type ListedMailbox, readMailboxList } from "./mailbox-list.ts";
import { parseMessageId } from "./message-id.ts";
import { receivedByHost } from "./received-host.ts";

const CR = 13;
const LF = 10;
const SPACE = 32;
const TAB = 9;
const COLON = 58;

/** Octets kept of one field's value; the rest of it is counted and passed over. */
const VALUE_OCTETS_MAX = 8192;
/** Octets kept of a line that arrives in pieces: enough for a name and a value. */
const PARTIAL_OCTETS_MAX = VALUE_OCTETS_MAX + 128;

/** Bounds of one header, and what to look for in it. */
export interface HeaderOptions {
  /** Octets of all fields with their line ends, without the empty line. */
  readonly bytesMax: number;
  readonly fieldsMax: number;
  /** Our own names in lower case, to be counted in the `by` of Received fields. */
  readonly localHosts: readonly string[];
  /** Lines may hold a CR (BINARYMIME), which some readers take for their end. */
  readonly isBinary?: boolean;
}

/** Where a scan stands. Once it is not `open`, it stays as it is. */
export type HeaderState = "open" | "complete" | "too-large" | "too-many-fields";

/** What is known of a header once it has been scanned. */
export interface HeaderSummary {
  /** Octets of all fields with their line ends, without the empty line. */
  readonly bytes: number;
  readonly fieldCount: number;
  readonly receivedCount: number;
  /** Received fields whose `by` names one of `localHosts`. */
  readonly localReceivedCount: number;
  /** A Date field that can be read (RFC 5322 §3.6.1). */
  readonly hasDate: boolean;
  /** With angle brackets, `""` without a usable Message-ID. */
  readonly messageId: string;
  /** Decoded, one line, cut to SUBJECT_LENGTH_MAX. */
  readonly subject: string;
  readonly hasFrom: boolean;
  readonly from: Address | "";
  readonly sender: Address | "";
  readonly importance: Importance;
  /** Keyword of RFC 3834 §5 in lower case, `""` without the field. */
  readonly autoSubmitted: string;
  /** What X-MS-Exchange-Organization-AuthAs says, `""` without it; anybody may have written it. */
  readonly authAs: string;
  /** The field `TLS-Required: No` (RFC 8689 §3). */
  readonly tlsNotRequired: boolean;
  /** Bytes that X-MS-Exchange-Organization-OriginalSize says; anybody may have written it. */
  readonly originalBytes: number | undefined;
  /** Names in lower case, each once, of fields that a header firewall takes from strangers. */
  readonly firewalledNames: readonly string[];
  /**
   * A line that is no field ended the header, not an empty one: some readers take what comes after
   * it for fields.
   */
  readonly endsInJunk: boolean;
}

/** Who a header says has written the message, for those who do not take its word for it. */
export interface HeaderAuthors {
  /** Every entry of From, then of Sender; one of them is cut off at AUTHORS_MAX. */
  readonly from: readonly ListedMailbox[];
  readonly sender: readonly ListedMailbox[];
  /** False when a reader could see others: repeated fields, long ones, many or odd entries. */
  readonly isWhole: boolean;
}

/** Authors that one field may name where they are looked at one by one. */
const AUTHORS_MAX = 50;

/** Fields whose first value is kept. */
const KEPT = [
  "date",
  "message-id",
  "from",
  "sender",
  "subject",
  "x-priority",
  "importance",
  "priority",
  "auto-submitted",
  "tls-required",
  "x-ms-exchange-organization-authas",
  "x-ms-exchange-organization-originalsize",
] as const;
type KeptName = (typeof KEPT)[number];
type Field = KeptName | "received";

const FIELDS: ReadonlyMap<string, Field> = new Map(
  [...KEPT, "received" as const].map((name) => [name, name]),
);
/** Length and first letter, folded: enough to pass over most names as they stand. */
const NAME_SHAPES: ReadonlySet<number> = new Set(
  [...FIELDS.keys()].map((name) => shapeOf(name.length, name.charCodeAt(0))),
);

function shapeOf(length: number, first: number): number {
  return length * 256 + (first | 32);
}

const FIREWALLED = /^x-ms-exchange-(?:organization|forest|crosspremises)-/;

/**
 * Reads a header as its bytes come, in any cut, in one pass and bounded memory. It judges nothing:
 * junk ends the header, as it does for the next reader (RFC 5322 §2.1). A bare LF ends a line, for
 * some readers take it so.
 */
export class HeaderScanner {
  readonly #options: HeaderOptions;
  readonly #kept: Partial<Record<KeptName, string>> = {};
  #firewalled: Set<string> | undefined;
  #state: HeaderState = "open";
  #bytes = 0;
  #fieldCount = 0;
  #receivedCount = 0;
  #localReceivedCount = 0;
  #field: Field | undefined;
  #value = "";
  /** From or Sender stands there twice, or is longer than what is kept. */
  #unclearAuthors = false;
  #endsInJunk = false;
  #partial: Buffer | undefined;
  /** Octets of the line that has begun, those not kept included. */
  #partialBytes = 0;

  constructor(options: HeaderOptions) {
    this.#options = options;
  }

  get state(): HeaderState {
    return this.#state;
  }

  /** Takes the next bytes of the content; nothing of them is kept by reference. */
  write(bytes: Uint8Array): HeaderState {
    if (this.#state !== "open") return this.#state;
    const buffer = Buffer.isBuffer(bytes)
      ? bytes
      : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let at = 0;
    while (this.#state === "open" && at < buffer.length) {
      const end = buffer.indexOf(LF, at);
      if (end < 0) {
        this.#keepPartial(buffer, at, buffer.length);
        this.#checkPartial();
        break;
      }
      if (this.#partialBytes > 0) {
        this.#keepPartial(buffer, at, end + 1);
        this.#endPartial();
      } else {
        this.#takeLine(buffer, at, end, end + 1 - at);
      }
      at = end + 1;
    }
    return this.#state;
  }

  /** The content is over: so is the header, if it was still open. */
  end(): HeaderState {
    if (this.#state !== "open") return this.#state;
    if (this.#partialBytes > 0) this.#endPartial();
    if (this.#state === "open") this.#complete();
    return this.#state;
  }

  /** What the header said; meaningful once `state` is `complete`. */
  summary(): HeaderSummary {
    const kept = this.#kept;
    return {
      bytes: this.#bytes,
      fieldCount: this.#fieldCount,
      receivedCount: this.#receivedCount,
      localReceivedCount: this.#localReceivedCount,
      hasDate: kept.date !== undefined && isDate(kept.date),
      messageId: kept["message-id"] === undefined ? "" : parseMessageId(textOf(kept["message-id"])),
      subject: kept.subject === undefined ? "" : subjectOf(textOf(kept.subject)),
      hasFrom: kept.from !== undefined,
      from: kept.from === undefined ? "" : firstMailbox(textOf(kept.from)),
      sender: kept.sender === undefined ? "" : firstMailbox(textOf(kept.sender)),
      importance: importanceOf(kept),
      autoSubmitted: /^\s*([\w-]*)/.exec(kept["auto-submitted"] ?? "")?.[1]?.toLowerCase() ?? "",
      authAs: kept["x-ms-exchange-organization-authas"]?.trim() ?? "",
      tlsNotRequired: /^\s*no\s*$/i.test(kept["tls-required"] ?? ""),
      originalBytes: bytesOf(kept["x-ms-exchange-organization-originalsize"]),
      firewalledNames: this.#firewalled === undefined ? [] : [...this.#firewalled],
      endsInJunk: this.#endsInJunk,
    };
  }

  /** The authors, each with all that From and Sender say; as `summary`. */
  authors(): HeaderAuthors {
    const list = (value = "") => readMailboxList(textOf(value), AUTHORS_MAX + 1);
    const [from, sender] = [list(this.#kept.from), list(this.#kept.sender)];
    const isClear = [from, sender].every(
      (one) => one.isClear && one.mailboxes.length <= AUTHORS_MAX,
    );
    return {
      from: from.mailboxes,
      sender: sender.mailboxes,
      isWhole: isClear && !this.#unclearAuthors,
    };
  }

  /** Keeps the start of a line until its end comes. */
  #keepPartial(buffer: Buffer, start: number, end: number): void {
    const room = PARTIAL_OCTETS_MAX - Math.min(this.#partialBytes, PARTIAL_OCTETS_MAX);
    const length = Math.min(end - start, room);
    const needed = this.#partialBytes + length;
    if (length > 0) {
      // Doubled, so that a line that comes byte by byte is not copied over and over.
      if (this.#partial === undefined || this.#partial.length < needed) {
        const grown = Buffer.allocUnsafe(Math.max(256, needed * 2));
        this.#partial?.copy(grown, 0, 0, this.#partialBytes);
        this.#partial = grown;
      }
      buffer.copy(this.#partial, this.#partialBytes, start, start + length);
    }
    this.#partialBytes += end - start;
  }

  /** A line without an end yet may be too much already, or no part of a header at all. */
  #checkPartial(): void {
    const kept = Math.min(this.#partialBytes, PARTIAL_OCTETS_MAX);
    const line = this.#partial;
    if (line === undefined) return;
    const folded = line[0] === SPACE || line[0] === TAB;
    const colon = folded ? 0 : findColon(line, 0, kept);
    if (colon === UNDECIDED) return;
    const { fieldsMax, bytesMax } = this.#options;
    // In the order in which a whole line is looked at.
    if (colon === JUNK || (folded && this.#fieldCount === 0)) this.#endInJunk();
    else if (!folded && this.#fieldCount >= fieldsMax) this.#state = "too-many-fields";
    else if (this.#bytes + this.#partialBytes > bytesMax) this.#state = "too-large";
  }

  #endPartial(): void {
    const line = this.#partial ?? Buffer.alloc(0);
    const length = this.#partialBytes;
    this.#partialBytes = 0;
    const kept = Math.min(length, PARTIAL_OCTETS_MAX);
    this.#takeLine(line, 0, kept > 0 && line[kept - 1] === LF ? kept - 1 : kept, length);
    const isAuthor = this.#field === "from" || this.#field === "sender";
    if (length > kept && (isAuthor || this.#options.isBinary === true)) this.#unclearAuthors = true;
  }

  /** One line, from `start` to its LF at `end`; `length` octets with the line end. */
  #takeLine(buffer: Buffer, start: number, end: number, length: number): void {
    const stop = end > start && buffer[end - 1] === CR ? end - 1 : end;
    const first = buffer[start];
    if (this.#options.isBinary === true && buffer.subarray(start, stop).includes(CR)) {
      this.#unclearAuthors = true;
    }
    if (stop === start) {
      this.#complete();
      return;
    }
    if (first === SPACE || first === TAB) {
      // A header cannot begin with a continuation: this is the body of a message without one.
      if (this.#fieldCount === 0) this.#endInJunk();
      else if (this.#field !== undefined) this.#append(buffer, start, stop);
    } else {
      this.#takeField(buffer, start, stop);
    }
    if (this.#state !== "open") return;
    this.#bytes += length;
    if (this.#bytes > this.#options.bytesMax) this.#state = "too-large";
  }

  #takeField(buffer: Buffer, start: number, stop: number): void {
    const colon = findColon(buffer, start, stop);
    if (colon < 0) {
      this.#endInJunk();
      return;
    }
    let nameEnd = colon;
    while (buffer[nameEnd - 1] === SPACE || buffer[nameEnd - 1] === TAB) nameEnd -= 1;
    this.#endField();
    this.#fieldCount += 1;
    if (this.#fieldCount > this.#options.fieldsMax) {
      this.#state = "too-many-fields";
      return;
    }
    this.#field = this.#knownField(buffer, start, nameEnd);
    if (this.#field === "received") this.#receivedCount += 1;
    if (this.#field !== undefined) this.#append(buffer, colon + 1, stop);
  }

  /** The field, if its value is wanted. */
  #knownField(buffer: Buffer, start: number, nameEnd: number): Field | undefined {
    const length = nameEnd - start;
    const first = buffer[start] ?? 0;
    // Most names end here, without becoming a string.
    const mayBeFirewalled = length > 21 && (first | 32) === 120;
    if (!NAME_SHAPES.has(shapeOf(length, first)) && !mayBeFirewalled) return undefined;
    const name = buffer.toString("latin1", start, nameEnd).toLowerCase();
    if (mayBeFirewalled && FIREWALLED.test(name)) {
      this.#firewalled ??= new Set();
      this.#firewalled.add(name);
    }
    const field = FIELDS.get(name);
    if (field === undefined || field === "received" || this.#kept[field] === undefined) {
      return field;
    }
    if (field === "from" || field === "sender") this.#unclearAuthors = true;
    // Of two, the first counts: later ones are what was there before it was put on top.
    return undefined;
  }

  #append(buffer: Buffer, start: number, stop: number): void {
    const room = VALUE_OCTETS_MAX - this.#value.length;
    if (stop - start > room && (this.#field === "from" || this.#field === "sender")) {
      this.#unclearAuthors = true;
    }
    if (room > 0) this.#value += buffer.toString("latin1", start, Math.min(stop, start + room));
  }

  #endField(): void {
    const field = this.#field;
    if (field === undefined) return;
    if (field !== "received") this.#kept[field] = this.#value;
    else if (this.#options.localHosts.includes(receivedByHost(this.#value))) {
      this.#localReceivedCount += 1;
    }
    this.#field = undefined;
    this.#value = "";
  }

  #endInJunk(): void {
    this.#endsInJunk = true;
    this.#complete();
  }

  #complete(): void {
    this.#endField();
    this.#state = "complete";
    this.#partial = undefined;
  }
}

/** Longest field name: no line may be longer (RFC 5322 §2.1.1). */
const NAME_OCTETS_MAX = 998;
const JUNK = -1;
const UNDECIDED = -2;

/**
 * Index of the colon behind a field's name and white space (RFC 5322 §3.6.8, §4.5.8); JUNK when the
 * line is no field, UNDECIDED when it ends before that shows.
 */
function findColon(buffer: Buffer, start: number, stop: number): number {
  const limit = Math.min(stop, start + NAME_OCTETS_MAX);
  let at = start;
  let byte = buffer[at] ?? 0;
  while (at < limit && byte > SPACE && byte < 127 && byte !== COLON) {
    at += 1;
    byte = buffer[at] ?? 0;
  }
  if (at === start && at < limit) return buffer[at] === CR && stop === start + 1 ? UNDECIDED : JUNK;
  while (at < limit && (buffer[at] === SPACE || buffer[at] === TAB)) at += 1;
  if (at < limit) return buffer[at] === COLON ? at : JUNK;
  return limit < stop ? JUNK : UNDECIDED;
}
