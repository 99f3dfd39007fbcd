import { type Address, addressKey } from "../../mail/address.ts";
import { defaultAcceptedDomain } from "../../org/accepted-domain.ts";
import {
  DELIVERY_REFUSAL,
  type DeliveryRefusal,
  notAuthenticatedRefusal,
} from "../../org/delivery-refusal.ts";
import type { Directory } from "../../org/directory.ts";
import {
  recipientCountMax,
  recipientSizeLimit,
  type SizeLimit,
  senderSizeLimit,
} from "../../org/message-limits.ts";
import type { Mailbox, Organization, OrganizationRecipient } from "../../org/organization.ts";
import type { QueuedMessage, QueuedRecipient } from "../../store/queue-store.ts";
import { withoutDetail } from "./resolve.ts";
import { isBelievable, SenderMatch, senderKeys } from "./sender-match.ts";

/** A directory that may also answer from memory. */
interface PeekableDirectory extends Directory {
  peekRecipient?(address: Address): OrganizationRecipient | null | undefined;
}

/**
 * Whether its sender is one of ours who has proved it, or we ourselves (reference §2.6, §4.5): what
 * RequireSenderAuthentication asks for.
 */
export function isAuthenticated({ origin }: Pick<QueuedMessage, "origin">): boolean {
  return origin.authAs === "Internal" || origin.source === "ADMIN" || isOurs(origin);
}

/** Notices, reports and what agents send: held back by no limit. */
function isOurs({ source }: QueuedMessage["origin"]): boolean {
  return source === "DSN" || source === "AGENT";
}

/** Size that limits are compared with: on entry into the organization, where that was smaller. */
function limitedBytes({ contentBytes, origin }: QueuedMessage): number {
  return Math.min(contentBytes, origin.originalBytes ?? contentBytes);
}

/** Whose mailbox's limits hold: that of the user who has logged on, else that of the sender. */
function limitsAddress({ envelope, origin }: QueuedMessage): Address | "" {
  if (origin.authAs !== "Internal") return "";
  return accountOf(origin) || envelope.sender;
}

/** The address of the user who has logged on; "" where nobody has. */
function accountOf({ account }: QueuedMessage["origin"]): Address | "" {
  // Written by us, from a mailbox's address.
  return (account as Address | undefined) ?? "";
}

/**
 * Whether nothing can be wrong with the message as far as its sender and the organization's limits
 * go, from what is in memory. `false`: it takes a closer look.
 */
export function isWithinLimits(
  organization: Organization,
  directory: PeekableDirectory,
  message: QueuedMessage,
  recipientCount: number,
): boolean {
  const { maxReceiveSize, maxRecipientEnvelopeLimit, maxSendSize } = organization.transportConfig;
  if (recipientCount > maxRecipientEnvelopeLimit) return false;
  if (isOurs(message.origin)) return true;
  if (limitedBytes(message) > Math.min(maxSendSize, maxReceiveSize)) return false;
  const address = limitsAddress(message);
  if (address === "") return true;
  const found = directory.peekRecipient?.(address);
  if (found === undefined) return false;
  if (found?.kind !== "mailbox") return true;
  return found.maxSendSize === Infinity && found.recipientLimits === Infinity;
}

/** Whether a recipient takes mail of any size within the organization's from such a sender. */
export function isUnrestricted(found: OrganizationRecipient, message: QueuedMessage): boolean {
  return (
    found.maxReceiveSize === Infinity &&
    found.acceptMessagesOnlyFromSendersOrMembers.length === 0 &&
    found.rejectMessagesFromSendersOrMembers.length === 0 &&
    (!found.requireSenderAuthenticationEnabled || isAuthenticated(message))
  );
}

/** What is known of a message's sender once the directory has been asked. */
interface Sender {
  /** Whose limits hold; `undefined`: the organization's. */
  readonly mailbox: Mailbox | undefined;
  readonly size: SizeLimit;
}

/**
 * Who may write to whom, and how much (reference §4.4, §11): the restrictions of one message, asked
 * for each recipient that it is led to. Rejects with the directory's StoreFailure.
 */
export class Restrictions {
  readonly #directory: Directory;
  readonly #organization: Organization;
  readonly #message: QueuedMessage;
  readonly #isExempt: boolean;
  readonly #sender: Sender;
  /** Why it does not go to anybody outside. */
  readonly outside: DeliveryRefusal | undefined;
  readonly #answers = new Map<string, Promise<DeliveryRefusal | undefined>>();
  #match: Promise<{ readonly match: SenderMatch; readonly isBelieved: boolean }> | undefined;

  constructor(
    parts: {
      readonly directory: Directory;
      readonly organization: Organization;
      readonly message: QueuedMessage;
    },
    mailbox: Mailbox | undefined,
  ) {
    this.#directory = parts.directory;
    this.#organization = parts.organization;
    this.#message = parts.message;
    this.#isExempt = isExempt(parts.organization, parts.message);
    const size = senderSizeLimit(parts.organization.transportConfig, mailbox);
    this.#sender = { mailbox, size };
    const limit = recipientSizeLimit(parts.organization.transportConfig, undefined);
    this.outside = this.#exceeds(limit) ? limit.refusal : undefined;
  }

  /** Why the message goes to none of these recipients; those of an earlier pass are not counted. */
  refusesAll(recipients: readonly QueuedRecipient[]): DeliveryRefusal | undefined {
    const { transportConfig } = this.#organization;
    const count = recipients.reduce((sum, { resolved }) => sum + (resolved ? 0 : 1), 0);
    if (count > recipientCountMax(transportConfig, this.#sender.mailbox)) {
      return DELIVERY_REFUSAL.tooManyRecipients;
    }
    return this.#exceeds(this.#sender.size) ? this.#sender.size.refusal : undefined;
  }

  /** Why it does not go to that recipient. A group is asked as it stands; members on their own. */
  refuses(
    found: OrganizationRecipient,
  ): DeliveryRefusal | undefined | Promise<DeliveryRefusal | undefined> {
    const isUsual = isUnrestricted(found, this.#message);
    if (isUsual && this.outside === undefined) return undefined;
    const limit = recipientSizeLimit(this.#organization.transportConfig, found);
    if (this.#exceeds(limit)) return limit.refusal;
    if (isUsual || this.#isExempt) return undefined;
    if (found.requireSenderAuthenticationEnabled && !isAuthenticated(this.#message)) {
      return notAuthenticatedRefusal(found);
    }
    const key = addressKey(found.primarySmtpAddress);
    let answer = this.#answers.get(key);
    if (answer === undefined) {
      answer = this.#judge(found);
      this.#answers.set(key, answer);
    }
    return answer;
  }

  /**
   * Whether its sender's mail to a moderated recipient needs nobody's approval (reference §17.2):
   * moderators, owners, and who is on the list. What is not clear waits.
   */
  async passesModeration(found: OrganizationRecipient): Promise<boolean> {
    if (this.#isExempt) return true;
    const { match, isBelieved } = await this.#sought();
    if (!isBelieved) return false;
    const owners = found.kind === "group" && found.managedBy !== undefined ? [found.managedBy] : [];
    const deciders = [...found.moderatedBy, ...owners];
    if ((await match.read(deciders)).isNamed) return true;
    const bypass = await match.read(found.bypassModerationFromSendersOrMembers);
    return bypass.isNamed || (await match.findIn(bypass.groups)) === "member";
  }

  /** Notices have no size limit (reference §6.1). */
  #exceeds({ bytesMax }: SizeLimit): boolean {
    return this.#message.origin.source !== "DSN" && limitedBytes(this.#message) > bytesMax;
  }

  /** Those listed themselves first, then groups; whoever is on both lists may not. */
  async #judge(found: OrganizationRecipient): Promise<DeliveryRefusal | undefined> {
    const { acceptMessagesOnlyFromSendersOrMembers: accepted } = found;
    const { rejectMessagesFromSendersOrMembers: rejected } = found;
    const { match, isBelieved } = await this.#sought();
    const rejection = await match.read(rejected);
    if (rejection.isNamed) return DELIVERY_REFUSAL.notAuthorized;
    const acceptance = isBelieved ? await match.read(accepted) : { isNamed: false, groups: [] };
    // What is not clear is refused: a list is there to keep somebody out.
    if ((await match.findIn(rejection.groups)) !== "stranger")
      return DELIVERY_REFUSAL.notAuthorized;
    if (accepted.length === 0 || acceptance.isNamed) return undefined;
    const isAccepted = (await match.findIn(acceptance.groups)) === "member";
    return isAccepted ? undefined : DELIVERY_REFUSAL.notInAcceptList;
  }

  #sought() {
    this.#match ??= this.#openMatch();
    return this.#match;
  }

  async #openMatch() {
    const { envelope, origin } = this.#message;
    // A list is not passed by with the null sender: whoever has logged on is still himself.
    const sender = envelope.sender || accountOf(origin);
    const asked =
      sender === "" ? [] : [sender, withoutDetail(sender)].filter((one) => one !== undefined);
    const answers = asked.length === 0 ? [] : await this.#directory.findRecipients(asked);
    const found = answers.find((one) => one !== undefined);
    const match = new SenderMatch(this.#directory, senderKeys(sender, found));
    const isBelieved =
      isAuthenticated(this.#message) || isBelievable(this.#organization, sender, found);
    return { match, isBelieved };
  }
}

/** The restrictions of a message, its sender's limits looked up. Rejects with StoreFailure. */
export async function openRestrictions(parts: {
  readonly directory: Directory;
  readonly organization: Organization;
  readonly message: QueuedMessage;
}): Promise<Restrictions> {
  const address = limitsAddress(parts.message);
  const [found] = address === "" ? [] : await parts.directory.findRecipients([address]);
  return new Restrictions(parts, found?.kind === "mailbox" ? found : undefined);
}

/** Our own notices, and what our postmaster writes, reach everybody (reference §4.4). */
function isExempt(organization: Organization, message: QueuedMessage): boolean {
  const { origin, envelope } = message;
  if (isOurs(origin)) return true;
  // Anybody could call himself that.
  if (!isAuthenticated(message) || envelope.sender === "") return false;
  const { externalPostmasterAddress } = organization.transportConfig;
  const domain = defaultAcceptedDomain(organization)?.domainName;
  const postmaster = externalPostmasterAddress ?? (domain && `postmaster@${domain}`);
  return addressKey(envelope.sender) === postmaster?.toLowerCase();
}
