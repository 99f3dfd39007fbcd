import { Button, makeStyles } from "@fluentui/react-components";
import { useMemo, useState } from "react";
import { useCmdlet } from "../../api/cmdlet-query.ts";
import type { OutputOf } from "../../api/run-cmdlet.ts";
import { useMayRun } from "../../api/session.ts";
import { formatDateTime } from "../../base/format.ts";
import { visibleText } from "../../base/visible-text.ts";
import { type Column, DataTable } from "../../widgets/data-table.tsx";
import { EmptyState } from "../../widgets/empty-state.tsx";
import { FaultNotice } from "../../widgets/fault-notice.tsx";
import { Loading } from "../../widgets/loading.tsx";
import { PageHeader } from "../../widgets/page-header.tsx";
import { arrayRows } from "../../widgets/row-source.ts";
import { RunDialog } from "../../widgets/run-dialog.tsx";
import { ShowCmdlet } from "../../widgets/show-cmdlet.tsx";
import { texts } from "./texts.ts";

type SignIn = OutputOf<"Get-AdministratorSession">;

const CALL = { cmdlet: "Get-AdministratorSession", parameters: {} } as const;

const useStyles = makeStyles({
  root: { display: "flex", flexDirection: "column", flexGrow: 1, minHeight: 0 },
});

/** Who is signed in, and the way to end that. */
export function SessionsPage() {
  const styles = useStyles();
  const mayEnd = useMayRun()("Remove-AdministratorSession");
  const [ending, setEnding] = useState<SignIn>();
  const reading = useCmdlet(CALL, { refreshMs: 15_000 });
  const columns = useMemo(() => columnsOf(mayEnd ? setEnding : undefined), [mayEnd]);
  return (
    <div className={styles.root}>
      <PageHeader title={texts.sessions} about={texts.sessionsAbout}>
        <ShowCmdlet call={CALL} />
      </PageHeader>
      {reading.error && (
        <FaultNotice fault={reading.error} onRetry={() => void reading.refetch()} />
      )}
      {reading.isPending && <Loading />}
      {reading.data && (
        <DataTable
          label={texts.sessions}
          columns={columns}
          rows={arrayRows(reading.data.objects)}
          keyOf={({ Identity }) => Identity ?? ""}
          nameOf={({ Administrator }) => Administrator ?? ""}
          empty={<EmptyState title={texts.noSession} />}
        />
      )}
      {ending && (
        <RunDialog
          title={texts.endSession(ending.Administrator ?? "")}
          call={{
            cmdlet: "Remove-AdministratorSession",
            parameters: { Identity: ending.Identity },
          }}
          verb={texts.end}
          onClose={() => setEnding(undefined)}
        />
      )}
    </div>
  );
}

function columnsOf(onEnd: ((session: SignIn) => void) | undefined): readonly Column<SignIn>[] {
  const all: readonly Column<SignIn>[] = [
    {
      ...{ key: "who", title: texts.who, width: "minmax(100px, 2fr)", priority: 1 },
      render: ({ Administrator }) => <bdi>{visibleText(Administrator ?? "")}</bdi>,
    },
    {
      ...{ key: "from", title: texts.client, width: "minmax(100px, 1fr)", priority: 2 },
      render: ({ ClientIP }) => ClientIP ?? texts.onServer,
    },
    {
      ...{ key: "since", title: texts.since, width: "180px", priority: 3 },
      render: ({ StartDate }) => formatDateTime(StartDate ?? ""),
    },
    {
      ...{ key: "used", title: texts.lastUsed, width: "180px", priority: 2 },
      render: ({ LastUsedDate }) => formatDateTime(LastUsedDate ?? ""),
    },
  ];
  if (onEnd === undefined) return all;
  return [
    ...all,
    {
      ...{ key: "end", title: texts.end, width: "80px", priority: 1 },
      render: (session) => (
        <Button
          size="small"
          aria-label={visibleText(
            texts.endNamed(session.Administrator ?? "", session.Identity ?? ""),
          )}
          onClick={() => onEnd(session)}
        >
          {texts.end}
        </Button>
      ),
    },
  ];
}
