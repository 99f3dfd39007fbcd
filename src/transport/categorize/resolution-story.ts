import type { Address } from "../../mail/address.ts";
import type { QueuedMessage, QueuedRecipient } from "../../store/queue-store.ts";
import type { EventId, TrackingEvent } from "../tracking/event.ts";

/** Recipients in one line of the tracking log. */
const LINE_RECIPIENTS_MAX = 500;
/** Lines about single addresses in one message's story; past them, other events still tell. */
const SINGLE_EVENTS_MAX = 1000;

type PairEvent = Extract<EventId, "RESOLVE" | "REDIRECT" | "DUPLICATEREDIRECT">;
type ListEvent = Extract<EventId, "EXPAND" | "DUPLICATEEXPAND">;

/** Collects the tracking events of one categorization, in order and bounded. */
export class ResolutionStory {
  readonly #message: QueuedMessage;
  readonly #events: TrackingEvent[] = [];
  #singleCount = 0;

  constructor(message: QueuedMessage) {
    this.#message = message;
  }

  get events(): readonly TrackingEvent[] {
    return this.#events;
  }

  /** What else has happened, after what is told so far. */
  goOn({ events }: ResolutionStory): void {
    this.#events.push(...events);
  }

  /** One address has become another. */
  became(event: PairEvent, from: Address, to: Address): void {
    this.#singleCount += 1;
    if (this.#singleCount <= SINGLE_EVENTS_MAX) this.#add(event, [to], { relatedRecipient: from });
  }

  /** What a group led to. */
  listed(event: ListEvent, group: Address, members: readonly Address[]): void {
    for (let first = 0; first < members.length; first += LINE_RECIPIENTS_MAX) {
      const line = members.slice(first, first + LINE_RECIPIENTS_MAX);
      this.#add(event, line, { relatedRecipient: group });
    }
  }

  /** A recipient goes no further, and nobody is told. */
  dropped(address: Address, why: string): void {
    this.#singleCount += 1;
    if (this.#singleCount <= SINGLE_EVENTS_MAX)
      this.#add("DROP", [address], { sourceContext: why });
  }

  /** Nobody is there to approve what goes to a moderated recipient. */
  unapprovable(address: Address): void {
    const recipients = [{ address, status: "" }];
    const event = { event: "MODERATORSALLNDR", source: "APPROVAL" } as const;
    this.#events.push({ ...event, message: this.#message, recipients });
  }

  /** Recipients have moved to a copy. */
  transferred(fork: QueuedMessage, recipients: readonly QueuedRecipient[]): void {
    this.#events.push({
      event: "TRANSFER",
      source: "ROUTING",
      message: fork,
      recipients: recipients.map(({ address }) => ({ address, status: "" })),
      reference: String(this.#message.id),
    });
  }

  #add(
    event: EventId,
    addresses: readonly Address[],
    about: { readonly relatedRecipient?: string; readonly sourceContext?: string },
  ): void {
    const recipients = addresses.map((address) => ({ address, status: "" }));
    this.#events.push({ event, source: "ROUTING", message: this.#message, recipients, ...about });
  }
}
