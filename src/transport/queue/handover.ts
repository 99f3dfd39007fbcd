import type { MessagePort } from "node:worker_threads";
import type { QueuedMessage, QueuedRecipient, QueueKey } from "../../store/queue-store.ts";
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
 * Hands deliveries to the threads that own their queues. What was handed over stays on the books here
 * until the other thread has it on its own: at no moment does a message belong to nobody.
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

  /** Connects to another thread, or to the one that took its place; what the old one had not taken goes to it. */
  connect(index: number, port: MessagePort): void {
    this.#peer(index).connect(port, this.#receive);
  }

  /** Ids of the messages that other threads have not taken yet. */
  pendingIds(): readonly number[] {
    return [...this.#peers.values()].flatMap((peer) => peer.pendingIds());
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

  send(delivery: RoutedDelivery): void {
    this.#outgoing.push(delivery);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#flush();
    });
  }

  connect(port: MessagePort, receive: (delivery: RoutedDelivery) => void): void {
    this.#port = port;
    this.#outgoing = [...[...this.#sent.values()].flat(), ...this.#outgoing];
    this.#sent.clear();
    port.on("message", (message: PeerMessage) => {
      if (message.kind === "taken") {
        this.#sent.delete(message.batch);
        return;
      }
      for (const item of message.items) receive(unpack(item));
      port.postMessage({ kind: "taken", batch: message.batch } satisfies PeerMessage);
    });
    this.#flush();
  }

  pendingIds(): readonly number[] {
    return [...[...this.#sent.values()].flat(), ...this.#outgoing].map(({ message }) => message.id);
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
