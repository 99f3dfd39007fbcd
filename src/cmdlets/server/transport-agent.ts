import { type Cmdlet, defineCmdlet } from "../../cmdlet/cmdlet.ts";
import { CmdletFault } from "../../cmdlet/cmdlet-fault.ts";
import type { OutputType } from "../../cmdlet/output-type.ts";
import { optionalParameter } from "../../cmdlet/parameter.ts";
import type { RoleGroup } from "../../cmdlet/role-group.ts";
import { compileWildcard } from "../../cmdlet/wildcard.ts";
import { PIPELINE_EVENTS, TRANSPORT_AGENTS, type TransportAgent } from "../../org/agent-table.ts";
import { line } from "../../org/settings/setting-types.ts";

const READERS: readonly RoleGroup[] = [
  "Server Management",
  "Hygiene Management",
  "View-Only Organization Management",
];
const IDENTITY_MAX = 256;

const AGENTS: readonly TransportAgent[] = Object.values(TRANSPORT_AGENTS).toSorted(
  (left, right) => left.priority - right.priority,
);

const TRANSPORT_AGENT = {
  name: "TransportAgent",
  properties: {
    Identity: { kind: "text", doc: "The agent, as the agent log names it." },
    Enabled: { kind: "boolean", doc: "Whether it acts." },
    Priority: { kind: "number", doc: "At one event, the lower number acts first." },
    Events: { kind: "list", doc: "When it acts." },
    Description: { kind: "text", doc: "What it does." },
  },
  table: ["Identity", "Enabled", "Priority", "Events"],
} as const satisfies OutputType;

const TRANSPORT_PIPELINE = {
  name: "TransportPipeline",
  properties: {
    Event: { kind: "text", doc: "A point of a message's way." },
    TransportAgents: { kind: "list", doc: "Who acts there, in order." },
    Description: { kind: "text", doc: "When that is." },
  },
  table: ["Event", "TransportAgents", "Description"],
} as const satisfies OutputType;

/** Get-TransportAgent (reference §1.5). */
export const getTransportAgent: Cmdlet<object> = defineCmdlet({
  name: "Get-TransportAgent",
  summary: "Shows what judges messages on their way.",
  notes: [
    "These are part of the server, follow its connectors and settings, and cannot be switched " +
      "off. What they decide is in the agent log: see Get-AgentLog.",
  ],
  roles: READERS,
  effect: "reads",
  confirmation: "none",
  parameters: {
    Identity: optionalParameter(
      line({ max: IDENTITY_MAX }),
      "The agent's name; * stands for any text, ? for one character.",
      { position: 0, completion: "TransportAgent", pipeline: "property" },
    ),
  },
  output: TRANSPORT_AGENT,
  examples: [{ command: "Get-TransportAgent", doc: "All of them, in their order." }],
  async *run(_invocation, { identity = "*" }) {
    const matches = compileWildcard(identity);
    const found = AGENTS.filter(({ name }) => matches(name));
    if (found.length === 0 && !/[*?]/.test(identity)) {
      const text = `there is no transport agent "${identity}"; Get-TransportAgent lists all`;
      throw new CmdletFault("not-found", text, { parameter: "Identity" });
    }
    for (const { name, priority, events, doc } of found) {
      yield {
        Identity: name,
        Enabled: true,
        Priority: priority,
        Events: events,
        Description: doc,
      };
    }
  },
});

/** Get-TransportPipeline (reference §1.5). */
export const getTransportPipeline: Cmdlet<object> = defineCmdlet({
  name: "Get-TransportPipeline",
  summary: "Shows the points of a message's way in order, and which agents act at each.",
  notes: ["Unlike Exchange's, it shows agents also before they have seen a message."],
  roles: READERS,
  effect: "reads",
  confirmation: "none",
  parameters: {},
  output: TRANSPORT_PIPELINE,
  examples: [{ command: "Get-TransportPipeline", doc: "What a message goes through." }],
  async *run() {
    for (const { name, doc } of PIPELINE_EVENTS) {
      yield {
        Event: name,
        TransportAgents: AGENTS.filter(({ events }) => events.includes(name)).map(
          (agent) => agent.name,
        ),
        Description: doc,
      };
    }
  },
});
