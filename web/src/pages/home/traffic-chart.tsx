import { makeStyles, Spinner, Text, tokens } from "@fluentui/react-components";
import { Link } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import { useMayRun } from "../../api/session.ts";
import { formatDateTime } from "../../base/format.ts";
import { formatNumber } from "../../base/texts.ts";
import { texts as widgetTexts } from "../../widgets/texts.ts";
import { Card } from "./card.tsx";
import { texts } from "./texts.ts";
import type { ChartLine } from "./time-chart.tsx";
import { traceLink } from "./trace-link.ts";
import type { TrafficPoint } from "./traffic.ts";

/** The charts' code is larger than all the rest of the page: it comes behind it. */
const LazyTimeChart = lazy(async () => ({
  default: (await import("./time-chart.tsx")).TimeChart,
}));

const useStyles = makeStyles({
  waiting: { minHeight: "260px" },
  hint: { color: tokens.colorNeutralForeground3 },
  summary: {
    cursor: "pointer",
    minHeight: "24px",
    ":focus-visible": { outline: `2px solid ${tokens.colorStrokeFocus2}` },
  },
  scroller: { overflow: "auto", maxHeight: "320px" },
  table: { width: "100%", borderCollapse: "collapse" },
  number: { textAlign: "end", fontVariantNumeric: "tabular-nums", padding: "4px 8px" },
  time: { textAlign: "start", fontWeight: "normal", padding: "4px 8px", whiteSpace: "nowrap" },
  link: { color: tokens.colorNeutralForeground1 },
});

/** Figures over time as a chart, and the same as a table whose rows lead to the trace. */
export function TrafficChart(props: {
  readonly title: string;
  readonly points: readonly TrafficPoint[];
  readonly lines: readonly ChartLine[];
}) {
  const { title, points, lines } = props;
  const styles = useStyles();
  const mayTrace = useMayRun()("Get-MessageTrace");
  return (
    <Card title={title}>
      <Suspense fallback={<Spinner className={styles.waiting} label={widgetTexts.loading} />}>
        <LazyTimeChart title={title} points={points} lines={lines} mayTrace={mayTrace} />
      </Suspense>
      <Text size={200} className={styles.hint}>
        {texts.chartHint(points.filter(({ isGap }) => !isGap).length)}
      </Text>
      <PointTable title={title} points={points} lines={lines} mayTrace={mayTrace} />
    </Card>
  );
}

function PointTable(props: {
  readonly title: string;
  readonly points: readonly TrafficPoint[];
  readonly lines: readonly ChartLine[];
  readonly mayTrace: boolean;
}) {
  const { title, points, lines, mayTrace } = props;
  const styles = useStyles();
  const [isOpen, setOpen] = useState(false);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className={styles.summary}>{texts.asTable}</summary>
      {isOpen && (
        // What scrolls must be reached by keys as well.
        // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
        <section className={styles.scroller} aria-label={title} tabIndex={0}>
          <table className={styles.table}>
            <thead>
              <tr>
                <th scope="col" className={styles.time}>
                  {texts.span}
                </th>
                {lines.map((line) => (
                  <th key={line.measure} scope="col" className={styles.number}>
                    {line.title}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {points
                .filter(({ isGap }) => !isGap)
                .map((point) => (
                  <PointRow key={point.startMs} point={point} lines={lines} mayTrace={mayTrace} />
                ))}
            </tbody>
          </table>
        </section>
      )}
    </details>
  );
}

function PointRow(props: {
  readonly point: TrafficPoint;
  readonly lines: readonly ChartLine[];
  readonly mayTrace: boolean;
}) {
  const { startMs, endMs, values } = props.point;
  const styles = useStyles();
  const time = formatDateTime(new Date(startMs).toISOString());
  return (
    <tr>
      <th scope="row" className={styles.time}>
        {props.mayTrace ? (
          <Link {...traceLink({ startMs, endMs })} className={styles.link}>
            {time}
          </Link>
        ) : (
          time
        )}
      </th>
      {props.lines.map(({ measure }) => (
        <td key={measure} className={styles.number}>
          {formatNumber(values[measure])}
        </td>
      ))}
    </tr>
  );
}
