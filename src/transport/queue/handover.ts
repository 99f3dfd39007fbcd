import { type MessagePort, receiveMessageOnPort } from "node:worker_threads";
import type { QueuedMessage, QueuedRecipient, QueueKey } from "../../store/queue-store.ts";
import type { Holding } from "./holding.ts";
import { formatQueueKey, selectOwner } from "./queue-key.ts";

/** A delivery on its way to the thread that owns its queue. */
export interface RoutedDelivery {
  readonly key: QueueKey;
  readonly message: QueuedMessage;
  readonly recipients: readonly QueuedRecipient[];
  /** The whole content, when it is in memory. */
  readonly piece: Uint8Array | undefined;
}

type Packed = readonly [
  key: QueueKey,
  message: string,
  recipients: string,
  piece: Uint8Array | undefined,
];
type PeerMessage =
  | { readonly kind: "deliveries"; readonly batch: number; readonly items: readonly Packed[] }
  | { readonly kind: "taken"; readonly batch: number };

/**
 * Deliveries on their way to one thread that may carry their content; more are read back from the
 * store.
 */
const PIECES_MAX = 1_000;

/**
 * Hands deliveries to the threads that own their queues. What was handed over stays on the books
 * here until the other thread has it on its own: at no moment does a message belong to nobody.
 */
export class Handover {
  readonly #ownIndex: number;
  readonly #threadCount: number;
  readonly #receive: (delivery: RoutedDelivery) => void;
  readonly #peers = new Map<number, Peer>();

  constructor(parts: {
    readonly ownIndex: number;
    readonly threadCount: number;
    readonly receive: (delivery: RoutedDelivery) => void;
  }) {
    this.#ownIndex = parts.ownIndex;
    this.#threadCount = parts.threadCount;
    this.#receive = parts.receive;
  }

  /** Whether this thread owns the queue of that key. */
  owns(key: QueueKey): boolean {
    return selectOwner(formatQueueKey(key), this.#threadCount) === this.#ownIndex;
  }

  /** Gives a delivery to the owner of its queue. */
  send(delivery: RoutedDelivery): void {
    const owner = selectOwner(formatQueueKey(delivery.key), this.#threadCount);
    if (owner === this.#ownIndex) this.#receive(delivery);
    else this.#peer(owner).send(delivery);
  }

  /**
   * Connects to another thread, or to the one that took its place; what the old one had not taken
   * goes to it.
   */
  connect(index: number, port: MessagePort): void {
    this.#peer(index).connect(port, this.#receive);
  }

  /** Deliveries that other threads have not taken yet. */
  get pendingCount(): number {
    let count = 0;
    for (const peer of this.#peers.values()) count += peer.pendingCount;
    return count;
  }

  /**
   * What other threads have not taken yet, and what they took a moment ago: `asker` may have asked
   * them before, and us after. What it took itself is no concern of the others.
   */
  holdings(asker: number): readonly Holding[] {
    return [...this.#peers].flatMap(([index, peer]) => [
      ...peer.pending(),
      ...(index === asker ? [] : peer.recentlyTaken()),
    ]);
  }

  /** To be called every few seconds: what was taken before the last call is forgotten. */
  forget(): void {
    for (const peer of this.#peers.values()) peer.forget();
  }

  #peer(index: number): Peer {
    let peer = this.#peers.get(index);
    if (peer === undefined) {
      peer = new Peer();
      this.#peers.set(index, peer);
    }
    return peer;
  }
}

class Peer {
  #port: MessagePort | undefined;
  #batch = 0;
  #outgoing: RoutedDelivery[] = [];
  readonly #sent = new Map<number, readonly RoutedDelivery[]>();
  #isScheduled = false;
  #pendingCount = 0;
  /** Taken since the last `forget`, and before it. */
  #taken: Holding[] = [];
  #takenBefore: Holding[] = [];

  get pendingCount(): number {
    return this.#pendingCount;
  }

  send(delivery: RoutedDelivery): void {
    this.#pendingCount += 1;
    this.#outgoing.push(
      this.#pendingCount > PIECES_MAX ? { ...delivery, piece: undefined } : delivery,
    );
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#flush();
    });
  }

  connect(port: MessagePort, receive: (delivery: RoutedDelivery) => void): void {
    // What the thread before had sent is ours, and must count as such from now on.
    this.#drain(receive);
    this.#port = port;
    this.#outgoing = [...[...this.#sent.values()].flat(), ...this.#outgoing];
    this.#sent.clear();
    this.#taken = [];
    this.#takenBefore = [];
    port.on("message", (message: PeerMessage) => {
      if (this.#port === port) this.#read(message, receive);
    });
    this.#flush();
  }

  #drain(receive: (delivery: RoutedDelivery) => void): void {
    const port = this.#port;
    if (port === undefined) return;
    for (;;) {
      const waiting: { readonly message: PeerMessage } | undefined = receiveMessageOnPort(port);
      if (waiting === undefined) break;
      this.#read(waiting.message, receive);
    }
    port.close();
  }

  #read(message: PeerMessage, receive: (delivery: RoutedDelivery) => void): void {
    if (message.kind === "taken") {
      const taken = this.#sent.get(message.batch) ?? [];
      this.#sent.delete(message.batch);
      this.#pendingCount -= taken.length;
      for (const delivery of taken) this.#taken.push(holdingOf(delivery));
      return;
    }
    for (const item of message.items) receive(unpack(item));
    this.#port?.postMessage({ kind: "taken", batch: message.batch } satisfies PeerMessage);
  }

  pending(): readonly Holding[] {
    return [...[...this.#sent.values()].flat(), ...this.#outgoing].map(holdingOf);
  }

  recentlyTaken(): readonly Holding[] {
    return [...this.#taken, ...this.#takenBefore];
  }

  forget(): void {
    this.#takenBefore = this.#taken;
    this.#taken = [];
  }

  #flush(): void {
    if (this.#port === undefined || this.#outgoing.length === 0) return;
    const deliveries = this.#outgoing;
    this.#outgoing = [];
    this.#batch += 1;
    this.#sent.set(this.#batch, deliveries);
    const items = deliveries.map(pack);
    this.#port.postMessage({ kind: "deliveries", batch: this.#batch, items } satisfies PeerMessage);
  }
}

/** What a thread that has a delivery has in hand. */
export function holdingOf({ message, recipients }: RoutedDelivery): Holding {
  return { messageId: message.id, positions: recipients.map(({ position }) => position) };
}

/** As JSON texts: two strings cross a thread's border faster than a tree of small objects. */
function pack({ key, message, recipients, piece }: RoutedDelivery): Packed {
  return [key, JSON.stringify(message), JSON.stringify(recipients), piece];
}

function unpack([key, message, recipients, piece]: Packed): RoutedDelivery {
  return {
    key,
    message: JSON.parse(message) as QueuedMessage,
    recipients: JSON.parse(recipients) as readonly QueuedRecipient[],
    piece,
  };
}
