import { type Cmdlet, defineCmdlet } from "../../cmdlet/cmdlet.ts";
import { defaultedParameter } from "../../cmdlet/parameter.ts";
import { ipAddress } from "../../org/settings/network-types.ts";
import { DIAGNOSIS_STEP, stepOutput, timeoutParameter } from "./diagnosis-step.ts";
import type { DiagnosisServices } from "./services.ts";

const PARAMETERS = {
  ClientAddress: defaultedParameter(
    ipAddress(),
    "203.0.113.1",
    "The stranger's address; one of IPv6 tries the bindings of IPv6.",
    { position: 0 },
  ),
  Timeout: timeoutParameter("00:05:00"),
};

/** Test-OpenRelay: against ourselves. */
export const testOpenRelay: Cmdlet<DiagnosisServices> = defineCmdlet<
  DiagnosisServices,
  typeof PARAMETERS,
  typeof DIAGNOSIS_STEP
>({
  name: "Test-OpenRelay",
  summary: "Asks every receive connector to relay for a stranger, in all the ways that are known.",
  notes: [
    "The tricks are put to the policy of sessions itself, within the server, as a client at that " +
      "address; some of them also over a real session from this machine, which may be trusted " +
      "where strangers are not. Nothing is sent: the session ends after RCPT.",
  ],
  roles: ["Server Management", "Hygiene Management"],
  effect: "reads",
  confirmation: "none",
  examples: [
    { command: "Test-OpenRelay", doc: "Can anybody send mail through this server?" },
    { command: "Test-OpenRelay 10.20.0.7", doc: "What may a client at that address do?" },
  ],
  parameters: PARAMETERS,
  output: DIAGNOSIS_STEP,
  async *run({ services, signal }, { clientAddress, timeoutMs }) {
    const question = { kind: "relay", clientAddress } as const;
    for await (const one of services.diagnosis.ask(question, { timeoutMs, signal })) {
      yield stepOutput(one);
    }
  },
});
