import type { Addressee } from "../../mail/outgoing-firewall.ts";
import type { QueueKey } from "../../store/queue-store.ts";
import type { Delivery, Lane, LaneEnd } from "../queue/courier.ts";
import type { Fault } from "../queue/outcome.ts";
import {
  connectHop,
  type HopCandidate,
  type HopSettings,
  type HopUnresolved,
} from "./connect-hop.ts";
import { DeliveryAttempt, type HopSession, leftOpenFault } from "./delivery-attempt.ts";
import { applyErrorPolicies, downgradeDns, type ErrorPolicies } from "./error-policy.ts";
import type { TellHosts } from "./hop-candidates.ts";
import { HopLog } from "./hop-log.ts";
import type { OutgoingWay } from "./outgoing-message.ts";
import type { RecentFailures } from "./recent-failures.ts";
import type { SendDependencies } from "./send-dependencies.ts";
import type { TellTlsAttempt } from "./tls-attempt.ts";

/** How one lane reaches its hop. */
export interface HopRoute {
  readonly settings: HopSettings;
  /**
   * What to try, in order; asked anew for each connection. A host refused for its TLS is told, and
   * so is what DNS says.
   */
  readonly candidates: (tell: {
    readonly tlsAttempt: TellTlsAttempt;
    readonly hosts: TellHosts;
  }) => AsyncIterable<HopCandidate | HopUnresolved>;
  /** Messages after which a connection is replaced; `Infinity` for no limit. */
  readonly messagesMax: number;
  /** How long a connection without work is kept, in milliseconds. */
  readonly idleTimeoutMs: number;
  /** Which of the servers' own headers go along. */
  readonly to: Addressee;
  /** What becomes of failures; `undefined`: they are what they are. */
  readonly errorPolicies: ErrorPolicies | undefined;
}

/** What the lanes of one courier share. */
export interface LaneShared {
  readonly dependencies: SendDependencies;
  readonly failures: RecentFailures;
  readonly suspects: Suspects;
}

/**
 * A connection is kept this long for the next message: a burst shares it, a server is not held up.
 */
const KEEP_MS = 5_000;
/** What the last reply may take when the server stops; without it the message is sent twice. */
const STOP_GRACE_MS = 10_000;

/**
 * Messages at which a fresh connection ended. The first time we blame the hop and the message goes
 * back untouched; the second time the message is deferred by itself, so that a message which makes
 * the server hang up cannot hold all the others for ever.
 */
export class Suspects {
  readonly #ids = new Set<number>();

  /** Whether the message was a suspect already. */
  add(messageId: number): boolean {
    if (this.#ids.delete(messageId)) return true;
    this.#ids.add(messageId);
    const oldest = this.#ids.values().next();
    if (this.#ids.size > SUSPECTS_MAX && !oldest.done) this.#ids.delete(oldest.value);
    return false;
  }
}

const SUSPECTS_MAX = 1000;

/** Works a lane to its end over as many connections as it takes. */
export async function runHopLane(
  lane: Lane,
  route: HopRoute,
  shared: LaneShared,
): Promise<LaneEnd> {
  const run = new LaneRun(lane, route, shared);
  return run.work();
}

class LaneRun {
  readonly #lane: Lane;
  readonly #route: HopRoute;
  readonly #way: OutgoingWay;
  readonly #shared: LaneShared;
  #attempt: DeliveryAttempt | undefined;
  /** Taken, and perhaps begun, while the attempt in hand waits for its final reply. */
  #next: DeliveryAttempt | undefined;
  /** The attempt in hand has had its second connection. */
  #isRetried = false;

  constructor(lane: Lane, route: HopRoute, shared: LaneShared) {
    this.#lane = lane;
    this.#route = route;
    this.#shared = shared;
    const { signer, rewriter, tagSender } = shared.dependencies;
    this.#way = { to: route.to, signer, rewriter, tagSender };
  }

  async work(): Promise<LaneEnd> {
    this.#begin(this.#lane.take());
    while (this.#attempt !== undefined) {
      const end = await this.#workConnection(this.#attempt);
      if (end !== undefined) {
        if (this.#next !== undefined) this.#lane.giveBack(this.#next.delivery);
        return end;
      }
    }
    return DONE;
  }

  /** One connection from its opening to its end; `undefined` when the lane goes on with another. */
  async #workConnection(attempt: DeliveryAttempt): Promise<LaneEnd | undefined> {
    const { dependencies, failures } = this.#shared;
    const { key, signal } = this.#lane;
    const log = new HopLog(dependencies, {
      source: this.#route.settings.protocol === "lmtp" ? "LMTP" : "SMTP",
      destination: key.nextHopDomain,
      description: `${key.deliveryType} ${key.nextHopConnector}`.trimEnd(),
    });
    const { settings } = this.#route;
    const requireTls = settings.protocol === "smtp" && attempt.needsRequireTls;
    const tlsAttempt = countsForReports(attempt.delivery, key) ? dependencies.tlsAttempt : UNTOLD;
    const context = { settings, dependencies, log, failures, signal, requireTls, tlsAttempt };
    const connected = await connectHop(
      this.#route.candidates({
        tlsAttempt,
        hosts: (name, plan) => log.tellHosts(name, plan),
      }),
      context,
    );
    if (connected.kind !== "connected") {
      const fault = connected.kind === "aborted" ? undefined : connected.fault;
      log.close(fault?.diagnostic ?? "stopped");
      if (connected.kind === "unfit") return this.#fail(attempt, connected.fault);
      this.#abandon(attempt, fault);
      if (connected.kind === "aborted" || fault === undefined) return DONE;
      if (connected.kind === "failed") return { kind: "hop-failed", fault };
      const { errorPolicies } = this.#route;
      const downgraded = errorPolicies && downgradeDns(fault, errorPolicies);
      if (downgraded !== undefined) return { kind: "hop-failed", fault: downgraded };
      return { kind: "hop-impossible", fault };
    }
    const { target } = connected;
    this.#lane.connected(target.hop);
    const abort = () => target.session.abort(STOP_GRACE_MS);
    signal.addEventListener("abort", abort, { once: true });
    try {
      if (signal.aborted) abort();
      return await this.#workSession(target, log);
    } finally {
      signal.removeEventListener("abort", abort);
      const { end } = target.session;
      log.close(end === undefined || end.kind === "quit" ? "" : leftOpenFault(target).diagnostic);
      target.session.quit();
    }
  }

  async #workSession(target: HopSession, log: HopLog): Promise<LaneEnd | undefined> {
    const { session } = target;
    const offered = session.offers.messagesMax ?? Number.POSITIVE_INFINITY;
    const messagesMax = Math.min(this.#route.messagesMax, offered);
    let served = 0;
    let countBefore = 0;
    session.contentSent = () => {
      const taken = (this.#attempt?.transactionCount ?? 0) - countBefore;
      if (served + taken + 1 < messagesMax) this.#prefetch(target);
    };
    while (this.#attempt !== undefined) {
      if (session.end !== undefined || served >= messagesMax) return undefined;
      const attempt = this.#attempt;
      // It needs a connection that was made for it.
      if (!attempt.mayUse(target)) return undefined;
      countBefore = attempt.transactionCount;
      const bytesBefore = attempt.bytesSent;
      const isReused = served > 0;
      await attempt.run(target);
      const taken = attempt.transactionCount - countBefore;
      // A message that was refused has used the connection too.
      served += Math.max(taken, attempt.isComplete ? 1 : 0);
      log.addMessages(taken, attempt.bytesSent - bytesBefore);
      if (session.end !== undefined) {
        const end = this.#afterLoss(attempt, target, isReused || taken > 0);
        if (end !== undefined) return end;
      } else this.#settle(attempt);
      if (this.#attempt !== undefined) continue;
      if (this.#next !== undefined) {
        this.#begin(undefined);
        continue;
      }
      const isLast = session.end !== undefined || served >= messagesMax;
      this.#begin(this.#lane.take() ?? (isLast ? undefined : await this.#waitForNext()));
    }
    return DONE;
  }

  /** The end of a message is about to be written: the next one's commands may go with it. */
  #prefetch(target: HopSession): void {
    if (this.#next !== undefined || this.#attempt?.fitsOneTransaction(target) !== true) return;
    if (!target.session.mayFollow || this.#lane.signal.aborted) return;
    const delivery = this.#lane.take();
    if (delivery === undefined) return;
    this.#next = new DeliveryAttempt(delivery, this.#way);
    this.#next.start(target);
  }

  #waitForNext(): Promise<Delivery | undefined> {
    return this.#lane.takeWithin(Math.min(KEEP_MS, this.#route.idleTimeoutMs));
  }

  /** The session ended while the attempt had it: what becomes of the attempt, and of the lane. */
  #afterLoss(attempt: DeliveryAttempt, target: HopSession, wasUsed: boolean): LaneEnd | undefined {
    const fault = leftOpenFault(target);
    if (this.#lane.signal.aborted) {
      this.#abandon(attempt, fault);
      return DONE;
    }
    if (attempt.isComplete) {
      const isHopGood = attempt.isHopHealthy || wasUsed;
      this.#settle(attempt);
      return isHopGood ? undefined : { kind: "hop-failed", fault };
    }
    // Servers drop a connection that idled or had its share; the message is not to pay for that.
    if (wasUsed && !this.#isRetried) {
      this.#isRetried = true;
      return undefined;
    }
    const isSuspect = this.#shared.suspects.add(attempt.delivery.message.id);
    if (isSuspect) attempt.close({ kind: "deferred", fault });
    this.#abandon(attempt, fault);
    return { kind: "hop-failed", fault };
  }

  /** No hop may have this message; the next one has its own try. */
  #fail(attempt: DeliveryAttempt, fault: Fault): undefined {
    attempt.close({ kind: "failed", fault });
    this.#settle(attempt);
    this.#begin(this.#next === undefined ? this.#lane.take() : undefined);
  }

  /** Lets go of an attempt: untouched if nothing came of it, else with what is known. */
  #abandon(attempt: DeliveryAttempt, fault: Fault | undefined): void {
    if (attempt.outcomes.length === 0) {
      this.#attempt = undefined;
      this.#lane.giveBack(attempt.delivery);
      return;
    }
    if (fault !== undefined) attempt.close({ kind: "deferred", fault });
    this.#settle(attempt);
  }

  #begin(delivery: Delivery | undefined): void {
    this.#attempt = delivery === undefined ? this.#next : new DeliveryAttempt(delivery, this.#way);
    if (delivery === undefined) this.#next = undefined;
    this.#isRetried = false;
  }

  #settle(attempt: DeliveryAttempt): void {
    this.#attempt = undefined;
    const { count } = this.#shared.dependencies;
    if (attempt.transactionCount > 0) {
      count("messages", attempt.transactionCount);
      count("bytes", attempt.bytesSent);
    }
    const { errorPolicies } = this.#route;
    const outcomes = errorPolicies
      ? attempt.outcomes.map(({ position, outcome }) => ({
          position,
          outcome: applyErrorPolicies(outcome, errorPolicies),
        }))
      : attempt.outcomes;
    let delivered = 0;
    let deferred = 0;
    for (const { outcome } of outcomes) {
      if (outcome.kind === "delivered" || outcome.kind === "relayed") delivered += 1;
      else if (outcome.kind === "deferred") deferred += 1;
    }
    const failed = outcomes.length - delivered - deferred;
    if (delivered > 0) count("recipients-delivered", delivered);
    if (deferred > 0) count("recipients-deferred", deferred);
    if (failed > 0) count("recipients-failed", failed);
    this.#lane.settle(attempt.delivery, outcomes);
  }
}

/**
 * Whether a connection opened for that message belongs into the reports of RFC 8460: one for a
 * report does not, or two servers would report about each other's reports for ever; nor does one
 * that has passed over what the domain publishes.
 */
function countsForReports({ message }: Delivery, key: QueueKey): boolean {
  return message.origin.isReport !== true && key.tlsNotRequired !== true;
}

const UNTOLD: TellTlsAttempt = () => {};
const DONE: LaneEnd = { kind: "done" };
