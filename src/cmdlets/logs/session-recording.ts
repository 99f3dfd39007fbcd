import { defineCmdlet, type Invocation } from "../../cmdlet/cmdlet.ts";
import { CmdletFault } from "../../cmdlet/cmdlet-fault.ts";
import type { OutputOf, OutputType } from "../../cmdlet/output-type.ts";
import { optionalParameter } from "../../cmdlet/parameter.ts";
import { RECORDING_FIELDS } from "../../logs/log-search.ts";
import { parseRecording, tellConversation } from "../../logs/session-recording.ts";
import { formatSpan, oneOf } from "../../org/settings/setting-types.ts";
import type { SessionRecording } from "../../smtp/session-tape.ts";
import {
  addressIs,
  endpointIs,
  fieldHas,
  fieldIs,
  findRows,
  LOG_NOTES,
  LOG_READERS,
  PATTERN_PARAMETERS,
  searchText,
  TIME_PARAMETERS,
} from "./log-run.ts";
import type { LogSearchServices } from "./log-services.ts";
import { isoDate } from "./tracking-run.ts";

const SESSION_RECORDING = {
  name: "SessionRecording",
  table: ["StartTime", "Direction", "ConnectorId", "RemoteEndpoint", "Reason", "Identity"],
  properties: {
    Identity: { kind: "text", doc: "The session's id, as in the other logs." },
    Direction: {
      kind: "choice",
      doc: "Whether it came in or went out.",
      choices: ["Receive", "Send"],
    },
    ConnectorId: { kind: "text", doc: "The connector." },
    LocalEndpoint: { kind: "text", doc: "Our address and port." },
    RemoteEndpoint: { kind: "text", doc: "The other side's." },
    StartTime: { kind: "date", doc: "When it was connected." },
    EndTime: { kind: "date", doc: "When it was over." },
    Duration: { kind: "span", doc: "How long it was." },
    Reason: { kind: "text", doc: "The first refusal, or how it broke." },
    Conversation: { kind: "list", doc: "What was said, with -Identity." },
  },
} as const satisfies OutputType;

const addressDoc = (command: string) =>
  `An address that a ${command} command named, @domain, a part of one, or a pattern with *.`;

const FIELD = (name: (typeof RECORDING_FIELDS)[number]) => RECORDING_FIELDS.indexOf(name);

/** Get-SessionRecording. */
export const getSessionRecording = defineCmdlet({
  name: "Get-SessionRecording",
  summary: "Shows SMTP sessions that ended in an error, with what was said in them.",
  notes: [
    ...LOG_NOTES,
    "They are kept by themselves, in both directions and on every connector, without credentials " +
      "and content; the sessionRecording settings of the transport service say how many and how " +
      "long.",
    "`postrider replay IDENTITY` says what the server would answer today.",
  ],
  roles: LOG_READERS,
  effect: "reads",
  confirmation: "none",
  examples: [
    {
      command: "Get-SessionRecording -RemoteAddress 192.0.2.7 -Start -1h",
      doc: "What went wrong with a client in the last hour.",
    },
    {
      command: "Get-SessionRecording -SenderAddress bob@fabrikam.test",
      doc: "Whether mail of his was refused.",
    },
    { command: "Get-SessionRecording 019F3C2A51B00000", doc: "The conversation." },
  ],
  parameters: {
    Identity: optionalParameter(searchText(), "One session; its conversation is shown.", {
      position: 0,
      pipeline: "property",
    }),
    Direction: optionalParameter(oneOf(["Receive", "Send"]), "Only these."),
    Connector: optionalParameter(searchText(), "The connector's name; may have *."),
    RemoteAddress: optionalParameter(
      searchText(),
      "The other side's address, with or without port.",
    ),
    Reason: optionalParameter(searchText(), "A part of the reason; may have *."),
    SenderAddress: optionalParameter(searchText(), addressDoc("MAIL")),
    RecipientAddress: optionalParameter(searchText(), addressDoc("RCPT")),
    Address: optionalParameter(searchText(), "The same, of either command."),
    ...TIME_PARAMETERS,
    ...PATTERN_PARAMETERS,
  },
  output: SESSION_RECORDING,
  async *run(invocation: Invocation<LogSearchServices>, input) {
    const { identity } = input;
    const rows = await findRows(invocation, {
      ...input,
      logs: ["session"],
      conditions: [
        ...fieldIs(FIELD("id"), identity),
        ...fieldIs(FIELD("direction"), input.direction),
        ...fieldIs(FIELD("connector"), input.connector),
        ...endpointIs(FIELD("remoteEndpoint"), input.remoteAddress),
        ...fieldHas(FIELD("reason"), input.reason),
        ...addressIs(FIELD("senders"), input.senderAddress),
        ...addressIs(FIELD("recipients"), input.recipientAddress),
        ...addressIs(FIELD("participants"), input.address),
      ],
    });
    if (identity !== undefined && rows.length === 0) {
      const text = `no session ${JSON.stringify(identity)} is recorded, or not any more`;
      throw new CmdletFault("not-found", text, { parameter: "Identity" });
    }
    for (const row of rows) {
      const recording = parseRecording(row.values[FIELD("json")] ?? "");
      if (recording === undefined) continue;
      const Conversation = identity === undefined ? null : tellConversation(recording);
      yield { ...outputOf(recording), Conversation };
    }
  },
});

function outputOf(
  recording: SessionRecording,
): Omit<OutputOf<typeof SESSION_RECORDING>, "Conversation"> {
  const { openedMs, closedMs } = recording;
  return {
    Identity: recording.id,
    Direction: recording.direction,
    ConnectorId: recording.connector,
    LocalEndpoint: recording.localEndpoint,
    RemoteEndpoint: recording.remoteEndpoint,
    StartTime: isoDate(openedMs),
    EndTime: isoDate(closedMs),
    Duration: formatSpan(Math.max(0, closedMs - openedMs)),
    Reason: recording.reason,
  };
}
