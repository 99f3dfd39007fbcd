import { ByteProfile } from "../mail/byte-profile.ts";
import type { TransferEncoding } from "../mail/mime-header.ts";
import { Base64Encoder, QuotedPrintableEncoder } from "../mail/transfer-encoding.ts";
import { transcode } from "./part-content.ts";

/** Encoded bytes and the encoding that they are in. */
export interface EncodedBody {
  readonly encoding: TransferEncoding;
  readonly bytes: Buffer;
}

/** How a body is to be encoded. */
interface EncodingWish {
  /** As it was; kept as long as it can carry the bytes. */
  readonly encoding: TransferEncoding;
  /** Boundaries around it: no line may look like one. */
  readonly boundaries: readonly string[];
}

/** Encodes a text body as it was before, or in quoted-printable where that cannot be. */
export function encodeBody(body: Buffer, { encoding, boundaries }: EncodingWish): EncodedBody {
  const kept = encodeAs(body, encoding);
  if (kept !== undefined && !hasBoundary(kept, boundaries)) return { encoding, bytes: kept };
  const quoted = transcode(body, new QuotedPrintableEncoder());
  if (!hasBoundary(quoted, boundaries)) return { encoding: "quoted-printable", bytes: quoted };
  return { encoding: "base64", bytes: transcode(body, new Base64Encoder()) };
}

function encodeAs(body: Buffer, encoding: TransferEncoding): Buffer | undefined {
  if (encoding === "base64") return transcode(body, new Base64Encoder());
  if (encoding === "quoted-printable") return transcode(body, new QuotedPrintableEncoder());
  if (encoding === "binary") return body;
  const profile = new ByteProfile();
  profile.push(body);
  profile.end();
  return profile.fits(encoding === "8bit" ? "8BITMIME" : "7BIT") ? body : undefined;
}

function hasBoundary(bytes: Buffer, boundaries: readonly string[]): boolean {
  return boundaries.some((boundary) => bytes.includes(`--${boundary}`));
}
