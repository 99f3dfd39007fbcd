import { defineCmdlet, type Invocation } from "../../cmdlet/cmdlet.ts";
import { momentType } from "../../cmdlet/moment-type.ts";
import type { OutputType } from "../../cmdlet/output-type.ts";
import { optionalParameter } from "../../cmdlet/parameter.ts";
import {
  endpointIs,
  fieldIs,
  findRows,
  LOG_NOTES,
  numberOf,
  PATTERN_PARAMETERS,
  searchText,
  textOf,
} from "./log-run.ts";
import type { LogSearchServices } from "./log-services.ts";
import { isoDate } from "./tracking-run.ts";

const AGENT_LOG_ENTRY = {
  name: "AgentLogEntry",
  table: ["Timestamp", "Agent", "Event", "Action", "P1FromAddress", "Recipient", "Reason"],
  properties: {
    Timestamp: { kind: "date", doc: "When it was decided." },
    SessionId: { kind: "text", doc: "The session, as in the protocol log." },
    LocalEndpoint: { kind: "text", doc: "Our address and port." },
    RemoteEndpoint: { kind: "text", doc: "The client's." },
    EnteredOrgFromIP: { kind: "text", doc: "The address from which the mail came to us." },
    MessageId: { kind: "text", doc: "Message-ID, where there is a message yet." },
    P1FromAddress: { kind: "text", doc: "MAIL FROM." },
    P2FromAddresses: { kind: "list", doc: "From and Sender." },
    Recipient: { kind: "text", doc: "One of the recipients; each has a line of its own." },
    NumRecipients: { kind: "number", doc: "How many it was decided for." },
    Agent: { kind: "text", doc: "Who decided." },
    Event: { kind: "text", doc: "At which point of the session." },
    Action: { kind: "text", doc: "What was done." },
    SmtpResponse: { kind: "text", doc: "What the client was told." },
    Reason: { kind: "text", doc: "Why, in one word." },
    ReasonData: { kind: "text", doc: "By which list, connector or limit." },
    Diagnostics: { kind: "text", doc: "More, for who looks for a fault." },
    NetworkMsgID: { kind: "text", doc: "The GUID that all copies of a message keep." },
    TenantID: { kind: "text", doc: "Reserved." },
    Directionality: { kind: "text", doc: "Incoming or Originating." },
  },
} as const satisfies OutputType;

/** The fields of the log by their place (reference §7.5). */
const FIELD = { remote: 3, sender: 6, recipient: 8, agent: 10, reason: 14 } as const;

/** Get-AgentLog. */
export const getAgentLog = defineCmdlet({
  name: "Get-AgentLog",
  summary: "Shows what agents and filters have refused or changed, and why.",
  notes: [
    ...LOG_NOTES,
    "Connection, sender and recipient filtering are part of the server and write here as the " +
      "agents do: a connection without connector or past a limit, a sender that is not allowed, " +
      "a recipient that nobody has or for whom we don't relay.",
  ],
  roles: ["Server Management", "Hygiene Management", "View-Only Organization Management"],
  effect: "reads",
  confirmation: "none",
  examples: [
    {
      command: 'Get-AgentLog -StartDate -1d -Agent "Recipient Filter Agent"',
      doc: "Recipients that were refused since yesterday.",
    },
  ],
  parameters: {
    StartDate: optionalParameter(momentType(), "Decisions from this time on."),
    EndDate: optionalParameter(momentType(), "Decisions before this time."),
    Agent: optionalParameter(searchText(), "Who decided; may have *."),
    RemoteAddress: optionalParameter(searchText(), "The client's address, with or without port."),
    Sender: optionalParameter(searchText(), "MAIL FROM; may have *."),
    Recipient: optionalParameter(searchText(), "The recipient; may have *."),
    Reason: optionalParameter(searchText(), "Why; may have *."),
    ...PATTERN_PARAMETERS,
  },
  output: AGENT_LOG_ENTRY,
  async *run(invocation: Invocation<LogSearchServices>, input) {
    const rows = await findRows(invocation, {
      ...input,
      start: input.startDate,
      end: input.endDate,
      endName: "EndDate",
      logs: ["agent"],
      conditions: [
        ...endpointIs(FIELD.remote, input.remoteAddress),
        ...fieldIs(FIELD.sender, input.sender),
        ...fieldIs(FIELD.recipient, input.recipient),
        ...fieldIs(FIELD.agent, input.agent),
        ...fieldIs(FIELD.reason, input.reason),
      ],
    });
    for (const row of rows) {
      yield {
        Timestamp: isoDate(row.atMs),
        SessionId: textOf(row, 1),
        LocalEndpoint: textOf(row, 2),
        RemoteEndpoint: textOf(row, 3),
        EnteredOrgFromIP: textOf(row, 4),
        MessageId: textOf(row, 5),
        P1FromAddress: textOf(row, 6),
        P2FromAddresses: textOf(row, 7)?.split(";") ?? [],
        Recipient: textOf(row, 8),
        NumRecipients: numberOf(row, 9),
        Agent: textOf(row, 10),
        Event: textOf(row, 11),
        Action: textOf(row, 12),
        SmtpResponse: textOf(row, 13),
        Reason: textOf(row, 14),
        ReasonData: textOf(row, 15),
        Diagnostics: textOf(row, 16),
        NetworkMsgID: textOf(row, 17),
        TenantID: textOf(row, 18),
        Directionality: textOf(row, 19),
      };
    }
  },
});
