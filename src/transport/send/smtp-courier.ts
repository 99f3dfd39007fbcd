import type { SendConnector } from "../../org/organization.ts";
import type { Courier } from "../queue/courier.ts";
import { ourFault } from "./hop-fault.ts";
import { type LaneShared, runHopLane, Suspects } from "./hop-lane.ts";
import { RecentFailures } from "./recent-failures.ts";
import type { SendDependencies } from "./send-dependencies.ts";
import { type RouteState, routingOf, smtpRoute } from "./smtp-route.ts";
import { SourceAddresses } from "./source-address.ts";

/**
 * The courier of DnsConnectorDelivery and SmartHostConnectorDelivery: SMTP to the hosts of the
 * recipient's domain or to the connector's smart hosts, as the connector of the lane's snapshot
 * says.
 */
export function createSmtpCourier(dependencies: SendDependencies): Courier {
  const state = openState(dependencies);
  return {
    async run(lane) {
      const name = lane.key.nextHopConnector;
      const connector = lane.organization.sendConnectors.find((one) => one.name === name);
      if (connector === undefined) {
        const text = "The send connector of this queue is gone";
        return { kind: "route-gone", fault: ourFault(451, "4.4.0", text, "ROUTING") };
      }
      const route = smtpRoute(lane, { connector, routing: routingOf(lane.key) }, state);
      return runHopLane(lane, route, state.shared);
    },
  };
}

/**
 * The courier of every queue while an administrator has all mail sent to another server: SMTP to
 * the smart hosts of `connector`, whatever queue the lane is of.
 */
export function createRedirectCourier(
  dependencies: SendDependencies,
  connector: () => SendConnector | undefined,
): Courier {
  const state = openState(dependencies);
  return {
    async run(lane) {
      const target = connector();
      if (target === undefined) return { kind: "done" };
      const route = smtpRoute(lane, { connector: target, routing: "fixed" }, state);
      return runHopLane(lane, route, state.shared);
    },
  };
}

function openState(dependencies: SendDependencies): CourierState {
  const failures = new RecentFailures(dependencies.clock);
  const shared: LaneShared = { dependencies, failures, suspects: new Suspects() };
  const sources = new SourceAddresses();
  return { dependencies, failures, shared, rotation: new Map(), sources };
}

interface CourierState extends RouteState {
  readonly shared: LaneShared;
}
