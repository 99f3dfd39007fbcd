import { type Clock, delay } from "../../base/clock.ts";
import type { Delivery, Lane, LaneEnd } from "./courier.ts";
import type { Fault, Outcome } from "./outcome.ts";

/** How a hop meets a connection. */
export type HopMood =
  | "up"
  | "down"
  | "guarded"
  | "impossible"
  | "breaks"
  | "no-more"
  | "bug"
  | "gone";

/** One copy that the hop has got. */
export interface Received {
  readonly messageId: number;
  readonly address: string;
  readonly possibleDuplicate: boolean;
  readonly atMs: number;
  /** The whole message, when it is one of our notices. */
  readonly notice: string;
}

const HOP = { name: "mx.test", address: "192.0.2.1", localAddress: "192.0.2.2" };

/** A fault as the hop would give it. */
export function hopFault(diagnostic: string, changes: Partial<Fault> = {}): Fault {
  const status = diagnostic.split(" ")[1] ?? "4.0.0";
  return { status, diagnostic, hop: HOP, source: "SMTP", ...changes };
}

/** Success. */
export const RELAYED: Outcome = { kind: "relayed", hop: HOP, reply: "250 OK", dsn: "ours" };

/** A next hop with a courier to it, that does as it is told. */
export class FakeHop {
  /**
   * `down` takes no connection, `guarded` none but those that pass over what its domain publishes,
   * `breaks` ends each one at the first message, `no-more` takes one
   * connection only, `bug` is a courier that throws, `gone` one whose connector is no more.
   */
  mood: HopMood = "up";
  /** What becomes of each recipient; the default is that all are taken. */
  answer: (delivery: Delivery, address: string) => Outcome | "got-it-silently" = () => RELAYED;
  /** How long a connection waits for more. */
  keepMs = 0;
  /** While set, attempts wait for it before their answer. */
  gate: Promise<void> | undefined;
  /** How long each attempt takes. */
  attemptMs = 0;
  readonly received: Received[] = [];
  connectionCount = 0;
  openCount = 0;
  openMax = 0;
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Addresses that got something, in order. */
  get addresses(): readonly string[] {
    return this.received.map(({ address }) => address);
  }

  /** Makes attempts wait; the result lets them go on. */
  close(): () => void {
    let open = () => {};
    this.gate = new Promise((resolve) => {
      open = resolve;
    });
    return () => {
      this.gate = undefined;
      open();
    };
  }

  /** Works a lane as a courier does. */
  async run(lane: Lane, life: { readonly isAlive: boolean }): Promise<LaneEnd> {
    let delivery = lane.take();
    if (delivery === undefined) return { kind: "done" };
    this.connectionCount += 1;
    const refused =
      this.mood === "down" ||
      (this.mood === "guarded" && lane.key.tlsNotRequired !== true) ||
      (this.mood === "no-more" && this.openCount > 0);
    if (this.mood === "gone") {
      lane.giveBack(delivery);
      return { kind: "route-gone", fault: hopFault("451 4.4.0 The send connector is gone") };
    }
    if (this.mood === "bug") throw new Error("the courier is wrong");
    if (refused || this.mood === "impossible") {
      lane.giveBack(delivery);
      return this.mood === "impossible"
        ? { kind: "hop-impossible", fault: hopFault("550 5.1.2 No such domain") }
        : { kind: "hop-failed", fault: hopFault("451 4.4.1 Connection refused") };
    }
    this.openCount += 1;
    this.openMax = Math.max(this.openMax, this.openCount);
    lane.connected(HOP);
    try {
      while (delivery !== undefined) {
        if (this.gate !== undefined) await this.gate;
        if (this.attemptMs > 0) await delay(this.#clock, this.attemptMs);
        // Who is dead neither goes on nor comes back.
        if (!life.isAlive) return await new Promise(() => {});
        if (this.mood === "breaks") {
          lane.giveBack(delivery);
          return { kind: "hop-failed", fault: hopFault("451 4.4.2 Connection lost") };
        }
        const outcomes = await this.#attempt(delivery);
        lane.settle(delivery, outcomes);
        delivery = lane.take() ?? (await lane.takeWithin(this.keepMs));
      }
    } finally {
      this.openCount -= 1;
    }
    return { kind: "done" };
  }

  async #attempt(delivery: Delivery) {
    const { message, possibleDuplicate } = delivery;
    const isNotice = message.origin.source === "DSN";
    const content = isNotice ? await delivery.content.read(0) : undefined;
    const notice = Buffer.from(content ?? []).toString();
    return delivery.recipients.map(({ position, address }) => {
      const answer = this.answer(delivery, address);
      const outcome: Outcome =
        answer === "got-it-silently"
          ? {
              kind: "deferred",
              fault: hopFault("451 4.4.2 No answer", { attemptUnknown: true }),
            }
          : answer;
      if (outcome.kind === "relayed" || answer === "got-it-silently") {
        const atMs = this.#clock.nowMs();
        this.received.push({ messageId: message.id, address, possibleDuplicate, atMs, notice });
      }
      return { position, outcome };
    });
  }
}
