import { defineCmdlet, type Invocation } from "../../cmdlet/cmdlet.ts";
import { CmdletFault } from "../../cmdlet/cmdlet-fault.ts";
import { momentMs } from "../../cmdlet/filter-value.ts";
import type { OutputType } from "../../cmdlet/output-type.ts";
import { optionalParameter } from "../../cmdlet/parameter.ts";
import { LOG_READERS, searchText, TIME_PARAMETERS } from "./log-run.ts";
import type { LogSearchServices } from "./log-services.ts";
import { checkTimes, isoDate } from "./tracking-run.ts";

const ROUTING_TABLE_LOG = {
  name: "RoutingTableLog",
  table: ["Identity", "WhenCreated", "Version", "Size"],
  properties: {
    Identity: { kind: "text", doc: "The file's name." },
    WhenCreated: { kind: "date", doc: "When that routing came into force." },
    Version: { kind: "number", doc: "The organization's version." },
    Size: { kind: "bytes", doc: "Of the file." },
    Content: { kind: "text", doc: "The XML, with -Identity." },
  },
} as const satisfies OutputType;

/** Get-RoutingTableLog. */
export const getRoutingTableLog = defineCmdlet({
  name: "Get-RoutingTableLog",
  summary: "Shows by which domains, connectors and costs mail was routed, and since when.",
  notes: [
    "There is a snapshot for each start of the server, and for each change of what routing " +
      "decides by.",
  ],
  roles: LOG_READERS,
  effect: "reads",
  confirmation: "none",
  examples: [
    { command: "Get-RoutingTableLog -Start -7d", doc: "Which changes there were in a week." },
    {
      command: 'Get-RoutingTableLog -Identity "RoutingConfig#17@*" | Format-List',
      doc: "The routing of a version.",
    },
  ],
  parameters: {
    Identity: optionalParameter(searchText(), "The file's name, or its beginning and *.", {
      position: 0,
      pipeline: "property",
    }),
    ...TIME_PARAMETERS,
  },
  output: ROUTING_TABLE_LOG,
  async *run({ services, clock }: Invocation<LogSearchServices>, input) {
    const { identity } = input;
    const nowMs = clock.nowMs();
    const startMs = input.start && momentMs(input.start, nowMs);
    const endMs = input.end && momentMs(input.end, nowMs);
    checkTimes(startMs, endMs, "End");
    const files = (await services.logs.routingTables()).filter(
      ({ name, createdMs }) =>
        isNamed(name, identity) &&
        createdMs >= (startMs ?? Number.NEGATIVE_INFINITY) &&
        createdMs < (endMs ?? Number.POSITIVE_INFINITY),
    );
    if (identity !== undefined && files.length === 0) {
      const text = `there is no snapshot ${JSON.stringify(identity)}; see Get-RoutingTableLog`;
      throw new CmdletFault("not-found", text, { parameter: "Identity" });
    }
    for (const { name, version, createdMs, bytes } of files) {
      yield {
        Identity: name,
        WhenCreated: isoDate(createdMs),
        Version: version,
        Size: bytes,
        Content: identity === undefined ? null : ((await services.logs.routingTable(name)) ?? null),
      };
    }
  },
});

function isNamed(name: string, identity: string | undefined): boolean {
  if (identity === undefined) return true;
  const folded = identity.toLowerCase();
  return folded.endsWith("*")
    ? name.toLowerCase().startsWith(folded.slice(0, -1))
    : name.toLowerCase() === folded;
}
