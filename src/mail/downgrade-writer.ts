import { isUtf8 } from "node:buffer";
import { ByteProfile } from "./byte-profile.ts";
import { LineScrubber } from "./line-scrubber.ts";
import type { TransferEncoding } from "./mime-header.ts";
import { fieldName, headerFields } from "./mime-header.ts";
import type { MimeEntity, MimeVisitor } from "./mime-structure.ts";
import type { Transcoder } from "./transfer-encoding.ts";
import { Base64Encoder, QuotedPrintableEncoder } from "./transfer-encoding.ts";

/**
 * How much of a body is looked at before its encoding is chosen. A longer one that is clean so far
 * is encoded all the same, because what follows may not be; quoted-printable leaves most of it.
 */
const LOOKAHEAD_BYTES = 64 * 1024;
const CRLF = Buffer.from("\r\n");
const SOFT_BREAK = Buffer.from("=\r\n");

/** Whether a leaf's body may be encoded, or mended within its encoding, and mean the same. */
export function isConvertible(entity: MimeEntity): boolean {
  if (entity.ambiguous || entity.encoding === "unknown") return false;
  if (entity.encoding === "base64" || entity.encoding === "quoted-printable") return true;
  // Composite types may not be encoded (RFC 2045 §6.4). Newer message types may (RFC 6532 §3.6),
  // and for reports a reader's decoding is a smaller risk than no report at all.
  const type = entity.mediaType ?? "";
  return (
    !type.startsWith("multipart/") && type !== "message/partial" && type !== "message/external-body"
  );
}

/** Writes the converted message as the walker finds it; `take` hands over what is ready. */
export class DowngradeWriter implements MimeVisitor {
  readonly #to: "7BIT" | "8BITMIME";
  #out: Uint8Array[] = [];
  /** A leaf whose encoding is not chosen yet, and its body so far. */
  #entity: MimeEntity | undefined;
  #window: Uint8Array[] = [];
  #windowBytes = 0;
  #coder: Transcoder | undefined;
  #outside: LineScrubber | undefined;

  constructor(to: "7BIT" | "8BITMIME") {
    this.#to = to;
  }

  /** What was written since the last call. */
  take(): readonly Uint8Array[] {
    const out = this.#out;
    this.#out = [];
    return out;
  }

  /** The message is over. */
  end(): void {
    this.#endOutside();
  }

  header(entity: MimeEntity): void {
    this.#coder = undefined;
    this.#outside = undefined;
    if (entity.kind !== "leaf") this.#put(this.#identityHeader(entity));
    else if (!isConvertible(entity)) this.#put(entity.raw);
    else if (entity.encoding === "base64" || entity.encoding === "quoted-printable") {
      this.#put(entity.raw);
      this.#coder = new LineScrubber(entity.encoding, this.#to);
    } else this.#entity = entity;
  }

  body(bytes: Uint8Array): void {
    if (this.#entity === undefined) {
      this.#put(this.#coder?.push(bytes) ?? bytes);
      return;
    }
    // Copied: the window must not keep whole chunks alive.
    this.#window.push(Buffer.from(bytes.subarray(0, LOOKAHEAD_BYTES)));
    this.#windowBytes += Math.min(bytes.length, LOOKAHEAD_BYTES);
    const rest = bytes.subarray(LOOKAHEAD_BYTES);
    if (this.#windowBytes >= LOOKAHEAD_BYTES) this.#decide(this.#entity, { complete: false });
    if (rest.length > 0) this.#put(this.#coder?.push(rest) ?? rest);
  }

  endBody(last: boolean): void {
    if (this.#entity !== undefined) this.#decide(this.#entity, { complete: true });
    const coder = this.#coder;
    this.#coder = undefined;
    if (coder === undefined) return;
    this.#put(coder.end());
    if (!last) return;
    // At the end of the message a line break is needed that adds nothing to the data.
    if (coder instanceof Base64Encoder) this.#put(CRLF);
    if (coder instanceof QuotedPrintableEncoder && coder.midLine) this.#put(SOFT_BREAK);
  }

  outside(bytes: Uint8Array): void {
    this.#outside ??= new LineScrubber("ignored", this.#to);
    this.#put(this.#outside.push(bytes));
  }

  delimiter(bytes: Uint8Array): void {
    this.#endOutside();
    this.#put(bytes);
  }

  sealed(bytes: Uint8Array): void {
    this.#endOutside();
    this.#put(bytes);
  }

  unopened(): void {
    this.#endOutside();
  }

  giveUp(): void {
    this.#endOutside();
  }

  #endOutside(): void {
    if (this.#outside !== undefined) this.#put(this.#outside.end());
    this.#outside = undefined;
  }

  #put(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#out.push(bytes);
  }

  #decide(entity: MimeEntity, body: { readonly complete: boolean }): void {
    const window = Buffer.concat(this.#window);
    this.#entity = undefined;
    this.#window = [];
    this.#windowBytes = 0;
    const profile = new ByteProfile();
    profile.push(window);
    if (body.complete) profile.end();
    if (body.complete && profile.fits(this.#to)) {
      this.#put(this.#identityHeader(entity));
      this.#put(window);
      return;
    }
    const encoding = chooseEncoding(entity, profile);
    const charset = isUtf8Start(window, body) ? "utf-8" : "unknown-8bit";
    this.#put(withEncoding(entity, { encoding, charset: profile.eightBit ? charset : undefined }));
    this.#coder = encoding === "base64" ? new Base64Encoder() : new QuotedPrintableEncoder();
    this.#put(this.#coder.push(window));
  }

  /** The header with no larger an encoding claimed than the hop takes: what is below will fit. */
  #identityHeader(entity: MimeEntity): Uint8Array {
    const claims = entity.encoding;
    if (claims === "binary" || (claims === "8bit" && this.#to === "7BIT")) {
      const encoding = this.#to === "7BIT" ? "7bit" : "8bit";
      return withEncoding(entity, { encoding, charset: undefined });
    }
    return entity.raw;
  }
}

/** Text stays legible unless base64 is shorter; all else, and what holds binary, is base64. */
function chooseEncoding(entity: MimeEntity, profile: ByteProfile): "base64" | "quoted-printable" {
  const isText = entity.mediaType === undefined || /^(?:text|message)\//.test(entity.mediaType);
  const clean = !profile.binary && !profile.eightBit;
  if (profile.binary || (!isText && !clean)) return "base64";
  const quotedBytes = (profile.bytes + 2 * profile.escapeCount) * (1 + 3 / 76);
  return quotedBytes > profile.bytes * 1.37 ? "base64" : "quoted-printable";
}

/** Whether text is UTF-8, as far as it is known; its last character may be cut. */
function isUtf8Start(text: Buffer, body: { readonly complete: boolean }): boolean {
  if (isUtf8(text)) return true;
  if (body.complete) return false;
  for (let cut = 1; cut <= 3; cut += 1)
    if (isUtf8(text.subarray(0, text.length - cut))) return true;
  return false;
}

interface Rewriting {
  readonly encoding: TransferEncoding;
  /** Of a body that has 8-bit text; stated when nothing else does (RFC 1428 §3). */
  readonly charset: "utf-8" | "unknown-8bit" | undefined;
}

/** The header section with that Content-Transfer-Encoding, and with MIME fields where none were. */
function withEncoding(entity: MimeEntity, rewriting: Rewriting): Uint8Array {
  const fields: string[] = [];
  let ending = "";
  let placed = false;
  const line = `Content-Transfer-Encoding: ${rewriting.encoding}\r\n`;
  for (const field of headerFields(entity.raw)) {
    if (field === "\r\n") ending = field;
    else if (fieldName(field) !== "content-transfer-encoding") fields.push(field);
    else if (!placed) {
      placed = true;
      fields.push(line);
    }
  }
  if (entity.isMessage && !entity.hasMimeVersion) fields.push("MIME-Version: 1.0\r\n");
  if (!entity.hasContentType && rewriting.charset !== undefined) {
    fields.push(`Content-Type: text/plain; charset=${rewriting.charset}\r\n`);
  }
  if (!placed) fields.push(line);
  return Buffer.from(fields.join("") + ending, "latin1");
}
