import { type Cmdlet, defineCmdlet, type Invocation } from "../../cmdlet/cmdlet.ts";
import { CmdletFault } from "../../cmdlet/cmdlet-fault.ts";
import { defaultedParameter, optionalParameter } from "../../cmdlet/parameter.ts";
import type { RoleGroup } from "../../cmdlet/role-group.ts";
import { waitSteps } from "../../diagnosis/queue-wait.ts";
import type { OnwardInquiry } from "../../diagnosis/route-inquiry.ts";
import { type Step, step } from "../../diagnosis/step.ts";
import { type MessageOutcome, outcomeOf } from "../../logs/message-outcome.ts";
import { eventsOfMessages } from "../../logs/message-trace.ts";
import { tellStory } from "../../logs/story.ts";
import { wildcardPattern } from "../../logs/text-pattern.ts";
import type { TrackingQuery } from "../../logs/tracking-query.ts";
import type { TrackingRecord } from "../../logs/tracking-record.ts";
import { parseAddress } from "../../mail/address.ts";
import { bool, line } from "../../org/settings/setting-types.ts";
import type { Origin } from "../../store/queue-store.ts";
import type { LocatedMessage } from "../../transport/queue/queue-listing.ts";
import { explainSelection } from "../../transport/receive/select-connector.ts";
import { DIAGNOSIS_STEP, stepOutput, timeoutParameter } from "./diagnosis-step.ts";
import type { DiagnosisServices } from "./services.ts";

/** Help desks explain mail; no step has a subject in it. */
const READERS: readonly RoleGroup[] = [
  "Server Management",
  "Recipient Management",
  "Records Management",
  "Help Desk",
  "View-Only Organization Management",
];

const text = () => line({ max: 1024 });

const PARAMETERS = {
  Identity: optionalParameter(
    text(),
    "The message's number, alone or as `Server\\Queue\\Message`; Get-Message lists what waits.",
    { position: 0, pipeline: "property" },
  ),
  MessageTraceId: optionalParameter(text(), "Or the GUID that all copies of a message keep.", {
    pipeline: "property",
    excludes: ["Identity"],
  }),
  MessageId: optionalParameter(text(), "Or its Message-ID, with or without <>.", {
    excludes: ["Identity", "MessageTraceId"],
  }),
  RecipientAddress: optionalParameter(text(), "Only what concerns this recipient."),
  ResolveDns: defaultedParameter(bool(), "true", "Next hops and their policies are looked up."),
  Timeout: timeoutParameter("00:01:00"),
};

/** Recipients of a message that has passed whose way is told as it would be now. */
const RECIPIENTS_MAX = 20;

/** Explain-Message: the story, why it waits, and what would be decided now. */
export const explainMessage: Cmdlet<DiagnosisServices> = defineCmdlet<
  DiagnosisServices,
  typeof PARAMETERS,
  typeof DIAGNOSIS_STEP
>({
  name: "Explain-Message",
  summary: "Explains a message: what has happened to it, why it waits, and when it goes on.",
  notes: [
    "For a message that waits: its queue, attempts, the last error, the next retry and why then, " +
      "who has suspended it or taken what out of service, and when it expires. For any message: " +
      "its story from the tracking log, and where it would be sent by the configuration in force " +
      "now, which may not be the one that it met.",
  ],
  roles: READERS,
  effect: "reads",
  confirmation: "none",
  examples: [
    { command: "Explain-Message 42", doc: "Why does message 42 wait, and until when?" },
    {
      command: "Explain-Message -MessageId 0815@contoso.com -Format json",
      doc: "Everything about a message by its Message-ID, for a script.",
    },
    {
      command: "Get-Message -Filter \"Status -eq 'Retry'\" | Explain-Message",
      doc: "All messages that are tried again, explained.",
    },
  ],
  parameters: PARAMETERS,
  output: DIAGNOSIS_STEP,
  async *run(invocation, input) {
    for await (const one of explain(invocation, input)) yield stepOutput(one);
  },
});

interface Input {
  readonly identity: string | undefined;
  readonly messageTraceId: string | undefined;
  readonly messageId: string | undefined;
  readonly recipientAddress: string | undefined;
  readonly resolveDns: boolean;
  readonly timeoutMs: number;
}

type Here = Invocation<DiagnosisServices>;

async function* explain(here: Here, input: Input): AsyncGenerator<Step> {
  const { services, clock, signal } = here;
  const { diagnosis } = services;
  const found = await findMessage(here, input);
  const { traceId } = found;
  const what = { ids: [traceId], fromMs: Number.NEGATIVE_INFINITY, signal };
  const records = await eventsOfMessages(diagnosis.log, what);
  const outcome = outcomeOf(records);
  const ids = (outcome?.internalMessageIds ?? []).map(Number).filter(Number.isSafeInteger);
  const waiting =
    ids.length === 0 ? found.waiting : await diagnosis.queued([...new Set(ids)], signal);
  yield headStep(traceId, outcome, waiting);
  yield* storySteps(records, input.recipientAddress, clock.nowMs());
  yield* receiveSteps(records, here);
  if (waiting.length > 0) {
    const places = [...new Set(waiting.map(({ queue }) => queue.key.nextHopDomain))].join(", ");
    yield step(0, "Waits", { verdict: "Warning", decision: places, source: "Get-Message" });
    const queues = new Map((await diagnosis.queues()).map((queue) => [queue.id, queue]));
    for (const located of waiting) {
      yield* waitSteps({
        located,
        queue: queues.get(located.queue.id),
        organization: diagnosis.organization(),
        stateRequests: diagnosis.stateRequests(),
        nowMs: clock.nowMs(),
      });
    }
  }
  const onward = waiting[0] === undefined ? passed(records, outcome) : stillThere(waiting);
  if (onward === undefined) return;
  const inquiry = { ...onward, resolveDns: input.resolveDns };
  yield step(0, "By the configuration in force now", {
    decision: `for ${inquiry.recipients.map(({ address }) => address).join(", ")}`,
  });
  const how = { timeoutMs: input.timeoutMs, signal };
  for await (const one of diagnosis.ask({ kind: "onward", inquiry }, how)) {
    yield { ...one, depth: one.depth + 1 };
  }
}

interface Found {
  readonly traceId: string;
  readonly waiting: readonly LocatedMessage[];
}

/** @throws CmdletFault */
async function findMessage(here: Here, input: Input): Promise<Found> {
  const { identity, messageTraceId, messageId } = input;
  if (messageTraceId !== undefined) return { traceId: messageTraceId, waiting: [] };
  if (identity !== undefined) return findByNumber(here, identity);
  if (messageId === undefined) {
    const hint = "-Identity, -MessageTraceId or -MessageId says which message";
    throw new CmdletFault("bad-parameter", hint, { parameter: "Identity" });
  }
  const traceId = await searchTraceId(here, { messageId: wildcardPattern(messageId) });
  if (traceId !== undefined) return { traceId, waiting: [] };
  throw notFound(messageId, "MessageId");
}

async function findByNumber(here: Here, identity: string): Promise<Found> {
  const number = identity.trim().split("\\").at(-1) ?? "";
  if (!/^\d{1,15}$/.test(number)) {
    const hint = `${JSON.stringify(identity)} is no message; write 42 or Server\\Queue\\42`;
    throw new CmdletFault("bad-parameter", hint, { parameter: "Identity" });
  }
  const { services, signal } = here;
  const waiting = await services.diagnosis.queued([Number(number)], signal);
  const [first] = waiting;
  if (first !== undefined) return { traceId: first.message.networkMessageId, waiting };
  const traceId = await searchTraceId(here, { internalMessageId: number });
  if (traceId !== undefined) return { traceId, waiting };
  throw notFound(number, "Identity");
}

async function searchTraceId(
  { services, signal }: Here,
  query: TrackingQuery,
): Promise<string | undefined> {
  const manner = { order: "newestFirst", signal } as const;
  for await (const { records } of services.diagnosis.log.search(query, manner)) {
    const found = records.find(({ networkMessageId }) => networkMessageId !== "");
    if (found !== undefined) return found.networkMessageId;
  }
  return undefined;
}

function notFound(wanted: string, parameter: string): CmdletFault {
  return new CmdletFault(
    "not-found",
    `message ${wanted} neither waits here nor is it in the tracking log; it may be older than ` +
      "the log, or have gone through another server",
    { parameter },
  );
}

/** @throws CmdletFault when nothing is known of it at all */
function headStep(
  traceId: string,
  outcome: MessageOutcome | undefined,
  waiting: readonly LocatedMessage[],
): Step {
  const message = waiting[0]?.message;
  if (outcome === undefined && message === undefined) throw notFound(traceId, "MessageTraceId");
  const sender = outcome?.returnPath ?? message?.envelope.sender ?? "";
  const bytes = outcome?.bytes ?? message?.contentBytes ?? 0;
  return step(0, "Message", {
    decision: outcome?.messageId ?? message?.internetMessageId ?? "",
    why: `from ${sender === "" ? "<>" : sender}, ${bytes} bytes`,
    source: `trace id ${traceId}`,
    atMs: outcome?.receivedMs ?? message?.receivedMs,
  });
}

function* storySteps(
  records: readonly TrackingRecord[],
  recipient: string | undefined,
  nowMs: number,
): Generator<Step> {
  const sentences = tellStory(records, { nowMs, ...(recipient !== undefined && { recipient }) });
  yield step(0, "What has happened", {
    decision: sentences.length === 0 ? "the tracking log says nothing" : "",
    source: "message tracking log",
  });
  for (const { atMs, event, recipient: about, text: told } of sentences) {
    const verdict = event === "Fail" ? "Fail" : event === "Defer" ? "Warning" : "Info";
    yield step(1, about === "" ? event : `${event} ${about}`, { verdict, decision: told, atMs });
  }
}

/** By which connector it came in, and which would take such a client now. */
function* receiveSteps(records: readonly TrackingRecord[], here: Here): Generator<Step> {
  const arrival = records.find(({ eventId, source }) => eventId === "RECEIVE" && source === "SMTP");
  if (arrival === undefined || arrival.clientIp === "") return;
  const { receiveConnectors } = here.services.diagnosis.organization();
  const name = arrival.connectorId.split("\\").at(-1) ?? "";
  const connector = receiveConnectors.find((one) => one.name === name);
  const [binding] = connector?.bindings ?? [];
  yield step(0, "Receive connector", {
    decision: name,
    why: connector === undefined ? "it does not exist any more" : `took ${arrival.clientIp}`,
    source: "message tracking log",
  });
  if (binding === undefined) return;
  const ends = {
    localAddress: binding.address,
    localPort: binding.port,
    remoteAddress: arrival.clientIp,
  };
  for (const { connector: one, isChosen, why } of explainSelection(receiveConnectors, ends)) {
    const decision = isChosen ? "would be chosen now" : "would not be chosen now";
    yield step(1, one.name, { decision, why, source: `receive connector ${one.name}` });
  }
}

type Onward = Omit<OnwardInquiry, "resolveDns">;

function stillThere(waiting: readonly LocatedMessage[]): Onward | undefined {
  const [first] = waiting;
  if (first === undefined) return undefined;
  const { envelope, contentBytes, origin, tlsNotRequired } = first.message;
  const recipients = waiting
    .flatMap((located) => located.recipients)
    .slice(0, RECIPIENTS_MAX)
    .map(({ recipient }) => ({ address: recipient.address, resolved: recipient.resolved }));
  return {
    sender: envelope.sender,
    recipients,
    messageBytes: contentBytes,
    origin,
    tlsNotRequired: tlsNotRequired === true,
  };
}

/** Of a message that has gone the log says what has to be known. */
function passed(
  records: readonly TrackingRecord[],
  outcome: MessageOutcome | undefined,
): Onward | undefined {
  const arrival = records.find(({ eventId }) => eventId === "RECEIVE");
  if (arrival === undefined || outcome === undefined) return undefined;
  const addresses = arrival.recipients.slice(0, RECIPIENTS_MAX).flatMap((one) => {
    const address = parseAddress(one, { smtpUtf8: true });
    return address === undefined ? [] : [{ address, resolved: false }];
  });
  const isOurs = arrival.directionality === "Originating";
  const origin: Origin = {
    source: "SMTP",
    connector: arrival.connectorId,
    clientAddress: arrival.clientIp,
    clientName: arrival.clientHostname,
    serverAddress: arrival.serverIp,
    directionality: isOurs ? "Originating" : "Incoming",
    authAs: isOurs ? "Internal" : "Anonymous",
  };
  const sender = parseAddress(outcome.returnPath, { smtpUtf8: true }) ?? "";
  if (addresses.length === 0) return undefined;
  const { bytes } = outcome;
  return { sender, recipients: addresses, messageBytes: bytes, origin, tlsNotRequired: false };
}
