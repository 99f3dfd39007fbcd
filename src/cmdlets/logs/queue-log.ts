import { defineCmdlet, type Invocation } from "../../cmdlet/cmdlet.ts";
import type { OutputType } from "../../cmdlet/output-type.ts";
import { optionalParameter } from "../../cmdlet/parameter.ts";
import { QUEUE_LOG_FIELDS } from "../../transport/tracking/queue-line.ts";
import {
  fieldIs,
  findRows,
  LOG_NOTES,
  LOG_READERS,
  numberOf,
  PATTERN_PARAMETERS,
  searchText,
  TIME_PARAMETERS,
  textOf,
} from "./log-run.ts";
import type { LogSearchServices } from "./log-services.ts";
import { isoDate } from "./tracking-run.ts";

const QUEUE_LOG_ENTRY = {
  name: "QueueLogEntry",
  table: ["DateTime", "Identity", "Status", "MessageCount", "Velocity", "LastError"],
  properties: {
    DateTime: { kind: "date", doc: "When the queues were looked at." },
    Snapshot: { kind: "text", doc: "The same for all queues of one look." },
    Identity: { kind: "text", doc: "The queue." },
    DeliveryType: { kind: "text", doc: "How mail leaves it." },
    NextHopCategory: { kind: "text", doc: "Internal or External." },
    NextHopDomain: { kind: "text", doc: "Domain or smart hosts that it is for." },
    NextHopConnector: { kind: "text", doc: "The send connector by which it leaves." },
    TlsDomain: { kind: "text", doc: "The name that the next hop has to prove." },
    Status: { kind: "text", doc: "What it was doing." },
    MessageCount: { kind: "number", doc: "Messages in it." },
    DeferredMessageCount: { kind: "number", doc: "Those that waited for a time of their own." },
    RetryCount: { kind: "number", doc: "Failed attempts in a row." },
    MessageCountsPerPriority: { kind: "list", doc: "High, Normal, Low, None." },
    DeferredMessageCountsPerPriority: { kind: "list", doc: "High, Normal, Low, None." },
    IncomingRate: { kind: "number", doc: "Messages a second that came in." },
    OutgoingRate: { kind: "number", doc: "Messages a second that left." },
    Velocity: { kind: "number", doc: "Outgoing less incoming." },
    LastError: { kind: "text", doc: "Why it could not be delivered." },
    FirstRetryTime: { kind: "text", doc: "First attempt of the series." },
    LastRetryTime: { kind: "text", doc: "Last attempt." },
    NextRetryTime: { kind: "text", doc: "Next attempt." },
  },
} as const satisfies OutputType;

const FIELD = (name: string) => QUEUE_LOG_FIELDS.indexOf(name);

/** Get-QueueLog. */
export const getQueueLog = defineCmdlet({
  name: "Get-QueueLog",
  summary: "Shows how the queues stood at earlier times.",
  notes: [...LOG_NOTES, "The log gets a look at all queues each queueLoggingInterval."],
  roles: LOG_READERS,
  effect: "reads",
  confirmation: "none",
  examples: [
    {
      command: "Get-QueueLog -NextHopDomain fabrikam.com -Start -1d",
      doc: "How a queue has grown since yesterday.",
    },
  ],
  parameters: {
    Identity: optionalParameter(searchText(), "The queue; may have *.", { position: 0 }),
    NextHopDomain: optionalParameter(searchText(), "Its next hop; may have *."),
    Status: optionalParameter(searchText(), "Its status; may have *."),
    ...TIME_PARAMETERS,
    ...PATTERN_PARAMETERS,
  },
  output: QUEUE_LOG_ENTRY,
  async *run(invocation: Invocation<LogSearchServices>, input) {
    const rows = await findRows(invocation, {
      ...input,
      logs: ["queue"],
      conditions: [
        ...fieldIs(FIELD("Identity"), input.identity),
        ...fieldIs(FIELD("NextHopDomain"), input.nextHopDomain),
        ...fieldIs(FIELD("Status"), input.status),
      ],
    });
    for (const row of rows) {
      const text = (name: string) => textOf(row, FIELD(name));
      const number = (name: string) => numberOf(row, FIELD(name));
      yield {
        DateTime: isoDate(row.atMs),
        Snapshot: text("snapshot"),
        Identity: text("Identity"),
        DeliveryType: text("DeliveryType"),
        NextHopCategory: text("NextHopCategory"),
        NextHopDomain: text("NextHopDomain"),
        NextHopConnector: text("NextHopConnector"),
        TlsDomain: text("TlsDomain"),
        Status: text("Status"),
        MessageCount: number("MessageCount"),
        DeferredMessageCount: number("DeferredMessageCount"),
        RetryCount: number("RetryCount"),
        MessageCountsPerPriority: text("MessageCountsPerPriority")?.split(";") ?? [],
        DeferredMessageCountsPerPriority:
          text("DeferredMessageCountsPerPriority")?.split(";") ?? [],
        IncomingRate: number("IncomingRate"),
        OutgoingRate: number("OutgoingRate"),
        Velocity: number("Velocity"),
        LastError: text("LastError"),
        FirstRetryTime: text("FirstRetryTime"),
        LastRetryTime: text("LastRetryTime"),
        NextRetryTime: text("NextRetryTime"),
      };
    }
  },
});
