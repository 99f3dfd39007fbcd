import type { MessagePort } from "node:worker_threads";
import type { MetricsSnapshot } from "../base/metrics.ts";
import type { AuditScan } from "../cmdlets/access/audit-search.ts";
import type { DnsServer } from "../dns/transport.ts";
import type { Organization, SendConnector, TransportService } from "../org/organization.ts";
import type { RecipientKey } from "../store/queue-store.ts";
import type { CertificateSet } from "../tls/certificate-store.ts";
import type { AgentReport } from "../transport/agents/agent-report.ts";
import type { QueueFigures } from "../transport/queue/queue-figures.ts";
import type { DiagnosisThreadCalls } from "./diagnosis-thread.ts";
import type { FigureCalls } from "./figure-thread.ts";
import type { LogSearchCalls } from "./log-search-calls.ts";
import type { QueueReaderCalls, QueueThreadCalls } from "./queue-calls.ts";
import type { RecipientReaderCalls } from "./recipient-calls.ts";
import type { RuleThreadCalls } from "./rule-agent.ts";
import type { TrackingCalls } from "./tracking-thread.ts";

/** What the supervisor gives a transport thread to start with. */
export interface TransportThreadData {
  readonly index: number;
  readonly count: number;
  readonly dataDirectory: string;
  readonly organization: Organization;
  readonly certificates: CertificateSet;
  readonly nameServers: readonly DnsServer[];
  readonly queuePort: MessagePort;
  readonly organizationPort: MessagePort;
  readonly logPort: MessagePort;
  readonly pressure: SharedArrayBuffer;
  readonly connectionCounts: SharedArrayBuffer;
  readonly rateCounts: SharedArrayBuffer;
  readonly logonFailures: SharedArrayBuffer;
  /** What is known of sources of mail. */
  readonly reputation: SharedArrayBuffer;
  readonly marks: SharedArrayBuffer;
  readonly beforeId: number;
  readonly wasUnclean: boolean;
  /** Set when this thread takes the place of one that died. */
  readonly isReplacement: boolean;
  /** Where all mail goes for the time being. */
  readonly redirection: SendConnector | undefined;
  /** Messages whose crash counts. */
  readonly blamed: readonly number[];
  /** Messages that may have brought a thread down. */
  readonly suspects: readonly number[];
}

/** One look at a transport thread. */
export interface ThreadReport {
  readonly metrics: MetricsSnapshot;
  readonly figures: QueueFigures;
  /** Longest delay of its event loop since the last report. */
  readonly loopDelayMs: number;
}

/** What the supervisor may ask of a transport thread. */
export type TransportThreadCalls = {
  /** Connects to another transport thread. */
  readonly connectPeer: (peer: { readonly index: number; readonly port: MessagePort }) => void;
  /**
   * Puts a configuration in force; resolves with what could not be done, in words for the
   * administrator.
   */
  readonly useOrganization: (organization: Organization) => Promise<readonly string[]>;
  /** Puts other certificates and authorities in force, for handshakes from now on. */
  readonly useCertificates: (set: CertificateSet) => void;
  /** Sends all mail to the smart hosts of that connector, or again where it belongs. */
  readonly useRedirection: (connector: SendConnector | undefined) => void;
  /** Another log thread has taken the place of one that died. */
  readonly useLogPort: (ports: { readonly port: MessagePort }) => void;
  readonly report: (nothing: undefined) => ThreadReport;
  /** Loads an installed agent anew. */
  readonly reloadAgent: (name: string) => Promise<void>;
  /** How its agents are. */
  readonly agentReport: (nothing: undefined) => readonly AgentReport[];
  /**
   * Which of these recipients the thread has in hand, or will take up before thread `asker` may.
   */
  readonly holds: (question: {
    readonly recipients: readonly RecipientKey[];
    readonly asker: number;
  }) => readonly RecipientKey[];
  /** Drains and stops; resolves when all is durable. As `TransportQueue.stop`. */
  readonly stop: (limits: { readonly waitMs: number }) => Promise<boolean>;
} & QueueThreadCalls &
  DiagnosisThreadCalls &
  RuleThreadCalls;

/** What a transport thread may ask of the supervisor. */
export type SupervisorCalls = {
  /**
   * Listeners are open and the queue takes mail; `problems` are listeners that could not be opened.
   */
  readonly ready: (problems: readonly string[]) => void;
  /** Which of these recipients other threads have in hand. */
  readonly elsewhere: (recipients: readonly RecipientKey[]) => Promise<readonly RecipientKey[]>;
  /** Work on a suspect has ended, and the thread lives. */
  readonly cleared: (messageId: number) => void;
};

/** What the store thread starts with. */
export interface StoreThreadData {
  readonly dataDirectory: string;
}

/** What the supervisor may ask of the store thread. */
export type StoreThreadCalls = {
  /** Serves one more transport thread. */
  readonly attach: (ports: {
    readonly queue: MessagePort;
    readonly organization: MessagePort;
  }) => void;
  /** New limits of the tracking log. */
  readonly configureTracking: (organization: Organization) => void;
  readonly report: (nothing: undefined) => {
    readonly metrics: MetricsSnapshot;
    readonly freeBytes: number;
  };
  /** Flushes and closes the databases. */
  readonly close: (nothing: undefined) => void;
};

/** What the store thread may ask of the supervisor. */
export type StoreSupervisorCalls = {
  /** The databases are open. */
  readonly ready: (failure: string | undefined) => void;
};

/** What the log thread starts with. */
export interface LogThreadData {
  readonly dataDirectory: string;
  /** As `TestFaults`. */
  readonly figureIntervalMs: number | undefined;
  readonly transportService: TransportService;
}

/** What the main thread may ask of the log thread. */
export type LogThreadCalls = {
  /** Takes lines from one more thread. */
  readonly attach: (ports: { readonly port: MessagePort }) => void;
  /** New limits of all logs. */
  readonly configure: (service: TransportService) => void;
  readonly report: (nothing: undefined) => MetricsSnapshot;
  /** Looks at some entries of the audit log. */
  readonly scanAudit: AuditScan;
  /** Writes what waits, flushes and closes. */
  readonly close: (nothing: undefined) => Promise<void>;
} & TrackingCalls &
  FigureCalls &
  LogSearchCalls &
  QueueReaderCalls &
  RecipientReaderCalls;
