import { assert } from "../../base/assert.ts";
import type { Address } from "../../mail/address.ts";
import { formatMail, formatRcpt, isAscii, type MailOptions } from "../../smtp/client-commands.ts";
import { type QueuedRecipient, StoreFailure } from "../../store/queue-store.ts";
import type { Delivery, RecipientOutcome } from "../queue/courier.ts";
import type { Fault, Hop, Outcome } from "../queue/outcome.ts";
import type { ClientSession, TransactionReport } from "./client-session.ts";
import { ourFault, sessionFault } from "./hop-fault.ts";
import {
  needsUtf8Fault,
  type OutgoingMessage,
  type OutgoingWay,
  prepareMessage,
} from "./outgoing-message.ts";
import { isTooMany, outcomeOf } from "./recipient-outcome.ts";
import { needsRequireTls } from "./require-tls.ts";

/** A session with the hop it leads to. */
export interface HopSession {
  readonly session: ClientSession;
  readonly hop: Hop;
  readonly protocol: "smtp" | "lmtp";
  /** Why a message with REQUIRETLS must not go this way; `undefined`: it may. */
  readonly requireTlsFault: () => Fault | undefined;
  /** Why mail for that recipient must not go this way; `undefined`: everybody's may. */
  readonly recipientFault?: ((address: Address) => Fault | undefined) | undefined;
}

/**
 * Recipients of one transaction when the hop names no limit: what every server must take (RFC 5321
 * §4.5.3.1.8).
 */
const RECIPIENTS_MAX = 100;

const STORE_FAULT = ourFault(451, "4.3.0", "The message could not be read from the queue", "QUEUE");

/** A transaction that has begun. */
interface StartedTransaction {
  readonly target: HopSession;
  readonly message: OutgoingMessage;
  readonly report: Promise<TransactionReport>;
}

/**
 * One delivery on its way: as many transactions as its recipients need, over one session, or over
 * the next one when the first ends before the content was sent.
 */
export class DeliveryAttempt {
  readonly delivery: Delivery;
  readonly outcomes: RecipientOutcome[] = [];
  /** Messages that a server took over, for the limit per connection and the totals. */
  transactionCount = 0;
  bytesSent = 0;
  /** The hop answered for a recipient by other than 421, or it was our own store that failed. */
  isHopHealthy = false;
  readonly #way: OutgoingWay;
  #open: readonly QueuedRecipient[];
  /** The first transaction, begun behind the message before. */
  #started: StartedTransaction | undefined;
  /** A message that has to be looked through is looked through once, behind the one before. */
  #preparing:
    | { readonly target: HopSession; readonly prepared: ReturnType<typeof prepareMessage> }
    | undefined;

  constructor(delivery: Delivery, way: OutgoingWay) {
    this.delivery = delivery;
    this.#way = way;
    this.#open = delivery.recipients;
  }

  /** Whether the message may go that way as far as its REQUIRETLS is concerned. */
  mayUse({ protocol, requireTlsFault }: HopSession): boolean {
    // The last hop of the way, to the mailbox, is not under it (RFC 8689 §4.2.2).
    if (protocol === "lmtp" || !this.needsRequireTls) return true;
    return requireTlsFault() === undefined;
  }

  get needsRequireTls(): boolean {
    return needsRequireTls(this.delivery.message.envelope);
  }

  /** Whether every recipient has an outcome. */
  get isComplete(): boolean {
    return this.#open.length === 0;
  }

  /** Whether the transaction that runs now is the last that it needs, as far as is known. */
  fitsOneTransaction({ session }: HopSession): boolean {
    return this.#open.length <= (session.offers.recipientsMax ?? RECIPIENTS_MAX);
  }

  /**
   * Begins at once, behind another message of the same session, if nothing has to be waited for or
   * decided first; `run` goes on from there.
   */
  start(target: HopSession): void {
    const { session, protocol } = target;
    if (!session.mayFollow || !this.fitsOneTransaction(target) || !this.mayUse(target)) return;
    if (this.#open.some(({ address }) => target.recipientFault?.(address) !== undefined)) return;
    const way = { ...this.#way, protocol };
    const prepared = prepareMessage(this.delivery, session.offers, way);
    if (prepared instanceof Promise) {
      this.#preparing = { target, prepared };
      // What may be wrong with it is dealt with by `run`, if it comes to that.
      prepared.catch(() => undefined);
      return;
    }
    if (prepared.kind !== "ready" || prepared.message.content.pieces === undefined) return;
    if (!this.#open.every(({ address }) => isAscii(address))) return;
    const { message } = prepared;
    this.#started = { target, message, report: this.#begin(target, message, this.#open) };
  }

  /**
   * Works until every recipient has its outcome or the session has ended; recipients that the end
   * of the session left untried stay open. Rejects when we are wrong, and then only.
   */
  async run(target: HopSession): Promise<void> {
    const { session } = target;
    const started = this.#started;
    this.#started = undefined;
    if (started?.target === target) {
      this.#open = await this.#finish(started, this.#open);
      if (this.#open.length === 0 || session.end !== undefined) return;
    }
    if (target.recipientFault !== undefined) this.#deferUnprotected(target.recipientFault);
    if (this.#open.length === 0) return;
    let prepared: Awaited<ReturnType<typeof prepareMessage>>;
    try {
      const begun = this.#preparing?.target === target ? this.#preparing.prepared : undefined;
      this.#preparing = undefined;
      const way = { ...this.#way, protocol: target.protocol };
      const answer = begun ?? prepareMessage(this.delivery, session.offers, way);
      prepared = answer instanceof Promise ? await answer : answer;
    } catch (error) {
      return this.#failToRead(error);
    }
    if (prepared.kind === "unfit") return this.close({ kind: "failed", fault: prepared.fault });
    if (prepared.kind === "waits") {
      this.isHopHealthy = true;
      return this.close({ kind: "deferred", fault: prepared.fault });
    }
    if (!session.offers.smtpUtf8) this.#refuseUtf8Addresses();
    let limit = session.offers.recipientsMax ?? RECIPIENTS_MAX;
    while (this.#open.length > 0 && session.end === undefined) {
      limit = await this.#transact(target, prepared.message, limit);
    }
  }

  /** Gives the recipients that are still open one outcome. */
  close(outcome: Outcome): void {
    for (const { position } of this.#open) this.outcomes.push({ position, outcome });
    this.#open = [];
  }

  #failToRead(error: unknown): void {
    if (!(error instanceof StoreFailure)) throw error;
    this.isHopHealthy = true;
    this.close({ kind: "deferred", fault: STORE_FAULT });
  }

  #deferUnprotected(faultOf: (address: Address) => Fault | undefined): void {
    this.#open = this.#open.filter(({ address, position }) => {
      const fault = faultOf(address);
      if (fault !== undefined)
        this.outcomes.push({ position, outcome: { kind: "deferred", fault } });
      return fault === undefined;
    });
  }

  #refuseUtf8Addresses(): void {
    if (this.#open.every(({ address }) => isAscii(address))) return;
    const outcome: Outcome = { kind: "failed", fault: needsUtf8Fault() };
    for (const { address, position } of this.#open) {
      if (!isAscii(address)) this.outcomes.push({ position, outcome });
    }
    this.#open = this.#open.filter(({ address }) => isAscii(address));
  }

  /** One transaction; returns how many recipients the next one may have. */
  async #transact(target: HopSession, message: OutgoingMessage, limit: number): Promise<number> {
    const group = this.#open.length > limit ? this.#open.slice(0, limit) : this.#open;
    const rest = this.#open.length > limit ? this.#open.slice(limit) : [];
    const report = this.#begin(target, message, group);
    const untried = await this.#finish({ target, message, report }, group);
    this.#open = [...untried, ...rest];
    return untried.length === 0 ? limit : Math.max(1, group.length - untried.length);
  }

  #begin(
    { session }: HopSession,
    message: OutgoingMessage,
    group: readonly QueuedRecipient[],
  ): Promise<TransactionReport> {
    const { plan, body } = message;
    const { envelope, origin } = this.delivery.message;
    const { sender } = message;
    const sent = sender === envelope.sender ? envelope : { ...envelope, sender };
    // Where mail is led to may need it though the message does not (RFC 6531 §3.4).
    const needsUtf8 = () => !isAscii(sender) || !group.every(({ address }) => isAscii(address));
    const options: MailOptions = {
      sizeBytes: message.bytes,
      body,
      smtpUtf8: plan.smtpUtf8 || (session.offers.smtpUtf8 && needsUtf8()),
      dsn: plan.dsn === "passed",
      requireTls: session.tls !== undefined,
      submitter: session.isLoggedOn ? (envelope.submitter ?? origin.account) : undefined,
    };
    const transaction = {
      mail: formatMail(sent, session.offers, options),
      recipients: group.map((recipient) => formatRcpt(recipient, session.offers, options)),
      transfer: plan.transfer,
    };
    return session.transact(transaction, message.content);
  }

  /** Waits for a transaction's end and books it; returns the recipients to be tried again. */
  async #finish(
    started: StartedTransaction,
    group: readonly QueuedRecipient[],
  ): Promise<readonly QueuedRecipient[]> {
    const report = await started.report;
    if (report.contentError === undefined) {
      return this.#collect(started.target, started.message, { group, report });
    }
    this.#failToRead(report.contentError);
    return [];
  }

  /** Books the results of a transaction; returns the recipients that are to be tried again now. */
  #collect(
    { session, hop, protocol }: HopSession,
    { plan, bytes }: OutgoingMessage,
    { group, report }: { group: readonly QueuedRecipient[]; report: TransactionReport },
  ): QueuedRecipient[] {
    const { results, contentSent } = report;
    const context = { hop, protocol, dsn: plan.dsn, contentSent, end: session.end };
    const isAccepted = results.some((result) => result.kind === "accepted");
    const untried: QueuedRecipient[] = [];
    for (const [index, result] of results.entries()) {
      const recipient = group[index];
      assert(recipient !== undefined, "a result for nobody");
      // The server took its fill: the others follow in a transaction of their own.
      if (result.kind !== "lost" && result.reply.code !== 421) this.isHopHealthy = true;
      const isLeftOver = isAccepted && isTooMany(result);
      if (isLeftOver || this.#isUntried(result, report, session)) untried.push(recipient);
      else
        this.outcomes.push({ position: recipient.position, outcome: outcomeOf(result, context) });
    }
    if (isAccepted) {
      this.transactionCount += 1;
      this.bytesSent += bytes;
    }
    return untried;
  }

  /** The session ended, by 421 or without a word, before this recipient's message was sent. */
  #isUntried(
    result: TransactionReport["results"][number],
    report: TransactionReport,
    session: ClientSession,
  ): boolean {
    if (report.contentSent || session.end === undefined) return false;
    if (result.kind === "lost") return true;
    return result.kind === "refused" && result.reply.code === 421;
  }
}

/** What is to be said of recipients that the end of their session left open. */
export function leftOpenFault({ session, hop }: HopSession): Fault {
  return sessionFault(session.end ?? { kind: "lost", cause: "closed" }, hop);
}
