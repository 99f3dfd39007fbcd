import { LineChart, ResponsiveContainer } from "@fluentui/react-charts";
import { makeStyles } from "@fluentui/react-components";
import { useNavigate } from "@tanstack/react-router";
import { type MouseEvent, useMemo, useRef } from "react";
import { formatDateTime } from "../../base/format.ts";
import { formatNumber } from "../../base/texts.ts";
import { DASHES, useChartColours } from "./chart-colours.ts";
import { useChartNames } from "./chart-names.ts";
import { traceLink } from "./trace-link.ts";
import type { Measure, TrafficPoint } from "./traffic.ts";

const HEIGHT_PX = 260;

/** Room for numbers like 123.45k in any font. */
const MARGINS = { left: 56, right: 16, top: 16, bottom: 36 };

const useStyles = makeStyles({
  legend: { textTransform: "none" },
  root: {
    height: `${HEIGHT_PX}px`,
    minWidth: 0,
    // What is told of a point may be larger than the chart.
    "& .fui-cart__root": { overflow: "visible" },
    // Lines are told apart by their strokes, not by colours alone: so are their samples.
    "& .fui-legend__rect": {
      width: "28px",
      maskSize: "100% 4px",
      maskPosition: "center",
      maskRepeat: "no-repeat",
    },
    ...Object.fromEntries(
      DASHES.map((dash, at) => [
        `& .fui-legend__legendContainer:nth-child(${at + 1}) .fui-legend__rect`,
        { maskImage: maskOf(dash) },
      ]),
    ),
  },
});

/** Lets through what a stroke of these dashes paints. */
function maskOf(dash: string): string {
  let endPx = 0;
  const stops = dash.split(" ").map((length, at) => {
    const fromPx = endPx;
    endPx += Number(length);
    return `${at % 2 === 0 ? "black" : "transparent"} ${fromPx}px ${endPx}px`;
  });
  return dash === "none"
    ? "linear-gradient(black, black)"
    : `repeating-linear-gradient(to right, ${stops.join(", ")})`;
}

/** A line of a chart. */
export interface ChartLine {
  readonly measure: Measure;
  readonly title: string;
}

/** Figures over time as lines. What was not measured is left out; a click opens the trace. */
export function TimeChart(props: {
  readonly title: string;
  readonly points: readonly TrafficPoint[];
  readonly lines: readonly ChartLine[];
  readonly mayTrace: boolean;
}) {
  const { title, points, lines, mayTrace } = props;
  const styles = useStyles();
  const navigate = useNavigate();
  const root = useRef<HTMLDivElement>(null);
  useChartNames(root, title);
  const { strokes } = useChartColours();
  const data = useMemo(
    () =>
      lines.map(({ measure, title: legend }, at) => {
        const { color = "", strokeDasharray = "" } = strokes[at] ?? {};
        return {
          ...{ legend, color, hideNonActiveDots: true },
          lineOptions: { strokeDasharray, strokeWidth: 2 },
          data: points.map(({ startMs, isGap, values }) => ({
            x: new Date(startMs),
            // The line is broken where there is no number.
            y: isGap ? Number.NaN : values[measure],
            hideCallout: isGap,
            xAxisCalloutData: formatDateTime(new Date(startMs).toISOString()),
            yAxisCalloutData: formatNumber(values[measure]),
          })),
        };
      }),
    [points, lines, strokes],
  );
  const openTrace = (event: MouseEvent<HTMLDivElement>) => {
    const point = mayTrace ? pointAt(event, points) : undefined;
    if (point !== undefined) void navigate(traceLink(point));
  };
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the rows of the table below are for keys
    // biome-ignore lint/a11y/noStaticElementInteractions: as above
    <div ref={root} className={styles.root} onClick={openTrace}>
      <ResponsiveContainer height={HEIGHT_PX}>
        <LineChart
          data={{ chartTitle: title, lineChartData: data }}
          height={HEIGHT_PX}
          useUTC={false}
          customDateTimeFormatter={tickFormat(points)}
          optimizeLargeData
          enablePerfOptimization
          yMinValue={0}
          margins={MARGINS}
          legendProps={{
            canSelectMultipleLegends: true,
            enabledWrapLines: true,
            styles: { text: styles.legend },
          }}
        />
      </ResponsiveContainer>
    </div>
  );
}

const HOUR_MS = 3_600_000;
const HOURS = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const DAYS_AND_HOURS = new Intl.DateTimeFormat(undefined, {
  weekday: "short",
  hour: "2-digit",
  minute: "2-digit",
});
const DAYS = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });

/** Moments below the chart, as exact as its span wants them, in the reader's form. */
function tickFormat(points: readonly TrafficPoint[]): (moment: Date) => string {
  const spanMs = (points.at(-1)?.endMs ?? 0) - (points[0]?.startMs ?? 0);
  const format = spanMs <= 30 * HOUR_MS ? HOURS : spanMs <= 100 * HOUR_MS ? DAYS_AND_HOURS : DAYS;
  return (moment) => format.format(moment);
}

/** The measured point that lies nearest to a click into the lines. */
function pointAt(
  { currentTarget, target, clientX }: MouseEvent<HTMLDivElement>,
  points: readonly TrafficPoint[],
): TrafficPoint | undefined {
  const measured = points.filter(({ isGap }) => !isGap);
  const [first, last] = [measured[0], measured.at(-1)];
  const line = currentTarget.querySelector("path[stroke-dasharray]")?.getBoundingClientRect();
  // Legends have clicks of their own.
  const isInside = target instanceof Element && target.closest("svg") !== null;
  if (first === undefined || last === undefined || !isInside) return undefined;
  if (line === undefined || line.width === 0) return undefined;
  const share = (clientX - line.left) / line.width;
  const atMs = first.startMs + share * (last.startMs - first.startMs);
  const distance = ({ startMs }: TrafficPoint) => Math.abs(startMs - atMs);
  return measured.reduce((best, one) => (distance(one) < distance(best) ? one : best));
}
