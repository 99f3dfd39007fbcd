import type { StateRequest } from "../../diagnosis/component-state.ts";
import type { HealthFacts } from "../../diagnosis/health-sets.ts";

/** What the cmdlets of this room ask the server for. */
export interface ServerServices {
  readonly serverFqdn: () => string;
  /** One look at everything that health is judged by; takes some seconds when DNS is silent. */
  readonly health: () => Promise<HealthFacts>;
  readonly componentStates: {
    /** What each requester asked for last. */
    readonly list: () => readonly StateRequest[];
    /** Durable and in force once it resolves. Rejects with StoreFailure. */
    readonly request: (wish: StateRequest) => Promise<void>;
  };
}
