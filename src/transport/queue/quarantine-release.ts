import { type Address, addressKey } from "../../mail/address.ts";
import type { HeaderEdit } from "../../mail/header-edit.ts";
import type { PlacedRecipient, QueuedMessage, QueuedRecipient } from "../../store/queue-store.ts";
import type { Notice } from "./notices.ts";

/** The header that says of a message that it has been in quarantine (reference §4.7, §9.6). */
const QUARANTINE_HEADER = "X-MS-Exchange-Organization-Quarantine";
const SCL_HEADER = "X-MS-Exchange-Organization-SCL";

/** Nobody rates it as spam any more: somebody has looked at it (reference §9.6). */
const SCL_BYPASSED = -1;

/**
 * The message as it leaves the quarantine for these recipients: a copy that shares the content and
 * is categorized as if it had just come. Its time starts anew, no agent holds it back again, and it
 * goes to inboxes. Pure.
 */
export function releasedCopy(
  message: QueuedMessage,
  from: {
    /** Who gets it after all. */
    readonly placed: readonly PlacedRecipient[];
    /** One from whom it is kept: others' time is like his. */
    readonly model: PlacedRecipient | undefined;
  },
  copy: {
    readonly id: number;
    readonly nowMs: number;
    readonly sourceContext: string;
    /** Others who get it besides. */
    readonly copyTo: readonly Address[];
  },
): Notice {
  const { placed, model } = from;
  const released: QueuedMessage = {
    ...message,
    id: copy.id,
    scl: SCL_BYPASSED,
    edits: [...message.edits, ...releaseEdits(message)],
  };
  const own = placed.map(({ recipient }) => renewedRecipient(recipient, message, copy.nowMs));
  const others = model === undefined ? [] : furtherRecipients(own, copy.copyTo, model.recipient);
  const recipients = [
    ...own,
    ...others.map((recipient) => renewedRecipient(recipient, message, copy.nowMs)),
  ];
  return {
    kind: "redirected",
    message: released,
    recipients,
    content: [],
    events: [
      {
        event: "RESUBMIT",
        source: "ADMIN",
        message: released,
        recipients: recipients.map(({ address }) => ({ address, status: "" })),
        reference: String(message.id),
        sourceContext: copy.sourceContext,
      },
    ],
  };
}

/** The sender did not write to them, and hears nothing of them. */
function furtherRecipients(
  own: readonly QueuedRecipient[],
  copyTo: readonly Address[],
  { expiresMs }: QueuedRecipient,
): readonly QueuedRecipient[] {
  const known = new Set(own.map(({ address }) => addressKey(address)));
  const others = copyTo.filter((address) => {
    const isNew = !known.has(addressKey(address));
    known.add(addressKey(address));
    return isNew;
  });
  const first = Math.max(-1, ...own.map(({ position }) => position)) + 1;
  return others.map((address, at) => ({
    position: first + at,
    address,
    originalRecipient: undefined,
    notify: [],
    attemptCount: 0,
    expiresMs,
    delayNoticeMs: undefined,
    lastError: undefined,
    suspended: false,
    resolved: false,
  }));
}

function releaseEdits({ quarantine }: QueuedMessage): readonly HeaderEdit[] {
  const type = quarantine?.type ?? "Policy";
  const text = `${QUARANTINE_HEADER}: ${type}\r\n${SCL_HEADER}: ${SCL_BYPASSED}\r\n`;
  return [
    { kind: "remove", name: SCL_HEADER },
    { kind: "prepend", text },
  ];
}

/** The recipient as if it had just come: its time starts anew. */
export function renewedRecipient(
  recipient: QueuedRecipient,
  { receivedMs }: QueuedMessage,
  nowMs: number,
): QueuedRecipient {
  const { expiresMs, delayNoticeMs } = recipient;
  return {
    ...recipient,
    attemptCount: 0,
    expiresMs: nowMs + (expiresMs - receivedMs),
    delayNoticeMs: delayNoticeMs === undefined ? undefined : nowMs + (delayNoticeMs - receivedMs),
    lastError: undefined,
    suspended: false,
  };
}
