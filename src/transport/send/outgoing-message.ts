import { downgradeContent, inspectContent } from "../../mail/downgrade.ts";
import type { BodyType } from "../../mail/envelope.ts";
import type { HeaderEdit } from "../../mail/header-edit.ts";
import { openOutgoing, outgoingIfInMemory } from "../../mail/outgoing-content.ts";
import { type Addressee, editsFor } from "../../mail/outgoing-firewall.ts";
import { isAscii } from "../../smtp/client-commands.ts";
import type { Offers } from "../../smtp/client-offers.ts";
import type { Delivery } from "../queue/courier.ts";
import type { Fault } from "../queue/outcome.ts";
import type { ContentSource } from "./content-transfer.ts";
import { ourFault } from "./hop-fault.ts";
import { exceeds, headerIsAscii, planTransfer, type TransferPlan } from "./transfer-plan.ts";

/** A message made ready for one hop. */
export interface OutgoingMessage {
  readonly plan: TransferPlan;
  readonly content: ContentSource;
  /** After conversion. */
  readonly body: BodyType;
  /** An estimate where content is converted. */
  readonly bytes: number;
}

/** The message, or the fault that all its recipients share. */
export type Prepared =
  | { readonly kind: "ready"; readonly message: OutgoingMessage }
  | { readonly kind: "unfit"; readonly fault: Fault };

/**
 * Fits a delivery to what the hop offers (RFC 6152 §3, RFC 3030 §3, RFC 6531 §3.2). At once for the
 * usual message; a promise where the content has to be looked at. Rejects with the store's failure.
 */
export function prepareMessage(
  delivery: Delivery,
  offers: Offers,
  way: { readonly protocol: "smtp" | "lmtp"; readonly to: Addressee },
): Prepared | Promise<Prepared> {
  const { message, content } = delivery;
  const { protocol, to } = way;
  const edits = editsFor(message, to);
  const plan = planTransfer(message.envelope, offers, protocol);
  const bytes = outgoingBytes(message.contentBytes, edits);
  if (offers.messageBytesMax !== undefined && bytes > offers.messageBytesMax) return TOO_BIG;
  if (plan.exceedsBody || plan.lacksUtf8) return prepareUnusual(delivery, edits, { plan, bytes });
  const source: ContentSource = {
    pieces: outgoingIfInMemory(content, edits),
    open: () => openOutgoing(content, edits),
  };
  return { kind: "ready", message: { plan, content: source, body: message.envelope.body, bytes } };
}

const TOO_BIG: Prepared = {
  kind: "unfit",
  fault: ourFault(552, "5.3.4", "Message size exceeds fixed maximum message size of the next hop"),
};

const NEEDS_UTF8: Prepared = {
  kind: "unfit",
  fault: needsUtf8Fault(),
};

/** RFC 6531 §3.2: the message, or this recipient's address, cannot be said in ASCII. */
export function needsUtf8Fault(): Fault {
  return ourFault(553, "5.6.7", "The next hop does not support internationalized mail (SMTPUTF8)");
}

async function prepareUnusual(
  { message, content }: Delivery,
  edits: readonly HeaderEdit[],
  { plan, bytes }: { readonly plan: TransferPlan; readonly bytes: number },
): Promise<Prepared> {
  const open = () => openOutgoing(content, edits);
  if (plan.lacksUtf8) {
    if (!isAscii(message.envelope.sender) || !(await headerIsAscii(open()))) return NEEDS_UTF8;
  }
  if (!plan.exceedsBody) return ready(plan, open, message.envelope.body, bytes);
  const to = plan.bodyMax === "7BIT" ? "7BIT" : "8BITMIME";
  const inspection = await inspectContent(open(), to);
  if (!exceeds(inspection.needs, to)) return ready(plan, open, inspection.needs, bytes);
  if (!inspection.convertible) {
    const reason = inspection.reason ?? "conversion is not possible";
    const text = `Conversion required but not supported: ${reason}`;
    return { kind: "unfit", fault: ourFault(554, "5.6.3", text) };
  }
  return ready(plan, () => downgradeContent(open(), to), to, bytes);
}

function ready(
  plan: TransferPlan,
  open: ContentSource["open"],
  body: BodyType,
  bytes: number,
): Prepared {
  return { kind: "ready", message: { plan, content: { pieces: undefined, open }, body, bytes } };
}

/** Stored bytes and what the edits add; what they remove is not counted off (RFC 1870 §6.1). */
function outgoingBytes(contentBytes: number, edits: readonly HeaderEdit[]): number {
  let bytes = contentBytes;
  for (const edit of edits) {
    if (edit.kind === "prepend" || edit.kind === "append") bytes += Buffer.byteLength(edit.text);
    // Once for each field of the name, of which there is seldom more than one.
    if (edit.kind === "rename") bytes += edit.to.length;
  }
  return bytes;
}
