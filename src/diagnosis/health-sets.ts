import { DAY, SECOND } from "../base/units.ts";
import type { AgentFailMode } from "../org/transport-agent-settings.ts";
import type { NearExpiry } from "../tls/certificate-expiry.ts";
import type { PressureLevel, PressureResource } from "../transport/queue/back-pressure.ts";
import { ALARM_MS } from "../transport/queue/queue-context.ts";

/** What one look at the server found; plain values, so that the judgement is a table. */
export interface HealthFacts {
  /** Why the store did not answer; `undefined` when it did. */
  readonly storeFault: string | undefined;
  /** Transport threads that are up, of how many. */
  readonly threads: { readonly ready: number; readonly wanted: number };
  /** Listeners that could not be opened. */
  readonly listenerProblems: readonly string[];
  readonly takesMail: boolean;
  readonly sendsMail: boolean;
  readonly levels: Readonly<Record<PressureResource, PressureLevel>>;
  /** Messages or recipients in each queue (reference §15.2). */
  readonly queues: {
    readonly submission: number;
    readonly delivery: number;
    readonly retry: number;
    readonly unreachable: number;
    readonly poison: number;
    /** How long the oldest due mail has lain without an attempt. */
    readonly stalledMs: number;
  };
  /** Each name server with why it did not answer, or how long it took. */
  readonly nameServers: readonly {
    readonly server: string;
    readonly answer: { readonly ms: number } | { readonly fault: string };
  }[];
  readonly certificates: {
    readonly near: readonly NearExpiry<{ readonly file: string }>[];
    /** Files that cannot be used, names that no certificate has. */
    readonly faults: readonly string[];
  };
  readonly clock: {
    /** Largest step of the wall clock against the monotonic one in the last hour. */
    readonly jumpMs: number;
    /** What the system says of its time service; `undefined` where it says nothing. */
    readonly isSynchronized: boolean | undefined;
  };
  readonly logs: { readonly failures: number; readonly dropped: number };
  /** Agents that are enabled and do not work, each with what it said last. */
  readonly failingAgents: readonly {
    readonly name: string;
    readonly state: "Resting" | "NotLoaded";
    readonly lastFault: string;
    readonly failMode: AgentFailMode;
  }[];
}

/** Reference §15.1. */
export type AlertValue = "Healthy" | "Degraded" | "Unhealthy";

/** Areas that are judged as a whole. */
export const HEALTH_SETS = [
  "Store",
  "Listeners",
  "Components",
  "Queues",
  "Resources",
  "DNS",
  "Certificates",
  "Clock",
  "Logs",
  "Agents",
] as const;
/** A name out of HEALTH_SETS. */
export type HealthSet = (typeof HEALTH_SETS)[number];

/** One thing that was looked at. */
export interface Monitor {
  readonly set: HealthSet;
  /** `SubmissionQueueLength` */
  readonly name: string;
  /** What it is about: a file, a server, or "". */
  readonly target: string;
  readonly alert: AlertValue;
  /** What was found. */
  readonly finding: string;
  /** What to do; "" when nothing is to be done. */
  readonly cure: string;
}

/** Lengths from which on a queue is worth a look (reference §15.2). */
const QUEUE_LENGTHS = {
  submission: { degraded: 100, unhealthy: 3000 },
  delivery: { degraded: 3000, unhealthy: 5000 },
  retry: { degraded: 100, unhealthy: 5000 },
  unreachable: { degraded: 1, unhealthy: 100 },
  poison: { degraded: 1, unhealthy: 100 },
} as const;

/** A wall clock that steps further makes retry times, expiry and log times wrong. */
const CLOCK_JUMP_MS = 5 * SECOND;
const NAME_SERVER_SLOW_MS = 2 * SECOND;

/** Judges what was found: one row per thing looked at, healthy ones included. */
export function assessHealth(facts: HealthFacts): readonly Monitor[] {
  return [
    ...storeAndListeners(facts),
    ...queueMonitors(facts),
    ...resourceMonitors(facts),
    ...nameServerMonitors(facts),
    ...certificateMonitors(facts),
    clockMonitor(facts),
    logMonitor(facts),
    ...agentMonitors(facts),
  ];
}

/** The worst of several. */
export function worstAlert(alerts: readonly AlertValue[]): AlertValue {
  if (alerts.includes("Unhealthy")) return "Unhealthy";
  return alerts.includes("Degraded") ? "Degraded" : "Healthy";
}

function storeAndListeners(facts: HealthFacts): readonly Monitor[] {
  const { storeFault, threads, listenerProblems, takesMail, sendsMail } = facts;
  const inService = takesMail && sendsMail;
  const state = takesMail
    ? "mail is taken, none is sent"
    : `no mail is taken${sendsMail ? ", queues are emptied" : " and none is sent"}`;
  return [
    monitor("Store", "StoreAnswers", {
      alert: storeFault === undefined ? "Healthy" : "Unhealthy",
      finding: storeFault ?? "the databases answer",
      cure: "free space on the disk of the data directory and look for store events in the log",
    }),
    monitor("Listeners", "TransportThreads", {
      alert: threads.ready === threads.wanted ? "Healthy" : "Unhealthy",
      finding: `${threads.ready} of ${threads.wanted} transport threads are up`,
      cure: "they are started again by themselves; thread-died in the log says why they ended",
    }),
    ...(listenerProblems.length === 0
      ? [monitor("Listeners", "ListenersOpen", healthy("every binding is open"))]
      : listenerProblems.map((problem) =>
          monitor("Listeners", "ListenersOpen", {
            alert: "Unhealthy",
            finding: problem,
            cure: "end what else listens there, or change the connector's Bindings",
          }),
        )),
    monitor("Components", "InService", {
      alert: inService ? "Healthy" : "Degraded",
      finding: inService ? "all components are active" : state,
      cure: "Get-ServerComponentState says who asked for it; Set-ServerComponentState undoes it",
    }),
  ];
}

const QUEUE_CURES: Readonly<Record<keyof typeof QUEUE_LENGTHS, string>> = {
  submission: "the categorizer is behind: look at Resources, and at Get-Queue Submission",
  delivery: "Get-Queue -SortOrder -MessageCount names the queues that are behind",
  retry: `Get-Queue -Filter "Status -eq 'Retry'" names next hops and their last errors`,
  unreachable: "no send connector fits: Get-Message -Queue Unreachable, Test-MessageRoute",
  poison: "Get-Message -Queue Poison: export them, then Resume-Message or Remove-Message",
};

function queueMonitors({ queues }: HealthFacts): readonly Monitor[] {
  const names = Object.keys(QUEUE_LENGTHS) as (keyof typeof QUEUE_LENGTHS)[];
  const lengths = names.map((name) => {
    const { degraded, unhealthy } = QUEUE_LENGTHS[name];
    const length = queues[name];
    const alert = length >= unhealthy ? "Unhealthy" : length >= degraded ? "Degraded" : "Healthy";
    const title = `${name.charAt(0).toUpperCase()}${name.slice(1)}QueueLength`;
    return monitor("Queues", title, { alert, finding: `${length}`, cure: QUEUE_CURES[name] });
  });
  const stalled = queues.stalledMs >= ALARM_MS;
  return [
    ...lengths,
    monitor("Queues", "QueueDrain", {
      alert: stalled ? "Unhealthy" : "Healthy",
      finding: stalled
        ? `due mail has lain without an attempt for ${Math.round(queues.stalledMs / SECOND)} s`
        : "due mail is attempted at once",
      cure: "the thread is replaced after a minute; queue-stalled in the log names the queue",
    }),
  ];
}

const RESOURCES: Readonly<Record<PressureResource, readonly [name: string, cure: string]>> = {
  disk: ["DiskSpace", "free space, or move the data directory to a larger disk"],
  memory: ["Memory", "give the machine more memory, or take load from it"],
  submission_queue: ["SubmissionPressure", "mail comes in faster than it is categorized"],
  event_loop: ["EventLoopDelay", "the processors are overloaded: take load from the machine"],
};

function resourceMonitors({ levels }: HealthFacts): readonly Monitor[] {
  const names = Object.keys(RESOURCES) as PressureResource[];
  return names.map((resource) => {
    const level = levels[resource];
    const [name, cure] = RESOURCES[resource];
    const alert = level === "High" ? "Unhealthy" : level === "Medium" ? "Degraded" : "Healthy";
    return monitor("Resources", name, { alert, finding: `pressure is ${level}`, cure });
  });
}

function nameServerMonitors({ nameServers }: HealthFacts): readonly Monitor[] {
  if (nameServers.length === 0) {
    const finding = "no DNS server is configured: mail for other domains waits";
    const cure = "set server.dnsServers, or name servers in /etc/resolv.conf";
    return [monitor("DNS", "NameServer", { alert: "Unhealthy", finding, cure })];
  }
  const allFail = nameServers.every(({ answer }) => "fault" in answer);
  return nameServers.map(({ server, answer }) => {
    const cure = "see that it runs and is reachable, or change server.dnsServers";
    if ("fault" in answer) {
      const alert = allFail ? "Unhealthy" : "Degraded";
      return monitor("DNS", "NameServer", { target: server, alert, finding: answer.fault, cure });
    }
    const alert = answer.ms > NAME_SERVER_SLOW_MS ? "Degraded" : "Healthy";
    const finding = `answered in ${Math.round(answer.ms)} ms`;
    return monitor("DNS", "NameServer", { target: server, alert, finding, cure });
  });
}

function certificateMonitors({ certificates }: HealthFacts): readonly Monitor[] {
  const { near, faults } = certificates;
  const cure = "put a current one into the folder certificates; it is taken up without a restart";
  const expiring = near.map(({ certificate, level, daysLeft }) =>
    monitor("Certificates", "Expiry", {
      target: certificate.file,
      alert: level === "soon" ? "Degraded" : "Unhealthy",
      finding: level === "expired" ? "has expired" : `expires in ${daysLeft} days`,
      cure,
    }),
  );
  const broken = faults.map((fault) =>
    monitor("Certificates", "Usable", { alert: "Degraded", finding: fault, cure }),
  );
  const all = [...expiring, ...broken];
  const none = `none expires within ${(30 * DAY) / DAY} days`;
  return all.length > 0 ? all : [monitor("Certificates", "Expiry", healthy(none))];
}

function clockMonitor({ clock }: HealthFacts): Monitor {
  const jumped = clock.jumpMs >= CLOCK_JUMP_MS;
  const cure = "let a time service keep the clock: systemd-timesyncd or chrony";
  if (jumped) {
    const finding = `stepped by ${Math.round(clock.jumpMs / SECOND)} s within the last hour`;
    return monitor("Clock", "Clock", { alert: "Degraded", finding, cure });
  }
  if (clock.isSynchronized === false) {
    const finding = "the system says that it is not synchronized";
    return monitor("Clock", "Clock", { alert: "Degraded", finding, cure });
  }
  const known =
    clock.isSynchronized === true ? "synchronized" : "steady; no word of a time service";
  return monitor("Clock", "Clock", healthy(known));
}

function logMonitor({ logs }: HealthFacts): Monitor {
  const { failures, dropped } = logs;
  const isWhole = failures === 0 && dropped === 0;
  return monitor("Logs", "LogsWritten", {
    alert: isWhole ? "Healthy" : "Degraded",
    finding: isWhole
      ? "every line was written"
      : `${failures} writes failed and ${dropped} lines were dropped since the start`,
    cure: "free space on the disk of the data directory; log-failed in the log says which",
  });
}

const FAIL_MODES: Readonly<Record<AgentFailMode, string>> = {
  Defer: "senders are told to try again",
  Accept: "mail is let in unchecked, with a mark",
  Reject: "mail is refused",
};

function agentMonitors({ failingAgents }: HealthFacts): readonly Monitor[] {
  if (failingAgents.length === 0) {
    return [monitor("Agents", "AgentsAnswer", healthy("every agent that is enabled answers"))];
  }
  const cure =
    "Get-TransportAgent says how it is set; mend it, or Disable-TransportAgent switches it off";
  return failingAgents.map(({ name, state, lastFault, failMode }) => {
    const what =
      state === "NotLoaded" ? "its module cannot be loaded" : "it failed five times in a row";
    const finding = `${what}, ${FAIL_MODES[failMode]}: ${lastFault.split("\n", 1)[0]}`;
    return monitor("Agents", "AgentsAnswer", { target: name, alert: "Degraded", finding, cure });
  });
}

function healthy(finding: string) {
  return { alert: "Healthy", finding, cure: "" } as const;
}

function monitor(
  set: HealthSet,
  name: string,
  found: {
    readonly target?: string;
    readonly alert: AlertValue;
    readonly finding: string;
    readonly cure: string;
  },
): Monitor {
  const { target = "", alert, finding } = found;
  return { set, name, target, alert, finding, cure: alert === "Healthy" ? "" : found.cure };
}
