import { Button, makeStyles, Text } from "@fluentui/react-components";
import { ArrowClockwiseRegular } from "@fluentui/react-icons";
import { useCmdlet } from "../../api/cmdlet-query.ts";
import type { OutputOf } from "../../api/run-cmdlet.ts";
import { serverNowMs } from "../../api/server-clock.ts";
import { useMayRun } from "../../api/session.ts";
import { formatAgo, formatBytes } from "../../base/format.ts";
import { type Column, DataTable } from "../../widgets/data-table.tsx";
import { SplitView } from "../../widgets/detail-panel.tsx";
import { EmptyState } from "../../widgets/empty-state.tsx";
import { FaultNotice } from "../../widgets/fault-notice.tsx";
import { FilterBar } from "../../widgets/filter-bar.tsx";
import { bothFilters, quoteFilterText } from "../../widgets/filter-text.ts";
import { ForeignText } from "../../widgets/foreign-text.tsx";
import { ListExport } from "../../widgets/list-export.tsx";
import { Loading } from "../../widgets/loading.tsx";
import { PageHeader } from "../../widgets/page-header.tsx";
import { usePageState } from "../../widgets/page-state.ts";
import { usePagedRows } from "../../widgets/paged-rows.ts";
import { useSelection } from "../../widgets/selection.ts";
import { ShowCmdlet } from "../../widgets/show-cmdlet.tsx";
import { sortOf, sortOrderOf, sortText } from "../../widgets/sorting.ts";
import { texts as common } from "../../widgets/texts.ts";
import { SelectionBar } from "./act-bar.tsx";
import { ExportButton } from "./export-button.tsx";
import { InlineChoice } from "./inline-choice.tsx";
import { MESSAGE_ACTS } from "./message-acts.tsx";
import { MessagePanel } from "./message-panel.tsx";
import { LIVE_MS } from "./refresh.ts";
import { StatusMark } from "./status-mark.tsx";
import { texts } from "./texts.ts";

type Message = OutputOf<"Get-Message">;

const useStyles = makeStyles({
  root: { display: "flex", flexDirection: "column", flexGrow: 1, minHeight: 0, gap: "8px" },
  line: { display: "flex", flexWrap: "wrap", gap: "8px", alignItems: "center" },
  total: { marginInlineStart: "auto" },
});

/** Picks every message. */
const EVERY_MESSAGE = "Size -ge 0";

const PROPERTIES = [
  "FromAddress",
  "Subject",
  "Status",
  "Size",
  "DateReceived",
  "RetryCount",
  "LastError",
  "NextHopDomain",
  "SCL",
  "Priority",
  "SourceIP",
  "MessageSourceName",
  "InternetMessageId",
  "ExpirationTime",
  "Directionality",
];

/** The messages that wait, of one queue or of all. */
export function MessagesPage() {
  const styles = useStyles();
  const [state, setState] = usePageState();
  const { filter, sort, queue, open } = state;
  const parameters = {
    ...(queue !== undefined && { Queue: queue }),
    ...(filter !== undefined && { Filter: filter }),
    ...sortOrderOf(sort),
  };
  return (
    <div className={styles.root}>
      <PageHeader title={texts.messages} about={texts.messagesAbout}>
        <ListExport
          call={{ cmdlet: "Get-Message", parameters }}
          name="messages-in-queues.csv"
          columns={["Identity", "Queue", ...PROPERTIES]}
        />
        <ShowCmdlet call={{ cmdlet: "Get-Message", parameters }} />
      </PageHeader>
      <SplitView
        list={<MessageList parameters={parameters} />}
        detail={
          open === undefined ? undefined : (
            <MessagePanel
              key={open}
              identity={open}
              onClose={() => setState({ open: undefined })}
            />
          )
        }
      />
    </div>
  );
}

function QueueChoice() {
  const [{ queue = "" }, setState] = usePageState();
  const mayRun = useMayRun();
  const isEnabled = mayRun("Get-Queue");
  const parameters = { ResultSize: 200, SortOrder: "-MessageCount" };
  const reading = useCmdlet({ cmdlet: "Get-Queue", parameters }, { isEnabled });
  const queues = reading.data?.objects ?? [];
  const isListed = queues.some(({ Identity }) => Identity === queue);
  return (
    <InlineChoice
      label={texts.queue}
      value={queue}
      onChange={(value) => setState({ queue: value })}
    >
      <option value="">{texts.everyQueue}</option>
      {queue !== "" && !isListed && <option value={queue}>{queue}</option>}
      {queues.map(({ Identity, NextHopDomain }) => (
        <option key={Identity} value={String(Identity)}>
          {`${NextHopDomain} (${Identity})`}
        </option>
      ))}
    </InlineChoice>
  );
}

function MessageList({ parameters }: { readonly parameters: object }) {
  const styles = useStyles();
  const [state, setState] = usePageState();
  const selection = useSelection();
  const mayRun = useMayRun();
  const mayAct = MESSAGE_ACTS.some(({ cmdlet }) => mayRun(cmdlet));
  const { filter, sort, queue, open } = state;
  const paged = usePagedRows({ cmdlet: "Get-Message", parameters }, { refreshMs: LIVE_MS });
  const { total, fault } = paged;
  const isFilterFault = fault?.parameter === "Filter";
  const inQueue = queue === undefined ? undefined : `Queue -eq ${quoteFilterText(queue)}`;
  const picked = filter ?? EVERY_MESSAGE;
  return (
    <>
      <FilterBar
        cmdlet="Get-Message"
        value={filter}
        properties={PROPERTIES}
        fault={fault}
        onChange={(next) => setState({ filter: next })}
      />
      {fault && !isFilterFault && <FaultNotice fault={fault} onRetry={paged.refetch} />}
      <div className={styles.line}>
        <QueueChoice />
        <SelectionBar
          key={JSON.stringify([queue, filter])}
          acts={MESSAGE_ACTS}
          selection={selection}
          total={total}
          filter={inQueue === undefined ? picked : bothFilters(picked, inQueue)}
        >
          {(identities) => <ExportButton identities={identities} />}
        </SelectionBar>
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
          label={texts.messages}
          columns={COLUMNS}
          rows={paged.rows}
          keyOf={(message) => String(message.Identity)}
          nameOf={(message) => `${message.FromAddress} ${message.Subject}`}
          {...(mayAct && { selection })}
          openKey={open}
          sort={sortOf(sort)}
          onSort={(next) => setState({ sort: sortText(next) })}
          onOpen={(message) => setState({ open: String(message.Identity) })}
          empty={
            filter === undefined ? (
              <EmptyState title={texts.noMessages}>{texts.noMessagesHint}</EmptyState>
            ) : (
              <EmptyState title={texts.noMatch}>{texts.noMatchHint}</EmptyState>
            )
          }
        />
      )}
    </>
  );
}

const COLUMNS: readonly Column<Message>[] = [
  {
    key: "FromAddress",
    title: texts.from,
    width: "minmax(110px, 1.5fr)",
    isSortable: true,
    priority: 1,
    render: ({ FromAddress }) => <ForeignText text={FromAddress} />,
  },
  {
    key: "Subject",
    title: texts.subject,
    width: "minmax(110px, 2fr)",
    isSortable: true,
    priority: 1,
    render: ({ Subject }) => <ForeignText text={Subject} />,
  },
  {
    key: "Status",
    title: texts.status,
    width: "110px",
    isSortable: true,
    priority: 2,
    render: ({ Status }) => <StatusMark status={Status} />,
  },
  {
    key: "NextHopDomain",
    title: texts.nextHop,
    width: "minmax(100px, 1fr)",
    isSortable: true,
    priority: 3,
    render: ({ NextHopDomain }) => <ForeignText text={NextHopDomain} />,
  },
  {
    key: "DateReceived",
    title: texts.received,
    width: "120px",
    isSortable: true,
    render: ({ DateReceived }) =>
      DateReceived === null ? "" : formatAgo(DateReceived, serverNowMs()),
  },
  {
    key: "Size",
    title: texts.size,
    width: "80px",
    isSortable: true,
    align: "end",
    priority: 3,
    render: ({ Size }) => (Size === null ? "" : formatBytes(Size)),
  },
  {
    key: "LastError",
    title: texts.lastError,
    width: "minmax(120px, 1.5fr)",
    isSortable: true,
    priority: 3,
    render: ({ LastError }) => <ForeignText text={LastError} />,
  },
];
