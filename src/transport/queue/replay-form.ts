import { formatMail, formatRcpt } from "../../smtp/client-commands.ts";
import { NO_OFFERS, type Offers } from "../../smtp/client-offers.ts";
import type { QueuedMessage, QueuedRecipient } from "../../store/queue-store.ts";

/** A file has no session to negotiate with: everything may be said. */
const ALL_OFFERS: Offers = {
  ...NO_OFFERS,
  extended: true,
  dsn: true,
  eightBitMime: true,
  binaryMime: true,
  chunking: true,
  smtpUtf8: true,
};

/**
 * The fields with which a message goes through the Replay directory to these recipients as if it
 * had never been here (reference §1.6); its content follows, with its edits applied.
 */
export function formatReplayFields(
  message: QueuedMessage,
  recipients: readonly QueuedRecipient[],
): string {
  const { envelope, origin } = message;
  const options = { sizeBytes: 0, body: envelope.body, smtpUtf8: false, dsn: true };
  const sender = formatMail(envelope, ALL_OFFERS, options).slice("MAIL FROM:".length);
  const receivers = recipients.map((recipient) => {
    const value = formatRcpt(recipient, ALL_OFFERS, { dsn: true, smtpUtf8: true });
    return `X-Receiver: ${value.slice("RCPT TO:".length)}\r\n`;
  });
  const source = clean(origin.connector === "" ? origin.source : origin.connector);
  return (
    `X-Sender: ${sender}\r\n${receivers.join("")}` +
    // What its own headers say of it stays true: it comes out of our own queue.
    "X-CreatedBy: MSExchange15\r\n" +
    `X-HeloDomain: ${clean(origin.clientName)}\r\n` +
    `X-Source: ${source}\r\n` +
    `X-SourceIPAddress: ${clean(origin.clientAddress)}\r\n` +
    "X-EndOfInjectedXHeaders: 0\r\n"
  );
}

/** Fit for a header line. */
function clean(text: string): string {
  return text.replace(/[^ -~]/g, "?").slice(0, 255);
}
