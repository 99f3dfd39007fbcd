import type { Envelope } from "../../mail/envelope.ts";
import type { ContentReader } from "../../store/content.ts";

/** A larger original is attached as its header only. */
const ATTACHED_BYTES_MAX = 10 * 1024 * 1024;
const RECIPIENTS_SHOWN_MAX = 1000;

/** The recipients, as many of them as one reads. */
export function listRecipients(recipients: readonly { readonly address: string }[]): string {
  const shown = recipients.slice(0, RECIPIENTS_SHOWN_MAX).map(({ address }) => address);
  const more = recipients.length - shown.length;
  return shown.join(", ") + (more > 0 ? ` and ${more} more` : "");
}

/** The message that mails of ours are about. */
export interface Original {
  readonly content: ContentReader;
  readonly envelope: Pick<Envelope, "body" | "smtpUtf8">;
  /** Only its header is attached when it is larger; absent: 10 MiB, which is the most. */
  readonly bytesMax?: number;
}

/**
 * The message as it is stored; its header when it is large, or has bytes that only BINARYMIME
 * carries.
 */
export async function readOriginal({ content, envelope, bytesMax = Infinity }: Original) {
  const pieces: Uint8Array[] = [];
  const isSmall = content.bytes <= Math.min(ATTACHED_BYTES_MAX, bytesMax);
  const isWhole = isSmall && envelope.body !== "BINARYMIME";
  for (let index = 0; ; index += 1) {
    const piece = await content.read(index);
    if (piece === undefined) break;
    pieces.push(piece);
    if (!isWhole) break;
  }
  // RFC 6532 §3.7: a header in UTF-8 is none of message/rfc822.
  const type = envelope.smtpUtf8 ? "message/global" : "message/rfc822";
  if (isWhole) return { type, content: pieces } as const;
  const front = Buffer.concat(pieces);
  const end = front.indexOf("\r\n\r\n");
  const header = end < 0 ? front : front.subarray(0, end + 2);
  const headers = envelope.smtpUtf8 ? "message/global-headers" : "text/rfc822-headers";
  return { type: headers, content: [header] } as const;
}
