import { Button, makeStyles, Text } from "@fluentui/react-components";
import { AddRegular } from "@fluentui/react-icons";
import { Suspense } from "react";
import { useCmdlet } from "../../api/cmdlet-query.ts";
import { useMayRun } from "../../api/session.ts";
import { formatNumber } from "../../base/texts.ts";
import { type Column, DataTable } from "../../widgets/data-table.tsx";
import { DetailPanel, SplitView } from "../../widgets/detail-panel.tsx";
import { EmptyState } from "../../widgets/empty-state.tsx";
import { FaultNotice } from "../../widgets/fault-notice.tsx";
import { ObjectForm } from "../../widgets/form/object-form.tsx";
import { Loading } from "../../widgets/loading.tsx";
import { missingPanel } from "../../widgets/missing-panel.tsx";
import { PageHeader } from "../../widgets/page-header.tsx";
import { usePageState } from "../../widgets/page-state.ts";
import { arrayRows } from "../../widgets/row-source.ts";
import { ShowCmdlet } from "../../widgets/show-cmdlet.tsx";
import { type Verdict, VerdictMark } from "../../widgets/verdict-mark.tsx";
import { type Agent, formatTime, STATE_WORDS } from "./agent-facts.ts";
import { AgentPanel } from "./agent-panel.tsx";
import { texts } from "./agents-texts.ts";
import { texts as area } from "./texts.ts";

const REFRESH_MS = 10_000;

const useStyles = makeStyles({
  root: { display: "flex", flexDirection: "column", flexGrow: 1, minHeight: 0 },
  state: { display: "flex", gap: "6px", alignItems: "center" },
});

const COLUMNS: readonly Column<Agent>[] = [
  {
    key: "Priority",
    title: texts.priority,
    width: "60px",
    align: "end",
    render: ({ Priority }) => formatNumber(Priority ?? 0),
  },
  {
    key: "Identity",
    title: texts.name,
    width: "minmax(140px, 3fr)",
    priority: 1,
    render: ({ Identity }) => Identity,
  },
  {
    key: "Enabled",
    title: texts.enabled,
    width: "60px",
    render: ({ Enabled }) => (Enabled ? texts.on : texts.off),
  },
  {
    key: "State",
    title: texts.state,
    width: "130px",
    priority: 1,
    render: (agent) => <AgentState agent={agent} />,
  },
  {
    key: "AverageTime",
    title: texts.average,
    width: "90px",
    align: "end",
    priority: 3,
    render: ({ AverageTime }) => formatTime(AverageTime),
  },
  {
    key: "Failures",
    title: texts.failures,
    width: "90px",
    align: "end",
    priority: 3,
    render: ({ Failures, Timeouts }) => formatNumber((Failures ?? 0) + (Timeouts ?? 0)),
  },
];

const VERDICTS: Readonly<Record<string, Verdict>> = {
  Healthy: "Pass",
  Resting: "Warning",
  NotLoaded: "Fail",
};

function AgentState({ agent }: { readonly agent: Agent }) {
  const styles = useStyles();
  const state = agent.Enabled ? (agent.State ?? "") : "";
  const verdict = VERDICTS[state];
  return (
    <span className={styles.state}>
      {verdict && <VerdictMark verdict={verdict} />}
      <Text>{agent.Enabled ? STATE_WORDS[state] : texts.off}</Text>
    </span>
  );
}

/** The agents in their order, with how they are. */
export function AgentsPage() {
  const styles = useStyles();
  const mayRun = useMayRun();
  const [state, setState] = usePageState();
  const call = { cmdlet: "Get-TransportAgent", parameters: {} } as const;
  const reading = useCmdlet(call, { refreshMs: REFRESH_MS });
  const agents = reading.data?.objects ?? [];
  const opened = agents.find(({ Identity }) => Identity === state["open"]);
  const detail =
    state["mode"] === "new" ? (
      <InstallPanel />
    ) : opened ? (
      <AgentPanel key={opened.Identity} agent={opened} />
    ) : (
      missingPanel(state["open"])
    );
  return (
    <div className={styles.root}>
      <PageHeader title={area.agents} about={texts.about}>
        {mayRun("Install-TransportAgent") && (
          <Button icon={<AddRegular />} onClick={() => setState({ mode: "new", open: undefined })}>
            {texts.install}
          </Button>
        )}
        <ShowCmdlet call={call} />
      </PageHeader>
      {reading.error && (
        <FaultNotice fault={reading.error} onRetry={() => void reading.refetch()} />
      )}
      {reading.isPending && <Loading />}
      {reading.data && (
        <SplitView
          list={
            <DataTable
              label={area.agents}
              columns={COLUMNS}
              rows={arrayRows(agents)}
              keyOf={({ Identity }) => Identity ?? ""}
              nameOf={({ Identity }) => Identity ?? ""}
              openKey={state["open"]}
              onOpen={({ Identity }) => setState({ open: Identity ?? undefined, mode: undefined })}
              empty={<EmptyState title={texts.empty} />}
            />
          }
          detail={detail}
        />
      )}
    </div>
  );
}

function InstallPanel() {
  const [, setState] = usePageState();
  const close = () => setState({ mode: undefined });
  return (
    <DetailPanel title={texts.install} onClose={close}>
      <Suspense fallback={<Loading />}>
        <ObjectForm
          cmdlet="Install-TransportAgent"
          sections={[{ title: texts.settings, fields: ["Name", "ModulePath"] }]}
          onCancel={close}
          onDone={(name) => setState({ mode: undefined, open: name })}
        />
      </Suspense>
    </DetailPanel>
  );
}
