import { type Clock, delay } from "../base/clock.ts";
import { SECOND } from "../base/units.ts";
import type { HealthFacts } from "../diagnosis/health-sets.ts";
import { agentInForce, allAgents } from "../org/agents-in-force.ts";
import type { Organization } from "../org/organization.ts";
import { type AgentReport, joinReports } from "../transport/agents/agent-report.ts";
import type { Supervisor } from "./supervisor.ts";

/** A thread that takes longer is left out. */
const ANSWER_MS_MAX = 2 * SECOND;

/** How agents are in all transport threads together. Never rejects. */
export async function agentReports({
  clock,
  supervisor,
}: {
  readonly clock: Clock;
  readonly supervisor: Pick<Supervisor, "remotes">;
}): Promise<readonly AgentReport[]> {
  const late = delay(clock, ANSWER_MS_MAX).then((): readonly AgentReport[] => []);
  const asked = [...supervisor.remotes.values()].map((thread) =>
    // One that dies meanwhile starts anew, and knows of no failure then.
    Promise.race([thread.ask("agentReport", undefined).catch(() => []), late]),
  );
  return joinReports(await Promise.all(asked));
}

/** Has every thread load that agent's module anew. Never rejects. */
export async function reloadAgent(
  { supervisor }: { readonly supervisor: Pick<Supervisor, "remotes"> },
  name: string,
): Promise<void> {
  const asked = [...supervisor.remotes.values()].map((thread) => thread.ask("reloadAgent", name));
  // One that dies meanwhile loads it as it starts.
  await Promise.allSettled(asked);
}

/** Those of the agents in force that do not work; what is switched off is nobody's concern. */
export function failingAgents(
  organization: Pick<Organization, "transportAgents">,
  reports: readonly AgentReport[],
): HealthFacts["failingAgents"] {
  return allAgents(organization).flatMap((agent) => {
    const { enabled, failMode } = agentInForce(agent, organization);
    const report = reports.find(({ name }) => name === agent.name);
    if (!enabled || report === undefined || report.state === "Healthy") return [];
    const { name, state, lastFault } = report;
    return [{ name, state, lastFault, failMode }];
  });
}
