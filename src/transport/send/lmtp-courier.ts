import type { Courier } from "../queue/courier.ts";
import type { HopCandidate, HopUnresolved } from "./connect-hop.ts";
import { hostOf, parseLmtpEndpoint, type TellHosts } from "./hop-candidates.ts";
import { ourFault } from "./hop-fault.ts";
import { type LaneShared, runHopLane, Suspects } from "./hop-lane.ts";
import { RecentFailures } from "./recent-failures.ts";
import type { SendDependencies } from "./send-dependencies.ts";

/** Messages over one LMTP connection: the server is ours, and often next door. */
const MESSAGES_MAX = 1000;

/**
 * The courier of LmtpDelivery (RFC 2033): the queue's domain is `host:port` or the path of a
 * socket.
 */
export function createLmtpCourier(dependencies: SendDependencies): Courier {
  const failures = new RecentFailures(dependencies.clock);
  const shared: LaneShared = { dependencies, failures, suspects: new Suspects() };
  return {
    async run(lane) {
      const { fqdn } = lane.organization.server;
      return runHopLane(
        lane,
        {
          settings: {
            protocol: "lmtp",
            routing: "fixed",
            fqdn,
            // A mailbox server on this very machine rightly bears its name.
            ownNames: [],
            forceHelo: false,
            tls: "opportunistic",
            connector: "LMTP",
            isVerbose: false,
          },
          candidates: ({ hosts }) => lmtpCandidates(lane.key.nextHopDomain, dependencies, hosts),
          messagesMax: MESSAGES_MAX,
          idleTimeoutMs: Number.POSITIVE_INFINITY,
          to: { audience: "mailbox", serverName: lane.organization.server.fqdn },
          errorPolicies: undefined,
        },
        shared,
      );
    },
  };
}

async function* lmtpCandidates(
  domain: string,
  dependencies: SendDependencies,
  tellHosts: TellHosts,
): AsyncGenerator<HopCandidate | HopUnresolved> {
  const endpoint = parseLmtpEndpoint(domain);
  if (endpoint === undefined) {
    const text = "The LMTP host of this queue is not host:port or a path";
    yield { kind: "failed", fault: ourFault(451, "4.3.5", text, "ROUTING") };
  } else if (endpoint.kind === "unix") {
    yield { kind: "candidate", name: "", target: { kind: "unix", path: endpoint.path } };
  } else {
    const options = { port: endpoint.port, guard: undefined, tellHosts };
    yield* hostOf(endpoint.host, options, dependencies);
  }
}
