import { DAY } from "../../base/units.ts";
import { type Cmdlet, defineCmdlet } from "../../cmdlet/cmdlet.ts";
import type { OutputOf, OutputType } from "../../cmdlet/output-type.ts";
import { COMPONENTS, effectiveState } from "../../diagnosis/component-state.ts";
import { assessHealth, HEALTH_SETS, worstAlert } from "../../diagnosis/health-sets.ts";
import { formatSpan } from "../../org/settings/setting-types.ts";
import { isoDate } from "./report-span.ts";
import { FIGURE_READERS, type FigureServices, type OverviewFacts } from "./services.ts";

const TRANSPORT_OVERVIEW = {
  name: "TransportOverview",
  properties: {
    Server: { kind: "text", doc: "The server." },
    Time: { kind: "date", doc: "When it was looked at." },
    QueueDepth: {
      kind: "number",
      doc: "Recipients waiting in all queues; empty just after the start.",
    },
    Queues: {
      kind: "object",
      doc: "Them by kind of queue; Retry is part of Delivery, and Quarantine no queue.",
    },
    IncomingRate: { kind: "number", doc: "Recipients a second that came in, over a minute." },
    OutgoingRate: { kind: "number", doc: "Recipients a second that were done with." },
    Velocity: { kind: "number", doc: "OutgoingRate less IncomingRate: below 0, queues grow." },
    Rates: {
      kind: "object",
      doc: "A second, over the last minute: messages received, refusals, and recipients by end.",
    },
    OldestMessageTime: { kind: "date", doc: "When the oldest waiting message came in." },
    OldestMessageAge: { kind: "span", doc: "How long it has been waiting." },
    IncomingConnections: { kind: "number", doc: "Connections from clients, open now." },
    OutgoingConnections: { kind: "number", doc: "Connections to next hops, open now." },
    HealthSets: { kind: "object", doc: "Each area with its worst verdict: name and AlertValue." },
    Findings: {
      kind: "list",
      doc: "What is not healthy.",
      hiddenFrom: ["Recipient Management", "Records Management", "Hygiene Management"],
    },
    CertificatesNearExpiry: {
      kind: "object",
      doc: "Certificates that end within 30 days: File, Names, NotAfter, DaysLeft.",
    },
    BackPressure: { kind: "object", doc: "The level of each resource: Low, Medium or High." },
    ComponentsNotActive: { kind: "list", doc: "What is not in service, with its state." },
  },
  table: ["Server", "QueueDepth", "Velocity", "OldestMessageAge", "HealthSets"],
} as const satisfies OutputType;

const NO_PARAMETERS = {};

/** Get-TransportOverview: the server at one glance, as the home page shows it. */
export const getTransportOverview: Cmdlet<FigureServices> = defineCmdlet<
  FigureServices,
  typeof NO_PARAMETERS,
  typeof TRANSPORT_OVERVIEW
>({
  name: "Get-TransportOverview",
  summary: "Shows at one glance how much mail waits and moves, and whether all is well.",
  notes: [
    "It may be asked for every second: numbers are those of the last look at the threads, two " +
      "seconds ago at most, verdicts some seconds old. Get-ServerHealth has them as they are.",
  ],
  roles: FIGURE_READERS,
  effect: "reads",
  confirmation: "none",
  parameters: NO_PARAMETERS,
  output: TRANSPORT_OVERVIEW,
  examples: [{ command: "Get-TransportOverview", doc: "How is the server?" }],
  async *run({ services, clock }) {
    yield overviewOutput(await services.figures.overview(), clock.nowMs());
  },
});

const DONE = ["outcome.delivered", "outcome.relayed", "outcome.failed", "outcome.expired"];

function overviewOutput(facts: OverviewFacts, nowMs: number): OutputOf<typeof TRANSPORT_OVERVIEW> {
  const { levels, rate, oldestMs, health } = facts;
  const monitors = assessHealth(health);
  const [incoming, outgoing] = [rounded(rate(["recipients"])), rounded(rate(DONE))];
  return {
    Server: facts.serverName,
    Time: isoDate(nowMs),
    QueueDepth: levels?.depth ?? null,
    Queues: {
      Submission: levels?.["queue.submission"] ?? 0,
      Delivery: levels?.["queue.delivery"] ?? 0,
      Retry: levels?.["queue.retry"] ?? 0,
      Unreachable: levels?.["queue.unreachable"] ?? 0,
      Poison: levels?.["queue.poison"] ?? 0,
      Quarantine: levels?.["queue.quarantine"] ?? 0,
    },
    IncomingRate: incoming,
    OutgoingRate: outgoing,
    Velocity: rounded(outgoing - incoming),
    Rates: ratesOf(rate),
    OldestMessageTime: oldestMs === undefined ? null : isoDate(oldestMs),
    OldestMessageAge: oldestMs === undefined ? null : wholeSeconds(nowMs - oldestMs),
    IncomingConnections: levels?.connectionsIn ?? 0,
    OutgoingConnections: levels?.connectionsOut ?? 0,
    HealthSets: HEALTH_SETS.map((set) => ({
      Name: set,
      AlertValue: worstAlert(monitors.filter((one) => one.set === set).map(({ alert }) => alert)),
    })),
    Findings: monitors
      .filter(({ alert }) => alert !== "Healthy")
      .map(({ set, name, target, finding }) => {
        return `${set}: ${name}${target === "" ? "" : ` of ${target}`}: ${finding}`;
      }),
    CertificatesNearExpiry: facts.endingCertificates.map(({ certificate, daysLeft }) => ({
      File: certificate.file,
      Names: certificate.names,
      NotAfter: isoDate(certificate.validToMs),
      DaysLeft: daysLeft,
    })),
    BackPressure: { ...health.levels },
    ComponentsNotActive: COMPONENTS.flatMap((component) => {
      const state = effectiveState(facts.componentRequests, component);
      return state === "Active" ? [] : [`${component}: ${state}`];
    }),
  };
}

function ratesOf(rate: OverviewFacts["rate"]): Readonly<Record<string, number>> {
  return {
    Received: rounded(rate(["received."])),
    Refused: rounded(rate(["refused."])),
    Delivered: rounded(rate(["outcome.delivered"])),
    Relayed: rounded(rate(["outcome.relayed"])),
    Deferred: rounded(rate(["outcome.deferred"])),
    Failed: rounded(rate(["outcome.failed", "outcome.expired"])),
    ReceivedBytes: rounded(rate(["receivedBytes"])),
    SentBytes: rounded(rate(["sentBytes"])),
  };
}

function rounded(rate: number): number {
  return Math.round(rate * 100) / 100;
}

/** A clock that was set back makes nothing come from the future. */
function wholeSeconds(ageMs: number): string {
  return formatSpan(Math.min(Math.max(0, Math.floor(ageMs / 1000) * 1000), 3_650 * DAY));
}
