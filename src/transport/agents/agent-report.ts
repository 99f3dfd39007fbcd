import type { PipelineEventName } from "../../org/agent-table.ts";
import type { SeatHealth } from "./agent-roster.ts";

/** How an installed agent's module is on one thread. */
export interface ModuleReport {
  readonly name: string;
  readonly description: string;
  /** What it hears. */
  readonly events: readonly PipelineEventName[];
  /** Why it could not be loaded the last time; "": it was. */
  readonly loadFault: string;
}

/** How an agent is, on one thread or on all. */
export interface AgentReport extends Omit<SeatHealth, "state"> {
  /** NotLoaded: its module cannot be loaded; Resting: it has failed again and again. */
  readonly state: SeatHealth["state"] | "NotLoaded";
  /** Of installed agents. */
  readonly module?: Omit<ModuleReport, "name">;
}

/** The report of one thread. */
export function reportAgents(
  guards: readonly SeatHealth[],
  modules: readonly ModuleReport[],
): readonly AgentReport[] {
  const byName = new Map(modules.map(({ name, ...module }) => [name, module]));
  return guards.map((health): AgentReport => {
    const module = byName.get(health.name);
    if (module === undefined) return health;
    if (module.loadFault === "") return { ...health, module };
    return { ...health, state: "NotLoaded", lastFault: module.loadFault, module };
  });
}

const STATES = ["Healthy", "Resting", "NotLoaded"] as const;

/** All threads' reports as one: counts are added up, the worst state and the last fault stay. */
export function joinReports(reports: readonly (readonly AgentReport[])[]): readonly AgentReport[] {
  const joined = new Map<string, AgentReport>();
  for (const report of reports.flat()) {
    const known = joined.get(report.name);
    joined.set(report.name, known === undefined ? report : join(known, report));
  }
  return [...joined.values()];
}

function join(one: AgentReport, other: AgentReport): AgentReport {
  const isWorse = STATES.indexOf(other.state) > STATES.indexOf(one.state);
  const worse = isWorse ? other : one;
  const isLater = (other.lastFaultMs ?? 0) > (one.lastFaultMs ?? 0);
  const last = worse.state === "NotLoaded" ? worse : isLater ? other : one;
  return {
    ...worse,
    failures: one.failures + other.failures,
    timeouts: one.timeouts + other.timeouts,
    passedOver: one.passedOver + other.passedOver,
    lastFault: last.lastFault,
    lastFaultMs: last.lastFaultMs,
  };
}
