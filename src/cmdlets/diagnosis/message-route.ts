import { type Cmdlet, defineCmdlet } from "../../cmdlet/cmdlet.ts";
import {
  defaultedParameter,
  optionalParameter,
  requiredParameter,
  switchParameter,
} from "../../cmdlet/parameter.ts";
import type { RoleGroup } from "../../cmdlet/role-group.ts";
import { endpoint, ipAddress } from "../../org/settings/network-types.ts";
import { address, bool, bytes, listOf } from "../../org/settings/setting-types.ts";
import { DIAGNOSIS_STEP, stepOutput, timeoutParameter } from "./diagnosis-step.ts";
import { nullableAddress } from "./sender-type.ts";
import type { DiagnosisServices } from "./services.ts";

/** Who may ask what would be decided: everybody who may see messages or connectors. */
export const ROUTE_READERS: readonly RoleGroup[] = [
  "Server Management",
  "Hygiene Management",
  "Recipient Management",
  "Help Desk",
  "View-Only Organization Management",
];

const PARAMETERS = {
  Sender: requiredParameter(nullableAddress(), "MAIL FROM; <> is the empty one.", { position: 0 }),
  Recipients: requiredParameter(
    listOf(address(), { min: 1, max: 50 }),
    "RCPT TO, one or several.",
    { position: 1 },
  ),
  Size: defaultedParameter(
    bytes({ min: 0, max: 2 * 1024 ** 3 }),
    "10KB",
    "Size of the message, header included.",
  ),
  ClientAddress: defaultedParameter(ipAddress(), "203.0.113.1", "Where the client comes from."),
  LocalAddress: optionalParameter(
    endpoint(),
    "The binding that it connects to, `192.0.2.1:25`; else port 25 where there is one.",
  ),
  AuthenticatedAs: optionalParameter(address(), "The mailbox whose user has logged on."),
  Tls: switchParameter("The client has used STARTTLS."),
  ResolveDns: defaultedParameter(bool(), "true", "Next hops and their policies are looked up."),
  Timeout: timeoutParameter("00:01:00"),
};

/** Test-MessageRoute: what would become of a message that does not exist yet. */
export const testMessageRoute: Cmdlet<DiagnosisServices> = defineCmdlet<
  DiagnosisServices,
  typeof PARAMETERS,
  typeof DIAGNOSIS_STEP
>({
  name: "Test-MessageRoute",
  summary: "Says what would become of a message that does not exist yet, decision by decision.",
  notes: [
    "The receive connector chosen and why none of the others, rights and where they come from, " +
      "sender, limits, recipients, resolution, send connectors with their costs, queues, next " +
      "hops, what TLS has to come to and who says so, and when it would be tried again. Nothing " +
      "is sent, connected to or counted.",
  ],
  roles: ROUTE_READERS,
  effect: "reads",
  confirmation: "none",
  examples: [
    {
      command: "Test-MessageRoute app@contoso.com bob@fabrikam.com -ClientAddress 10.1.2.3",
      doc: "May that application send to Bob, and which way would it go?",
    },
    {
      command:
        "Test-MessageRoute alice@contoso.com team@contoso.com -AuthenticatedAs alice@contoso.com " +
        "-Tls -Size 40MB -ResolveDns $false",
      doc: "A large message of a user to a group, without asking any name server.",
    },
  ],
  parameters: PARAMETERS,
  output: DIAGNOSIS_STEP,
  async *run({ services, signal }, input) {
    const inquiry = {
      sender: input.sender,
      recipients: input.recipients,
      messageBytes: input.size,
      clientAddress: input.clientAddress,
      local: input.localAddress,
      authenticatedAs: input.authenticatedAs,
      tls: input.tls,
      resolveDns: input.resolveDns,
    };
    const how = { timeoutMs: input.timeoutMs, signal };
    for await (const one of services.diagnosis.ask({ kind: "route", inquiry }, how)) {
      yield stepOutput(one);
    }
  },
});
