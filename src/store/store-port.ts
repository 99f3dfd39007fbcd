import type { MessagePort } from "node:worker_threads";
import type { GroupCommit } from "./group-commit.ts";
import { StoreFailure } from "./queue-store.ts";
import type { FailureResponse, QueueRequest, QueueResponse, SendRequest } from "./store-request.ts";

type RequestBatch = readonly (readonly [sequence: number, request: QueueRequest])[];
type ResponseBatch = readonly (readonly [
  sequence: number,
  response: QueueResponse | FailureResponse,
])[];

/**
 * The caller's end of a port to the store thread. Requests of one turn of the event loop travel as
 * one message; answers come back in the same way.
 */
export function openStorePort(port: MessagePort): SendRequest {
  const waiting = new Map<
    number,
    { resolve: (response: QueueResponse) => void; reject: (failure: StoreFailure) => void }
  >();
  let sequence = 0;
  let outgoing: [number, QueueRequest][] = [];
  let isClosed = false;
  port.on("message", (batch: ResponseBatch) => {
    for (const [answered, response] of batch) {
      const caller = waiting.get(answered);
      waiting.delete(answered);
      if (isFailure(response)) {
        caller?.reject(new StoreFailure(response.failure, { full: response.full }));
      } else {
        caller?.resolve(response);
      }
    }
  });
  port.on("close", () => {
    isClosed = true;
    const failure = ended();
    for (const caller of waiting.values()) caller.reject(failure);
    waiting.clear();
  });
  return (request) =>
    new Promise((resolve, reject) => {
      if (isClosed) {
        reject(ended());
        return;
      }
      sequence += 1;
      waiting.set(sequence, { resolve, reject });
      outgoing.push([sequence, request]);
      if (outgoing.length > 1) return;
      setImmediate(() => {
        const batch = outgoing;
        outgoing = [];
        port.postMessage(batch satisfies RequestBatch, movable(batch));
      });
    });
}

/** The store thread's end: everything that has arrived by the end of a turn becomes one group. */
export class StorePortServer {
  readonly #groupCommit: GroupCommit;
  #scheduled = false;
  readonly #outgoing = new Map<MessagePort, [number, QueueResponse | FailureResponse][]>();

  constructor(groupCommit: GroupCommit) {
    this.#groupCommit = groupCommit;
  }

  /** Serves one more caller. */
  attach(port: MessagePort): void {
    port.on("message", (batch: RequestBatch) => {
      for (const [sequence, request] of batch) {
        this.#groupCommit.add(request, (response) => this.#respond(port, sequence, response));
      }
      if (this.#scheduled) return;
      this.#scheduled = true;
      setImmediate(() => {
        this.#scheduled = false;
        this.#groupCommit.flush();
        this.#post();
      });
    });
    port.on("close", () => this.#outgoing.delete(port));
  }

  #respond(port: MessagePort, sequence: number, response: QueueResponse | StoreFailure): void {
    let batch = this.#outgoing.get(port);
    if (batch === undefined) {
      batch = [];
      this.#outgoing.set(port, batch);
    }
    if (response instanceof StoreFailure) {
      batch.push([sequence, { failure: response.message, full: response.full }]);
    } else {
      batch.push([sequence, response]);
    }
  }

  #post(): void {
    for (const [port, batch] of this.#outgoing) {
      if (batch.length > 0) port.postMessage(batch satisfies ResponseBatch, movable(batch));
      this.#outgoing.set(port, []);
    }
  }
}

/**
 * Pieces of large content change hands instead of being copied: whoever sends one has given it
 * away. Content in shared memory stays with both.
 */
function movable(batch: RequestBatch | ResponseBatch): ArrayBuffer[] {
  const buffers: ArrayBuffer[] = [];
  for (const [, item] of batch) {
    const bytes = item instanceof Uint8Array ? item : pieceOf(item);
    if (bytes?.buffer instanceof ArrayBuffer) buffers.push(bytes.buffer);
  }
  return buffers;
}

function pieceOf(item: QueueRequest | QueueResponse | FailureResponse): Uint8Array | undefined {
  if (typeof item !== "object" || !("kind" in item)) return undefined;
  return item.kind === "appendContent" ? item.bytes : undefined;
}

function ended(): StoreFailure {
  return new StoreFailure("the store thread has ended", { full: false });
}

function isFailure(response: QueueResponse | FailureResponse): response is FailureResponse {
  return typeof response === "object" && "failure" in response;
}
