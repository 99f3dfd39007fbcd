import {
  Button,
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  makeStyles,
  Text,
  tokens,
} from "@fluentui/react-components";
import { useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import { useMayRun } from "../../api/session.ts";
import { formatBytes, formatDateTime } from "../../base/format.ts";
import { visibleText } from "../../base/visible-text.ts";
import { type Column, DataTable } from "../../widgets/data-table.tsx";
import { EmptyState } from "../../widgets/empty-state.tsx";
import { FaultNotice } from "../../widgets/fault-notice.tsx";
import { PageLink } from "../../widgets/page-link.tsx";
import { usePageState } from "../../widgets/page-state.ts";
import { arrayRows } from "../../widgets/row-source.ts";
import { Warnings } from "../../widgets/run-dialog.tsx";
import { RunProgress } from "../../widgets/run-progress.tsx";
import type { Search } from "./search-text.ts";
import { StatusMark, statusWords } from "./status-mark.tsx";
import { texts } from "./texts.ts";
import { type TraceRun, traceStore } from "./trace-run.ts";
import { recordingFilter } from "./trace-search.ts";
import { sortMessages, type TracedMessage, type TraceSortKey } from "./traced-message.ts";

const useStyles = makeStyles({
  root: { display: "flex", flexDirection: "column", flexGrow: 1, minHeight: 0, gap: "8px" },
  quiet: { color: tokens.colorNeutralForeground2 },
});

/** What a search has found, while it is still searching and afterwards. */
export function TraceResults(props: {
  readonly run: TraceRun;
  readonly search: Search | undefined;
  /** The span that was searched, in words. */
  readonly range: string;
  readonly seesSubjects: boolean;
  readonly onAgain: () => void;
  /** Absent: it was searched. */
  readonly onWholeLog?: () => void;
}) {
  const { run, search, range, seesSubjects, onAgain, onWholeLog } = props;
  const styles = useStyles();
  const { kind, messages, recipientCount, warnings, progress, fault } = run;
  const mayRun = useMayRun();
  const isRunning = kind === "running";
  const nothing = (
    <EmptyState
      title={texts.nothingTitle}
      action={onWholeLog && <Button onClick={onWholeLog}>{texts.wholeLog}</Button>}
    >
      {texts.nothingHint(range)}
      {mayRun("Get-SessionRecording") && (
        <>
          {" "}
          {texts.refusedHint}{" "}
          <PageLink to="/servers/recordings" search={recordingFilter(search)}>
            {texts.recordings}
          </PageLink>
        </>
      )}
    </EmptyState>
  );
  return (
    <div className={styles.root}>
      {isRunning && (
        <RunProgress
          progress={progress ?? { activity: texts.searching, done: 0, unit: "bytes" }}
          onCancel={() => traceStore.cancel()}
        />
      )}
      {fault && <FaultNotice fault={fault} onRetry={onAgain} />}
      {kind === "cancelled" && (
        <MessageBar intent="info">
          <MessageBarBody>
            <MessageBarTitle>{texts.cancelledTitle}</MessageBarTitle>
            {texts.cancelledHint}
          </MessageBarBody>
        </MessageBar>
      )}
      <Warnings warnings={warnings} />
      <Text role="status" className={styles.quiet}>
        {isRunning
          ? texts.foundSoFar(messages.length)
          : kind === "idle" || kind === "failed"
            ? ""
            : texts.found(messages.length, recipientCount)}
      </Text>
      {messages.length > 0 ? (
        <MessageTable messages={messages} seesSubjects={seesSubjects} />
      ) : (
        kind === "done" && nothing
      )}
    </div>
  );
}

function MessageTable(props: {
  readonly messages: readonly TracedMessage[];
  readonly seesSubjects: boolean;
}) {
  const { messages, seesSubjects } = props;
  const [state, setState] = usePageState();
  const navigate = useNavigate();
  const { sort = "-received" } = state;
  const isAscending = !sort.startsWith("-");
  const columns = useMemo(
    () => COLUMNS.filter(({ key }) => key !== "subject" || seesSubjects),
    [seesSubjects],
  );
  const key = columns.find((one) => one.key === sort.replace(/^-/, ""))?.key ?? "received";
  const sortKey = isSortKey(key) ? key : "received";
  const rows = useMemo(
    () => arrayRows(sortMessages(messages, { key: sortKey, isAscending })),
    [messages, sortKey, isAscending],
  );
  const open = ({ id }: TracedMessage) => {
    traceStore.opened = id;
    void navigate({ to: `/trace/${encodeURIComponent(id)}` });
  };
  return (
    <DataTable
      label={texts.results}
      columns={columns}
      rows={rows}
      keyOf={({ id }) => id}
      nameOf={({ sender, received }) => texts.message(visibleText(sender), received)}
      openKey={traceStore.opened}
      sort={{ key: sortKey, isAscending }}
      onSort={({ key: by, isAscending: up }) => setState({ sort: up ? by : `-${by}` })}
      onOpen={open}
    />
  );
}

function isSortKey(key: string): key is TraceSortKey {
  return COLUMNS.some((one) => one.key === key && one.isSortable === true);
}

const COLUMNS: readonly Column<TracedMessage>[] = [
  {
    key: "mark",
    title: "",
    label: texts.status,
    width: "24px",
    priority: 1,
    render: ({ status }) => <StatusMark status={status} />,
  },
  {
    key: "received",
    title: texts.received,
    width: "180px",
    isSortable: true,
    priority: 2,
    render: ({ received }) => formatDateTime(received),
  },
  {
    key: "sender",
    title: texts.sender,
    width: "minmax(110px, 3fr)",
    isSortable: true,
    priority: 1,
    render: ({ sender }) => <bdi>{visibleText(sender)}</bdi>,
  },
  {
    key: "recipient",
    title: texts.recipients,
    width: "minmax(110px, 3fr)",
    isSortable: true,
    priority: 1,
    render: ({ rows }) => <Recipients rows={rows} />,
  },
  {
    key: "subject",
    title: texts.subject,
    width: "minmax(110px, 4fr)",
    isSortable: true,
    priority: 2,
    render: ({ subject = "" }) => <bdi>{visibleText(subject)}</bdi>,
  },
  {
    key: "status",
    title: texts.status,
    width: "minmax(100px, 2fr)",
    isSortable: true,
    priority: 2,
    render: statusWords,
  },
  {
    key: "size",
    title: texts.size,
    width: "80px",
    align: "end",
    isSortable: true,
    priority: 3,
    render: ({ size }) => formatBytes(size),
  },
];

/** The first of them, and how many more there are. */
function Recipients({ rows }: Pick<TracedMessage, "rows">) {
  const first = <bdi>{visibleText(rows[0]?.RecipientAddress ?? "")}</bdi>;
  if (rows.length < 2) return first;
  return (
    <>
      <small>{texts.moreRecipients(rows.length - 1)}</small> {first}
    </>
  );
}
