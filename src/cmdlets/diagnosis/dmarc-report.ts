import { type Cmdlet, defineCmdlet, type Invocation } from "../../cmdlet/cmdlet.ts";
import { momentMs } from "../../cmdlet/filter-value.ts";
import { momentType } from "../../cmdlet/moment-type.ts";
import type { OutputOf, OutputType } from "../../cmdlet/output-type.ts";
import { defaultedParameter, optionalParameter } from "../../cmdlet/parameter.ts";
import { type DmarcSource, DmarcSources, ownAddressCheck } from "../../diagnosis/dmarc-sources.ts";
import { ipAddress } from "../../org/settings/network-types.ts";
import { bool, domain, integer, listOf } from "../../org/settings/setting-types.ts";
import type { DiagnosisServices } from "./services.ts";

const SOURCES_MAX = 100_000;

const DMARC_SOURCE = {
  name: "DmarcSource",
  properties: {
    Domain: { kind: "text", doc: "The domain whose policy applied." },
    HeaderFrom: { kind: "text", doc: "The domain in From." },
    SourceIP: { kind: "text", doc: "Where the mail came from." },
    IsOurs: { kind: "boolean", doc: "Whether our own mail leaves by that address." },
    MessageCount: { kind: "number", doc: "Messages that were reported." },
    AlignedCount: { kind: "number", doc: "Of these: passed DMARC, by DKIM or by SPF." },
    FailedCount: { kind: "number", doc: "Of these: failed; what a policy hits." },
    DkimCount: { kind: "number", doc: "Passed by a signature of the domain." },
    SpfCount: { kind: "number", doc: "Passed by SPF of the domain." },
    QuarantinedCount: { kind: "number", doc: "Kept from their recipients." },
    RejectedCount: { kind: "number", doc: "Refused." },
    FailureReportCount: { kind: "number", doc: "Reports on single failures, counted apart." },
    SignedBy: { kind: "list", doc: "Domains whose signatures have passed." },
    SentBy: { kind: "list", doc: "Domains whose SPF has passed." },
    Reporters: { kind: "list", doc: "Who has reported it; nobody has proved who he is." },
    FirstDate: { kind: "date", doc: "Begin of the first report." },
    LastDate: { kind: "date", doc: "End of the last one." },
  },
  table: ["HeaderFrom", "SourceIP", "IsOurs", "MessageCount", "AlignedCount", "FailedCount"],
} as const satisfies OutputType;

/** Get-DmarcReport: who sends in our name, says everybody who has reported it. */
export const getDmarcReport: Cmdlet<DiagnosisServices> = defineCmdlet({
  name: "Get-DmarcReport",
  summary: "Shows who sends mail in the name of our domains, from the DMARC reports of others.",
  notes: [
    "Aggregate reports are read as they are delivered to a mailbox here, and kept for a year, " +
      "reports on single failures for a month: let rua= and ruf= in the domain's DMARC record " +
      "name one. Sources that fail most come first.",
    "Ours are the addresses of this machine, SourceIPAddresses of send connectors, " +
      "InternalSMTPServers, and those of -OwnAddress. One that is ours and fails wants a " +
      "signature or a place in SPF; one that is not ours and passes is a service that sends " +
      "for you.",
  ],
  roles: ["Server Management", "Hygiene Management", "View-Only Organization Management"],
  effect: "reads",
  confirmation: "none",
  examples: [
    { command: "Get-DmarcReport -StartDate -7d", doc: "Who has sent as us in the last week?" },
    {
      command: "Get-DmarcReport contoso.com -Aligned $false -OwnAddress 198.51.100.7",
      doc: "What would p=reject hit?",
    },
  ],
  parameters: {
    Domain: optionalParameter(domain(), "Only reports on this domain; default: all.", {
      position: 0,
      completion: "AcceptedDomain",
    }),
    StartDate: optionalParameter(momentType(), "Reports that end after this time: a date, or -7d."),
    EndDate: optionalParameter(momentType(), "Reports that begin before this time."),
    Aligned: optionalParameter(bool(), "Only sources of which all mail passes, or some fails."),
    OwnAddress: defaultedParameter(
      listOf(ipAddress(), { max: 100 }),
      [],
      "Further addresses by which others see our mail come, such as a gateway's.",
    ),
    ResultSize: defaultedParameter(
      integer({ min: 1, max: SOURCES_MAX }),
      "1000",
      "The most sources to show.",
    ),
  },
  output: DMARC_SOURCE,
  async *run(run: Invocation<DiagnosisServices>, input) {
    const { diagnosis } = run.services;
    const nowMs = run.clock.nowMs();
    const [startMs, endMs] = [input.startDate, input.endDate].map(
      (moment) => moment && momentMs(moment, nowMs),
    );
    const ours = [...diagnosis.ownAddresses(), ...input.ownAddress];
    const isOurs = ownAddressCheck(diagnosis.organization(), ours);
    const sources = new DmarcSources(isOurs, SOURCES_MAX);
    for await (const report of diagnosis.dmarcReports(input.domain)) {
      run.signal.throwIfAborted();
      const isWithin =
        (startMs === undefined || report.endMs >= startMs) &&
        (endMs === undefined || report.startMs < endMs);
      if (isWithin) sources.add(report);
    }
    const wanted = sources
      .list()
      .filter(({ count, alignedCount }) =>
        input.aligned === undefined ? true : (alignedCount === count) === input.aligned,
      );
    for (const source of wanted.slice(0, input.resultSize)) yield sourceOutput(source);
    if (wanted.length > input.resultSize) {
      run.warn(`${wanted.length - input.resultSize} more sources are not shown`);
    }
    if (sources.omittedCount > 0) {
      run.warn(`${sources.omittedCount} messages of small sources are in reports, but not kept`);
    }
  },
});

function sourceOutput(source: DmarcSource): OutputOf<typeof DMARC_SOURCE> {
  return {
    Domain: source.domain,
    HeaderFrom: source.headerFrom,
    SourceIP: source.sourceIp,
    IsOurs: source.isOurs,
    MessageCount: source.count,
    AlignedCount: source.alignedCount,
    FailedCount: source.count - source.alignedCount,
    DkimCount: source.dkimCount,
    SpfCount: source.spfCount,
    QuarantinedCount: source.quarantinedCount,
    RejectedCount: source.rejectedCount,
    FailureReportCount: source.failureReportCount,
    SignedBy: source.signedBy,
    SentBy: source.sentBy,
    Reporters: source.reporters,
    FirstDate: new Date(source.firstMs).toISOString(),
    LastDate: new Date(source.lastMs).toISOString(),
  };
}
