import type { Clock, Timer } from "../base/clock.ts";
import type { Diagnostics } from "../base/diagnostics.ts";
import { SECOND } from "../base/units.ts";
import type { CmdletTable } from "../cmdlet/cmdlet-table.ts";
import { mayRun } from "../cmdlet/execute.ts";
import type { Execute } from "../cmdlet/execution.ts";
import { hiddenProperties, type OutputObject } from "../cmdlet/output-type.ts";
import type { Caller } from "../cmdlet/role-group.ts";
import { cmdletOf, EVENT_TOPIC_NAMES, EVENT_TOPICS, type EventTopic } from "./event-topics.ts";

/** How often topics are looked at. */
const TICK_MS = 2 * SECOND;
/** Silence after which a comment says that the connection lives. */
const HEARTBEAT_MS = 15 * SECOND;
/** Sent first: how long a browser waits before it connects again, in milliseconds. */
const OPENING = "retry: 3000\n\n";

/** Why a stream ends before its client leaves it. */
export type StreamEnd = "unauthorized" | "forbidden" | "stopping";

/** A client that listens. */
export interface Listening {
  readonly topics: readonly EventTopic[];
  /** Who it is now; `undefined`: nobody any more. */
  readonly identify: () => Caller | undefined;
}

interface Listener extends Listening {
  /** The newest of each topic that was not sent yet: what a slow client misses is not kept. */
  readonly waiting: Map<EventTopic, string>;
  saidMs: number;
  heartbeatDue: boolean;
  end: StreamEnd | "left" | undefined;
  wake: () => void;
}

/** What the hub works with. */
export interface EventHubParts {
  readonly table: CmdletTable<never>;
  readonly execute: Execute;
  readonly clock: Clock;
  readonly diagnostics: Diagnostics;
}

/** On whose behalf topics are looked at; each listener gets what he himself may see of it. */
const HUB: Caller = {
  name: "events",
  roleGroups: ["Organization Management"],
  via: "socket",
  address: "",
};

/**
 * Tells listeners what topics are like, every two seconds. Each topic is looked at once for all who
 * listen, and not at all when nobody does.
 */
export class EventHub {
  readonly #parts: EventHubParts;
  readonly #listeners = new Set<Listener>();
  #timer: Timer | undefined;
  #isTicking = false;
  #failing = new Set<EventTopic>();

  constructor(parts: EventHubParts) {
    this.#parts = parts;
  }

  /** How many listen. */
  get listenerCount(): number {
    return this.#listeners.size;
  }

  /**
   * The stream of one client, as `text/event-stream` (HTML §9.2); `leave` ends it. Nothing happens
   * for it before it is read.
   */
  listen(listening: Listening): { readonly text: AsyncGenerator<string>; leave(): void } {
    const listener: Listener = {
      ...listening,
      waiting: new Map(),
      saidMs: this.#parts.clock.monotonicMs(),
      heartbeatDue: false,
      end: undefined,
      wake: () => undefined,
    };
    return { text: this.#stream(listener), leave: () => this.#end(listener, "left") };
  }

  /** Ends all streams: the server stops. */
  stop(): void {
    for (const listener of this.#listeners) this.#end(listener, "stopping");
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  async *#stream(listener: Listener): AsyncGenerator<string> {
    if (listener.end !== undefined) return;
    this.#listeners.add(listener);
    try {
      yield OPENING;
      if (!this.#isTicking) this.#tickNow();
      while (listener.end === undefined) {
        const text = this.#take(listener);
        if (text !== "") yield text;
        else await new Promise<void>((resolve) => (listener.wake = resolve));
      }
      if (listener.end !== "left") yield `event: end\ndata: {"reason":"${listener.end}"}\n\n`;
    } finally {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) {
        this.#timer?.cancel();
        this.#timer = undefined;
      }
    }
  }

  #take(listener: Listener): string {
    const { waiting, heartbeatDue } = listener;
    const events = [...waiting].map(([topic, data]) => `event: ${topic}\ndata: ${data}\n\n`);
    waiting.clear();
    listener.heartbeatDue = false;
    if (events.length > 0) return events.join("");
    return heartbeatDue ? ":\n\n" : "";
  }

  #end(listener: Listener, end: Listener["end"]): void {
    listener.end ??= end;
    listener.wake();
  }

  #tickNow(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#isTicking = true;
    this.#tick()
      .catch((error: unknown) => {
        this.#parts.diagnostics.error("events-failed", { reason: String(error) });
      })
      .finally(() => {
        this.#isTicking = false;
        if (this.#listeners.size === 0) return;
        this.#timer = this.#parts.clock.startTimer(TICK_MS, () => this.#tickNow());
      });
  }

  async #tick(): Promise<void> {
    for (const topic of EVENT_TOPIC_NAMES) {
      this.#endStrangers();
      const wanted = () => [...this.#listeners].filter(({ topics }) => topics.includes(topic));
      if (wanted().length === 0) continue;
      const value = await this.#look(topic);
      if (value !== undefined) this.#tell(wanted(), topic, value);
    }
    const nowMs = this.#parts.clock.monotonicMs();
    for (const listener of this.#listeners) {
      if (nowMs - listener.saidMs < HEARTBEAT_MS) continue;
      listener.heartbeatDue = true;
      listener.saidMs = nowMs;
      listener.wake();
    }
  }

  /** Logged out, expired, or in other groups than before: asked again at each tick. */
  #endStrangers(): void {
    for (const listener of this.#listeners) {
      const caller = listener.identify();
      if (caller === undefined) this.#end(listener, "unauthorized");
      else if (!maySee(this.#parts.table, listener.topics, caller))
        this.#end(listener, "forbidden");
    }
  }

  async #look(topic: EventTopic): Promise<OutputObject | undefined> {
    const { execute, diagnostics } = this.#parts;
    const { signal } = new AbortController();
    const cmdlet = EVENT_TOPICS[topic];
    let value: OutputObject | undefined;
    for await (const record of execute({
      ...{ cmdlet, parameters: {}, whatIf: false, caller: HUB, signal },
    })) {
      if (record.kind === "object") value = record.value;
      if (record.kind !== "failed") continue;
      if (!this.#failing.has(topic)) {
        diagnostics.warn("event-topic-failed", { topic, reason: record.message });
      }
      this.#failing.add(topic);
      return undefined;
    }
    this.#failing.delete(topic);
    return value;
  }

  /** Each gets what he may see; the text is made once for all who may see the same. */
  #tell(listeners: readonly Listener[], topic: EventTopic, value: OutputObject): void {
    const cmdlet = cmdletOf(this.#parts.table, topic);
    if (cmdlet === undefined) return;
    const texts = new Map<string, string>();
    for (const listener of listeners) {
      const caller = listener.identify();
      if (caller === undefined || listener.end !== undefined) continue;
      const hidden = hiddenProperties(cmdlet, caller);
      const key = hidden.join(" ");
      const nothing = Object.fromEntries(hidden.map((name) => [name, null]));
      const text = texts.get(key) ?? JSON.stringify({ ...value, ...nothing });
      texts.set(key, text);
      listener.waiting.set(topic, text);
      listener.saidMs = this.#parts.clock.monotonicMs();
      listener.wake();
    }
  }
}

/** Whether a caller may run the cmdlets of all these topics. */
export function maySee(
  table: CmdletTable<never>,
  topics: readonly EventTopic[],
  caller: Caller,
): boolean {
  return topics.every((topic) => {
    const cmdlet = cmdletOf(table, topic);
    return cmdlet !== undefined && mayRun(cmdlet, caller);
  });
}
