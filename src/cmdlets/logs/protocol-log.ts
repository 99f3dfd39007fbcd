import { defineCmdlet, type Invocation } from "../../cmdlet/cmdlet.ts";
import type { OutputOf, OutputType } from "../../cmdlet/output-type.ts";
import { optionalParameter } from "../../cmdlet/parameter.ts";
import type { LogRow } from "../../logs/log-search.ts";
import { oneOf } from "../../org/settings/setting-types.ts";
import {
  endpointIs,
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

const PROTOCOL_LOG_LINE = {
  name: "ProtocolLogLine",
  table: ["DateTime", "SessionId", "SequenceNumber", "Event", "Data", "Context"],
  properties: {
    DateTime: { kind: "date", doc: "When it was said." },
    ConnectorId: { kind: "text", doc: "The connector." },
    SessionId: { kind: "text", doc: "The same for all lines of one session." },
    SequenceNumber: { kind: "number", doc: "From 0 within the session." },
    LocalEndpoint: { kind: "text", doc: "Our address and port." },
    RemoteEndpoint: { kind: "text", doc: "The other side's." },
    Event: {
      kind: "choice",
      doc: "+ connected, - disconnected, > said by us, < said by the other side, * a fact.",
      choices: ["+", "-", ">", "<", "*"],
    },
    Data: { kind: "text", doc: "What was said, without credentials and content." },
    Context: { kind: "text", doc: "What it means; why a session ended." },
  },
} as const satisfies OutputType;

/** The fields of the log by their place (reference §7.4). */
const FIELD = { connector: 1, session: 2, remote: 5 } as const;

/** Get-ProtocolLog. */
export const getProtocolLog = defineCmdlet({
  name: "Get-ProtocolLog",
  summary: "Shows what was said in SMTP sessions of connectors that keep a protocol log.",
  notes: [
    ...LOG_NOTES,
    "A connector keeps one with ProtocolLoggingLevel Verbose. Sessions that ended in an error " +
      "are in Get-SessionRecording whatever the level.",
  ],
  roles: LOG_READERS,
  effect: "reads",
  confirmation: "none",
  examples: [
    {
      command: "Get-ProtocolLog -Direction Receive -RemoteAddress 192.0.2.7 -Start -1h",
      doc: "What a client and we have said to each other in the last hour.",
    },
    { command: "Get-ProtocolLog -SessionId 019F3C2A51B00000", doc: "One session." },
  ],
  parameters: {
    Direction: optionalParameter(
      oneOf(["Receive", "Send"]),
      "Only sessions that came in, or that went out.",
    ),
    SessionId: optionalParameter(searchText(), "One session.", { pipeline: "property" }),
    Connector: optionalParameter(searchText(), "The connector's name; may have *."),
    RemoteAddress: optionalParameter(
      searchText(),
      "The other side's address, with or without port.",
    ),
    ...TIME_PARAMETERS,
    ...PATTERN_PARAMETERS,
  },
  output: PROTOCOL_LOG_LINE,
  async *run(invocation: Invocation<LogSearchServices>, input) {
    const { direction } = input;
    const rows = await findRows(invocation, {
      ...input,
      logs: [
        ...(direction === "Send" ? [] : (["smtpReceive"] as const)),
        ...(direction === "Receive" ? [] : (["smtpSend"] as const)),
      ],
      conditions: [
        ...fieldIs(FIELD.session, input.sessionId),
        ...fieldIs(FIELD.connector, input.connector),
        ...endpointIs(FIELD.remote, input.remoteAddress),
      ],
    });
    for (const row of rows.toSorted(bySequence)) yield outputOf(row);
  },
});

/** Lines of one session in one millisecond keep their order. */
function bySequence(left: LogRow, right: LogRow): number {
  const isSame = left.values[FIELD.session] === right.values[FIELD.session];
  return (
    left.atMs - right.atMs || (isSame ? (numberOf(left, 3) ?? 0) - (numberOf(right, 3) ?? 0) : 0)
  );
}

function outputOf(row: LogRow): OutputOf<typeof PROTOCOL_LOG_LINE> {
  return {
    DateTime: isoDate(row.atMs),
    ConnectorId: textOf(row, 1),
    SessionId: textOf(row, 2),
    SequenceNumber: numberOf(row, 3),
    LocalEndpoint: textOf(row, 4),
    RemoteEndpoint: textOf(row, 5),
    Event: textOf(row, 6),
    Data: textOf(row, 7),
    Context: textOf(row, 8),
  };
}
