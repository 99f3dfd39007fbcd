import { assert } from "../../base/assert.ts";
import type { Clock } from "../../base/clock.ts";
import { systemClock } from "../../base/clock.ts";
import { ok } from "../../base/result.ts";
import { createSessionIds } from "../../base/session-ids.ts";
import type { MxPlan } from "../../dns/mx-plan.ts";
import { FakePeer, type PeerScript } from "../../net/client-peer.fake.ts";
import { createClientTlsContext } from "../../net/client-tls-context.fake.ts";
import { parseConfiguration } from "../../org/configuration.ts";
import type { Organization, SendConnector } from "../../org/organization.ts";
import type { QueueKey } from "../../store/queue-store.ts";
import type { Delivery } from "../queue/courier.ts";
import { FakeLane, makeConnector } from "./lane.fake.ts";
import type { ConnectivityLine, SendDependencies } from "./send-dependencies.ts";
import { createSmtpCourier } from "./smtp-courier.ts";
import type { TlsAttempt } from "./tls-attempt.ts";
import { createTokenSource } from "./token-source.ts";

/** Couriers' dependencies over a table of names, and what was said to them. */
export interface FakeDependencies extends SendDependencies {
  readonly lines: ConnectivityLine[];
  readonly attempts: TlsAttempt[];
  readonly counts: Map<string, number>;
}

/** Names that are not in the table fail for now. */
export function fakeDependencies(
  names: Readonly<Record<string, MxPlan>> = {},
  clock: Clock = systemClock,
): FakeDependencies {
  const lines: ConnectivityLine[] = [];
  const counts = new Map<string, number>();
  const attempts: TlsAttempt[] = [];
  const context = createClientTlsContext({});
  const resolve = (name: string): Promise<MxPlan> =>
    Promise.resolve(names[name] ?? { kind: "failed", status: "4.4.3", text: "no such test name" });
  return {
    clock,
    resolveMx: resolve,
    resolveHost: resolve,
    lookupTlsa: () => Promise.resolve({ kind: "none" }),
    resolveAt: () => fakeDependencies(names, clock),
    findSts: () => Promise.resolve({ kind: "none", failure: undefined }),
    tlsContext: () => ok(context),
    tlsAttempt: (attempt) => void attempts.push(attempt),
    logon: {
      openSecret: (sealed) => sealed,
      tokens: createTokenSource({
        clock,
        post: () => Promise.resolve({ ok: false, fault: "no such test server" }),
        openSecret: (sealed) => sealed,
      }),
      clock,
    },
    nextSessionId: createSessionIds(clock, 0),
    connectivity: (line) => void lines.push(line),
    count: (metric, amount) => void counts.set(metric, (counts.get(metric) ?? 0) + amount),
    lines,
    counts,
    attempts,
  };
}

/** An organization with defaults and these connectors; our own name is us.test. */
export function makeOrganization(sendConnectors: readonly SendConnector[]): Organization {
  const text = "server: { fqdn: us.test }\n";
  const parsed = parseConfiguration(text, { fileName: "test", hostName: "us.test", cores: 1 });
  assert(parsed.ok, "the test's organization is wrong");
  return { ...parsed.value.organization, sendConnectors };
}

const SMART_HOST_KEY: QueueKey = {
  deliveryType: "SmartHostConnectorDelivery",
  nextHopDomain: "smart.test",
  nextHopConnector: "Out",
};

/** A lane to one smart host at the loopback address. */
export function laneTo(
  port: number,
  deliveries: readonly Delivery[],
  changes: Partial<SendConnector> = {},
): FakeLane {
  const connector = makeConnector({
    port,
    smartHosts: [{ host: "127.0.0.1", isAddress: true }],
    ...changes,
  });
  const deliveryType =
    connector.smartHosts.length === 0 ? "DnsConnectorDelivery" : "SmartHostConnectorDelivery";
  return new FakeLane({
    key: { ...SMART_HOST_KEY, deliveryType },
    organization: makeOrganization([connector]),
    deliveries,
  });
}

/** Runs the SMTP courier against one scripted peer, to the end of the lane. */
export async function runAgainst(
  script: PeerScript,
  deliveries: readonly Delivery[],
  changes: Partial<SendConnector> = {},
  more: Pick<SendDependencies, "signer" | "rewriter"> = {},
) {
  const peer = new FakePeer(script);
  await peer.listen();
  const dependencies = { ...fakeDependencies(), ...more };
  const lane = laneTo(peer.port, deliveries, changes);
  const end = await createSmtpCourier(dependencies).run(lane);
  if (end.kind === "done") await peer.quiet();
  await peer.close();
  return { peer, lane, end, dependencies };
}
