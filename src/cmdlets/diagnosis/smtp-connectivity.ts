import { type Cmdlet, defineCmdlet } from "../../cmdlet/cmdlet.ts";
import { CmdletFault } from "../../cmdlet/cmdlet-fault.ts";
import type { OutputType } from "../../cmdlet/output-type.ts";
import { optionalParameter } from "../../cmdlet/parameter.ts";
import { DOOR_STATUSES } from "../../diagnosis/own-doors.ts";
import { line } from "../../org/settings/setting-types.ts";
import { formatSuggestion } from "../../org/suggestion.ts";
import { formatElapsed, timeoutParameter } from "./diagnosis-step.ts";
import type { DiagnosisServices } from "./services.ts";

const SMTP_CONNECTIVITY = {
  name: "SmtpConnectivityStatus",
  properties: {
    Server: { kind: "text", doc: "The server." },
    ReceiveConnector: { kind: "text", doc: "The receive connector." },
    Binding: { kind: "text", doc: "As it is set." },
    EndPoint: { kind: "text", doc: "Where it was connected to." },
    StatusCode: { kind: "choice", doc: "What it came to.", choices: DOOR_STATUSES },
    Details: { kind: "text", doc: "What was seen, or what went wrong and where." },
    ElapsedTime: { kind: "span", doc: "How long it took." },
  },
  table: ["ReceiveConnector", "Binding", "StatusCode", "Details"],
} as const satisfies OutputType;

const PARAMETERS = {
  Identity: optionalParameter(line({ max: 256 }), "Only this receive connector.", {
    position: 0,
    pipeline: "property",
    completion: "ReceiveConnector",
  }),
  Timeout: timeoutParameter("00:02:00"),
};

/** Test-SmtpConnectivity (reference §15.1). */
export const testSmtpConnectivity: Cmdlet<DiagnosisServices> = defineCmdlet<
  DiagnosisServices,
  typeof PARAMETERS,
  typeof SMTP_CONNECTIVITY
>({
  name: "Test-SmtpConnectivity",
  summary: "Connects to every binding of the receive connectors: banner, EHLO, STARTTLS.",
  notes: [
    "It comes from this machine. Where another connector takes such a client, or none, the " +
      "details say so: that is right for a connector which is meant for others.",
  ],
  roles: ["Server Management", "Hygiene Management", "View-Only Organization Management"],
  effect: "reads",
  confirmation: "none",
  examples: [
    { command: "Test-SmtpConnectivity", doc: "Does every door open?" },
    { command: 'Test-SmtpConnectivity "Default Frontend"', doc: "The doors of one connector." },
  ],
  parameters: PARAMETERS,
  output: SMTP_CONNECTIVITY,
  async *run({ services, signal }, { identity, timeoutMs }) {
    const { diagnosis } = services;
    const { server, receiveConnectors } = diagnosis.organization();
    const connector = identity?.split("\\").at(-1);
    const names = receiveConnectors.map(({ name }) => name);
    if (connector && !names.some((name) => name.toLowerCase() === connector.toLowerCase())) {
      const hint = formatSuggestion(connector, names);
      const text = `there is no receive connector ${JSON.stringify(connector)}${hint}`;
      throw new CmdletFault("not-found", text, { parameter: "Identity" });
    }
    const how = { timeoutMs, signal };
    for await (const door of diagnosis.ask({ kind: "doors", connector }, how)) {
      yield {
        Server: server.fqdn,
        ReceiveConnector: door.connector,
        Binding: door.binding,
        EndPoint: door.endpoint,
        StatusCode: door.status,
        Details: door.details,
        ElapsedTime: formatElapsed(door.elapsedMs),
      };
    }
  },
});
