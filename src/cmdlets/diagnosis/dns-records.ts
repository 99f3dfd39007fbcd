import { type Cmdlet, defineCmdlet } from "../../cmdlet/cmdlet.ts";
import { CmdletFault } from "../../cmdlet/cmdlet-fault.ts";
import type { OutputType } from "../../cmdlet/output-type.ts";
import { defaultedParameter, optionalParameter } from "../../cmdlet/parameter.ts";
import { CHECKED_RECORDS } from "../../diagnosis/record-check.ts";
import { VERDICTS } from "../../diagnosis/step.ts";
import { ipAddress } from "../../org/settings/network-types.ts";
import { domain, listOf } from "../../org/settings/setting-types.ts";
import { timeoutParameter } from "./diagnosis-step.ts";
import type { DiagnosisServices } from "./services.ts";

const DNS_RECORD = {
  name: "DnsRecordCheck",
  properties: {
    Domain: { kind: "text", doc: "The accepted domain; nothing for what belongs to the server." },
    Record: { kind: "choice", doc: "What it is about.", choices: CHECKED_RECORDS },
    Name: { kind: "text", doc: "Where it is in DNS." },
    Verdict: { kind: "choice", doc: "Whether that is well.", choices: VERDICTS },
    Found: { kind: "list", doc: "What is there." },
    Expected: { kind: "list", doc: "What should be there, ready for a zone file." },
    Detail: { kind: "text", doc: "The verdict in words." },
  },
  table: ["Domain", "Record", "Verdict", "Detail", "Expected"],
} as const satisfies OutputType;

const PARAMETERS = {
  Domain: optionalParameter(domain(), "Only this accepted domain; default: all authoritative.", {
    position: 0,
    completion: "AcceptedDomain",
  }),
  OutgoingAddress: defaultedParameter(
    listOf(ipAddress(), { max: 16 }),
    [],
    "Addresses from which others see our mail come; default: those of the send connectors, else " +
      "what our name resolves to.",
  ),
  Timeout: timeoutParameter("00:02:00"),
};

/** Test-DnsRecords: what is published for our domains, and what should be. */
export const testDnsRecords: Cmdlet<DiagnosisServices> = defineCmdlet<
  DiagnosisServices,
  typeof PARAMETERS,
  typeof DNS_RECORD
>({
  name: "Test-DnsRecords",
  summary: "Compares what DNS says of our domains with what it should say, ready to paste.",
  notes: [
    "MX, SPF, DKIM, DMARC, MTA-STS with its policy, and TLS-RPT of each authoritative accepted " +
      "domain; address and TLSA of our hosts, and names of the addresses that we send from.",
  ],
  roles: ["Server Management", "Hygiene Management", "View-Only Organization Management"],
  effect: "reads",
  confirmation: "none",
  examples: [
    { command: "Test-DnsRecords", doc: "Is everything published that should be?" },
    {
      command: "Test-DnsRecords contoso.com -OutgoingAddress 198.51.100.7 -Format list",
      doc: "One domain, with the address that a gateway gives our mail.",
    },
  ],
  parameters: PARAMETERS,
  output: DNS_RECORD,
  async *run({ services, signal }, { domain: wanted, outgoingAddress, timeoutMs }) {
    const { diagnosis } = services;
    const ours = diagnosis
      .organization()
      .acceptedDomains.filter(({ domainType }) => domainType === "Authoritative");
    if (wanted !== undefined && !ours.some(({ domainName }) => domainName === wanted)) {
      const names = ours.map(({ domainName }) => domainName).join(", ");
      const text = `${wanted} is no authoritative accepted domain; these are: ${names}`;
      throw new CmdletFault("not-found", text, { parameter: "Domain" });
    }
    const inquiry = { domain: wanted, outgoingAddresses: outgoingAddress };
    const how = { timeoutMs, signal };
    for await (const check of diagnosis.ask({ kind: "records", inquiry }, how)) {
      yield {
        Domain: check.domain === "" ? null : check.domain,
        Record: check.record,
        Name: check.name,
        Verdict: check.verdict,
        Found: check.found,
        Expected: check.expected,
        Detail: check.detail,
      };
    }
  },
});
