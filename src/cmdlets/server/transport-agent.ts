import { type Cmdlet, defineCmdlet } from "../../cmdlet/cmdlet.ts";
import { CmdletFault } from "../../cmdlet/cmdlet-fault.ts";
import type { OutputType } from "../../cmdlet/output-type.ts";
import { optionalParameter } from "../../cmdlet/parameter.ts";
import type { RoleGroup } from "../../cmdlet/role-group.ts";
import { compileWildcard } from "../../cmdlet/wildcard.ts";
import { PIPELINE_EVENTS } from "../../org/agent-table.ts";
import { agentInForce } from "../../org/agents-in-force.ts";
import { line } from "../../org/settings/setting-types.ts";
import type { TransportAgentServices } from "./services.ts";
import {
  agentsInOrder,
  eventsOf,
  showAgent,
  TRANSPORT_AGENT_OUTPUT,
} from "./transport-agent-output.ts";

const READERS: readonly RoleGroup[] = [
  "Server Management",
  "Hygiene Management",
  "View-Only Organization Management",
];
const IDENTITY_MAX = 256;

const GET_PARAMETERS = {
  Identity: optionalParameter(
    line({ max: IDENTITY_MAX }),
    "The agent's name; * stands for any text, ? for one character.",
    { position: 0, completion: "TransportAgent", pipeline: "property" },
  ),
};

/** Get-TransportAgent (reference §1.5). */
export const getTransportAgent: Cmdlet<TransportAgentServices> = defineCmdlet<
  TransportAgentServices,
  typeof GET_PARAMETERS,
  typeof TRANSPORT_AGENT_OUTPUT
>({
  name: "Get-TransportAgent",
  summary: "Shows what judges messages on their way, and how it is.",
  notes: [
    "Agents without a ModulePath are part of the server. What agents decide is in the agent log: " +
      "see Get-AgentLog.",
  ],
  roles: READERS,
  effect: "reads",
  confirmation: "none",
  parameters: GET_PARAMETERS,
  output: TRANSPORT_AGENT_OUTPUT,
  examples: [
    { command: "Get-TransportAgent", doc: "All of them, in their order." },
    {
      command: "Get-TransportAgent | Where-Object State -ne Healthy | Format-List",
      doc: "What is wrong with those that don't work.",
    },
  ],
  async *run({ services }, { identity = "*" }) {
    const { organization } = services.organization;
    const matches = compileWildcard(identity);
    const found = agentsInOrder(organization).filter(({ name }) => matches(name));
    if (found.length === 0 && !/[*?]/.test(identity)) {
      const text = `there is no transport agent "${identity}"; Get-TransportAgent lists all`;
      throw new CmdletFault("not-found", text, { parameter: "Identity" });
    }
    const reports = await services.agents.report();
    const all = await services.organization.list("transportAgent");
    for (const agent of found) {
      const stored = all.find(({ name }) => name.toLowerCase() === agent.name.toLowerCase());
      yield showAgent(agent, organization, { stored, reports });
    }
  },
});

const TRANSPORT_PIPELINE = {
  name: "TransportPipeline",
  properties: {
    Event: { kind: "text", doc: "A point of a message's way." },
    TransportAgents: { kind: "list", doc: "Who acts there, in order." },
    Description: { kind: "text", doc: "When that is." },
  },
  table: ["Event", "TransportAgents", "Description"],
} as const satisfies OutputType;

const NO_PARAMETERS = {};

/** Get-TransportPipeline (reference §1.5). */
export const getTransportPipeline: Cmdlet<TransportAgentServices> = defineCmdlet<
  TransportAgentServices,
  typeof NO_PARAMETERS,
  typeof TRANSPORT_PIPELINE
>({
  name: "Get-TransportPipeline",
  summary: "Shows the points of a message's way in order, and which agents act at each.",
  notes: [
    "Unlike Exchange's, it shows agents also before they have seen a message. Agents that are " +
      "switched off are left out.",
  ],
  roles: READERS,
  effect: "reads",
  confirmation: "none",
  parameters: NO_PARAMETERS,
  output: TRANSPORT_PIPELINE,
  examples: [{ command: "Get-TransportPipeline", doc: "What a message goes through." }],
  async *run({ services }) {
    const { organization } = services.organization;
    const reports = await services.agents.report();
    const acting = agentsInOrder(organization)
      .filter((agent) => agentInForce(agent, organization).enabled)
      .map((agent) => {
        const report = reports.find(({ name }) => name === agent.name);
        return { name: agent.name, events: eventsOf(agent, report) };
      });
    for (const { name, doc } of PIPELINE_EVENTS) {
      const there = acting.filter(({ events }) => events.includes(name));
      yield { Event: name, TransportAgents: there.map((one) => one.name), Description: doc };
    }
  },
});
