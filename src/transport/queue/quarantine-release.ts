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
  placed: readonly PlacedRecipient[],
  copy: { readonly id: number; readonly nowMs: number; readonly sourceContext: string },
): Notice {
  const released: QueuedMessage = {
    ...message,
    id: copy.id,
    scl: SCL_BYPASSED,
    edits: [...message.edits, ...releaseEdits(message)],
  };
  const recipients = placed.map(({ recipient }) =>
    renewedRecipient(recipient, message, copy.nowMs),
  );
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
