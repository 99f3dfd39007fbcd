import type { Clock } from "../../base/clock.ts";
import type { Result } from "../../base/result.ts";
import type { MxHost, MxPlan } from "../../dns/mx-plan.ts";
import type { TlsaAnswer } from "../../dns/tlsa-lookup.ts";
import type { ClientTlsContext } from "../../net/client-connection.ts";
import type { TapeDesk } from "../../smtp/session-tape.ts";
import type { CertificateName } from "../../tls/distinguished-name.ts";
import type { TlsProfileName } from "../../tls/tls-profile.ts";
import type { LogonDependencies } from "./logon.ts";
import type { OutgoingRewriter, SenderTagging } from "./outgoing-rewriter.ts";
import type { OutgoingSigner } from "./outgoing-signer.ts";
import type { StsState } from "./sts-source.ts";
import type { TellTlsAttempt } from "./tls-attempt.ts";

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
  /** What DNSSEC says of the certificates of a host (RFC 7672 §2.2). */
  readonly lookupTlsa: (host: MxHost, port: number) => Promise<TlsaAnswer>;
  /** What a domain has published about TLS with its hosts (RFC 8461). */
  readonly findSts: (domain: string) => Promise<StsState>;
}

/** What a courier needs from the rest of the server. */
export interface SendDependencies extends HostResolution {
  readonly clock: Clock;
  /** As the two above, by asking these servers (`address:port`). */
  readonly resolveAt: (servers: readonly string[]) => HostResolution;
  /** What sessions with smart hosts log on with. */
  readonly logon: LogonDependencies;
  /** What to begin TLS with, the runtime's defaults if nothing; a fault is the administrator's. */
  readonly tlsContext: (own: {
    readonly certificateName: CertificateName | undefined;
    readonly fqdn: string | undefined;
    readonly profile: TlsProfileName;
  }) => Result<ClientTlsContext | undefined, string>;
  /** Signs what leaves by SMTP (RFC 6376); absent: nothing is signed. */
  readonly signer?: OutgoingSigner | undefined;
  /** Gives senders the addresses that they have outside; absent: they keep theirs. */
  readonly rewriter?: OutgoingRewriter | undefined;
  /** What notices come back to; absent: senders as they are. */
  readonly tagSender?: SenderTagging | undefined;
  /** Told of every try to secure a connection, for the reports to other domains (RFC 8460). */
  readonly tlsAttempt: TellTlsAttempt;
  /** 16 hex digits, unique in this server, the same in all logs. */
  readonly nextSessionId: () => string;
  /** Where what is said in sessions goes; absent: nowhere. */
  readonly desk?: TapeDesk | undefined;
  readonly connectivity: (line: ConnectivityLine) => void;
  readonly count: (metric: SendMetric, amount: number) => void;
}
