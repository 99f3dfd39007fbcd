import { makeStyles, Text } from "@fluentui/react-components";
import { useMemo } from "react";
import { useCmdlet } from "../../api/cmdlet-query.ts";
import type { CmdletCall } from "../../api/run-cmdlet.ts";
import { useMayRun } from "../../api/session.ts";
import { EmptyState } from "../../widgets/empty-state.tsx";
import { FaultNotice } from "../../widgets/fault-notice.tsx";
import { Loading } from "../../widgets/loading.tsx";
import { BarList } from "./bar-list.tsx";
import { Card } from "./card.tsx";
import type { Range } from "./range.ts";
import { ShareBar } from "./share-bar.tsx";
import { failureTexts, texts, wordTexts } from "./texts.ts";
import { traceSpan } from "./trace-link.ts";
import {
  detailsOf,
  pointsOf,
  sharesOf,
  sumsByPrefix,
  sumsBySuffix,
  type TrafficRow,
} from "./traffic.ts";
import { TrafficChart } from "./traffic-chart.tsx";

/** Figures come once a minute; older ones do not change. */
export const REFRESH_MS = 60_000;
const REASONS_MAX = 10;

const FLOW_LINES = [
  { measure: "Received", title: texts.received },
  { measure: "Delivered", title: texts.delivered },
  { measure: "Relayed", title: texts.relayed },
  { measure: "Deferred", title: texts.deferred },
  { measure: "Failed", title: texts.failed },
] as const;
const QUEUE_LINES = [
  { measure: "QueueDepthMaximum", title: texts.depthMost },
  { measure: "QueueDepth", title: texts.depthMean },
] as const;

const useStyles = makeStyles({
  grid: {
    display: "grid",
    gridTemplateColumns: "repeat(auto-fit, minmax(min(100%, 420px), 1fr))",
    gap: "12px",
  },
  part: { margin: 0 },
});

/** What is longer may come by days: then by those of the reader. */
const HOURS_SPAN_MS = 14 * 24 * 3_600_000;

/** The call whose rows the charts draw. */
export function trafficCall(range: Range): CmdletCall<"Get-MailTrafficReport"> {
  const { parameters, startMs, endMs } = range;
  if (endMs - startMs <= HOURS_SPAN_MS) return { cmdlet: "Get-MailTrafficReport", parameters };
  const TimeZone = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  return { cmdlet: "Get-MailTrafficReport", parameters: { ...parameters, TimeZone } };
}

/** Mail flow over the chosen time: charts, reasons and shares. */
export function TrafficSection({ range }: { readonly range: Range }) {
  const styles = useStyles();
  const isMoving = range.name !== "own";
  const reading = useCmdlet(trafficCall(range), isMoving ? { refreshMs: REFRESH_MS } : {});
  const rows = useMemo(() => reading.data?.objects ?? [], [reading.data]);
  const points = useMemo(() => pointsOf(rows), [rows]);
  if (reading.error) {
    return <FaultNotice fault={reading.error} onRetry={() => void reading.refetch()} />;
  }
  if (reading.isPending) return <Loading />;
  if (points.length === 0) {
    return <EmptyState title={texts.noTraffic}>{texts.noTrafficHint}</EmptyState>;
  }
  return (
    <div className={styles.grid}>
      <TrafficChart title={texts.flow} points={points} lines={FLOW_LINES} />
      <TrafficChart title={texts.queues} points={points} lines={QUEUE_LINES} />
      <FailureCard rows={rows} range={range} />
      <ShareCard rows={rows} />
    </div>
  );
}

function FailureCard(props: { readonly rows: readonly TrafficRow[]; readonly range: Range }) {
  const { rows, range } = props;
  const styles = useStyles();
  const mayTrace = useMayRun()("Get-MessageTrace");
  const trace = mayTrace ? ({ status: "Failed", ...traceSpan(range) } as const) : undefined;
  const failed = detailsOf(rows, "Failed").slice(0, REASONS_MAX);
  const refused = detailsOf(rows, "Refused").slice(0, REASONS_MAX);
  return (
    <Card title={texts.failures}>
      {failed.length === 0 && <Text>{texts.noFailures}</Text>}
      <BarList
        label={texts.failures}
        bars={failed.map(({ name, count }) => ({
          ...{ key: name, count, trace },
          label: failureTexts[name] ?? name,
        }))}
      />
      <Text as="h3" weight="semibold" className={styles.part}>
        {texts.refusals}
      </Text>
      {refused.length === 0 && <Text>{texts.noRefusals}</Text>}
      <BarList
        label={texts.refusals}
        bars={refused.map(({ name, count }) => ({
          ...{ key: name, count },
          label: wordTexts[name] ?? name,
        }))}
      />
    </Card>
  );
}

const RESULTS = ["pass", "fail", "none", "error"];

function ShareCard({ rows }: { readonly rows: readonly TrafficRow[] }) {
  const secured = detailsOf(rows, "Encryption");
  const checked = detailsOf(rows, "Authentication");
  const logons = detailsOf(rows, "Logon");
  const mechanisms = sumsByPrefix(logons);
  return (
    <Card title={texts.protection}>
      <ShareBar title={texts.tlsIn} shares={sharesOf(secured, "in", ["tls", "clear"])} />
      <ShareBar title={texts.tlsOut} shares={sharesOf(secured, "out", ["tls", "clear"])} />
      <ShareBar title={texts.spf} shares={sharesOf(checked, "spf", RESULTS)} />
      <ShareBar title={texts.dkim} shares={sharesOf(checked, "dkim", RESULTS)} />
      <ShareBar title={texts.dmarc} shares={sharesOf(checked, "dmarc", RESULTS)} />
      <ShareBar title={texts.logons} shares={sumsBySuffix(logons)} />
      {mechanisms.length > 0 && <ShareBar title={texts.mechanisms} shares={mechanisms} />}
    </Card>
  );
}
