import { readHeaderSection } from "./header-section.ts";
import type { RewriteAddress } from "./rewritten-field.ts";
import { applyChanges, rewriteField } from "./rewritten-field.ts";

/** Which addresses of a header become others. */
export interface HeaderRewriting {
  /** Names of fields in lower case. */
  readonly fields: ReadonlySet<string>;
  readonly rewrite: RewriteAddress;
}

/** A longer header goes out as it is: nothing that comes in by SMTP has one. */
const HEADER_BYTES_MAX = 4 * 1024 * 1024;
const CRLF_CRLF = Buffer.from("\r\n\r\n");

/**
 * The content with addresses of its header rewritten; only the header is held, all else passes as
 * it comes. Headers of parts within the body are none of it.
 */
export async function* rewriteHeader(
  content: AsyncIterable<Uint8Array>,
  rewriting: HeaderRewriting,
): AsyncGenerator<Uint8Array, void, undefined> {
  const held = new HeldHeader(rewriting);
  for await (const piece of content) yield* held.push(piece);
  yield* held.end();
}

/** As `rewriteHeader`, of what is in memory. */
export function rewriteHeaderPieces(
  pieces: readonly Uint8Array[],
  rewriting: HeaderRewriting,
): readonly Uint8Array[] {
  const held = new HeldHeader(rewriting);
  return [...pieces.flatMap((piece) => held.push(piece)), ...held.end()];
}

/** Keeps a header until it is whole. */
class HeldHeader {
  readonly #rewriting: HeaderRewriting;
  #pieces: Uint8Array[] = [];
  #bytes = 0;
  /** Octets before the piece at hand in which an end could begin. */
  #tail: Uint8Array = Buffer.from("\r\n");
  #isPast = false;

  constructor(rewriting: HeaderRewriting) {
    this.#rewriting = rewriting;
  }

  push(piece: Uint8Array): readonly Uint8Array[] {
    if (this.#isPast) return [piece];
    this.#pieces.push(piece);
    this.#bytes += piece.length;
    const joined = Buffer.concat([this.#tail, piece]);
    if (joined.includes(CRLF_CRLF)) return this.end();
    this.#tail = joined.subarray(Math.max(0, joined.length - CRLF_CRLF.length + 1));
    if (this.#bytes <= HEADER_BYTES_MAX) return [];
    this.#isPast = true;
    return this.#pieces;
  }

  end(): readonly Uint8Array[] {
    if (this.#isPast || this.#pieces.length === 0) return [];
    this.#isPast = true;
    return rewritten(Buffer.concat(this.#pieces), this.#rewriting);
  }
}

/** The header and whatever of the body came with it. */
function rewritten(
  bytes: Buffer,
  { fields: names, rewrite }: HeaderRewriting,
): readonly Uint8Array[] {
  const out: Uint8Array[] = [];
  let kept = 0;
  for (const { name, from, to } of readHeaderSection(bytes).fields) {
    if (!names.has(name)) continue;
    const field = bytes.toString("latin1", from, to);
    const changes = rewriteField(field, rewrite);
    if (changes.length === 0) continue;
    if (from > kept) out.push(bytes.subarray(kept, from));
    out.push(Buffer.from(applyChanges(field, changes), "latin1"));
    kept = to;
  }
  out.push(bytes.subarray(kept));
  return out;
}
