import type { Organization, SendConnector } from "../../org/organization.ts";
import type { RecipientOutcome } from "./courier.ts";
import type { DeliveryQueue } from "./delivery-queue.ts";
import { isSlowDown } from "./learned-pace.ts";
import type { Fault } from "./outcome.ts";
import type { QueueContext } from "./queue-context.ts";

/** Messages that a lane carries at a time while others wait for its connector's connections. */
const SHARE_MESSAGES = 20;

/** Lanes of one send connector in this thread. */
interface ConnectorLanes {
  count: number;
  /** Queues that were denied a lane, the first first. */
  readonly denied: Set<DeliveryQueue>;
}

/**
 * Limits on outgoing connections and messages (reference §11): of the service, of each connector
 * and of each destination. A queue is one destination and belongs to one thread, which alone counts
 * it; what spans queues is shared out evenly among the threads, at least one connection to each.
 */
export class OutgoingLimits {
  readonly #context: QueueContext;
  /** Lanes that count as outgoing connections. */
  #count = 0;
  readonly #byConnector = new Map<string, ConnectorLanes>();
  #organization: Organization | undefined;
  #connectors: ReadonlyMap<string, SendConnector> = new Map();

  constructor(context: QueueContext) {
    this.#context = context;
  }

  /** Lanes that the queue may have, as far as it alone is concerned. */
  laneMax(queue: DeliveryQueue): number {
    const service = this.#context.organization().transportService;
    if (isLocal(queue)) return service.maxConcurrentMailboxDeliveries;
    return Math.min(service.maxPerDomainOutboundConnections, queue.pace.connectionsMax);
  }

  /** Whether the server or the connector has as many connections as it may. Mailboxes need none. */
  isAtLimit(queue: DeliveryQueue): boolean {
    if (isLocal(queue)) return false;
    const { maxOutboundConnections } = this.#context.organization().transportService;
    if (this.#count * this.#context.threadCount >= maxOutboundConnections) return true;
    const max = this.#connectorMax(queue);
    if (max === Number.POSITIVE_INFINITY) return false;
    const lanes = this.#lanesOf(queue);
    const isAtLimit = lanes.count >= max;
    if (isAtLimit && queue.laneCount === 0) lanes.denied.add(queue);
    return isAtLimit;
  }

  /** A lane of the queue opens. */
  opened(queue: DeliveryQueue): void {
    if (isLocal(queue)) return;
    this.#count += 1;
    const lanes = this.#lanesOf(queue);
    lanes.count += 1;
    lanes.denied.delete(queue);
  }

  /** A lane has ended; returns who may want one now, whoever has waited longest for it first. */
  closed(queue: DeliveryQueue): readonly DeliveryQueue[] {
    if (isLocal(queue)) return [queue];
    this.#count -= 1;
    const lanes = this.#lanesOf(queue);
    lanes.count -= 1;
    const [next] = lanes.denied;
    if (next !== undefined) lanes.denied.delete(next);
    else if (lanes.count === 0) this.#byConnector.delete(queue.key.nextHopConnector);
    return next === undefined || next === queue ? [queue] : [next, queue];
  }

  /** Whether a lane that has carried so many messages has to let another queue have its turn. */
  mustYield(queue: DeliveryQueue, takenCount: number): boolean {
    if (takenCount < SHARE_MESSAGES) return false;
    const lanes = this.#byConnector.get(queue.key.nextHopConnector);
    return lanes !== undefined && lanes.denied.size > 0;
  }

  /** Brings the queue's pace up to date. */
  refresh(queue: DeliveryQueue): void {
    const limit = this.#connectorOf(queue)?.messageRateLimit ?? Number.POSITIVE_INFINITY;
    queue.pace.refresh(this.#context.clock.monotonicMs(), limit);
  }

  /** Learns from how deliveries ended. */
  learn(queue: DeliveryQueue, outcomes: readonly RecipientOutcome[]): void {
    for (const { outcome } of outcomes) {
      if (outcome.kind === "deferred") this.learnFault(queue, outcome.fault);
    }
  }

  /** As `learn`, from what ended a connection. */
  learnFault(queue: DeliveryQueue, fault: Fault): void {
    if (isLocal(queue) || !isSlowDown(fault)) return;
    const nowMs = this.#context.clock.monotonicMs();
    if (!queue.pace.slowed(nowMs, Math.max(1, queue.connectedCount))) return;
    this.#context.diagnostics.info("queue-slowed", {
      nextHopDomain: queue.key.nextHopDomain,
      nextHopConnector: queue.key.nextHopConnector,
      connectionsMax: queue.pace.connectionsMax,
      reply: fault.diagnostic,
    });
  }

  #lanesOf(queue: DeliveryQueue): ConnectorLanes {
    const name = queue.key.nextHopConnector;
    let lanes = this.#byConnector.get(name);
    if (lanes === undefined) {
      lanes = { count: 0, denied: new Set() };
      this.#byConnector.set(name, lanes);
    }
    return lanes;
  }

  #connectorMax(queue: DeliveryQueue): number {
    const max = this.#connectorOf(queue)?.maxConnections ?? Number.POSITIVE_INFINITY;
    // With smart hosts it has one queue, in one thread: all connections are that queue's.
    if (queue.key.deliveryType === "SmartHostConnectorDelivery") return max;
    return Math.max(1, Math.floor(max / this.#context.threadCount));
  }

  #connectorOf(queue: DeliveryQueue): SendConnector | undefined {
    const organization = this.#context.organization();
    if (organization !== this.#organization) {
      this.#organization = organization;
      this.#connectors = new Map(organization.sendConnectors.map((one) => [one.name, one]));
    }
    return this.#connectors.get(queue.key.nextHopConnector);
  }
}

function isLocal({ key }: DeliveryQueue): boolean {
  return key.deliveryType === "SmtpDeliveryToMailbox";
}
