import { type Cmdlet, defineCmdlet } from "../../cmdlet/cmdlet.ts";
import type { OutputType } from "../../cmdlet/output-type.ts";
import { optionalParameter, switchParameter } from "../../cmdlet/parameter.ts";
import type { RoleGroup } from "../../cmdlet/role-group.ts";
import {
  assessHealth,
  HEALTH_SETS,
  type HealthSet,
  type Monitor,
  worstAlert,
} from "../../diagnosis/health-sets.ts";
import { oneOf } from "../../org/settings/setting-types.ts";
import type { ServerServices } from "./services.ts";

const ROLES: readonly RoleGroup[] = [
  "Server Management",
  "Help Desk",
  "View-Only Organization Management",
];
const ALERTS = ["Healthy", "Degraded", "Unhealthy"] as const;

const SERVER_HEALTH = {
  name: "ServerHealth",
  properties: {
    Server: { kind: "text", doc: "The server." },
    HealthSetName: { kind: "choice", doc: "The area.", choices: HEALTH_SETS },
    Name: { kind: "text", doc: "What was looked at." },
    TargetResource: { kind: "text", doc: "The file, server or queue that it is about." },
    State: {
      kind: "choice",
      doc: "Online, always: what is not looked at has no row.",
      choices: ["Online"],
    },
    AlertValue: { kind: "choice", doc: "The verdict.", choices: ALERTS },
    Finding: { kind: "text", doc: "What was found." },
    Cure: { kind: "text", doc: "What to do about it." },
  },
  table: ["HealthSetName", "Name", "TargetResource", "AlertValue", "Finding", "Cure"],
} as const satisfies OutputType;

const HEALTH_PARAMETERS = {
  HealthSet: optionalParameter(oneOf(HEALTH_SETS), "Only this area.", { position: 0 }),
  HaImpactingOnly: switchParameter("Only what keeps mail from moving: no warnings."),
};

/** Get-ServerHealth (reference §15.1). */
export const getServerHealth: Cmdlet<ServerServices> = defineCmdlet<
  ServerServices,
  typeof HEALTH_PARAMETERS,
  typeof SERVER_HEALTH
>({
  name: "Get-ServerHealth",
  summary: "Says how the server is: each thing looked at, its verdict, and what to do.",
  roles: ROLES,
  effect: "reads",
  confirmation: "none",
  parameters: HEALTH_PARAMETERS,
  output: SERVER_HEALTH,
  examples: [
    { command: "Get-ServerHealth", doc: "Is the server healthy?" },
    { command: "Get-ServerHealth Queues", doc: "The queues only." },
  ],
  async *run({ services }, { healthSet, haImpactingOnly }) {
    for (const monitor of assessHealth(await services.health())) {
      if (healthSet !== undefined && monitor.set !== healthSet) continue;
      if (haImpactingOnly && monitor.alert !== "Unhealthy") continue;
      yield {
        Server: services.serverFqdn(),
        HealthSetName: monitor.set,
        Name: monitor.name,
        TargetResource: monitor.target,
        State: "Online",
        AlertValue: monitor.alert,
        Finding: monitor.finding,
        Cure: monitor.cure,
      };
    }
  },
});

const HEALTH_REPORT = {
  name: "HealthReport",
  properties: {
    Server: { kind: "text", doc: "The server." },
    HealthSetName: { kind: "choice", doc: "The area.", choices: HEALTH_SETS },
    State: { kind: "choice", doc: "Online, always.", choices: ["Online"] },
    AlertValue: { kind: "choice", doc: "The worst verdict of the area.", choices: ALERTS },
    MonitorCount: { kind: "number", doc: "How many things were looked at." },
    Findings: { kind: "list", doc: "What is not healthy, with its cure." },
  },
  table: ["HealthSetName", "AlertValue", "MonitorCount", "Findings"],
} as const satisfies OutputType;

const REPORT_PARAMETERS = {
  HealthSet: optionalParameter(oneOf(HEALTH_SETS), "Only this area.", { position: 0 }),
};

/** Get-HealthReport (reference §15.1). */
export const getHealthReport: Cmdlet<ServerServices> = defineCmdlet<
  ServerServices,
  typeof REPORT_PARAMETERS,
  typeof HEALTH_REPORT
>({
  name: "Get-HealthReport",
  summary: "Says how each area of the server is, in one line.",
  roles: ROLES,
  effect: "reads",
  confirmation: "none",
  parameters: REPORT_PARAMETERS,
  output: HEALTH_REPORT,
  examples: [{ command: "Get-HealthReport", doc: "Health at a glance." }],
  async *run({ services }, { healthSet }) {
    const monitors = assessHealth(await services.health());
    for (const set of HEALTH_SETS) {
      if (healthSet !== undefined && set !== healthSet) continue;
      const own = monitors.filter((monitor) => monitor.set === set);
      yield {
        Server: services.serverFqdn(),
        HealthSetName: set,
        State: "Online",
        AlertValue: worstAlert(own.map(({ alert }) => alert)),
        MonitorCount: own.length,
        Findings: own.filter(({ alert }) => alert !== "Healthy").map(sentenceOf),
      };
    }
  },
});

function sentenceOf({ name, target, finding, cure }: Monitor): string {
  return `${name}${target === "" ? "" : ` of ${target}`}: ${finding}; ${cure}`;
}

const SERVICE_HEALTH = {
  name: "ServiceHealth",
  properties: {
    Role: { kind: "text", doc: "The part of the server." },
    RequiredServicesRunning: { kind: "boolean", doc: "Whether all it needs is at work." },
    ServicesRunning: { kind: "list", doc: "What is at work." },
    ServicesNotRunning: { kind: "list", doc: "What is not, and why." },
  },
  table: ["Role", "RequiredServicesRunning", "ServicesRunning", "ServicesNotRunning"],
} as const satisfies OutputType;

const NO_PARAMETERS = {};

/** What each part of the server needs to be healthy in. */
const PARTS: readonly (readonly [role: string, sets: readonly HealthSet[]])[] = [
  ["Frontend Transport", ["Listeners", "Components", "Certificates"]],
  ["Hub Transport", ["Store", "Queues", "Resources", "DNS"]],
  ["Logs", ["Logs", "Clock"]],
];

/** Test-ServiceHealth (reference §15.1). */
export const testServiceHealth: Cmdlet<ServerServices> = defineCmdlet<
  ServerServices,
  typeof NO_PARAMETERS,
  typeof SERVICE_HEALTH
>({
  name: "Test-ServiceHealth",
  summary: "Says whether all that mail needs is at work.",
  roles: ROLES,
  effect: "reads",
  confirmation: "none",
  parameters: NO_PARAMETERS,
  output: SERVICE_HEALTH,
  examples: [{ command: "Test-ServiceHealth", doc: "Is everything running?" }],
  async *run({ services }) {
    const monitors = assessHealth(await services.health());
    for (const [role, sets] of PARTS) {
      const own = monitors.filter(({ set }) => sets.includes(set));
      const failing = own.filter(({ alert }) => alert === "Unhealthy");
      yield {
        Role: role,
        RequiredServicesRunning: failing.length === 0,
        ServicesRunning: own
          .filter((monitor) => !failing.includes(monitor))
          .map(({ name, target }) => (target === "" ? name : `${name} ${target}`)),
        ServicesNotRunning: failing.map(sentenceOf),
      };
    }
  },
});
