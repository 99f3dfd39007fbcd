import { makeStyles, Spinner, Text, tokens } from "@fluentui/react-components";
import { Suspense } from "react";
import { useCmdlet } from "../../api/cmdlet-query.ts";
import type { OutputOf } from "../../api/run-cmdlet.ts";
import { formatDateTime } from "../../base/format.ts";
import { visibleText } from "../../base/visible-text.ts";
import { type Column, DataTable } from "../../widgets/data-table.tsx";
import { DetailPanel, SplitView } from "../../widgets/detail-panel.tsx";
import { EmptyState } from "../../widgets/empty-state.tsx";
import { FaultNotice } from "../../widgets/fault-notice.tsx";
import { usePageState } from "../../widgets/page-state.ts";
import { PropertyList } from "../../widgets/property-list.tsx";
import { arrayRows } from "../../widgets/row-source.ts";
import { ShowCmdlet } from "../../widgets/show-cmdlet.tsx";
import { texts } from "./texts.ts";

type Event = OutputOf<"Get-MessageTrackingLog">;

const useStyles = makeStyles({
  root: { display: "flex", flexDirection: "column", gap: "8px", height: "480px" },
  head: { display: "flex", flexWrap: "wrap", alignItems: "center", gap: "8px" },
  about: { flexGrow: 1, color: tokens.colorNeutralForeground2 },
});

/** The events of the tracking log that are a message's, one by one. */
export function EventsView({ traceId }: { readonly traceId: string }) {
  const styles = useStyles();
  const [state, setState] = usePageState();
  const call = {
    cmdlet: "Get-MessageTrackingLog",
    parameters: { NetworkMessageId: traceId, ResultSize: 20_000 },
  } as const;
  const { data, error, isPending, refetch } = useCmdlet(call);
  if (isPending) return <Spinner label={texts.searching} />;
  if (error) return <FaultNotice fault={error} onRetry={() => void refetch()} />;
  const opened = data.objects.find(({ LogId }) => LogId !== "" && LogId === state["event"]);
  return (
    <section className={styles.root} aria-label={texts.events}>
      <div className={styles.head}>
        <Text className={styles.about}>{texts.eventsAbout}</Text>
        <ShowCmdlet call={call} />
      </div>
      <SplitView
        list={
          <DataTable
            label={texts.events}
            columns={COLUMNS}
            rows={arrayRows(data.objects)}
            keyOf={({ LogId }) => LogId ?? ""}
            nameOf={({ EventId }) => EventId ?? ""}
            openKey={opened?.LogId ?? undefined}
            onOpen={({ LogId }) => setState({ event: LogId ?? undefined })}
            empty={<EmptyState title={texts.storyEmptyTitle} />}
          />
        }
        detail={
          opened && (
            <DetailPanel
              key={opened.LogId}
              title={opened.EventId ?? ""}
              onClose={() => setState({ event: undefined })}
            >
              <Suspense fallback={<Spinner label={texts.searching} />}>
                <PropertyList cmdlet="Get-MessageTrackingLog" object={opened} />
              </Suspense>
            </DetailPanel>
          )
        }
      />
    </section>
  );
}

const COLUMNS: readonly Column<Event>[] = [
  {
    key: "time",
    title: texts.time,
    width: "180px",
    priority: 2,
    render: ({ Timestamp }) => formatDateTime(Timestamp ?? ""),
  },
  {
    key: "event",
    title: texts.event,
    width: "minmax(100px, 160px)",
    priority: 1,
    render: ({ EventId }) => EventId,
  },
  {
    key: "source",
    title: texts.source,
    width: "110px",
    priority: 3,
    render: ({ Source }) => Source,
  },
  {
    key: "recipients",
    title: texts.recipients,
    width: "minmax(120px, 2fr)",
    priority: 1,
    render: ({ Recipients }) => <bdi>{visibleText((Recipients ?? []).join(", "))}</bdi>,
  },
  {
    key: "context",
    title: texts.context,
    width: "minmax(120px, 2fr)",
    priority: 3,
    render: ({ RecipientStatus, SourceContext }) => (
      <bdi>{visibleText([...(RecipientStatus ?? []), SourceContext ?? ""].join(" "))}</bdi>
    ),
  },
];
