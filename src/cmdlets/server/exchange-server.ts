import { type Cmdlet, defineCmdlet } from "../../cmdlet/cmdlet.ts";
import type { OutputType } from "../../cmdlet/output-type.ts";
import type { RoleGroup } from "../../cmdlet/role-group.ts";
import { formatSpan } from "../../org/settings/setting-types.ts";
import type { ServerServices } from "./services.ts";

const ROLES: readonly RoleGroup[] = [
  "Server Management",
  "Help Desk",
  "View-Only Organization Management",
];

const EXCHANGE_SERVER = {
  name: "ExchangeServer",
  properties: {
    Name: { kind: "text", doc: "The server, by the first label of its name." },
    Fqdn: { kind: "text", doc: "Its name in SMTP." },
    AdminDisplayVersion: { kind: "text", doc: "The version of Postrider." },
    NodeVersion: { kind: "text", doc: "The version of Node.js that it runs on." },
    Platform: { kind: "text", doc: "The operating system and its kernel." },
    WhenStarted: { kind: "date", doc: "When it was started last." },
    Uptime: { kind: "span", doc: "How long ago that is." },
    TransportThreads: { kind: "number", doc: "Threads that move mail." },
    TransportThreadsReady: { kind: "number", doc: "Those of them that are up." },
    DataPath: { kind: "text", doc: "The data directory." },
    ConfigurationFile: { kind: "text", doc: "The file that it was started with, if with one." },
  },
  table: ["Name", "Fqdn", "AdminDisplayVersion", "Uptime"],
} as const satisfies OutputType;

const NO_PARAMETERS = {};

/** Get-ExchangeServer: what runs here, and since when. */
export const getExchangeServer: Cmdlet<ServerServices> = defineCmdlet<
  ServerServices,
  typeof NO_PARAMETERS,
  typeof EXCHANGE_SERVER
>({
  name: "Get-ExchangeServer",
  summary: "Shows the server: its version, since when it runs, and where its data is.",
  roles: ROLES,
  effect: "reads",
  confirmation: "none",
  parameters: NO_PARAMETERS,
  output: EXCHANGE_SERVER,
  examples: [{ command: "Get-ExchangeServer", doc: "Which version runs here?" }],
  async *run({ services, clock }) {
    const facts = await services.serverFacts();
    const fqdn = services.serverFqdn();
    yield {
      Name: fqdn.split(".", 1)[0] ?? fqdn,
      Fqdn: fqdn,
      AdminDisplayVersion: `Version ${facts.version}`,
      NodeVersion: facts.nodeVersion,
      Platform: facts.platform,
      WhenStarted: new Date(facts.startedMs).toISOString(),
      Uptime: formatSpan(Math.max(0, clock.nowMs() - facts.startedMs)),
      TransportThreads: facts.threads.wanted,
      TransportThreadsReady: facts.threads.ready,
      DataPath: facts.dataDirectory,
      ConfigurationFile: facts.configurationFile ?? null,
    };
  },
});

const RESOURCE_THROTTLING = {
  name: "ResourceThrottling",
  properties: {
    Resource: {
      kind: "choice",
      doc: "What is watched.",
      choices: ["DatabaseUsedSpace", "PrivateBytes", "SubmissionQueue", "EventLoopDelay"],
    },
    Level: { kind: "choice", doc: "How hard it presses.", choices: ["Low", "Medium", "High"] },
    CurrentValue: { kind: "number", doc: "What was measured at the last look, two seconds ago." },
    Unit: { kind: "text", doc: "What it is measured in." },
    LowToMedium: { kind: "number", doc: "From here on it is Medium." },
    MediumToHigh: { kind: "number", doc: "From here on it is High." },
    HighToMedium: { kind: "number", doc: "Down to here it is Medium again." },
    MediumToLow: { kind: "number", doc: "Down to here it is Low again." },
    Effect: { kind: "text", doc: "What that means for new mail now." },
  },
  table: ["Resource", "Level", "CurrentValue", "Unit", "LowToMedium", "MediumToHigh", "Effect"],
} as const satisfies OutputType;

const NAMES = {
  disk: "DatabaseUsedSpace",
  memory: "PrivateBytes",
  submission_queue: "SubmissionQueue",
  event_loop: "EventLoopDelay",
} as const;

/** Get-ResourceThrottling: back pressure with its thresholds (reference §8). */
export const getResourceThrottling: Cmdlet<ServerServices> = defineCmdlet<
  ServerServices,
  typeof NO_PARAMETERS,
  typeof RESOURCE_THROTTLING
>({
  name: "Get-ResourceThrottling",
  summary: "Shows back pressure: each resource with its level, its thresholds and the effect.",
  notes: [
    "Exchange has it as Get-ExchangeDiagnosticInfo -Process EdgeTransport " +
      "-Component ResourceThrottling.",
  ],
  roles: ROLES,
  effect: "reads",
  confirmation: "none",
  parameters: NO_PARAMETERS,
  output: RESOURCE_THROTTLING,
  examples: [{ command: "Get-ResourceThrottling", doc: "Is mail held back, and why?" }],
  async *run({ services }) {
    for (const one of services.pressures()) {
      const { level, acts, thresholds } = one;
      yield {
        Resource: NAMES[one.resource],
        Level: level,
        CurrentValue: one.value ?? null,
        Unit: thresholds.unit,
        LowToMedium: thresholds.lowToMedium,
        MediumToHigh: thresholds.mediumToHigh,
        HighToMedium: thresholds.highToMedium,
        MediumToLow: thresholds.mediumToLow,
        Effect: effectOf(level, acts),
      };
    }
  },
});

function effectOf(level: "Low" | "Medium" | "High", acts: "reject" | "delay"): string {
  if (level === "Low") return "none";
  return acts === "reject" || level === "High"
    ? "new mail is refused with 452 4.3.1; Pickup and Replay pause"
    : "the reply to MAIL is held back, up to 55 seconds";
}
