import { defineCmdlet, type Invocation } from "../../cmdlet/cmdlet.ts";
import type { OutputType } from "../../cmdlet/output-type.ts";
import { optionalParameter } from "../../cmdlet/parameter.ts";
import {
  fieldIs,
  findRows,
  LOG_NOTES,
  LOG_READERS,
  PATTERN_PARAMETERS,
  searchText,
  TIME_PARAMETERS,
  textOf,
} from "./log-run.ts";
import type { LogSearchServices } from "./log-services.ts";
import { isoDate } from "./tracking-run.ts";

const CONNECTIVITY_LOG_LINE = {
  name: "ConnectivityLogLine",
  table: ["DateTime", "Session", "Destination", "Direction", "Description"],
  properties: {
    DateTime: { kind: "date", doc: "When it happened." },
    Session: { kind: "text", doc: "The same for all lines of one attempt to connect." },
    Source: { kind: "text", doc: "SMTP or LMTP." },
    Destination: { kind: "text", doc: "The next hop: a domain or smart hosts." },
    Direction: {
      kind: "choice",
      doc: "+ begins, - has ended, > tells something on the way.",
      choices: ["+", "-", ">"],
    },
    Description: { kind: "text", doc: "Hosts of DNS, connections, TLS, faults, totals." },
  },
} as const satisfies OutputType;

/** Get-ConnectivityLog. */
export const getConnectivityLog = defineCmdlet({
  name: "Get-ConnectivityLog",
  summary: "Shows how connections to next hops went: DNS, TCP, TLS, totals.",
  notes: LOG_NOTES,
  roles: LOG_READERS,
  effect: "reads",
  confirmation: "none",
  examples: [
    {
      command: "Get-ConnectivityLog -Destination fabrikam.com -Start -1h",
      doc: "How we have reached a domain, or not.",
    },
  ],
  parameters: {
    Destination: optionalParameter(searchText(), "The next hop; may have *."),
    Session: optionalParameter(searchText(), "One attempt; also the SessionId of its recording."),
    ...TIME_PARAMETERS,
    ...PATTERN_PARAMETERS,
  },
  output: CONNECTIVITY_LOG_LINE,
  async *run(invocation: Invocation<LogSearchServices>, input) {
    const rows = await findRows(invocation, {
      ...input,
      logs: ["connectivity"],
      conditions: [...fieldIs(1, input.session), ...fieldIs(3, input.destination)],
    });
    for (const row of rows) {
      yield {
        DateTime: isoDate(row.atMs),
        Session: textOf(row, 1),
        Source: textOf(row, 2),
        Destination: textOf(row, 3),
        Direction: textOf(row, 4),
        Description: textOf(row, 5),
      };
    }
  },
});
