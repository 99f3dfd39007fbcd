import { LineChart, ResponsiveContainer } from "@fluentui/react-charts";
import { makeStyles, tokens } from "@fluentui/react-components";
import { useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import { formatDateTime } from "../../base/format.ts";
import { formatNumber } from "../../base/texts.ts";
import { traceLink } from "./trace-link.ts";
import type { Measure, TrafficPoint } from "./traffic.ts";

const HEIGHT_PX = 260;

const useStyles = makeStyles({
  root: { height: `${HEIGHT_PX}px`, minWidth: 0, overflow: "hidden" },
});

/** A line of a chart. */
export interface ChartLine {
  readonly measure: Measure;
  readonly title: string;
}

/** Told apart by stroke too: not everybody sees colours, and high contrast has few. */
const STROKES = [
  { color: tokens.colorPaletteRoyalBlueForeground2, strokeDasharray: "none" },
  { color: tokens.colorPaletteGreenForeground2, strokeDasharray: "8 3" },
  { color: tokens.colorPaletteGrapeForeground2, strokeDasharray: "2 3" },
  { color: tokens.colorPaletteRedForeground2, strokeDasharray: "10 3 2 3" },
] as const;
const FIRST_STROKE = STROKES[0];

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
  const data = useMemo(() => {
    const gaps = gapsOf(points);
    return lines.map(({ measure, title: legend }, at) => {
      const { color, strokeDasharray } = STROKES[at] ?? FIRST_STROKE;
      return {
        legend,
        color,
        gaps,
        lineOptions: { strokeDasharray, strokeWidth: 2 },
        hideNonActiveDots: true,
        data: points.map(({ startMs, endMs, values }) => ({
          x: new Date(startMs),
          y: values[measure],
          xAxisCalloutData: formatDateTime(new Date(startMs).toISOString()),
          yAxisCalloutData: formatNumber(values[measure]),
          ...(mayTrace && {
            onDataPointClick: () => void navigate(traceLink({ startMs, endMs })),
          }),
        })),
      };
    });
  }, [points, lines, mayTrace, navigate]);
  return (
    <div className={styles.root}>
      <ResponsiveContainer height={HEIGHT_PX}>
        <LineChart
          data={{ chartTitle: title, lineChartData: data }}
          height={HEIGHT_PX}
          useUTC={false}
          optimizeLargeData
          enablePerfOptimization
          yMinValue={0}
          legendProps={{ canSelectMultipleLegends: true }}
        />
      </ResponsiveContainer>
    </div>
  );
}

/** Where the line is not drawn: from one point that was not measured to the next. */
function gapsOf(points: readonly TrafficPoint[]) {
  return points.flatMap(({ isGap }, at) =>
    isGap
      ? [{ startIndex: Math.max(0, at - 1), endIndex: Math.min(points.length - 1, at + 1) }]
      : [],
  );
}
