import { type Cmdlet, defineCmdlet } from "../../cmdlet/cmdlet.ts";
import { CmdletFault } from "../../cmdlet/cmdlet-fault.ts";
import { optionalParameter, requiredParameter, switchParameter } from "../../cmdlet/parameter.ts";
import { address, domain, name } from "../../org/settings/setting-types.ts";
import { formatSuggestion } from "../../org/suggestion.ts";
import { DIAGNOSIS_STEP, stepOutput, timeoutParameter } from "./diagnosis-step.ts";
import { nullableAddress } from "./sender-type.ts";
import type { DiagnosisDesk, DiagnosisServices } from "./services.ts";

const PARAMETERS = {
  Domain: requiredParameter(domain(), "The domain that mail is to reach.", { position: 0 }),
  SendConnector: optionalParameter(
    name(),
    "By this send connector, not the one that routing chooses.",
    { completion: "SendConnector" },
  ),
  MailFrom: optionalParameter(nullableAddress(), "Asks with that sender; default: <>."),
  RcptTo: optionalParameter(
    address(),
    "Asks whether that recipient would be taken, and takes it back: nothing is sent.",
  ),
  AllHosts: switchParameter("Tries every host, not only until one is ready."),
  Timeout: timeoutParameter("00:03:00"),
};

/** Test-OutboundConnectivity: every step on the way to a domain. */
export const testOutboundConnectivity: Cmdlet<DiagnosisServices> = defineCmdlet<
  DiagnosisServices,
  typeof PARAMETERS,
  typeof DIAGNOSIS_STEP
>({
  name: "Test-OutboundConnectivity",
  summary: "Goes to a domain as delivery would, step by step, and says where it ends and why.",
  notes: [
    "Send connector, DNS with what DNSSEC says, order of hosts, connection, banner, EHLO, TLS " +
      "with the policy that is in force, certificate, logon where the connector has one, and on " +
      "request MAIL and RCPT: each with its time, and what to do about it. No content is sent.",
    "It has connections and a memory of name servers of its own: what a queue has learnt plays " +
      "no part.",
  ],
  roles: ["Server Management"],
  effect: "reads",
  confirmation: "none",
  examples: [
    { command: "Test-OutboundConnectivity fabrikam.com", doc: "Can we reach fabrikam.com?" },
    {
      command:
        "Test-OutboundConnectivity fabrikam.com -MailFrom alice@contoso.com " +
        "-RcptTo bob@fabrikam.com -AllHosts",
      doc: "Would each of its hosts take mail from Alice for Bob?",
    },
  ],
  parameters: PARAMETERS,
  output: DIAGNOSIS_STEP,
  async *run({ services, signal }, input) {
    const { diagnosis } = services;
    const inquiry = {
      domain: input.domain,
      connector: findConnector(diagnosis, input.sendConnector),
      envelope:
        input.rcptTo === undefined
          ? undefined
          : { sender: input.mailFrom ?? "", recipient: input.rcptTo },
      allHosts: input.allHosts,
    } as const;
    const how = { timeoutMs: input.timeoutMs, signal };
    for await (const one of diagnosis.ask({ kind: "outbound", inquiry }, how)) {
      yield stepOutput(one);
    }
  },
});

function findConnector(desk: DiagnosisDesk, wanted: string | undefined): string | undefined {
  if (wanted === undefined) return undefined;
  const names = desk.organization().sendConnectors.map((connector) => connector.name);
  const found = names.find((one) => one.toLowerCase() === wanted.toLowerCase());
  if (found !== undefined) return found;
  const hint = formatSuggestion(wanted, names);
  throw new CmdletFault(
    "not-found",
    `there is no send connector ${JSON.stringify(wanted)}${hint}`,
    {
      parameter: "SendConnector",
    },
  );
}
