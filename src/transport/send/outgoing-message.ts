import { unreachable } from "../../base/assert.ts";
import type { Address, Domain } from "../../mail/address.ts";
import { downgradeContent, inspectContent } from "../../mail/downgrade.ts";
import type { BodyType } from "../../mail/envelope.ts";
import type { HeaderEdit } from "../../mail/header-edit.ts";
import { openOutgoing, outgoingIfInMemory } from "../../mail/outgoing-content.ts";
import { type Addressee, editsFor } from "../../mail/outgoing-firewall.ts";
import { rewriteHeader, rewriteHeaderPieces } from "../../mail/rewritten-header.ts";
import { isAscii } from "../../smtp/client-commands.ts";
import type { Offers } from "../../smtp/client-offers.ts";
import type { Delivery } from "../queue/courier.ts";
import type { Fault } from "../queue/outcome.ts";
import type { ContentSource } from "./content-transfer.ts";
import { ourFault } from "./hop-fault.ts";
import type { OutgoingRewriter, OutgoingRewriting, SenderTagging } from "./outgoing-rewriter.ts";
import type { OutgoingSigner, SignContent } from "./outgoing-signer.ts";
import { exceeds, headerIsAscii, planTransfer, type TransferPlan } from "./transfer-plan.ts";

/** A message made ready for one hop. */
export interface OutgoingMessage {
  readonly plan: TransferPlan;
  readonly content: ContentSource;
  /** What MAIL says: other than the envelope's where senders look different outside. */
  readonly sender: Address | "";
  /** After conversion. */
  readonly body: BodyType;
  /** An estimate where content is converted. */
  readonly bytes: number;
}

/** The message, or the fault that all its recipients share. */
export type Prepared =
  | { readonly kind: "ready"; readonly message: OutgoingMessage }
  | { readonly kind: "unfit"; readonly fault: Fault }
  /** It cannot go now; another hop would not help. */
  | { readonly kind: "waits"; readonly fault: Fault };

/** Where messages go, and what is done to them on the way. */
export interface OutgoingWay {
  readonly to: Addressee;
  /** Absent: nothing is signed. */
  readonly signer?: OutgoingSigner | undefined;
  /** Absent: addresses go out as they are. */
  readonly rewriter?: OutgoingRewriter | undefined;
  /** Absent: senders go out as they are. */
  readonly tagSender?: SenderTagging | undefined;
}

/**
 * Fits a delivery to what the hop offers (RFC 6152 §3, RFC 3030 §3, RFC 6531 §3.2), and signs what
 * comes of it. At once for the usual message; a promise where the content has to be looked at.
 * Rejects with the store's failure.
 */
export function prepareMessage(
  delivery: Delivery,
  offers: Offers,
  way: OutgoingWay & { readonly protocol: "smtp" | "lmtp" },
): Prepared | Promise<Prepared> {
  const prepared = fitMessage(delivery, offers, way);
  // To a mailbox of ours it is known who sent it.
  const sign = way.protocol === "smtp" ? way.signer?.(delivery.message) : undefined;
  return sign === undefined ? prepared : signPrepared(prepared, sign, offers);
}

function fitMessage(
  delivery: Delivery,
  offers: Offers,
  way: OutgoingWay & { readonly protocol: "smtp" | "lmtp" },
): Prepared | Promise<Prepared> {
  const { message, content } = delivery;
  const { protocol, to } = way;
  const edits = editsFor(message, to);
  const { envelope } = message;
  const rewriting = protocol === "smtp" ? way.rewriter?.(delivery) : undefined;
  const shown = senderOf(envelope.sender, rewriting);
  const tagged = shown === "" || protocol === "lmtp" ? undefined : way.tagSender?.(delivery, shown);
  const sender = tagged ?? shown;
  const plan = planTransfer(envelope, offers, protocol);
  const stored = outgoingIfInMemory(content, edits);
  const pieces = stored && rewriting ? rewriteHeaderPieces(stored, rewriting) : stored;
  // Of what is in memory it is known how much longer addresses make it.
  const growth = pieces === stored ? 0 : lengthOf(pieces ?? []) - lengthOf(stored ?? []);
  const bytes = outgoingBytes(message.contentBytes, edits) + growth;
  const open = () => {
    const outgoing = openOutgoing(content, edits);
    return rewriting === undefined ? outgoing : rewriteHeader(outgoing, rewriting);
  };
  if (offers.messageBytesMax !== undefined && bytes > offers.messageBytesMax) return TOO_BIG;
  const fitting: Fitting = { plan, bytes, sender, open };
  if (plan.exceedsBody || plan.lacksUtf8) return prepareUnusual(envelope.body, fitting);
  const source: ContentSource = { pieces, open };
  return { kind: "ready", message: { plan, content: source, sender, body: envelope.body, bytes } };
}

/** A message on its way to be fit for its hop. */
interface Fitting {
  readonly plan: TransferPlan;
  readonly bytes: number;
  readonly sender: Address | "";
  readonly open: ContentSource["open"];
}

function senderOf(sender: Address | "", rewriting: OutgoingRewriting | undefined): Address | "" {
  return sender === "" ? "" : (rewriting?.rewrite(sender) ?? sender);
}

function lengthOf(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((bytes, piece) => bytes + piece.length, 0);
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

async function prepareUnusual(body: BodyType, fitting: Fitting): Promise<Prepared> {
  const { plan, open } = fitting;
  if (plan.lacksUtf8) {
    if (!isAscii(fitting.sender) || !(await headerIsAscii(open()))) return NEEDS_UTF8;
  }
  if (!plan.exceedsBody) return ready(fitting, body);
  const to = plan.bodyMax === "7BIT" ? "7BIT" : "8BITMIME";
  const inspection = await inspectContent(open(), to);
  if (!exceeds(inspection.needs, to)) return ready(fitting, inspection.needs);
  if (!inspection.convertible) {
    const reason = inspection.reason ?? "conversion is not possible";
    const text = `Conversion required but not supported: ${reason}`;
    return { kind: "unfit", fault: ourFault(554, "5.6.3", text) };
  }
  return ready({ ...fitting, open: () => downgradeContent(open(), to) }, to);
}

/** Over the very bytes that go out: whatever else is to be changed has been. */
async function signPrepared(
  fitted: Prepared | Promise<Prepared>,
  sign: SignContent,
  { messageBytesMax = Number.POSITIVE_INFINITY }: Offers,
): Promise<Prepared> {
  const prepared = await fitted;
  if (prepared.kind !== "ready") return prepared;
  const { message } = prepared;
  const { pieces, open } = message.content;
  const signing = await sign(pieces ?? open());
  switch (signing.kind) {
    case "none":
      return prepared;
    case "failed":
      return { kind: "waits", fault: unsignedFault(signing.domain) };
    case "signed": {
      const signature = Buffer.from(signing.text, "latin1");
      const bytes = message.bytes + signature.length;
      if (bytes > messageBytesMax) return TOO_BIG;
      const content: ContentSource = {
        pieces: pieces && [signature, ...pieces],
        open: () => withSignature(signature, open()),
      };
      return { kind: "ready", message: { ...message, content, bytes } };
    }
    default:
      return unreachable(signing);
  }
}

async function* withSignature(
  signature: Uint8Array,
  content: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  yield signature;
  yield* content;
}

/** Unsigned, it could pass for a forgery where its domain says that all its mail is signed. */
function unsignedFault(domain: Domain): Fault {
  const text = `The message cannot be signed for ${domain}: check its DKIM signing configuration`;
  return ourFault(451, "4.7.5", text);
}

function ready({ open, ...fitting }: Fitting, body: BodyType): Prepared {
  return { kind: "ready", message: { ...fitting, content: { pieces: undefined, open }, body } };
}

/** Stored bytes and what the edits add; what they remove is not counted off (RFC 1870 §6.1). */
function outgoingBytes(contentBytes: number, edits: readonly HeaderEdit[]): number {
  let bytes = contentBytes;
  for (const edit of edits) {
    if (edit.kind === "prepend" || edit.kind === "append") bytes += Buffer.byteLength(edit.text);
    // Once for each field of the name, of which there is seldom more than one.
    if (edit.kind === "rename") bytes += edit.to.length;
    if (edit.kind === "replaceAt") {
      for (const { text } of edit.changes) bytes += Buffer.byteLength(text);
    }
  }
  return bytes;
}
