import type { CmdletName } from "../../api/run-cmdlet.ts";
import { isoOfField } from "../../base/format.ts";
import { texts } from "./texts.ts";

/** A condition of a search. */
export interface LogField {
  readonly parameter: string;
  /** Takes a list. */
  readonly isList?: true;
  readonly choices?: readonly string[];
}

/** A log that can be searched. */
export interface LogKind {
  readonly key: string;
  readonly title: string;
  readonly cmdlet: CmdletName;
  readonly fields: readonly LogField[];
  /** Names of its parameters of time. */
  readonly start: string;
  readonly end: string;
  readonly hasPattern: boolean;
  readonly hasSize: boolean;
  /** Properties shown as columns, in their order; the first is the moment. */
  readonly columns: readonly string[];
}

const PLAIN = { start: "Start", end: "End", hasPattern: true, hasSize: true } as const;

/** The logs, in the order of the list. */
export const LOG_KINDS: readonly LogKind[] = [
  {
    ...{ ...PLAIN, hasPattern: false, key: "tracking", title: texts.tracking },
    cmdlet: "Get-MessageTrackingLog",
    fields: [
      { parameter: "Sender" },
      { parameter: "Recipients", isList: true },
      { parameter: "MessageSubject" },
      { parameter: "MessageId" },
      { parameter: "EventId", isList: true },
    ],
    columns: ["Timestamp", "EventId", "Source", "Sender", "Recipients", "MessageSubject"],
  },
  {
    ...{ ...PLAIN, key: "protocol", title: texts.protocol },
    cmdlet: "Get-ProtocolLog",
    fields: [
      { parameter: "Direction", choices: ["Receive", "Send"] },
      { parameter: "Connector" },
      { parameter: "RemoteAddress" },
      { parameter: "SessionId" },
    ],
    columns: ["DateTime", "Event", "Data", "RemoteEndpoint", "ConnectorId"],
  },
  {
    ...{ ...PLAIN, key: "connectivity", title: texts.connectivity },
    cmdlet: "Get-ConnectivityLog",
    fields: [{ parameter: "Destination" }, { parameter: "Session" }],
    columns: ["DateTime", "Direction", "Destination", "Description", "Source"],
  },
  {
    ...{ ...PLAIN, start: "StartDate", end: "EndDate", key: "agent", title: texts.agent },
    cmdlet: "Get-AgentLog",
    fields: [
      { parameter: "Agent" },
      { parameter: "RemoteAddress" },
      { parameter: "Sender" },
      { parameter: "Recipient" },
      { parameter: "Reason" },
    ],
    columns: ["Timestamp", "Agent", "Action", "Reason", "P1FromAddress", "RemoteEndpoint"],
  },
  {
    ...{ ...PLAIN, key: "queue", title: texts.queue },
    cmdlet: "Get-QueueLog",
    fields: [{ parameter: "Identity" }, { parameter: "NextHopDomain" }, { parameter: "Status" }],
    columns: ["DateTime", "Identity", "Status", "MessageCount", "Velocity", "LastError"],
  },
  {
    ...{ ...PLAIN, hasPattern: false, hasSize: false, key: "routing", title: texts.routing },
    cmdlet: "Get-RoutingTableLog",
    fields: [{ parameter: "Identity" }],
    columns: ["WhenCreated", "Identity", "Version", "Size"],
  },
];

const LINES_MAX = 2000;

/**
 * The call of a search: what is in the address of the page, by parameter name, with `from`, `to`
 * (moments of `<input type="datetime-local">`) and `pattern`. Lists are written with commas.
 */
export function logCall(kind: LogKind, state: Readonly<Record<string, string | undefined>>) {
  const parameters: Record<string, unknown> = {};
  for (const { parameter, isList } of kind.fields) {
    const text = state[parameter]?.trim() ?? "";
    if (text === "") continue;
    parameters[parameter] = isList ? text.split(/[\s,;]+/).filter(Boolean) : text;
  }
  const { from, to, pattern } = state;
  if (from) parameters[kind.start] = isoOfField(from);
  if (to) parameters[kind.end] = isoOfField(to);
  if (kind.hasPattern && pattern) parameters["Pattern"] = pattern;
  if (kind.hasSize) parameters["ResultSize"] = LINES_MAX;
  return { cmdlet: kind.cmdlet, parameters };
}
