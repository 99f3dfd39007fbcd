import { makeStyles } from "@fluentui/react-components";
import { useMemo } from "react";
import { useCmdlet } from "../../api/cmdlet-query.ts";
import { useLiveTopic } from "../../api/events.ts";
import { serverNowMs } from "../../api/server-clock.ts";
import { useMayRun } from "../../api/session.ts";
import { FaultNotice } from "../../widgets/fault-notice.tsx";
import { Loading } from "../../widgets/loading.tsx";
import { PageHeader } from "../../widgets/page-header.tsx";
import { usePageState } from "../../widgets/page-state.ts";
import { ShowCmdlet } from "../../widgets/show-cmdlet.tsx";
import { HealthCard } from "./health-card.tsx";
import { NowCard } from "./now-card.tsx";
import { readRange } from "./range.ts";
import { RangePicker } from "./range-picker.tsx";
import { texts } from "./texts.ts";
import { TopCard } from "./top-card.tsx";
import { TrafficSection, trafficCall } from "./traffic-section.tsx";

/** Without the stream of news the page asks by itself, less often. */
const UNLIVE_REFRESH_MS = 15_000;

const useStyles = makeStyles({
  root: { display: "flex", flexDirection: "column", gap: "12px" },
  tops: {
    display: "grid",
    gridTemplateColumns: "repeat(auto-fit, minmax(min(100%, 280px), 1fr))",
    gap: "12px",
  },
});

/** What is happening, and whether all is well. */
export function HomePage() {
  const styles = useStyles();
  const mayRun = useMayRun();
  const [state, setState] = usePageState();
  const { range: name, from, to } = state;
  // Links into the trace are as old as the choice: the trace takes what came since as well.
  const range = useMemo(
    () => readRange({ range: name, from, to }, serverNowMs()),
    [name, from, to],
  );
  return (
    <div className={styles.root}>
      <PageHeader title={texts.title} about={texts.about}>
        <RangePicker range={range} onChange={(change) => setState(change)} />
        {mayRun("Get-MailTrafficReport") && <ShowCmdlet call={trafficCall(range)} />}
      </PageHeader>
      {mayRun("Get-TransportOverview") && <LiveOverview />}
      {mayRun("Get-MailTrafficReport") && <TrafficSection range={range} />}
      {mayRun("Get-MailTrafficTopReport") && (
        <div className={styles.tops}>
          <TopCard category="TopSender" range={range} />
          <TopCard category="TopDestination" range={range} />
          <TopCard category="TopFailingDestination" range={range} />
        </div>
      )}
    </div>
  );
}

function LiveOverview() {
  const { value, isLive } = useLiveTopic("overview");
  const call = { cmdlet: "Get-TransportOverview", parameters: {} } as const;
  const reading = useCmdlet(call, isLive ? { isEnabled: false } : { refreshMs: UNLIVE_REFRESH_MS });
  const overview = (isLive ? value : reading.data?.objects[0]) ?? value;
  if (overview === undefined) {
    return reading.error ? (
      <FaultNotice fault={reading.error} onRetry={() => void reading.refetch()} />
    ) : (
      <Loading />
    );
  }
  return (
    <>
      <NowCard overview={overview} isLive={isLive} />
      <HealthCard overview={overview} />
    </>
  );
}
