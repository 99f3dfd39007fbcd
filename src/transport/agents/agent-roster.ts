import type { TransportAgent } from "../../org/agent-table.ts";
import { agentInForce } from "../../org/agents-in-force.ts";
import type { Organization } from "../../org/organization.ts";
import type { AgentFailMode } from "../../org/transport-agent-settings.ts";
import { AgentGuard, type AgentHealth, type GuardDependencies } from "./agent-guard.ts";

/** One agent in its place: in force, with what an administrator has said of it. */
export interface Seat<Agent> {
  readonly agent: Agent;
  readonly name: string;
  readonly priority: number;
  readonly failMode: AgentFailMode;
  readonly timeLimitMs: number;
  /** Its verdicts are logged, and nothing comes of them. */
  readonly shadowRun: boolean;
  readonly guard: AgentGuard;
}

/** How one agent is on this thread. */
export interface SeatHealth extends AgentHealth {
  readonly name: string;
}

/** Guards of all agents of one thread, by name: an agent of two kinds has one. */
export class AgentGuards {
  readonly #dependencies: GuardDependencies;
  readonly #guards = new Map<string, AgentGuard>();

  constructor(dependencies: GuardDependencies) {
    this.#dependencies = dependencies;
  }

  /** The guard of that agent. */
  of(name: string): AgentGuard {
    let guard = this.#guards.get(name);
    if (guard === undefined) {
      guard = new AgentGuard(name, this.#dependencies);
      this.#guards.set(name, guard);
    }
    return guard;
  }

  /** Another agent has taken the name: what one of that name did before is not its doing. */
  forget(name: string): void {
    this.#guards.delete(name);
  }

  /** Those that have been asked or could have been. */
  health(): readonly SeatHealth[] {
    return [...this.#guards].map(([name, { health }]) => ({ name, ...health }));
  }
}

/** Agents that come and go while the thread runs. */
export interface InstalledAgents<Agent> {
  /** Another number when `all` has become another list. */
  readonly version: number;
  readonly all: readonly Agent[];
}

/** The agents of one kind on one thread, in the order in which they act under an organization. */
export class AgentRoster<Agent extends { readonly agent: TransportAgent }> {
  readonly #agents: readonly Agent[];
  readonly #guards: AgentGuards;
  readonly #installed: () => InstalledAgents<Agent>;
  #organization: Organization | undefined;
  #version = 0;
  #seats: readonly Seat<Agent>[] = [];

  constructor(
    agents: readonly Agent[],
    guards: AgentGuards,
    installed: () => InstalledAgents<Agent> = () => NONE_INSTALLED,
  ) {
    this.#agents = agents;
    this.#guards = guards;
    this.#installed = installed;
  }

  /** Those that are enabled, by priority; worked out once for each organization. */
  seats(organization: Organization): readonly Seat<Agent>[] {
    const { version, all } = this.#installed();
    if (organization === this.#organization && version === this.#version) return this.#seats;
    this.#organization = organization;
    this.#version = version;
    this.#seats = [...this.#agents, ...all]
      .flatMap((agent) => this.#seat(agent, organization) ?? [])
      .toSorted((left, right) => left.priority - right.priority);
    return this.#seats;
  }

  #seat(agent: Agent, organization: Organization): Seat<Agent> | undefined {
    const own: TransportAgent = agent.agent;
    const { name } = own;
    const { enabled, ...said } = agentInForce(own, organization);
    return enabled ? { agent, name, ...said, guard: this.#guards.of(name) } : undefined;
  }
}

const NONE_INSTALLED: InstalledAgents<never> = { version: 0, all: [] };
