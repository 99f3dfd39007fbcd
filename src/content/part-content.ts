import type { TransferEncoding } from "../mail/mime-header.ts";
import {
  Base64Decoder,
  QuotedPrintableDecoder,
  type Transcoder,
} from "../mail/transfer-encoding.ts";
import type { ContentPart } from "./message-view.ts";

/** The bytes of a part's body as they stand in the message. */
export function rawContent(message: Uint8Array, part: Pick<ContentPart, "place">): Buffer {
  const { bodyFrom, to } = part.place;
  return Buffer.from(message.buffer, message.byteOffset + bodyFrom, to - bodyFrom);
}

/** The bytes of a part once its transfer encoding is undone. An unknown encoding is none. */
export function partContent(
  message: Uint8Array,
  part: Pick<ContentPart, "place" | "encoding">,
): Buffer {
  return undoEncoding(rawContent(message, part), part.encoding);
}

/** Undoes a transfer encoding as tolerantly as readers do (RFC 2045 §6). */
export function undoEncoding(raw: Buffer, encoding: TransferEncoding): Buffer {
  if (encoding === "base64") return transcode(raw, new Base64Decoder());
  if (encoding === "quoted-printable") return transcode(raw, new QuotedPrintableDecoder());
  return raw;
}

/** All of `bytes` through a transcoder. */
export function transcode(bytes: Uint8Array, transcoder: Transcoder): Buffer {
  return Buffer.concat([transcoder.push(bytes), transcoder.end()]);
}

/** How long base64 is once it is decoded, without decoding it. */
export function base64Bytes(raw: Uint8Array): number {
  let bytes = 0;
  /** Characters since the last padding, after which a group begins anew. */
  let characters = 0;
  for (const byte of raw) {
    if (byte === EQUALS) {
      bytes += Math.floor((characters * 3) / 4);
      characters = 0;
    } else if (isBase64(byte)) characters += 1;
  }
  return bytes + Math.floor((characters * 3) / 4);
}

const EQUALS = 61;

function isBase64(byte: number): boolean {
  const lower = byte | 32;
  return (lower >= 97 && lower <= 122) || (byte >= 47 && byte <= 57) || byte === 43;
}
