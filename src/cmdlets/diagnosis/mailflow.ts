import { delay } from "../../base/clock.ts";
import { type Cmdlet, defineCmdlet, type Invocation } from "../../cmdlet/cmdlet.ts";
import { CmdletFault } from "../../cmdlet/cmdlet-fault.ts";
import type { OutputType } from "../../cmdlet/output-type.ts";
import { defaultedParameter, optionalParameter } from "../../cmdlet/parameter.ts";
import type { SentProbe } from "../../diagnosis/probe-message.ts";
import type { TrackingRecord } from "../../logs/tracking-record.ts";
import { type Address, parseAddress } from "../../mail/address.ts";
import { defaultAcceptedDomain } from "../../org/accepted-domain.ts";
import type { Organization } from "../../org/organization.ts";
import { address, integer } from "../../org/settings/setting-types.ts";
import { formatElapsed } from "./diagnosis-step.ts";
import type { DiagnosisServices } from "./services.ts";

const RESULTS = ["Success", "*FAILURE*"] as const;

const MAILFLOW = {
  name: "MailflowResult",
  properties: {
    TestMailflowResult: { kind: "choice", doc: "What it came to.", choices: RESULTS },
    MessageLatencyTime: { kind: "span", doc: "From its submission to its delivery." },
    IsRemoteTest: { kind: "boolean", doc: "It went to another server." },
    TargetAddress: { kind: "text", doc: "Whom the probe was for." },
    SubmissionTime: { kind: "span", doc: "Until the probe was durable in the Submission queue." },
    DeliveryTime: { kind: "span", doc: "From there until it was delivered or handed over." },
    TrackingTime: { kind: "span", doc: "From there until the tracking log could say so." },
    Subject: { kind: "text", doc: "Of the probe." },
    MessageTraceId: { kind: "text", doc: "Of the probe, for Get-MessageTraceDetail." },
    Detail: { kind: "text", doc: "Who took it, or why it has not arrived." },
  },
  table: ["TestMailflowResult", "MessageLatencyTime", "IsRemoteTest", "Detail"],
} as const satisfies OutputType;

const PARAMETERS = {
  TargetEmailAddress: optionalParameter(
    address(),
    "Whom the probe is for; default: the postmaster of the default accepted domain.",
    { position: 0 },
  ),
  ExecutionTimeout: defaultedParameter(
    integer({ min: 1, max: 3600 }),
    "240",
    "Seconds after which it has failed.",
  ),
  ErrorLatency: optionalParameter(
    integer({ min: 1, max: 3600 }),
    "Seconds after which a delivery is too late; default: 15, to other servers 180.",
  ),
};

/** How often the log is asked. */
const POLL_MS = 300;
const LATENCY_SECONDS = { local: 15, remote: 180 };

/** Test-Mailflow (reference §15.1). */
export const testMailflow: Cmdlet<DiagnosisServices> = defineCmdlet<
  DiagnosisServices,
  typeof PARAMETERS,
  typeof MAILFLOW
>({
  name: "Test-Mailflow",
  summary: "Sends a probe through the pipeline and says how long each stage took.",
  notes: [
    "The probe is a message like any other, with the null sender: nobody is told when it fails. " +
      "It stays in the mailbox that it was sent to.",
  ],
  roles: ["Server Management"],
  effect: "changes",
  confirmation: "none",
  examples: [
    { command: "Test-Mailflow", doc: "Does mail flow here?" },
    {
      command: "Test-Mailflow -TargetEmailAddress probe@fabrikam.com",
      doc: "Does it flow to another server?",
    },
  ],
  parameters: PARAMETERS,
  output: MAILFLOW,
  async plan({ services }, input) {
    const to = input.targetEmailAddress ?? postmaster(services.diagnosis.organization());
    return { actions: [`Send a probe to ${to}`], count: 1 };
  },
  async *run(invocation, { targetEmailAddress, executionTimeout, errorLatency }) {
    const { services, clock } = invocation;
    const { diagnosis } = services;
    const organization = diagnosis.organization();
    if (!organization.transportService.messageTrackingLogEnabled) {
      const text = "the message tracking log is off, so nobody could say what becomes of a probe";
      throw new CmdletFault("not-allowed-now", `${text}: Set-TransportService switches it on`);
    }
    const to = targetEmailAddress ?? postmaster(organization);
    const startMs = clock.nowMs();
    const probe = await diagnosis.submitProbe(to);
    const submittedMs = clock.nowMs();
    const untilMs = startMs + executionTimeout * 1000;
    const record = await watch(invocation, probe, untilMs);
    const endMs = record?.atMs ?? clock.nowMs();
    const isRemote = record?.eventId === "SEND";
    const latencyMs = endMs - startMs;
    const limit = errorLatency ?? LATENCY_SECONDS[isRemote ? "remote" : "local"];
    const isLate = latencyMs > limit * 1000;
    const isDelivered = record !== undefined && record.eventId !== "FAIL";
    yield {
      TestMailflowResult: isDelivered && !isLate ? "Success" : "*FAILURE*",
      MessageLatencyTime: formatElapsed(latencyMs),
      IsRemoteTest: isRemote,
      TargetAddress: to,
      SubmissionTime: formatElapsed(submittedMs - startMs),
      DeliveryTime: record === undefined ? null : formatElapsed(endMs - submittedMs),
      TrackingTime: record === undefined ? null : formatElapsed(clock.nowMs() - endMs),
      Subject: probe.subject,
      MessageTraceId: probe.networkMessageId,
      Detail: record === undefined ? await whereIs(invocation, probe) : detailOf(record, isLate),
    };
  },
});

/** @throws CmdletFault */
function postmaster(organization: Organization): Address {
  const domain = defaultAcceptedDomain(organization)?.domainName;
  const found = domain && parseAddress(`postmaster@${domain}`, { smtpUtf8: true });
  if (found) return found;
  throw new CmdletFault(
    "bad-parameter",
    "there is no accepted domain whose postmaster could have it: -TargetEmailAddress says who",
    { parameter: "TargetEmailAddress" },
  );
}

const ENDS = ["DELIVER", "SEND", "FAIL"];

/** The event that ends the probe's way, once the log has it. */
async function watch(
  { services, clock, signal, progress }: Invocation<DiagnosisServices>,
  { networkMessageId }: SentProbe,
  untilMs: number,
): Promise<TrackingRecord | undefined> {
  const startMs = clock.nowMs();
  const query = {
    networkMessageIds: [networkMessageId],
    eventIds: ENDS,
    startMs: startMs - 60_000,
  };
  for (;;) {
    for await (const { records } of services.diagnosis.log.search(query, {
      order: "oldestFirst",
      signal,
    })) {
      const [record] = records;
      if (record !== undefined) return record;
    }
    const nowMs = clock.nowMs();
    if (nowMs >= untilMs) return undefined;
    const done = Math.round((nowMs - startMs) / 1000);
    const total = Math.round((untilMs - startMs) / 1000);
    progress({ activity: "Waiting for the probe", done, total, unit: "seconds" });
    await delay(clock, Math.min(POLL_MS, untilMs - nowMs));
    signal.throwIfAborted();
  }
}

function detailOf(record: TrackingRecord, isLate: boolean): string {
  const status = record.recipientStatuses[0] ?? "";
  const late = isLate ? "too late: " : "";
  switch (record.eventId) {
    case "DELIVER":
      return `${late}delivered to the mailbox of ${record.recipients.join(", ")}`;
    case "SEND":
      return `${late}taken over by ${record.serverHostname || record.serverIp}: ${status}`;
    default:
      return status === "" ? "it has failed" : status;
  }
}

async function whereIs(
  { services, signal }: Invocation<DiagnosisServices>,
  { messageId }: SentProbe,
): Promise<string> {
  const [place] = await services.diagnosis.queued([messageId], signal);
  if (place === undefined) return "not delivered in time, and in no queue; see its trace";
  const { key } = place.queue;
  const error = place.recipients[0]?.recipient.lastError;
  const why = error === undefined ? "" : `: ${error}`;
  const more = `Explain-Message ${messageId} says more`;
  return `${place.status} in the queue ${key.nextHopDomain}${why}; ${more}`;
}
