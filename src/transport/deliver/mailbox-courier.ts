import { join } from "node:path";
import type { Clock } from "../../base/clock.ts";
import type { Diagnostics } from "../../base/diagnostics.ts";
import { type Address, localPartOf } from "../../mail/address.ts";
import type { HeaderEdit } from "../../mail/header-edit.ts";
import { openOutgoing, outgoingIfInMemory } from "../../mail/outgoing-content.ts";
import { editsFor } from "../../mail/outgoing-firewall.ts";
import type { Directory } from "../../org/directory.ts";
import type { Organization, OrganizationRecipient } from "../../org/organization.ts";
import { type QueuedMessage, type QueuedRecipient, StoreFailure } from "../../store/queue-store.ts";
import type { Courier, Delivery, Lane, RecipientOutcome } from "../queue/courier.ts";
import type { Hop, Outcome } from "../queue/outcome.ts";
import { deferralOf, MAILBOX_FULL, NO_DIRECTORY, NO_MAILBOX } from "./delivery-fault.ts";
import { Gate } from "./gate.ts";
import { isJunk, JUNK_FOLDER } from "./junk-mail.ts";
import { maildirPath } from "./mailbox-path.ts";
import { MailboxUsage } from "./mailbox-usage.ts";
import { MaildirWriter } from "./maildir.ts";
import { codeOf } from "./system-error.ts";

/** Deliveries into one mailbox at a time; more would only wait for the same directory's flush. */
const PER_MAILBOX_MAX = 4;
/** Recipients of one delivery that are looked up together. */
const LOOKUP_BATCH = 500;

/** Delivers to mailboxes below the data directory (delivery type SmtpDeliveryToMailbox). */
export function openMailboxCourier(options: {
  readonly dataDirectory: string;
  /** Part of the names of files: other servers may share the mailboxes. */
  readonly hostName: string;
  readonly directory: Directory;
  readonly clock: Clock;
  readonly diagnostics: Diagnostics;
}): Courier {
  const courier = new MailboxCourier(options);
  return { run: (lane) => courier.run(lane) };
}

const LOCAL: Hop = { name: "", address: "", localAddress: "" };

/** What all deliveries of one message have in common. */
interface Writing {
  /** Deliveries at one time. */
  readonly limit: number;
  /** As mailboxes see the message. */
  readonly edits: readonly HeaderEdit[];
}

/** A mailbox to put mail into. */
interface Target {
  readonly address: Address;
  readonly quotaBytes: number;
  /** In the Maildir; "" for the inbox. */
  readonly folder: string;
}

/**
 * The mailbox of a recipient, and the folder for this message. Mail to a postmaster that nobody has
 * taken on goes into a mailbox of that name all the same: it may never be refused or lost (RFC 5321
 * §4.5.1).
 */
function targetOf(
  found: OrganizationRecipient | undefined,
  { address }: QueuedRecipient,
  { message, organization }: { message: QueuedMessage; organization: Organization },
): Target | undefined {
  if (found?.kind === "mailbox") {
    const folder = isJunk(message, found, organization) ? JUNK_FOLDER : "";
    const { primarySmtpAddress, prohibitSendReceiveQuota: quotaBytes } = found;
    return { address: primarySmtpAddress, quotaBytes, folder };
  }
  const isPostmaster = localPartOf(address).toLowerCase() === "postmaster";
  const quotaBytes = Number.POSITIVE_INFINITY;
  return isPostmaster ? { address, quotaBytes, folder: "" } : undefined;
}

class MailboxCourier {
  readonly #dataDirectory: string;
  readonly #directory: Directory;
  readonly #diagnostics: Diagnostics;
  readonly #writer: MaildirWriter;
  readonly #usage: MailboxUsage;
  readonly #all = new Gate();
  readonly #perMailbox = new Map<string, Gate>();

  constructor(options: Parameters<typeof openMailboxCourier>[0]) {
    this.#dataDirectory = options.dataDirectory;
    this.#directory = options.directory;
    this.#diagnostics = options.diagnostics;
    this.#writer = new MaildirWriter(options);
    this.#usage = new MailboxUsage(options.clock);
  }

  async run(lane: Lane): ReturnType<Courier["run"]> {
    // What is wrong with one mailbox is that mailbox's: the queue as a whole never backs off.
    lane.connected(LOCAL);
    while (!lane.signal.aborted) {
      const delivery = lane.take();
      if (delivery === undefined) break;
      lane.settle(delivery, await this.#deliver(delivery, lane));
    }
    return { kind: "done" };
  }

  async #deliver(delivery: Delivery, lane: Lane): Promise<readonly RecipientOutcome[]> {
    const { transportService, server } = lane.organization;
    const how: Writing = {
      limit: transportService.maxConcurrentMailboxDeliveries,
      edits: editsFor(delivery.message, { audience: "mailbox", serverName: server.fqdn }),
    };
    const outcomes: RecipientOutcome[] = [];
    for (let first = 0; first < delivery.recipients.length; first += LOOKUP_BATCH) {
      const batch = delivery.recipients.slice(first, first + LOOKUP_BATCH);
      const found = await this.#look(batch);
      const ended = await Promise.allSettled(
        batch.map(async (recipient, index) => {
          if (found === undefined) return NO_DIRECTORY;
          const target = targetOf(found[index], recipient, {
            message: delivery.message,
            organization: lane.organization,
          });
          if (target === undefined) return NO_MAILBOX;
          return this.#deliverTo(target, recipient, delivery, how);
        }),
      );
      for (const [index, end] of ended.entries()) {
        // Only now, when no other of them still writes, may our own mistake end the lane.
        if (end.status === "rejected") throw end.reason;
        const position = batch[index]?.position;
        if (position !== undefined) outcomes.push({ position, outcome: end.value });
      }
    }
    return outcomes;
  }

  /** `undefined` when the directory can't say. */
  async #look(
    recipients: readonly QueuedRecipient[],
  ): Promise<readonly (OrganizationRecipient | undefined)[] | undefined> {
    try {
      return await this.#directory.findRecipients(recipients.map(({ address }) => address));
    } catch (error) {
      if (!(error instanceof StoreFailure)) throw error;
      this.#diagnostics.warn("mailbox-lookup-failed", { reason: error.message });
      return undefined;
    }
  }

  async #deliverTo(
    target: Target,
    recipient: QueuedRecipient,
    delivery: Delivery,
    { limit, edits }: Writing,
  ): Promise<Outcome> {
    const maildir = maildirPath(this.#dataDirectory, target.address);
    const gate = this.#perMailbox.get(maildir) ?? new Gate();
    this.#perMailbox.set(maildir, gate);
    try {
      // The mailbox's gate comes first: those who wait for a busy mailbox hold no place of all.
      return await gate.run(PER_MAILBOX_MAX, () =>
        this.#all.run(limit, () =>
          this.#put(maildir, target, delivery, {
            recipient,
            edits: deliveryEdits(edits, recipient, delivery),
          }),
        ),
      );
    } catch (error) {
      const deferral = deferralOf(error);
      if (deferral === undefined) throw error;
      this.#diagnostics.warn("mailbox-delivery-deferred", {
        maildir,
        messageId: delivery.message.id,
        code: codeOf(error),
        reason: error instanceof Error ? error.message : undefined,
      });
      return deferral;
    } finally {
      if (gate.idle) this.#perMailbox.delete(maildir);
    }
  }

  async #put(
    maildir: string,
    { quotaBytes, folder }: Target,
    delivery: Delivery,
    { recipient, edits }: { readonly recipient: QueuedRecipient } & Pick<Writing, "edits">,
  ): Promise<Outcome> {
    const { message, content } = delivery;
    const { keptAs } = recipient;
    // What comes out of the Safety Net has the name that it had: so the mailbox knows it.
    const messageId = keptAs?.messageId ?? message.id;
    const position = keptAs?.position ?? recipient.position;
    const { receivedMs } = message;
    const mayBeThere = delivery.possibleDuplicate || keptAs !== undefined;
    const name = this.#writer.nameOf({ messageId, position, receivedMs });
    const reply = "250 2.1.5 Delivered to mailbox";
    // No hop: it never left this server.
    const delivered = { kind: "delivered", hop: undefined, reply } as const;
    const place = join(maildir, folder);
    if (mayBeThere && (await this.#writer.has(place, name))) return delivered;
    const room = await this.#usage.reserve(maildir, message.contentBytes, quotaBytes);
    if (room === undefined) return MAILBOX_FULL;
    try {
      const bytes = await this.#writer.write(
        place,
        name,
        () => outgoingIfInMemory(content, edits) ?? openOutgoing(content, edits),
      );
      room.keep(bytes);
    } catch (error) {
      room.release();
      throw error;
    }
    return delivered;
  }
}

/**
 * What final delivery changes (RFC 5321 §4.4): Return-Path with the envelope's sender, in place of
 * any that came with the message and would be believed, and Delivered-To. What is for servers only
 * stays behind.
 */
function deliveryEdits(
  edits: readonly HeaderEdit[],
  recipient: QueuedRecipient,
  { message }: Delivery,
): readonly HeaderEdit[] {
  const { sender } = message.envelope;
  const text = `Return-Path: <${sender}>\r\nDelivered-To: ${recipient.address}\r\n`;
  return [...edits, { kind: "remove", name: "Return-Path" }, { kind: "prepend", text }];
}
