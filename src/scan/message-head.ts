import { fault, ok, type Result } from "../base/result.ts";

/** The first line and the fields of an answer in the manner of HTTP (RFC 9112 §2.1). */
export interface MessageHead {
  readonly startLine: string;
  /** Names in lower case; several fields of one name are joined by a comma (RFC 9110 §5.2). */
  readonly fields: ReadonlyMap<string, string>;
}

/** A head, and what came with it that is no part of it. */
export interface CollectedHead {
  readonly head: MessageHead;
  readonly rest: Uint8Array;
}

const FIELD = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*:[ \t]*(.*?)[ \t]*$/;

/** Reads a head without its blank line, as Latin 1; a line that is no field makes it a fault. */
export function parseHead(text: string): Result<MessageHead, string> {
  // Folded lines are of old (RFC 9112 §5.2), but scanners of today write them.
  const [startLine = "", ...lines] = text.replace(/\r?\n[ \t]+/g, " ").split(/\r?\n/);
  const fields = new Map<string, string>();
  for (const line of lines) {
    const [, name, value = ""] = FIELD.exec(line) ?? [];
    if (name === undefined) return fault("a line of the answer's header is no field");
    const key = name.toLowerCase();
    const before = fields.get(key);
    fields.set(key, before === undefined ? value : `${before}, ${value}`);
  }
  return ok({ startLine, fields });
}

/** Enough for any scanner's header. */
const HEAD_BYTES_MAX = 32_768;

/** Gathers a head up to its blank line; at most 32 KiB. */
export class HeadCollector {
  readonly #bytes = Buffer.alloc(HEAD_BYTES_MAX);
  #length = 0;

  /** `undefined`: more has to come. */
  push(bytes: Uint8Array): Result<CollectedHead, string> | undefined {
    const taken = bytes.subarray(0, HEAD_BYTES_MAX - this.#length);
    this.#bytes.set(taken, this.#length);
    const searchFrom = Math.max(0, this.#length - 3);
    const before = this.#length;
    this.#length += taken.length;
    const found = this.#findEnd(searchFrom);
    if (found === undefined) {
      return this.#length < HEAD_BYTES_MAX ? undefined : fault("the answer's header is too long");
    }
    const head = parseHead(this.#bytes.toString("latin1", 0, found.end));
    return head.ok ? ok({ head: head.value, rest: bytes.subarray(found.next - before) }) : head;
  }

  /** The head that has come when the other side closed without a blank line. */
  end(): Result<MessageHead, string> {
    return parseHead(this.#bytes.toString("latin1", 0, this.#length).replace(/\r?\n$/, ""));
  }

  get isEmpty(): boolean {
    return this.#length === 0;
  }

  #findEnd(from: number): { readonly end: number; readonly next: number } | undefined {
    const filled = this.#bytes.subarray(0, this.#length);
    const wide = filled.indexOf("\r\n\r\n", from, "latin1");
    const narrow = filled.indexOf("\n\n", from, "latin1");
    if (wide >= 0 && (narrow < 0 || wide < narrow)) return { end: wide, next: wide + 4 };
    return narrow < 0 ? undefined : { end: narrow, next: narrow + 2 };
  }
}
