import type { Clock } from "../../base/clock.ts";
import type { MxPlan } from "../../dns/mx-plan.ts";
import type { LogonDependencies } from "./logon.ts";

/** A line of the connectivity log (reference §7.3), without its time. */
export interface ConnectivityLine {
  /** The same for all lines of one connection attempt and the connection it leads to. */
  readonly session: string;
  readonly source: "SMTP" | "LMTP";
  readonly destination: string;
  readonly direction: "+" | "-" | ">";
  readonly description: string;
}

/** What the couriers count. */
export type SendMetric =
  | "connections"
  | "connection-failures"
  | "tls-connections"
  | "tls-failures"
  | "messages"
  | "bytes"
  | "recipients-delivered"
  | "recipients-deferred"
  | "recipients-failed";

/** How hosts are found. */
export interface HostResolution {
  /** Servers of a recipient's domain, in the order to try them. */
  readonly resolveMx: (domain: string) => Promise<MxPlan>;
  /** Servers behind the name of a smart host. */
  readonly resolveHost: (name: string) => Promise<MxPlan>;
}

/** What a courier needs from the rest of the server. */
export interface SendDependencies extends HostResolution {
  readonly clock: Clock;
  /** As the two above, by asking these servers (`address:port`). */
  readonly resolveAt: (servers: readonly string[]) => HostResolution;
  /** What sessions with smart hosts log on with. */
  readonly logon: LogonDependencies;
  readonly connectivity: (line: ConnectivityLine) => void;
  readonly count: (metric: SendMetric, amount: number) => void;
}
