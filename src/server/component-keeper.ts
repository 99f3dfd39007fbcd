import type { Diagnostics } from "../base/diagnostics.ts";
import {
  COMPONENTS,
  REQUESTERS,
  type StateRequest,
  serviceStateOf,
} from "../diagnosis/component-state.ts";
import { RECORD_PAGE_MAX, type RecordStore } from "../store/record-store.ts";
import type { PressureGauge, ServiceState } from "../transport/queue/pressure.ts";

const KIND = "component-state";

/** Keeps what administrators have taken out of service, over restarts too, and puts it in force. */
export class ComponentKeeper {
  readonly #records: RecordStore;
  readonly #gauge: PressureGauge;
  readonly #diagnostics: Diagnostics;
  #requests: readonly StateRequest[] = [];
  #isPaused = false;

  constructor(parts: {
    readonly records: RecordStore;
    readonly gauge: PressureGauge;
    readonly diagnostics: Diagnostics;
  }) {
    this.#records = parts.records;
    this.#gauge = parts.gauge;
    this.#diagnostics = parts.diagnostics;
  }

  /** Takes up what was asked for before the restart. Rejects with StoreFailure. */
  async open(): Promise<void> {
    const found = await this.#records.list(KIND, { after: "", limit: RECORD_PAGE_MAX });
    this.#requests = found.flatMap(({ json }) => readRequest(json) ?? []);
    this.#apply();
    const { takesMail, sendsMail } = this.service;
    if (!takesMail || !sendsMail) {
      this.#diagnostics.warn("out-of-service", {
        takesMail,
        sendsMail,
        cure: "Get-ServerComponentState says who asked for it",
      });
    }
  }

  get requests(): readonly StateRequest[] {
    return this.#requests;
  }

  /** What the requests come to. */
  get service(): ServiceState {
    return serviceStateOf(this.#requests);
  }

  /** Lets no mail in until the result is called, or the server starts anew. */
  pause(): () => void {
    this.#isPaused = true;
    this.#apply();
    return () => {
      this.#isPaused = false;
      this.#apply();
    };
  }

  /** Writes one requester's wish, then puts it in force. Rejects with StoreFailure. */
  async request(wish: StateRequest): Promise<void> {
    const key = `${wish.component} ${wish.requester}`;
    const json = JSON.stringify(wish);
    const expiresMs = Number.MAX_SAFE_INTEGER;
    await this.#records.write([{ kind: KIND, key, json, expiresMs }]);
    const isOther = (one: StateRequest) =>
      one.component !== wish.component || one.requester !== wish.requester;
    this.#requests = [...this.#requests.filter(isOther), wish];
    this.#apply();
    const { component, state, requester, by } = wish;
    this.#diagnostics.info("component-state", { component, state, requester, by });
  }

  #apply(): void {
    const { takesMail, sendsMail } = this.service;
    this.#gauge.setServices({ takesMail: takesMail && !this.#isPaused, sendsMail });
  }
}

/** What another release has written, and this one does not know, is passed over. */
function readRequest(json: string): StateRequest | undefined {
  const wish = JSON.parse(json) as StateRequest;
  const isKnown = COMPONENTS.includes(wish.component) && REQUESTERS.includes(wish.requester);
  return isKnown ? wish : undefined;
}
