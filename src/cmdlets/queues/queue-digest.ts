import { MINUTE, SECOND } from "../../base/units.ts";
import { defineCmdlet, type Invocation } from "../../cmdlet/cmdlet.ts";
import { CmdletFault } from "../../cmdlet/cmdlet-fault.ts";
import { compileFilter } from "../../cmdlet/filter-match.ts";
import { filterType } from "../../cmdlet/filter-type.ts";
import type { OutputOf, OutputType } from "../../cmdlet/output-type.ts";
import { RESULT_SIZE_DEFAULT, RESULT_SIZE_MAX } from "../../cmdlet/paging.ts";
import { defaultedParameter, optionalParameter } from "../../cmdlet/parameter.ts";
import { integer, line, listOf, oneOf, span } from "../../org/settings/setting-types.ts";
import { isOfKind, KIND_PARAMETERS } from "./get-queue.ts";
import { hostPart, QUEUE_INFO, type QueueInfo, queueInfo } from "./queue-info.ts";
import type { QueueServices } from "./services.ts";

const SERVERS_MAX = 100;
const NAME_MAX = 255;
/** Queues of a group that -DetailsLevel Normal names. */
const DETAILS_NORMAL = 10;
const DETAILS_VERBOSE = 100;

const GROUP_WORDS = [
  "NextHopDomain",
  "DeliveryType",
  "LastError",
  "NextHopCategory",
  "NextHopKey",
  "RiskLevel",
  "Status",
  "ServerName",
  "OutboundIPPool",
] as const;

type GroupBy = (typeof GROUP_WORDS)[number];

/** What queues of several servers come to, put in groups. */
export const QUEUE_DIGEST = {
  name: "QueueDigest",
  table: ["GroupByValue", "MessageCount", "DeferredMessageCount", "QueueCount", "Details"],
  properties: {
    GroupByValue: { kind: "text", doc: "What the queues of the group have in common." },
    MessageCount: { kind: "number", doc: "Messages in all of them." },
    DeferredMessageCount: { kind: "number", doc: "Those that wait for a time of their own." },
    LockedMessageCount: { kind: "number", doc: "Always 0." },
    StaleMessageCount: { kind: "number", doc: "Always 0: what is shown is as it is now." },
    IncomingRate: { kind: "number", doc: "Messages a second, over the last minute." },
    OutgoingRate: { kind: "number", doc: "Messages a second, over the last minute." },
    Velocity: { kind: "number", doc: "OutgoingRate less IncomingRate." },
    QueueCount: { kind: "number", doc: "How many queues are in the group." },
    Details: { kind: "list", doc: "The longest queues: identity, status, messages, last error." },
  },
} as const satisfies OutputType;

type Run = Invocation<QueueServices>;
type Digest = OutputOf<typeof QUEUE_DIGEST>;

/** A queue, and the server that has it. */
interface ServerQueue {
  readonly server: string;
  readonly info: QueueInfo;
}

/** Get-QueueDigest. */
export const getQueueDigest = defineCmdlet({
  name: "Get-QueueDigest",
  summary: "Adds up the long queues of several servers.",
  notes: [
    "A server that may be asked has a file in the folder `servers` of the data directory: " +
      'FULL-NAME.json with { "url": "https://…", "token": "…" } and, if its certificate is not ' +
      'one that the system trusts, "certificate": its PEM text.',
    "Queues with fewer messages than -Threshold don't count. What is shown is as it is now.",
  ],
  roles: ["Server Management", "View-Only Organization Management"],
  effect: "reads",
  confirmation: "none",
  examples: [
    { command: "Get-QueueDigest", doc: "All servers that are known, by next hop." },
    {
      command: "Get-QueueDigest -Server mail1.contoso.test -GroupBy Status -DetailsLevel Verbose",
      doc: "One server's queues by status.",
    },
  ],
  parameters: {
    Server: optionalParameter(
      listOf(line({ max: NAME_MAX }), { max: SERVERS_MAX }),
      "Names of servers; without it, this one and all in the folder `servers`.",
      { position: 0 },
    ),
    Filter: optionalParameter(filterType(QUEUE_INFO), "Only queues for which it is true."),
    ...KIND_PARAMETERS,
    GroupBy: defaultedParameter(oneOf(GROUP_WORDS), "NextHopDomain", "What makes a group."),
    DetailsLevel: defaultedParameter(
      oneOf(["None", "Normal", "Verbose"]),
      "Normal",
      "How many queues of a group are named: none, 10 or 100.",
    ),
    Threshold: defaultedParameter(
      integer({ min: 0, max: 1_000_000 }),
      "10",
      "Messages that a queue must have to count.",
    ),
    ResultSize: defaultedParameter(
      integer({ min: 1, max: RESULT_SIZE_MAX, unlimited: true }),
      String(RESULT_SIZE_DEFAULT),
      "The most groups to put out.",
    ),
    Timeout: defaultedParameter(
      span({ min: SECOND, max: 10 * MINUTE }),
      "00:00:10",
      "How long another server may take.",
    ),
  },
  output: QUEUE_DIGEST,
  async *run(run: Run, input) {
    const desk = run.services.queues;
    const servers = await serversOf(run, input.server);
    const nowMs = run.clock.nowMs();
    const matches = input.filter && compileFilter(input.filter, { nowMs });
    const own = async (): Promise<readonly ServerQueue[]> => {
      const { queues, warnings } = await desk.list("recent");
      for (const warning of warnings) run.warn(warning);
      const server = desk.serverName();
      return queues
        .filter((queue) => isOfKind(queue, input))
        .map((queue) => ({ server, info: queueInfo(queue, desk) }));
    };
    const parameters = {
      ResultSize: String(RESULT_SIZE_MAX),
      ...(input.include && { Include: input.include }),
      ...(input.exclude && { Exclude: input.exclude }),
    };
    const call = { cmdlet: "Get-Queue", parameters, timeoutMs: input.timeoutMs };
    const found = await Promise.all(
      servers.map(async (server): Promise<readonly ServerQueue[]> => {
        if (server === undefined) return own();
        try {
          const objects = await desk.otherServers.run(server, call);
          return objects.map((info) => ({ server, info: asQueueInfo(info) }));
        } catch (error) {
          run.warn(`${server}: ${error instanceof Error ? error.message : String(error)}`);
          return [];
        }
      }),
    );
    const counted = found
      .flat()
      .filter(({ info }) => (info.MessageCount ?? 0) >= input.threshold)
      .filter(({ info }) => matches?.(info) ?? true);
    const groups = Map.groupBy(counted, (queue) => groupValue(queue, input.groupBy));
    const shownMax = { None: 0, Normal: DETAILS_NORMAL, Verbose: DETAILS_VERBOSE };
    const digests = [...groups].map(([value, queues]) =>
      digestOf(value, queues, shownMax[input.detailsLevel]),
    );
    digests.sort((left, right) => (right.MessageCount ?? 0) - (left.MessageCount ?? 0));
    yield* digests.slice(0, input.resultSize);
  },
});

/** Which servers to ask; `undefined` is this one. @throws CmdletFault */
async function serversOf(
  { services }: Run,
  wanted: readonly string[] | undefined,
): Promise<readonly (string | undefined)[]> {
  const { otherServers, serverName } = services.queues;
  const names = await otherServers.names();
  if (wanted === undefined) return [undefined, ...names];
  return wanted.map((word) => {
    const folded = word.toLowerCase();
    if ([serverName().toLowerCase(), hostPart(serverName()).toLowerCase()].includes(folded)) {
      return undefined;
    }
    const name = names.find((one) => one === folded || hostPart(one) === folded);
    if (name !== undefined) return name;
    const text = `no way to ask ${JSON.stringify(word)}: there is no file servers/${folded}.json`;
    throw new CmdletFault("not-found", text, { parameter: "Server" });
  });
}

/** What another server says of its queues, as far as it can be used. */
function asQueueInfo(value: Readonly<Record<string, unknown>>): QueueInfo {
  const entries = Object.entries(QUEUE_INFO.properties).map(([name, { kind }]) => {
    const given = value[name];
    const isNumber = kind === "number";
    if (isNumber) return [name, typeof given === "number" ? given : 0];
    return [name, typeof given === "string" ? given : null];
  });
  // Each property was read by its kind just now; lists are not looked at here.
  return Object.fromEntries(entries) as QueueInfo;
}

function groupValue({ server, info }: ServerQueue, by: GroupBy): string {
  switch (by) {
    case "ServerName":
      return server;
    case "NextHopKey":
      return [info.DeliveryType, info.NextHopDomain, info.NextHopConnector].join(":");
    default:
      return String(info[by] ?? "");
  }
}

function digestOf(value: string, queues: readonly ServerQueue[], shownMax: number): Digest {
  const sum = (
    name: "MessageCount" | "DeferredMessageCount" | "IncomingRate" | "OutgoingRate" | "Velocity",
  ) => Math.round(queues.reduce((all, { info }) => all + (info[name] ?? 0), 0) * 1_000) / 1_000;
  const longest = queues
    .toSorted((left, right) => (right.info.MessageCount ?? 0) - (left.info.MessageCount ?? 0))
    .slice(0, shownMax);
  return {
    GroupByValue: value,
    MessageCount: sum("MessageCount"),
    DeferredMessageCount: sum("DeferredMessageCount"),
    LockedMessageCount: 0,
    StaleMessageCount: 0,
    IncomingRate: sum("IncomingRate"),
    OutgoingRate: sum("OutgoingRate"),
    Velocity: sum("Velocity"),
    QueueCount: queues.length,
    Details: longest.map(({ info }) => {
      const error = info.LastError === null ? "" : `, ${info.LastError}`;
      return `${info.Identity} ${info.NextHopDomain}: ${info.Status}, ${info.MessageCount}${error}`;
    }),
  };
}
