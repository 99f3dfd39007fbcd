import type { QueuedMessage, QueuedRecipient } from "../../store/queue-store.ts";
import type { TrackingEvent } from "../tracking/event.ts";
import type { Hop } from "./outcome.ts";
import type { Ending } from "./settle.ts";

/** The tracking events of one settlement: one line for all recipients that ended alike. */
export function endingEvents(
  job: {
    readonly message: QueuedMessage;
    readonly endings: readonly { readonly recipient: QueuedRecipient; readonly ending: Ending }[];
    readonly connector: string;
    readonly possibleDuplicate: boolean;
    readonly sourceContext?: string;
  },
  own: { readonly serverName: string; readonly nowMs: number },
): readonly TrackingEvent[] {
  const groups = new Map<
    string,
    { event: TrackingEvent; recipients: { address: string; status: string }[] }
  >();
  for (const { recipient, ending } of job.endings) {
    if (ending.kind === "expanded") continue;
    const key = groupKey(ending);
    let group = groups.get(key);
    if (group === undefined) {
      const recipients: { address: string; status: string }[] = [];
      group = { event: describe(job, ending, own.serverName, recipients), recipients };
      groups.set(key, group);
    }
    group.recipients.push({ address: recipient.address, status: statusOf(ending) });
  }
  return [...groups.values()].map((group) => group.event);
}

type Logged = Exclude<Ending, { kind: "expanded" }>;

function groupKey(ending: Logged): string {
  const hop = hopOf(ending);
  const source = ending.kind === "failed" || ending.kind === "deferred" ? ending.fault.source : "";
  return `${ending.kind} ${source} ${hop?.address ?? ""} ${hop?.name ?? ""}`;
}

function hopOf(ending: Logged): Hop | undefined {
  return ending.kind === "failed" || ending.kind === "deferred" ? ending.fault.hop : ending.hop;
}

function statusOf(ending: Logged): string {
  return ending.kind === "failed" || ending.kind === "deferred"
    ? ending.fault.diagnostic
    : ending.reply;
}

const EVENTS = {
  delivered: "DELIVER",
  relayed: "SEND",
  deferred: "DEFER",
  failed: "FAIL",
} as const;

function describe(
  job: {
    readonly message: QueuedMessage;
    readonly connector: string;
    readonly possibleDuplicate: boolean;
    readonly sourceContext?: string;
  },
  ending: Logged,
  serverName: string,
  recipients: readonly { readonly address: string; readonly status: string }[],
): TrackingEvent {
  const hop = hopOf(ending);
  const fault = ending.kind === "failed" || ending.kind === "deferred" ? ending.fault : undefined;
  return {
    event: EVENTS[ending.kind],
    source: fault?.source ?? (ending.kind === "delivered" ? "STOREDRIVER" : "SMTP"),
    message: job.message,
    recipients,
    connector: job.connector,
    sourceContext: job.sourceContext ?? hop?.sessionId ?? "",
    clientAddress: hop?.localAddress ?? "",
    clientName: serverName,
    serverAddress: hop?.address ?? "",
    serverName: hop?.name ?? serverName,
    customData: fault === undefined ? customDataOf(hop, job) : "",
  };
}

function customDataOf(
  hop: Hop | undefined,
  { possibleDuplicate }: { readonly possibleDuplicate: boolean },
): string {
  // Design §4.4: an earlier attempt may have got through without our having recorded it.
  const duplicate = possibleDuplicate ? "S:PossibleDuplicate=True" : "";
  const tls = hop?.tls;
  if (tls === undefined) return duplicate;
  const secured = `S:TlsVersion=${tls.version};S:TlsCipher=${tls.cipher};S:TlsPolicy=${tls.mode}`;
  return duplicate === "" ? secured : `${duplicate};${secured}`;
}
