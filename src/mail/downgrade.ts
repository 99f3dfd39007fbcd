import { ByteProfile } from "./byte-profile.ts";
import { DowngradeWriter, isConvertible } from "./downgrade-writer.ts";
import type { BodyType } from "./envelope.ts";
import type { MimeEntity, MimeVisitor } from "./mime-structure.ts";
import { MimeWalker } from "./mime-structure.ts";

/** What a message asks of the next hop, and what could be done for a hop that offers less. */
export interface ContentInspection {
  /** The least body type that carries it as it is. */
  readonly needs: BodyType;
  /** Whether `downgradeContent` can make it fit without changing what it says. */
  readonly convertible: boolean;
  /** Why not, in words for a notice (5.6.3). */
  readonly reason?: string;
  /** It has a DKIM signature, which no longer verifies once the body is converted. */
  readonly breaksDkim: boolean;
}

/**
 * Reads a whole message and says whether it can go to a hop that takes no more than `to` (7BIT
 * unless said otherwise; RFC 6152 §3). Streams in bounded memory; throws what `source` throws.
 */
export async function inspectContent(
  source: AsyncIterable<Uint8Array>,
  to: "7BIT" | "8BITMIME" = "7BIT",
): Promise<ContentInspection> {
  const inspector = new Inspector(to);
  const walker = new MimeWalker(inspector);
  for await (const chunk of source) walker.push(chunk);
  walker.end();
  return inspector.result();
}

/**
 * The message with every part re-encoded that a hop taking no more than `to` could not carry: as
 * quoted-printable or base64, with its Content-Transfer-Encoding to match. Everything decodes to
 * the bytes that it decoded to before. Signed parts and whatever `inspectContent` calls not
 * convertible pass unchanged, so ask that first. Streams in bounded memory.
 */
export async function* downgradeContent(
  source: AsyncIterable<Uint8Array>,
  to: "7BIT" | "8BITMIME",
): AsyncGenerator<Uint8Array, void, undefined> {
  const writer = new DowngradeWriter(to);
  const walker = new MimeWalker(writer);
  for await (const chunk of source) {
    walker.push(chunk);
    yield* writer.take();
  }
  walker.end();
  writer.end();
  yield* writer.take();
}

/** Collects what `inspectContent` reports. Keeps the first reason. */
class Inspector implements MimeVisitor {
  readonly #to: "7BIT" | "8BITMIME";
  #eightBit = false;
  #binary = false;
  #reason: string | undefined;
  #dkim = false;
  #entity: MimeEntity | undefined;
  #body = new ByteProfile();
  #outside = new ByteProfile();
  #sealed = new ByteProfile();
  #sealedReason = "a signed part would have to be changed";

  constructor(to: "7BIT" | "8BITMIME") {
    this.#to = to;
  }

  header(entity: MimeEntity): void {
    this.#entity = entity;
    this.#dkim ||= entity.isMessage && entity.hasDkimSignature;
    const profile = new ByteProfile();
    profile.push(entity.raw);
    profile.end();
    this.#eightBit ||= profile.eightBit;
    this.#binary ||= profile.binary;
    // Long header lines are no reason: they can only be folded, and hops take them as they are.
    if (profile.binary) this.#refuse("a header field holds a NUL, bare CR or bare LF");
    else if (profile.eightBit && this.#to === "7BIT") this.#refuse("a header field is not ASCII");
    this.#outside = new ByteProfile();
  }

  body(bytes: Uint8Array): void {
    this.#body.push(bytes);
  }

  endBody(): void {
    const profile = this.#body;
    this.#body = new ByteProfile();
    this.#count(profile);
    const entity = this.#entity;
    if (profile.fits(this.#to) || entity === undefined || isConvertible(entity)) return;
    this.#refuse(`a part of type ${entity.mediaType ?? "unknown"} cannot be encoded`);
  }

  outside(bytes: Uint8Array): void {
    this.#outside.push(bytes);
    this.#eightBit ||= this.#outside.eightBit;
    this.#binary ||= this.#outside.binary || this.#outside.longLine;
  }

  delimiter(): void {
    this.#outside = new ByteProfile();
    this.#closeSealed();
  }

  sealed(bytes: Uint8Array): void {
    this.#sealed.push(bytes);
  }

  unopened(): void {
    if (!this.#outside.fits(this.#to)) this.#refuse("a multipart has no boundary line");
  }

  giveUp(reason: string): void {
    this.#closeSealed();
    this.#sealedReason = reason;
  }

  result(): ContentInspection {
    this.#closeSealed();
    const needs = this.#binary ? "BINARYMIME" : this.#eightBit ? "8BITMIME" : "7BIT";
    const reason = this.#reason;
    const base = { needs, convertible: reason === undefined, breaksDkim: this.#dkim } as const;
    return reason === undefined ? base : { ...base, reason };
  }

  #closeSealed(): void {
    const profile = this.#sealed;
    this.#sealed = new ByteProfile();
    this.#count(profile);
    if (!profile.fits(this.#to)) this.#refuse(this.#sealedReason);
  }

  #count(profile: ByteProfile): void {
    profile.end();
    this.#eightBit ||= profile.eightBit;
    this.#binary ||= profile.binary || profile.longLine;
  }

  #refuse(reason: string): void {
    this.#reason ??= reason;
  }
}
