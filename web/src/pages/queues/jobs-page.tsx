import { Button, makeStyles } from "@fluentui/react-components";
import { StopRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { useCmdlet } from "../../api/cmdlet-query.ts";
import type { OutputOf } from "../../api/run-cmdlet.ts";
import { serverNowMs } from "../../api/server-clock.ts";
import { useMayRun } from "../../api/session.ts";
import { formatAgo } from "../../base/format.ts";
import { formatNumber } from "../../base/texts.ts";
import { type Column, DataTable } from "../../widgets/data-table.tsx";
import { EmptyState } from "../../widgets/empty-state.tsx";
import { FaultNotice } from "../../widgets/fault-notice.tsx";
import { ForeignText } from "../../widgets/foreign-text.tsx";
import { Loading } from "../../widgets/loading.tsx";
import { PageHeader } from "../../widgets/page-header.tsx";
import { arrayRows } from "../../widgets/row-source.ts";
import { RunDialog } from "../../widgets/run-dialog.tsx";
import { ShowCmdlet } from "../../widgets/show-cmdlet.tsx";
import { StatusMark } from "./status-mark.tsx";
import { texts } from "./texts.ts";

type Job = OutputOf<"Get-QueueJob">;

const REFRESH_MS = 2_000;

const useStyles = makeStyles({
  root: { display: "flex", flexDirection: "column", flexGrow: 1, minHeight: 0, gap: "8px" },
});

/** Acts on many queues or messages: how far they are, and the way to stop them. */
export function JobsPage() {
  const styles = useStyles();
  const mayRun = useMayRun();
  const reading = useCmdlet({ cmdlet: "Get-QueueJob", parameters: {} }, { refreshMs: REFRESH_MS });
  const [stopping, setStopping] = useState<string>();
  const columns = mayRun("Stop-QueueJob") ? [...COLUMNS, stopColumn(setStopping)] : COLUMNS;
  return (
    <div className={styles.root}>
      <PageHeader title={texts.jobs} about={texts.jobsAbout}>
        <ShowCmdlet call={{ cmdlet: "Get-QueueJob", parameters: {} }} />
      </PageHeader>
      {reading.error && (
        <FaultNotice fault={reading.error} onRetry={() => void reading.refetch()} />
      )}
      {reading.isPending && <Loading />}
      {reading.data && (
        <DataTable
          label={texts.jobs}
          columns={columns}
          rows={arrayRows(reading.data.objects)}
          keyOf={({ Identity }) => String(Identity)}
          nameOf={({ Identity }) => String(Identity)}
          empty={<EmptyState title={texts.noJobs}>{texts.noJobsHint}</EmptyState>}
        />
      )}
      {stopping !== undefined && (
        <RunDialog
          title={`${texts.stop}: ${stopping}`}
          call={{ cmdlet: "Stop-QueueJob", parameters: { Identity: stopping } }}
          verb={texts.stop}
          onClose={() => setStopping(undefined)}
        />
      )}
    </div>
  );
}

function stopColumn(stop: (job: string) => void): Column<Job> {
  return {
    key: "stop",
    title: texts.acts,
    width: "96px",
    priority: 1,
    render: ({ Identity, State }) =>
      State === "Running" && (
        <Button size="small" icon={<StopRegular />} onClick={() => stop(String(Identity))}>
          {texts.stop}
        </Button>
      ),
  };
}

const number = (value: number | null) => formatNumber(value ?? 0);

const COLUMNS: readonly Column<Job>[] = [
  {
    key: "Act",
    title: texts.act,
    width: "minmax(120px, 1.5fr)",
    priority: 1,
    render: ({ Act }) => <ForeignText text={Act} />,
  },
  {
    key: "State",
    title: texts.status,
    width: "100px",
    priority: 1,
    render: ({ State }) => <StatusMark status={State} />,
  },
  {
    key: "Done",
    title: texts.done,
    width: "140px",
    render: ({ Done, Expected }) => texts.progressOf(number(Done), number(Expected)),
  },
  {
    key: "Filter",
    title: texts.filter,
    width: "minmax(160px, 2fr)",
    render: ({ Filter }) => <ForeignText text={Filter} />,
  },
  {
    key: "Error",
    title: texts.lastError,
    width: "minmax(100px, 1fr)",
    priority: 3,
    render: ({ Error: reason }) => <ForeignText text={reason} />,
  },
  {
    key: "By",
    title: texts.by,
    width: "110px",
    priority: 3,
    render: ({ By }) => <ForeignText text={By} />,
  },
  {
    key: "StartedTime",
    title: texts.started,
    width: "120px",
    priority: 3,
    render: ({ StartedTime }) =>
      StartedTime === null ? "" : formatAgo(StartedTime, serverNowMs()),
  },
];
