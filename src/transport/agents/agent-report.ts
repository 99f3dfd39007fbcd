import type { PipelineEventName } from "../../org/agent-table.ts";
import type { SeatHealth } from "./agent-roster.ts";

/** What a module says of itself once it is loaded. */
export interface ModuleFacts {
  readonly description: string;
  /** What it hears. */
  readonly events: readonly PipelineEventName[];
}

/** How an installed agent's module is on one thread. */
export interface ModuleReport extends ModuleFacts {
  readonly name: string;
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

/** The report of one thread. A module has no guard before it is asked for the first time. */
export function reportAgents(
  guards: readonly SeatHealth[],
  modules: readonly ModuleReport[],
): readonly AgentReport[] {
  const installed = modules.map(({ name, ...module }): AgentReport => {
    const health = guards.find((one) => one.name === name) ?? { name, ...UNASKED };
    if (module.loadFault === "") return { ...health, module };
    return { ...health, state: "NotLoaded", lastFault: module.loadFault, module };
  });
  const names = new Set(modules.map(({ name }) => name));
  return [...guards.filter(({ name }) => !names.has(name)), ...installed];
}

const UNASKED: Omit<SeatHealth, "name"> = {
  state: "Healthy",
  failures: 0,
  timeouts: 0,
  passedOver: 0,
  lastFault: "",
  lastFaultMs: undefined,
  waits: 0,
  waitedMs: 0,
  longestMs: 0,
};

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
    waits: one.waits + other.waits,
    waitedMs: one.waitedMs + other.waitedMs,
    longestMs: Math.max(one.longestMs, other.longestMs),
  };
}
