import { ETAG, entityTag } from "../../cmdlet/entity-tag.ts";
import type { OutputObject, OutputOf, OutputType } from "../../cmdlet/output-type.ts";
import type { TransportAgent } from "../../org/agent-table.ts";
import { type AgentInForce, agentInForce, allAgents } from "../../org/agents-in-force.ts";
import type { Organization } from "../../org/organization.ts";
import type { StoredObject } from "../../org/organization-editor.ts";
import { formatSpan } from "../../org/settings/setting-types.ts";
import { AGENT_FAIL_MODES } from "../../org/settings/transport-agent.ts";
import type { AgentReport } from "../../transport/agents/agent-report.ts";

/** An agent as its cmdlets put it out. */
export const TRANSPORT_AGENT_OUTPUT = {
  name: "TransportAgent",
  properties: {
    Identity: { kind: "text", doc: "The agent, as the agent log names it." },
    Enabled: { kind: "boolean", doc: "Whether it acts." },
    Priority: { kind: "number", doc: "At one event, the lower number acts first." },
    Events: { kind: "list", doc: "When it acts; of an installed agent, while it is enabled." },
    FailMode: {
      kind: "choice",
      doc: "What becomes of mail that it could not judge.",
      choices: AGENT_FAIL_MODES,
    },
    TimeLimit: { kind: "span", doc: "How long one of its answers may take." },
    ShadowRun: { kind: "boolean", doc: "It judges, and nothing comes of it." },
    ModulePath: { kind: "text", doc: "The module of an installed agent." },
    State: {
      kind: "choice",
      doc:
        "How it is, in the worst of all threads. Resting: it failed again and again and is left " +
        "alone for half a minute. NotLoaded: its module cannot be loaded. Unknown: it is not " +
        "enabled, or has no part that could fail.",
      choices: ["Healthy", "Resting", "NotLoaded", "Unknown"],
    },
    Failures: { kind: "number", doc: "Times that it broke since the server was started." },
    Timeouts: { kind: "number", doc: "Times that it took too long." },
    PassedOver: { kind: "number", doc: "Times that it was not asked because it rested." },
    Answers: {
      kind: "number",
      doc: "Answers of it that were waited for since the server was started.",
    },
    AverageTime: { kind: "span", doc: "How long they took on average." },
    LongestTime: { kind: "span", doc: "How long the slowest of them took." },
    LastFault: { kind: "text", doc: "What it said when it broke the last time." },
    LastFaultTime: { kind: "date", doc: "When that was." },
    Description: { kind: "text", doc: "What it does." },
    ETag: ETAG,
  },
  table: ["Identity", "Enabled", "Priority", "State", "Events"],
} as const satisfies OutputType;

/** All agents in their order, those that are switched off too. */
export function agentsInOrder(
  organization: Pick<Organization, "transportAgents">,
): readonly TransportAgent[] {
  return allAgents(organization)
    .map((agent) => ({ agent, priority: agentInForce(agent, organization).priority }))
    .toSorted((left, right) => left.priority - right.priority)
    .map(({ agent }) => agent);
}

/** When it acts: an installed agent's module says so itself. */
export function eventsOf(agent: TransportAgent, report: AgentReport | undefined) {
  return report?.module?.events ?? agent.events;
}

/** An agent as it is set. */
export function showSettings({
  timeLimitMs,
  ...settings
}: AgentInForce): OutputObject & { readonly TimeLimit: string } {
  return {
    Enabled: settings.enabled,
    Priority: settings.priority,
    FailMode: settings.failMode,
    TimeLimit: formatSpan(timeLimitMs),
    ShadowRun: settings.shadowRun,
    ModulePath: settings.modulePath ?? null,
  };
}

/** An agent as it is. Nothing is stored of one of the server that is as it has itself. */
export function showAgent(
  agent: TransportAgent,
  organization: Pick<Organization, "transportAgents">,
  {
    stored,
    reports,
  }: {
    readonly stored: Pick<StoredObject, "properties"> | undefined;
    readonly reports: readonly AgentReport[];
  },
): OutputOf<typeof TRANSPORT_AGENT_OUTPUT> {
  const settings = agentInForce(agent, organization);
  const { enabled, timeLimitMs } = settings;
  const report = enabled ? reports.find(({ name }) => name === agent.name) : undefined;
  const { lastFaultMs, waits = 0, waitedMs = 0, longestMs = 0 } = report ?? {};
  return {
    Identity: agent.name,
    Enabled: enabled,
    Priority: settings.priority,
    Events: eventsOf(agent, report),
    FailMode: settings.failMode,
    TimeLimit: formatSpan(timeLimitMs),
    ShadowRun: settings.shadowRun,
    ModulePath: settings.modulePath ?? null,
    State: report?.state ?? "Unknown",
    Failures: report?.failures ?? 0,
    Timeouts: report?.timeouts ?? 0,
    PassedOver: report?.passedOver ?? 0,
    Answers: waits,
    AverageTime: waits === 0 ? null : formatSpan(Math.round(waitedMs / waits)),
    LongestTime: waits === 0 ? null : formatSpan(Math.round(longestMs)),
    LastFault: report?.lastFault || null,
    LastFaultTime: lastFaultMs === undefined ? null : new Date(lastFaultMs).toISOString(),
    Description: agent.doc || (report?.module?.description ?? null),
    ETag: entityTag(stored?.properties ?? {}),
  };
}
