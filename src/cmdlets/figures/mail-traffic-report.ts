import { DAY, SECOND } from "../../base/units.ts";
import { type Cmdlet, defineCmdlet } from "../../cmdlet/cmdlet.ts";
import { CmdletFault } from "../../cmdlet/cmdlet-fault.ts";
import type { OutputOf, OutputType } from "../../cmdlet/output-type.ts";
import { defaultedParameter, optionalParameter } from "../../cmdlet/parameter.ts";
import type { CountFamily, SeenLevel } from "../../figures/figure-table.ts";
import {
  AGGREGATIONS,
  type Aggregation,
  aggregationMs,
  type FigureRow,
  type Figures,
  RESOLUTIONS,
  type Resolution,
  spanStartMs,
  suitableAggregation,
} from "../../figures/figures.ts";
import { formatSpan, listOf, oneOf } from "../../org/settings/setting-types.ts";
import {
  isoDate,
  type ReportSpan,
  readSpan,
  SPAN_PARAMETERS,
  timeZoneType,
} from "./report-span.ts";
import { FIGURE_READERS, type FigureServices } from "./services.ts";

const CATEGORIES = [
  "Source",
  "Refused",
  "Failed",
  "Encryption",
  "Authentication",
  "Logon",
  "Quarantine",
  "Queue",
] as const;
type Category = (typeof CATEGORIES)[number];

/** The family whose figures each category shows by their labels. */
const FAMILY_OF: Readonly<Record<Category, CountFamily | "queue">> = {
  Source: "received",
  Refused: "refused",
  Failed: "failed",
  Encryption: "secured",
  Authentication: "authentication",
  Logon: "logon",
  Quarantine: "quarantined",
  Queue: "queue",
};

/** More rows are asked for in pieces: a month of minutes is no report. */
const ROWS_MAX = 20_000;

const MAIL_TRAFFIC = {
  name: "MailTraffic",
  properties: {
    StartDate: { kind: "date", doc: "Where the row begins." },
    EndDate: { kind: "date", doc: "Where it ends, and the next begins." },
    RecordedMinutes: { kind: "number", doc: "Minutes of it in which the server ran." },
    Received: { kind: "number", doc: "Messages accepted, by whatever way they came." },
    Recipients: { kind: "number", doc: "Their recipients." },
    Refused: { kind: "number", doc: "Senders, recipients and messages refused in sessions." },
    Delivered: { kind: "number", doc: "Recipients who have it in their mailbox." },
    Relayed: { kind: "number", doc: "Recipients whose next hop has taken it." },
    Deferred: { kind: "number", doc: "Attempts that came to nothing, for a recipient each." },
    Failed: { kind: "number", doc: "Recipients who will not get it, expired ones among them." },
    Expired: { kind: "number", doc: "Of these: those for whom it waited too long." },
    Quarantined: { kind: "number", doc: "Recipients from whom it was kept." },
    ReceivedBytes: { kind: "bytes", doc: "Content that came in." },
    SentBytes: { kind: "bytes", doc: "Content that next hops and mailboxes have taken." },
    QueueDepth: { kind: "number", doc: "Recipients waiting in all queues, on the average." },
    QueueDepthMaximum: { kind: "number", doc: "The most of them." },
    OldestMessageAge: { kind: "span", doc: "The greatest age of the oldest waiting message." },
    Details: {
      kind: "object",
      doc: "By category, what the sums are made of: name and number; queues on the average.",
    },
  },
  table: ["StartDate", "Received", "Refused", "Delivered", "Relayed", "Deferred", "Failed"],
} as const satisfies OutputType;

const PARAMETERS = {
  ...SPAN_PARAMETERS,
  AggregateBy: optionalParameter(
    oneOf(AGGREGATIONS),
    "The span of a row; without it, the finest that gives at most 400 rows.",
  ),
  TimeZone: defaultedParameter(
    timeZoneType(),
    "UTC",
    "Whose days they are, as in Europe/Berlin; to the hour.",
  ),
  Category: optionalParameter(
    listOf(oneOf(CATEGORIES), { max: CATEGORIES.length }),
    "What Details has; without it, all of it.",
  ),
};

/** Get-MailTrafficReport: mail flow over time. */
export const getMailTrafficReport: Cmdlet<FigureServices> = defineCmdlet<
  FigureServices,
  typeof PARAMETERS,
  typeof MAIL_TRAFFIC
>({
  name: "Get-MailTrafficReport",
  summary: "Shows mail flow over time: what came in, went out, waited and failed.",
  notes: [
    "Figures are kept by minutes for two days, by ten minutes for three weeks and by hours for " +
      "400 days. A span in which the server did not run has no row.",
  ],
  roles: FIGURE_READERS,
  effect: "reads",
  confirmation: "none",
  parameters: PARAMETERS,
  output: MAIL_TRAFFIC,
  examples: [
    { command: "Get-MailTrafficReport -StartDate -1h", doc: "The last hour, by minutes." },
    {
      command: "Get-MailTrafficReport -StartDate -30d -AggregateBy Day -Category Failed",
      doc: "A month by days, with what made mail fail.",
    },
  ],
  async *run({ services, clock, warn, signal }, input) {
    const span = readSpan(input, clock);
    const aggregation = input.aggregateBy ?? suitableAggregation(span, clock.nowMs());
    const rowMs = aggregationMs(aggregation);
    if ((span.endMs - span.startMs) / rowMs > ROWS_MAX) throw tooManyRows();
    const resolution: Resolution = aggregation === "Day" ? "Hour" : aggregation;
    const { keptMs } = RESOLUTIONS[resolution];
    if (clock.nowMs() - span.startMs > keptMs) warn(keptWarning(resolution, keptMs));
    const { timeZone } = input;
    const rows = await readRows(services, { aggregation, resolution, timeZone }, span);
    const categories = input.category ?? CATEGORIES;
    for (const row of rows) {
      signal.throwIfAborted();
      yield trafficOutput(row, categories);
    }
  },
});

function tooManyRows(): CmdletFault {
  const text = `that would be more than ${ROWS_MAX} rows; choose a longer -AggregateBy`;
  return new CmdletFault("bad-parameter", text, { parameter: "AggregateBy" });
}

function keptWarning(resolution: Resolution, keptMs: number): string {
  return `Rows by ${resolution} are kept for ${keptMs / DAY} days: there are none from before.`;
}

async function readRows(
  { figures }: FigureServices,
  how: {
    readonly aggregation: Aggregation;
    readonly resolution: Resolution;
    readonly timeZone: string;
  },
  { startMs, endMs: toMs }: ReportSpan,
): Promise<readonly FigureRow[]> {
  const { aggregation, resolution, timeZone } = how;
  if (aggregation === "Day") return await figures.days({ timeZone, fromMs: startMs, toMs });
  const fromMs = spanStartMs(startMs, aggregationMs(aggregation));
  return await figures.rows({ resolution, fromMs, toMs });
}

function trafficOutput(
  { startMs, endMs, figures }: FigureRow,
  categories: readonly Category[],
): OutputOf<typeof MAIL_TRAFFIC> {
  const { counts, levels } = figures;
  const count = (name: string) => counts[name] ?? 0;
  const expired = count("outcome.expired");
  const seconds = levels["oldestSeconds" satisfies SeenLevel]?.max ?? 0;
  return {
    StartDate: isoDate(startMs),
    EndDate: isoDate(endMs),
    RecordedMinutes: figures.samples,
    Received: sumOf("received", figures),
    Recipients: count("recipients"),
    Refused: sumOf("refused", figures),
    Delivered: count("outcome.delivered"),
    Relayed: count("outcome.relayed"),
    Deferred: count("outcome.deferred"),
    Failed: count("outcome.failed") + expired,
    Expired: expired,
    Quarantined: sumOf("quarantined", figures),
    ReceivedBytes: count("receivedBytes"),
    SentBytes: count("sentBytes"),
    QueueDepth: meanOf("depth", figures),
    QueueDepthMaximum: levels["depth" satisfies SeenLevel]?.max ?? 0,
    OldestMessageAge: formatSpan(Math.round(seconds) * SECOND),
    Details: Object.fromEntries(
      categories.map((category) => [category, detailsOf(category, figures)]),
    ),
  };
}

function detailsOf(category: Category, figures: Figures): Readonly<Record<string, number>> {
  const family = `${FAMILY_OF[category]}.`;
  const names = Object.keys(category === "Queue" ? figures.levels : figures.counts);
  const own = names.filter((name) => name.startsWith(family));
  const entries = own.map((name): [string, number] => [
    name.slice(family.length),
    category === "Queue" ? meanOf(name, figures) : (figures.counts[name] ?? 0),
  ]);
  // What the queue gave up is no failure with a status of its own.
  const expired = category === "Failed" ? (figures.counts["outcome.expired"] ?? 0) : 0;
  const known = Object.fromEntries(entries);
  return expired === 0 ? known : { ...known, expired: (known["expired"] ?? 0) + expired };
}

function sumOf(family: CountFamily, { counts }: Figures): number {
  return Object.entries(counts).reduce(
    (sum, [name, count]) => (name.startsWith(`${family}.`) ? sum + count : sum),
    0,
  );
}

function meanOf(level: string, { levels, samples }: Figures): number {
  const mean = (levels[level]?.sum ?? 0) / Math.max(1, samples);
  return Math.round(mean * 100) / 100;
}
