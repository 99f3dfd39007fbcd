import { Button, makeStyles, Text } from "@fluentui/react-components";
import { ArrowClockwiseRegular } from "@fluentui/react-icons";
import type { OutputOf } from "../../api/run-cmdlet.ts";
import { serverNowMs } from "../../api/server-clock.ts";
import { useMayRun } from "../../api/session.ts";
import { formatAgo } from "../../base/format.ts";
import { formatNumber } from "../../base/texts.ts";
import { type Column, DataTable } from "../../widgets/data-table.tsx";
import { SplitView } from "../../widgets/detail-panel.tsx";
import { EmptyState } from "../../widgets/empty-state.tsx";
import { FaultNotice } from "../../widgets/fault-notice.tsx";
import { FilterBar } from "../../widgets/filter-bar.tsx";
import { ForeignText } from "../../widgets/foreign-text.tsx";
import { Loading } from "../../widgets/loading.tsx";
import { PageHeader } from "../../widgets/page-header.tsx";
import { usePageState } from "../../widgets/page-state.ts";
import { usePagedRows } from "../../widgets/paged-rows.ts";
import { useSelection } from "../../widgets/selection.ts";
import { ShowCmdlet } from "../../widgets/show-cmdlet.tsx";
import { sortOf, sortOrderOf, sortText } from "../../widgets/sorting.ts";
import { texts as common } from "../../widgets/texts.ts";
import { SelectionBar } from "./act-bar.tsx";
import { InlineChoice } from "./inline-choice.tsx";
import { QUEUE_ACTS } from "./queue-acts.ts";
import { GROUPINGS, QueueGroups } from "./queue-groups.tsx";
import { QueuePanel } from "./queue-panel.tsx";
import { LIVE_MS } from "./refresh.ts";
import { StatusMark } from "./status-mark.tsx";
import { texts } from "./texts.ts";

type Queue = OutputOf<"Get-Queue">;

const useStyles = makeStyles({
  root: { display: "flex", flexDirection: "column", flexGrow: 1, minHeight: 0, gap: "8px" },
  line: { display: "flex", flexWrap: "wrap", gap: "8px 16px", alignItems: "center" },
  views: { display: "flex", flexWrap: "wrap", gap: "4px" },
  total: { marginInlineStart: "auto" },
});

/** Picks every queue. */
const EVERY_QUEUE = "MessageCount -ge 0";

const PROPERTIES = [
  "Status",
  "NextHopDomain",
  "MessageCount",
  "DeferredMessageCount",
  "LastError",
  "DeliveryType",
  "NextHopCategory",
  "NextHopConnector",
  "NextRetryTime",
  "RetryCount",
  "Velocity",
  "SuspendedBy",
  "Identity",
];

const VIEWS = [
  [texts.viewAll, undefined],
  [texts.viewRetry, "Status -eq 'Retry'"],
  [texts.viewSuspended, "Status -eq 'Suspended'"],
  [texts.viewExternal, "NextHopCategory -eq 'External'"],
] as const;

/** The queues of this server, live. */
export function QueuesPage() {
  const styles = useStyles();
  const [state, setState] = usePageState();
  const { filter, group, open } = state;
  const call = { cmdlet: "Get-Queue", parameters: filter === undefined ? {} : { Filter: filter } };
  return (
    <div className={styles.root}>
      <PageHeader title={texts.queues} about={texts.queuesAbout}>
        <ShowCmdlet
          call={
            group === undefined
              ? call
              : { cmdlet: "Get-QueueDigest", parameters: { ...call.parameters, GroupBy: group } }
          }
        />
      </PageHeader>
      <div className={styles.line}>
        <div className={styles.views} role="group" aria-label={texts.view}>
          {VIEWS.map(([title, wanted]) => (
            <Button
              key={title}
              size="small"
              appearance={filter === wanted ? "primary" : "secondary"}
              aria-pressed={filter === wanted}
              onClick={() => setState({ filter: wanted })}
            >
              {title}
            </Button>
          ))}
        </div>
        <InlineChoice
          label={texts.groupBy}
          value={group ?? ""}
          onChange={(value) => setState({ group: value })}
        >
          <option value="">{texts.noGroups}</option>
          {GROUPINGS.map(({ by, title }) => (
            <option key={by} value={by}>
              {title}
            </option>
          ))}
        </InlineChoice>
      </div>
      <SplitView
        list={group === undefined ? <QueueList /> : <QueueGroups by={group} />}
        detail={
          open === undefined ? undefined : (
            <QueuePanel key={open} identity={open} onClose={() => setState({ open: undefined })} />
          )
        }
      />
    </div>
  );
}

function QueueList() {
  const styles = useStyles();
  const [state, setState] = usePageState();
  const selection = useSelection();
  const mayRun = useMayRun();
  const mayAct = QUEUE_ACTS.some(({ cmdlet }) => mayRun(cmdlet));
  const { filter, sort, open } = state;
  const parameters = {
    ...(filter !== undefined && { Filter: filter }),
    ...sortOrderOf(sort),
  };
  const paged = usePagedRows({ cmdlet: "Get-Queue", parameters }, { refreshMs: LIVE_MS });
  const { total, fault } = paged;
  const isFilterFault = fault?.parameter === "Filter";
  return (
    <>
      <FilterBar
        cmdlet="Get-Queue"
        value={filter}
        properties={PROPERTIES}
        fault={fault}
        onChange={(next) => setState({ filter: next })}
      />
      {fault && !isFilterFault && <FaultNotice fault={fault} onRetry={paged.refetch} />}
      <div className={styles.line}>
        <SelectionBar
          key={filter}
          acts={QUEUE_ACTS}
          selection={selection}
          total={total}
          filter={filter ?? EVERY_QUEUE}
        />
        <Text className={styles.total}>{total !== undefined && texts.total(total)}</Text>
        <Button
          appearance="subtle"
          icon={<ArrowClockwiseRegular />}
          aria-label={common.refresh}
          onClick={paged.refetch}
        />
      </div>
      {total === undefined && !fault && <Loading />}
      {total !== undefined && !isFilterFault && (
        <DataTable
          key={JSON.stringify(parameters)}
          label={texts.queues}
          columns={COLUMNS}
          rows={paged.rows}
          keyOf={(queue) => String(queue.Identity)}
          nameOf={(queue) => `${queue.Identity} ${queue.NextHopDomain}`}
          {...(mayAct && { selection })}
          openKey={open}
          sort={sortOf(sort)}
          onSort={(next) => setState({ sort: sortText(next) })}
          onOpen={(queue) => setState({ open: String(queue.Identity) })}
          empty={
            filter === undefined ? (
              <EmptyState title={texts.noQueues}>{texts.noQueuesHint}</EmptyState>
            ) : (
              <EmptyState title={texts.noMatch}>{texts.noMatchHint}</EmptyState>
            )
          }
        />
      )}
    </>
  );
}

const number = (value: number | null) => (value === null ? "" : formatNumber(value));

const COLUMNS: readonly Column<Queue>[] = [
  {
    key: "NextHopDomain",
    title: texts.nextHop,
    width: "minmax(96px, 2fr)",
    isSortable: true,
    priority: 1,
    render: ({ NextHopDomain }) => <ForeignText text={NextHopDomain} />,
  },
  {
    key: "Status",
    title: texts.status,
    width: "92px",
    isSortable: true,
    priority: 1,
    render: ({ Status }) => <StatusMark status={Status} />,
  },
  {
    key: "MessageCount",
    title: texts.messageCount,
    width: "84px",
    isSortable: true,
    align: "end",
    priority: 1,
    render: ({ MessageCount }) => number(MessageCount),
  },
  {
    key: "LastError",
    title: texts.lastError,
    width: "minmax(140px, 2fr)",
    isSortable: true,
    render: ({ LastError }) => <ForeignText text={LastError} />,
  },
  {
    key: "NextRetryTime",
    title: texts.nextRetry,
    width: "120px",
    isSortable: true,
    render: ({ NextRetryTime }) =>
      NextRetryTime === null ? "" : formatAgo(NextRetryTime, serverNowMs()),
  },
  {
    key: "DeferredMessageCount",
    title: texts.deferredCount,
    width: "96px",
    isSortable: true,
    align: "end",
    priority: 3,
    render: ({ DeferredMessageCount }) => number(DeferredMessageCount),
  },
  {
    key: "Velocity",
    title: texts.velocity,
    width: "88px",
    isSortable: true,
    align: "end",
    priority: 3,
    render: ({ Velocity }) => number(Velocity),
  },
  {
    key: "DeliveryType",
    title: texts.deliveryType,
    width: "minmax(110px, 1fr)",
    isSortable: true,
    priority: 3,
    render: ({ DeliveryType }) => DeliveryType,
  },
  {
    key: "Identity",
    title: texts.identity,
    width: "110px",
    isSortable: true,
    priority: 3,
    render: ({ Identity }) => Identity,
  },
];
