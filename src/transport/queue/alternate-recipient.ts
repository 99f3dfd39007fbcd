import type { Address } from "../../mail/address.ts";
import type { QueuedMessage, QueuedRecipient } from "../../store/queue-store.ts";
import type { Notice } from "./notices.ts";
import type { Fault } from "./outcome.ts";
import type { Ending } from "./settle.ts";

/** A recipient that has failed for good, and who gets the message instead (XORAR). */
export interface Redirection {
  readonly recipient: QueuedRecipient;
  readonly alternate: Address;
  readonly fault: Fault;
}

/**
 * Where the message goes now that this has become of the recipient; `undefined`: nowhere else. What
 * an administrator removes is to go to nobody.
 */
export function redirectionOf(recipient: QueuedRecipient, ending: Ending): Redirection | undefined {
  const { alternateRecipient: alternate } = recipient;
  if (alternate === undefined || ending.kind !== "failed") return undefined;
  const { fault } = ending;
  return fault.source === "ADMIN" ? undefined : { recipient, alternate, fault };
}

/**
 * The copy for the alternate recipient: it shares the content, its time starts anew, and when it
 * fails too the sender is told. A message of its own, because the other recipients of the first,
 * whose positions it must not repeat, may be in other threads' hands.
 */
export function redirectedCopy(
  message: QueuedMessage,
  { recipient, alternate, fault }: Redirection,
  copy: { readonly id: number; readonly nowMs: number },
): Notice {
  return {
    kind: "redirected",
    message: { ...message, id: copy.id },
    recipients: [
      {
        position: 0,
        address: alternate,
        originalRecipient: recipient.originalRecipient,
        notify: recipient.notify,
        attemptCount: 0,
        expiresMs: copy.nowMs + (recipient.expiresMs - message.receivedMs),
        // The sender does not know of the alternate: late is late enough when it has failed.
        delayNoticeMs: undefined,
        lastError: undefined,
        suspended: false,
        resolved: false,
      },
    ],
    content: [],
    events: [
      {
        event: "REDIRECT",
        source: fault.source,
        message,
        recipients: [{ address: alternate, status: fault.diagnostic }],
        relatedRecipient: recipient.address,
      },
    ],
  };
}

/** The recipient without its alternate: who is added beside it has none. */
export function withoutAlternate(recipient: QueuedRecipient): QueuedRecipient {
  if (recipient.alternateRecipient === undefined) return recipient;
  const { alternateRecipient, ...rest } = recipient;
  return rest;
}
