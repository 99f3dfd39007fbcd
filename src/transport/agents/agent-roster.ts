import {
  FAIL_MODE_DEFAULT,
  TIME_LIMIT_DEFAULT_MS,
  type TransportAgent,
} from "../../org/agent-table.ts";
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

/** The agents of one kind on one thread, in the order in which they act under an organization. */
export class AgentRoster<Agent extends { readonly agent: TransportAgent }> {
  readonly #agents: readonly Agent[];
  readonly #dependencies: GuardDependencies;
  readonly #guards = new Map<string, AgentGuard>();
  #organization: Organization | undefined;
  #seats: readonly Seat<Agent>[] = [];

  constructor(agents: readonly Agent[], dependencies: GuardDependencies) {
    this.#agents = agents;
    this.#dependencies = dependencies;
  }

  /** Those that are enabled, by priority; worked out once for each organization. */
  seats(organization: Organization): readonly Seat<Agent>[] {
    if (organization === this.#organization) return this.#seats;
    this.#organization = organization;
    this.#seats = this.#agents
      .flatMap((agent) => this.#seat(agent, organization) ?? [])
      .toSorted((left, right) => left.priority - right.priority);
    return this.#seats;
  }

  /** All that have been asked or could have been. */
  health(): readonly SeatHealth[] {
    return [...this.#guards].map(([name, { health }]) => ({ name, ...health }));
  }

  #seat(agent: Agent, organization: Organization): Seat<Agent> | undefined {
    const own: TransportAgent = agent.agent;
    const { name } = own;
    const said = organization.transportAgents.find((one) => one.name === name);
    if (said?.enabled === false) return undefined;
    let guard = this.#guards.get(name);
    if (guard === undefined) {
      guard = new AgentGuard(name, this.#dependencies);
      this.#guards.set(name, guard);
    }
    return {
      agent,
      name,
      priority: said?.priority ?? own.priority,
      failMode: said?.failMode ?? own.failMode ?? FAIL_MODE_DEFAULT,
      timeLimitMs: said?.timeLimitMs ?? own.timeLimitMs ?? TIME_LIMIT_DEFAULT_MS,
      shadowRun: said?.shadowRun ?? false,
      guard,
    };
  }
}
