import { DAY } from "../../base/units.ts";
import { type Cmdlet, defineCmdlet } from "../../cmdlet/cmdlet.ts";
import type { OutputType } from "../../cmdlet/output-type.ts";
import { defaultedParameter, requiredParameter } from "../../cmdlet/parameter.ts";
import { spanStartMs } from "../../figures/figures.ts";
import { TOP_CATEGORIES, TOP_SPANS, type TopSpan } from "../../figures/top-categories.ts";
import { mergeTops, TOP_NAMES_MAX } from "../../figures/top-counts.ts";
import { integer, oneOf } from "../../org/settings/setting-types.ts";
import { isoDate, type ReportSpan, readSpan, SPAN_PARAMETERS } from "./report-span.ts";
import { FIGURE_READERS, type FigureServices } from "./services.ts";

const RESULT_SIZE_DEFAULT = 10;
/** Longer spans are put together of days. */
const HOURS_SPAN_MS = 7 * DAY;

const MAIL_TRAFFIC_TOP = {
  name: "MailTrafficTop",
  properties: {
    Category: { kind: "choice", doc: "What is counted.", choices: TOP_CATEGORIES },
    Sender: { kind: "text", doc: "The sender, of TopSender.", hiddenFrom: ["Help Desk"] },
    Domain: { kind: "text", doc: "The recipients' domain, of the others." },
    MessageCount: {
      kind: "number",
      doc: "Messages of the sender; of a domain: recipients, and with failing ones each attempt.",
    },
    MessageCountExcess: { kind: "number", doc: "By how many that may be too many." },
    StartDate: { kind: "date", doc: "From when on was counted." },
    EndDate: { kind: "date", doc: "Until when." },
  },
  table: ["Category", "Sender", "Domain", "MessageCount"],
} as const satisfies OutputType;

const PARAMETERS = {
  Category: requiredParameter(
    oneOf(TOP_CATEGORIES),
    "TopSender: who sends most; TopDestination: the domains that get most; " +
      "TopFailingDestination: those for which most is deferred or fails.",
    { position: 0 },
  ),
  ...SPAN_PARAMETERS,
  ResultSize: defaultedParameter(
    integer({ min: 1, max: TOP_NAMES_MAX }),
    String(RESULT_SIZE_DEFAULT),
    "How many names.",
  ),
};

/** Get-MailTrafficTopReport: who sends most, and where mail goes. */
export const getMailTrafficTopReport: Cmdlet<FigureServices> = defineCmdlet<
  FigureServices,
  typeof PARAMETERS,
  typeof MAIL_TRAFFIC_TOP
>({
  name: "Get-MailTrafficTopReport",
  summary: "Shows who sends most mail, and the domains that it goes to or fails for.",
  notes: [
    "Counted from the message tracking log, some seconds behind it, by the 200 most frequent " +
      "names of each hour (kept for three weeks) and of each day (kept for 400 days): a rare " +
      "name may be counted too high, by MessageCountExcess at most. Hours and days are whole, " +
      "in UTC; more than a week is put together of days. Help desks get no senders.",
  ],
  roles: FIGURE_READERS,
  effect: "reads",
  confirmation: "none",
  parameters: PARAMETERS,
  output: MAIL_TRAFFIC_TOP,
  examples: [
    { command: "Get-MailTrafficTopReport TopSender -StartDate -1h", doc: "Who sends most now?" },
    {
      command: "Get-MailTrafficTopReport TopFailingDestination -StartDate -7d -ResultSize 50",
      doc: "Where did most fail in the last week?",
    },
  ],
  async *run({ services, clock }, { category, resultSize, ...dates }) {
    const wanted = readSpan(dates, clock);
    const { span, fromMs, toMs } = listedSpan(wanted, clock.nowMs());
    const lists = await services.figures.tops({ category, span, fromMs, toMs });
    for (const { name, count, excess } of mergeTops(lists).slice(0, resultSize)) {
      yield {
        Category: category,
        Sender: category === "TopSender" ? name : null,
        Domain: category === "TopSender" ? null : name,
        MessageCount: count,
        MessageCountExcess: excess,
        StartDate: isoDate(fromMs),
        EndDate: isoDate(toMs),
      };
    }
  },
});

/** The whole hours or days that a span touches. */
function listedSpan(
  { startMs, endMs }: ReportSpan,
  nowMs: number,
): { readonly span: TopSpan; readonly fromMs: number; readonly toMs: number } {
  const isShort = endMs - startMs <= HOURS_SPAN_MS && nowMs - startMs <= TOP_SPANS.Hour.keptMs;
  const span = isShort ? "Hour" : "Day";
  const { spanMs } = TOP_SPANS[span];
  const toMs = spanStartMs(endMs - 1, spanMs) + spanMs;
  return { span, fromMs: spanStartMs(startMs, spanMs), toMs };
}
