import type { Logon } from "../../authentication/authenticator.ts";
import type { Clock } from "../../base/clock.ts";
import type { Count } from "../../base/metrics.ts";
import { addressKey } from "../../mail/address.ts";
import type { Envelope } from "../../mail/envelope.ts";
import {
  DELIVERY_REFUSAL,
  type DeliveryRefusal,
  notAuthenticatedRefusal,
} from "../../org/delivery-refusal.ts";
import {
  recipientSizeLimit,
  type SizeLimit,
  senderSizeLimit,
  strictestLimit,
} from "../../org/message-limits.ts";
import type {
  Mailbox,
  Organization,
  OrganizationRecipient,
  ReceiveConnector,
  Right,
} from "../../org/organization.ts";
import type { Reply } from "../../smtp/reply.ts";
import { REPLY } from "../../smtp/reply-table.ts";
import { POLICY_REPLY } from "./policy-reply.ts";
import type { RateCounts } from "./rate-counts.ts";
import {
  countEvents,
  excessReply,
  findExcess,
  messageRateLimits,
  type RateExcess,
  type RateLimit,
  userLimits,
} from "./rate-limits.ts";
import type { SparingLog } from "./sparing-diagnostics.ts";

/** What limits need of their surroundings. */
export interface LimitDependencies {
  readonly rates: RateCounts;
  readonly clock: Clock;
  readonly count: Count;
  readonly log: SparingLog;
}

/** Who wants to send, where and what. */
export interface LimitedTransaction {
  readonly organization: Organization;
  readonly connector: ReceiveConnector;
  /** The real client's. */
  readonly remoteAddress: string;
  readonly standing: {
    readonly rights: ReadonlySet<Right>;
    readonly logon: Logon | undefined;
    readonly isAuthenticated: boolean;
  };
  /** Whose own limits hold; `undefined`: the organization's. */
  readonly mailbox: Mailbox | undefined;
  readonly envelope: Pick<Envelope, "sender">;
  /** SIZE= of MAIL. */
  readonly sizeBytes: number | undefined;
}

/** What content is held against. */
export interface ContentLimits {
  /** Bytes that at least one recipient may have. */
  readonly bytesMax: number;
  /** Header fields of the organization are believed, so also its OriginalSize. */
  readonly believesOriginalSize: boolean;
  /** Counts the message, just before it is made durable; the reply when it is one too many. */
  take(recipientCount: number): Reply | undefined;
}

/** The limits of one transaction, from MAIL on (reference §11). */
export class TransactionLimits implements ContentLimits {
  readonly #dependencies: LimitDependencies;
  readonly #transaction: LimitedTransaction;
  readonly #userLimits: readonly RateLimit[];
  readonly #senderSize: SizeLimit;
  #bytesMax = 0;

  private constructor(dependencies: LimitDependencies, transaction: LimitedTransaction) {
    this.#dependencies = dependencies;
    this.#transaction = transaction;
    const { organization, standing, mailbox } = transaction;
    const { logon } = standing;
    const { throttlingPolicies, transportConfig } = organization;
    this.#userLimits = logon === undefined ? [] : userLimits(throttlingPolicies, logon);
    this.#senderSize = senderSizeLimit(transportConfig, mailbox);
  }

  /** Begins a transaction, unless its sender has no more of something. */
  static begin(
    dependencies: LimitDependencies,
    transaction: LimitedTransaction,
  ): TransactionLimits | Reply {
    const limits = new TransactionLimits(dependencies, transaction);
    return limits.#begin() ?? limits;
  }

  get bytesMax(): number {
    return this.#bytesMax;
  }

  get believesOriginalSize(): boolean {
    return this.#transaction.standing.rights.has("ms-Exch-Accept-Headers-Organization");
  }

  /**
   * Takes a recipient, unless the limits say at once that it cannot have the message.
   * @param found what the directory knows of it; `undefined`: it was not asked, or knows nobody
   * @param recipientCount with this one
   */
  recipient(found: OrganizationRecipient | undefined, recipientCount: number): Reply | undefined {
    const { organization } = this.#transaction;
    const limit = strictestLimit(
      this.#senderSize,
      recipientSizeLimit(organization.transportConfig, found),
    );
    if (this.#isDeclaredTooLarge(limit)) {
      this.#dependencies.count("postrider_rejected_total:size");
      // RFC 1870 §6.1: 552, for this recipient only.
      return limit.refusal === DELIVERY_REFUSAL.tooLargeForRecipient
        ? { ...replyOf(limit.refusal), code: 552 }
        : REPLY.messageTooBig;
    }
    const restriction = found && this.#restrictionOf(found);
    if (restriction !== undefined) {
      this.#dependencies.count("postrider_rejected_total:recipient");
      return replyOf(restriction);
    }
    const excess = this.#excess("recipients", recipientCount);
    if (excess !== undefined) return excess;
    this.#bytesMax = Math.max(this.#bytesMax, limit.bytesMax);
    return undefined;
  }

  take(recipientCount: number): Reply | undefined {
    if (this.#userLimits.length === 0) return undefined;
    const { rates, clock } = this.#dependencies;
    const excess = this.#excess("messages", 1) ?? this.#excess("recipients", recipientCount);
    if (excess !== undefined) return excess;
    const nowMs = clock.nowMs();
    countEvents(rates, this.#userLimits, { events: "messages", amount: 1, nowMs });
    const recipients = { events: "recipients", amount: recipientCount, nowMs } as const;
    countEvents(rates, this.#userLimits, recipients);
    return undefined;
  }

  #begin(): Reply | undefined {
    const { rates, clock, count } = this.#dependencies;
    const { connector, envelope, remoteAddress, standing } = this.#transaction;
    const account = standing.logon?.account;
    const { sender } = envelope;
    const limits = messageRateLimits(connector, { remoteAddress, account, sender });
    const message = { events: "messages", amount: 1, nowMs: clock.nowMs() } as const;
    const excess = findExcess(rates, limits, message);
    if (excess !== undefined) {
      this.#tell(excess);
      return POLICY_REPLY.messageRateExceeded;
    }
    if (this.#isDeclaredTooLarge(this.#senderSize)) {
      count("postrider_rejected_total:size");
      return REPLY.messageTooBig;
    }
    const userExcess = this.#excess("messages", 1);
    // Sessions of one client run side by side: what is counted later would let them all through.
    if (userExcess === undefined) countEvents(rates, limits, message);
    return userExcess;
  }

  /** A server of ours may still say that the message was smaller when it came to us. */
  #isDeclaredTooLarge({ bytesMax }: SizeLimit): boolean {
    const { sizeBytes } = this.#transaction;
    return sizeBytes !== undefined && sizeBytes > bytesMax && !this.believesOriginalSize;
  }

  /**
   * Strangers who may not write are told now, and get no notice, which might go to somebody else.
   * All else that lists say takes the directory, and is the categorizer's.
   */
  #restrictionOf(found: OrganizationRecipient): DeliveryRefusal | undefined {
    const { envelope, standing } = this.#transaction;
    if (standing.isAuthenticated) return undefined;
    if (found.requireSenderAuthenticationEnabled) return notAuthenticatedRefusal(found);
    const { rejectMessagesFromSendersOrMembers: rejected } = found;
    if (rejected.length === 0 || envelope.sender === "") return undefined;
    const key = addressKey(envelope.sender);
    const isRejected = rejected.some((address) => addressKey(address) === key);
    return isRejected ? DELIVERY_REFUSAL.notAuthorized : undefined;
  }

  #excess(events: "messages" | "recipients", amount: number): Reply | undefined {
    if (this.#userLimits.length === 0) return undefined;
    const { rates, clock } = this.#dependencies;
    const more = { events, amount, nowMs: clock.nowMs() };
    const excess = findExcess(rates, this.#userLimits, more);
    if (excess === undefined) return undefined;
    this.#tell(excess);
    return excessReply(excess);
  }

  #tell({ limit }: RateExcess): void {
    const { count, log } = this.#dependencies;
    const { connector, remoteAddress } = this.#transaction;
    count(limit.metric);
    const { what, window } = limit;
    log("sender-throttled", {
      connector: connector.name,
      remoteAddress,
      what,
      limit: limit.limit,
      window: window.name,
    });
  }
}

function replyOf({ code, status, text }: DeliveryRefusal): Reply {
  return { code, status, lines: [text] };
}
