import {
  FAIL_MODE_DEFAULT,
  INSTALLED_PRIORITY_DEFAULT,
  TIME_LIMIT_DEFAULT_MS,
  TRANSPORT_AGENTS,
  type TransportAgent,
} from "./agent-table.ts";
import type { Organization } from "./organization.ts";
import type { AgentFailMode, TransportAgentSettings } from "./transport-agent-settings.ts";

/** What holds for one agent: what an administrator has said of it, else as it has it itself. */
export interface AgentInForce {
  readonly enabled: boolean;
  readonly priority: number;
  readonly failMode: AgentFailMode;
  readonly timeLimitMs: number;
  readonly shadowRun: boolean;
  /** `undefined`: it is part of the server. */
  readonly modulePath: string | undefined;
}

/** What holds for an agent. */
export function agentInForce(
  own: Pick<TransportAgent, "name" | "priority" | "failMode" | "timeLimitMs">,
  { transportAgents }: Pick<Organization, "transportAgents">,
): AgentInForce {
  const said = transportAgents.find(({ name }) => name === own.name);
  return {
    enabled: said?.enabled ?? true,
    priority: said?.priority ?? own.priority,
    failMode: said?.failMode ?? own.failMode ?? FAIL_MODE_DEFAULT,
    timeLimitMs: said?.timeLimitMs ?? own.timeLimitMs ?? TIME_LIMIT_DEFAULT_MS,
    shadowRun: said?.shadowRun ?? false,
    modulePath: said?.modulePath,
  };
}

/** What an installed agent is before its module has been asked. */
export function installedAgent({ name }: Pick<TransportAgentSettings, "name">): TransportAgent {
  return { name, priority: INSTALLED_PRIORITY_DEFAULT, events: [], doc: "" };
}

/** All agents: those of the server, and those that are installed. */
export function allAgents({
  transportAgents,
}: Pick<Organization, "transportAgents">): readonly TransportAgent[] {
  const installed = transportAgents.filter(({ modulePath }) => modulePath !== undefined);
  return [...Object.values<TransportAgent>(TRANSPORT_AGENTS), ...installed.map(installedAgent)];
}
