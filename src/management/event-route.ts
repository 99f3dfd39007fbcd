import type { Caller } from "../cmdlet/role-group.ts";
import { CONNECTION_TIMEOUT_MS } from "./cmdlet-runs.ts";
import { EventHub, type EventHubParts, maySee } from "./event-hub.ts";
import { EVENT_TOPIC_NAMES, readTopics } from "./event-topics.ts";
import { type Answer, errorAnswer } from "./http-answer.ts";
import { API_ROOT } from "./rest-endpoint.ts";
import type { KnownRequest } from "./run-route.ts";
import { RunSlots } from "./run-slots.ts";

/** Where events are had. */
export const EVENTS_PATH = `${API_ROOT}/events`;

/** Streams at one time: each is a connection that stays. A browser has six to one server. */
export const STREAM_LIMITS: { readonly inAll: number; readonly perCaller: number } = {
  inAll: 100,
  perCaller: 6,
};

const EVENT_STREAM = "text/event-stream";

/** A request for events, from somebody who can be asked again who he is. */
export interface EventRequest extends KnownRequest {
  readonly identify: () => Caller | undefined;
}

/** `GET /api/v1/events?topics=overview` (HTML §9.2), for those who may run the topic's cmdlet. */
export class EventRoute {
  readonly #parts: EventHubParts;
  readonly #slots = new RunSlots(STREAM_LIMITS);
  readonly #hub: EventHub;

  constructor(parts: EventHubParts) {
    this.#parts = parts;
    this.#hub = new EventHub(parts);
  }

  /** How many listen. */
  get listenerCount(): number {
    return this.#hub.listenerCount;
  }

  answer({ caller, request, response, identify }: EventRequest): Answer {
    // By this header alone it is known that asking again is no use of the session.
    if (!(request.headers.accept ?? "").startsWith(EVENT_STREAM)) {
      return refused(406, `this is a stream: send the header Accept: ${EVENT_STREAM}`);
    }
    const { searchParams } = new URL(request.url ?? "", "http://localhost");
    const read = readTopics(searchParams.get("topics") ?? "");
    if ("unknown" in read) {
      const known = EVENT_TOPIC_NAMES.join(", ");
      return refused(400, `"${read.unknown.slice(0, 100)}" is no topic; topics are: ${known}`);
    }
    const { topics } = read;
    if (!maySee(this.#parts.table, topics, caller)) {
      const message = `${caller.name} may not run the cmdlet behind ${topics.join(" and ")}`;
      return errorAnswer(403, { code: "forbidden", message });
    }
    const release = this.#slots.take(caller.name);
    if (release === undefined) {
      const message = "too many listen already; close another page of this server";
      return errorAnswer(503, { code: "unavailable", message });
    }
    const { text, leave } = this.#hub.listen({ topics, identify });
    const close = () => {
      release();
      leave();
    };
    response.once("close", close);
    if (response.closed) close();
    // A dead client is noticed by TCP, and by its not reading.
    response.socket?.setTimeout(0).setKeepAlive(true, CONNECTION_TIMEOUT_MS);
    const headers = { connection: "close", "x-accel-buffering": "no" };
    return { status: 200, type: EVENT_STREAM, headers, body: text };
  }

  /** Ends all streams: the server stops. */
  stop(): void {
    this.#hub.stop();
  }
}

function refused(status: number, message: string): Answer {
  return errorAnswer(status, { code: "bad-request", message });
}
