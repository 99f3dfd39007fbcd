import { DELIVERY_REFUSAL, type DeliveryRefusal } from "./delivery-refusal.ts";
import type { Mailbox, OrganizationRecipient, TransportConfig } from "./organization.ts";

/** How large a message may be, and who says so. */
export interface SizeLimit {
  /** Content as it came, header included; `Infinity` is no limit. */
  readonly bytesMax: number;
  /** What a larger message is told. */
  readonly refusal: DeliveryRefusal;
  readonly reason: string;
}

/**
 * What the sender's side allows (reference §11): an authenticated sender of ours has his mailbox's
 * limit, also above the organization's; everybody else has the organization's MaxSendSize.
 * @param mailbox of the user who has proved who he is; `undefined` for strangers
 */
export function senderSizeLimit(
  config: Pick<TransportConfig, "maxSendSize">,
  mailbox: Pick<Mailbox, "maxSendSize" | "primarySmtpAddress"> | undefined,
): SizeLimit {
  if (mailbox !== undefined && mailbox.maxSendSize !== Infinity) {
    const bytesMax = mailbox.maxSendSize;
    const reason = `maxSendSize of ${mailbox.primarySmtpAddress} is ${bytesMax}`;
    return { bytesMax, refusal: DELIVERY_REFUSAL.tooLargeForSender, reason };
  }
  const bytesMax = config.maxSendSize;
  const reason = `maxSendSize of the organization is ${bytesMax}`;
  return { bytesMax, refusal: DELIVERY_REFUSAL.tooLargeForOrganization, reason };
}

/**
 * What the recipient's side allows (reference §11): its own limit where it has one, also above the
 * organization's; the organization's MaxReceiveSize otherwise, and for everybody outside.
 * @param recipient `undefined` for one outside
 */
export function recipientSizeLimit(
  config: Pick<TransportConfig, "maxReceiveSize">,
  recipient: Pick<OrganizationRecipient, "maxReceiveSize" | "primarySmtpAddress"> | undefined,
): SizeLimit {
  if (recipient !== undefined && recipient.maxReceiveSize !== Infinity) {
    const bytesMax = recipient.maxReceiveSize;
    const reason = `maxReceiveSize of ${recipient.primarySmtpAddress} is ${bytesMax}`;
    return { bytesMax, refusal: DELIVERY_REFUSAL.tooLargeForRecipient, reason };
  }
  const bytesMax = config.maxReceiveSize;
  const reason = `maxReceiveSize of the organization is ${bytesMax}`;
  const ours = recipient !== undefined;
  const { tooLargeForOrganization, tooLargeForRecipient } = DELIVERY_REFUSAL;
  return { bytesMax, refusal: ours ? tooLargeForRecipient : tooLargeForOrganization, reason };
}

/** The most restrictive of the two; the sender's when they are equal. */
export function strictestLimit(sender: SizeLimit, recipient: SizeLimit): SizeLimit {
  return recipient.bytesMax < sender.bytesMax ? recipient : sender;
}

/**
 * Recipients that one message may have, groups counting as one (reference §11, §4.4): the sender's
 * own limit, else the organization's.
 */
export function recipientCountMax(
  config: Pick<TransportConfig, "maxRecipientEnvelopeLimit">,
  mailbox: Pick<Mailbox, "recipientLimits"> | undefined,
): number {
  const own = mailbox?.recipientLimits ?? Infinity;
  return own === Infinity ? config.maxRecipientEnvelopeLimit : own;
}
