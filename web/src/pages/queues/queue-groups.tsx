import { useCmdlet } from "../../api/cmdlet-query.ts";
import type { OutputOf, ParametersOf } from "../../api/run-cmdlet.ts";
import { formatNumber } from "../../base/texts.ts";
import { type Column, DataTable } from "../../widgets/data-table.tsx";
import { EmptyState } from "../../widgets/empty-state.tsx";
import { FaultNotice } from "../../widgets/fault-notice.tsx";
import { bothFilters, formatTerm } from "../../widgets/filter-text.ts";
import { ForeignText } from "../../widgets/foreign-text.tsx";
import { Loading } from "../../widgets/loading.tsx";
import { usePageState } from "../../widgets/page-state.ts";
import { arrayRows } from "../../widgets/row-source.ts";
import { texts } from "./texts.ts";

type Group = OutputOf<"Get-QueueDigest">;
type GroupBy = NonNullable<ParametersOf<"Get-QueueDigest">["GroupBy"]>;

/** Groups are costly to make of ten thousand queues. */
const REFRESH_MS = 15_000;

/** What queues can be grouped by. */
export const GROUPINGS: readonly { readonly by: GroupBy; readonly title: string }[] = [
  { by: "NextHopDomain", title: texts.byNextHop },
  { by: "ServerName", title: texts.byServer },
  { by: "LastError", title: texts.byError },
  { by: "Status", title: texts.byStatus },
  { by: "DeliveryType", title: texts.byDeliveryType },
];

/** Queues in groups; a group leads to the queues in it. */
export function QueueGroups({ by }: { readonly by: string }) {
  const [{ filter }, setState] = usePageState();
  const grouping = GROUPINGS.find((one) => one.by === by)?.by ?? "NextHopDomain";
  const parameters = {
    GroupBy: grouping,
    Threshold: 0,
    DetailsLevel: "None",
    ResultSize: "unlimited",
    ...(filter !== undefined && { Filter: filter }),
  } as const;
  const reading = useCmdlet({ cmdlet: "Get-QueueDigest", parameters }, { refreshMs: REFRESH_MS });
  if (reading.error) {
    return <FaultNotice fault={reading.error} onRetry={() => void reading.refetch()} />;
  }
  if (reading.data === undefined) return <Loading />;
  const open = ({ GroupByValue }: Group) => {
    // A server's queues are those of its own pages.
    if (grouping === "ServerName") return setState({ group: undefined });
    const value = GroupByValue ?? "";
    const term = formatTerm({ property: grouping, kind: "text", operator: "eq", value });
    setState({ group: undefined, filter: bothFilters(filter, term) });
  };
  return (
    <DataTable
      label={texts.groupBy}
      columns={COLUMNS}
      rows={arrayRows(reading.data.objects)}
      keyOf={(group) => String(group.GroupByValue)}
      nameOf={(group) => String(group.GroupByValue)}
      onOpen={open}
      empty={<EmptyState title={texts.noQueues}>{texts.noQueuesHint}</EmptyState>}
    />
  );
}

const number = (value: number | null) => (value === null ? "" : formatNumber(value));

const COLUMNS: readonly Column<Group>[] = [
  {
    key: "GroupByValue",
    title: texts.groupBy,
    width: "minmax(160px, 3fr)",
    priority: 1,
    render: ({ GroupByValue }) =>
      GroupByValue === "" ? texts.groupNone : <ForeignText text={GroupByValue} />,
  },
  {
    key: "MessageCount",
    title: texts.messageCount,
    width: "96px",
    align: "end",
    priority: 1,
    render: ({ MessageCount }) => number(MessageCount),
  },
  {
    key: "QueueCount",
    title: texts.queueCount,
    width: "80px",
    align: "end",
    render: ({ QueueCount }) => number(QueueCount),
  },
  {
    key: "DeferredMessageCount",
    title: texts.deferredCount,
    width: "96px",
    align: "end",
    render: ({ DeferredMessageCount }) => number(DeferredMessageCount),
  },
  {
    key: "Velocity",
    title: texts.velocity,
    width: "96px",
    align: "end",
    priority: 3,
    render: ({ Velocity }) => number(Velocity),
  },
];
