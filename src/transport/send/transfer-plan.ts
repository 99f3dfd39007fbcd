import type { BodyType, Envelope } from "../../mail/envelope.ts";
import { isAscii } from "../../smtp/client-commands.ts";
import type { Offers } from "../../smtp/client-offers.ts";

/** How a message passes to a hop with these offers. */
export interface TransferPlan {
  /**
   * BDAT wherever it is offered: no dot-stuffing, and its end cannot be forged. LMTP: always DATA.
   */
  readonly transfer: "data" | "chunks";
  /** The richest body the hop takes from us. */
  readonly bodyMax: BodyType;
  /**
   * The envelope claims more than that: the content has to be looked at, and converted if it is so.
   */
  readonly exceedsBody: boolean;
  /** SMTPUTF8 goes with MAIL. */
  readonly smtpUtf8: boolean;
  /** The envelope claims SMTPUTF8 and the hop has it not: only a message that is ASCII may go. */
  readonly lacksUtf8: boolean;
  /** Who answers for the DSN request: the hop, or we with `relayed` (RFC 3461 §5.2.2). */
  readonly dsn: "passed" | "ours";
}

const BODY_RANK: Readonly<Record<BodyType, number>> = { "7BIT": 0, "8BITMIME": 1, BINARYMIME: 2 };

/** Whether content of that kind is too much for a hop that takes `bodyMax`. */
export function exceeds(body: BodyType, bodyMax: BodyType): boolean {
  return BODY_RANK[body] > BODY_RANK[bodyMax];
}

/** Chooses body, command and extensions from what was claimed and what is offered. */
export function planTransfer(
  envelope: Envelope,
  offers: Offers,
  protocol: "smtp" | "lmtp",
): TransferPlan {
  // With LMTP the replies to a refused BDAT are not well defined (RFC 2033 knows only DATA).
  const chunks = offers.chunking && protocol === "smtp";
  const bodyMax =
    chunks && offers.binaryMime ? "BINARYMIME" : offers.eightBitMime ? "8BITMIME" : "7BIT";
  return {
    transfer: chunks ? "chunks" : "data",
    bodyMax,
    exceedsBody: exceeds(envelope.body, bodyMax),
    smtpUtf8: envelope.smtpUtf8 && offers.smtpUtf8,
    lacksUtf8: (envelope.smtpUtf8 || !isAscii(envelope.sender)) && !offers.smtpUtf8,
    dsn: offers.dsn && protocol === "smtp" ? "passed" : "ours",
  };
}

/** Bytes of header looked at for `headerIsAscii`; the receiving side allows no longer header. */
const HEADER_BYTES_MAX = 1024 * 1024;

/**
 * Whether the header section, as it goes out, is ASCII, so that SMTPUTF8 is not needed (RFC 6531
 * §3.4).
 */
export async function headerIsAscii(source: AsyncIterable<Uint8Array>): Promise<boolean> {
  let seen = 0;
  let atLineStart = true;
  for await (const piece of source) {
    for (const byte of piece) {
      if (byte > 127) return false;
      if (byte === LF) {
        if (atLineStart) return true;
        atLineStart = true;
      } else if (byte !== CR) atLineStart = false;
    }
    seen += piece.length;
    if (seen > HEADER_BYTES_MAX) return false;
  }
  return true;
}

const LF = 10;
const CR = 13;
