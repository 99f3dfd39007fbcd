import type { ServiceState } from "../transport/queue/pressure.ts";

/** What can be taken out of service (reference §15.1). */
export const COMPONENTS = ["ServerWideOffline", "FrontendTransport", "HubTransport"] as const;
/** A name out of COMPONENTS. */
export type Component = (typeof COMPONENTS)[number];

/** Who may ask for it; a component is in service only while nobody asks otherwise. */
export const REQUESTERS = [
  "HealthAPI",
  "Maintenance",
  "Sidelined",
  "Functional",
  "Deployment",
] as const;
/** A name out of REQUESTERS. */
export type Requester = (typeof REQUESTERS)[number];

/** Draining finishes what is under way and empties the queues; Inactive stands still. */
export const COMPONENT_STATES = ["Active", "Draining", "Inactive"] as const;
/** A name out of COMPONENT_STATES. */
export type ComponentState = (typeof COMPONENT_STATES)[number];

/** What one requester asked for last. */
export interface StateRequest {
  readonly component: Component;
  readonly requester: Requester;
  readonly state: ComponentState;
  /** Epoch ms. */
  readonly atMs: number;
  /** Who said so. */
  readonly by: string;
}

/** The state of a component: the one furthest from Active that anybody asks for. */
export function effectiveState(
  requests: readonly StateRequest[],
  component: Component,
): ComponentState {
  const states = requests.filter((one) => one.component === component).map(({ state }) => state);
  if (states.includes("Inactive")) return "Inactive";
  return states.includes("Draining") ? "Draining" : "Active";
}

/**
 * What the requests come to. Without FrontendTransport no mail comes in; HubTransport draining
 * takes none and empties its queues, inactive it keeps them as they are; ServerWideOffline is both.
 */
export function serviceStateOf(requests: readonly StateRequest[]): ServiceState {
  const states = new Map(COMPONENTS.map((one) => [one, effectiveState(requests, one)]));
  return {
    takesMail: [...states.values()].every((state) => state === "Active"),
    sendsMail:
      states.get("ServerWideOffline") !== "Inactive" && states.get("HubTransport") !== "Inactive",
  };
}
