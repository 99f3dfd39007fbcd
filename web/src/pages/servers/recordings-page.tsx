import { Field, Input, makeStyles, Select } from "@fluentui/react-components";
import { useCmdlet } from "../../api/cmdlet-query.ts";
import type { OutputOf } from "../../api/run-cmdlet.ts";
import { formatDateTime, formatSpan } from "../../base/format.ts";
import { visibleText } from "../../base/visible-text.ts";
import { type Column, DataTable } from "../../widgets/data-table.tsx";
import { DetailPanel, SplitView } from "../../widgets/detail-panel.tsx";
import { EmptyState } from "../../widgets/empty-state.tsx";
import { FaultNotice } from "../../widgets/fault-notice.tsx";
import { Loading } from "../../widgets/loading.tsx";
import { PageHeader } from "../../widgets/page-header.tsx";
import { usePageState } from "../../widgets/page-state.ts";
import { arrayRows } from "../../widgets/row-source.ts";
import { Warnings } from "../../widgets/run-dialog.tsx";
import { ShowCmdlet } from "../../widgets/show-cmdlet.tsx";
import { useSettled } from "../../widgets/use-settled.ts";
import { RecordingPlayer } from "./recording-player.tsx";
import { texts } from "./texts.ts";

type Recording = OutputOf<"Get-SessionRecording">;
type Direction = "Receive" | "Send";

const SETTLED_MS = 300;
const FILTERS = [
  ["Address", texts.participant],
  ["RemoteAddress", texts.remote],
  ["Connector", texts.connector],
  ["Reason", texts.reason],
] as const;

const useStyles = makeStyles({
  root: { display: "flex", flexDirection: "column", flexGrow: 1, minHeight: 0 },
  tools: { display: "flex", flexWrap: "wrap", gap: "8px" },
  field: { width: "min(200px, 100%)" },
});

const COLUMNS: readonly Column<Recording>[] = [
  {
    ...{ key: "StartTime", title: texts.started, width: "180px", priority: 1 },
    render: ({ StartTime }) => formatDateTime(StartTime ?? ""),
  },
  {
    ...{ key: "Direction", title: texts.direction, width: "80px", priority: 3 },
    render: ({ Direction }) => Direction,
  },
  {
    ...{ key: "Remote", title: texts.remote, width: "minmax(120px, 1fr)", priority: 3 },
    render: ({ RemoteEndpoint }) => <bdi>{visibleText(RemoteEndpoint ?? "")}</bdi>,
  },
  {
    ...{ key: "Reason", title: texts.reason, width: "minmax(120px, 2fr)", priority: 1 },
    render: ({ Reason }) => <bdi>{visibleText(Reason ?? "")}</bdi>,
  },
  {
    ...{ key: "Duration", title: texts.duration, width: "80px", priority: 3 },
    render: ({ Duration }) => formatSpan(Duration ?? ""),
  },
];

/** Sessions that ended in an error, with a player for each. */
export function RecordingsPage() {
  const styles = useStyles();
  const [state, setState] = usePageState();
  const given = useSettled(
    JSON.stringify(
      Object.fromEntries(
        ["Direction", ...FILTERS.map(([name]) => name)]
          .map((name) => [name, state[name]])
          .filter(([, value]) => value !== undefined),
      ),
    ),
    SETTLED_MS,
  );
  const filters: { readonly Direction?: Direction } = JSON.parse(given);
  const call = { cmdlet: "Get-SessionRecording", parameters: { ...filters } } as const;
  const reading = useCmdlet(call);
  // The newest first: what has just gone wrong is what one looks for.
  const recordings = (reading.data?.objects ?? []).toReversed();
  const set =
    (name: string) =>
    (_event: unknown, { value }: { readonly value: string }) =>
      setState({ [name]: value === "" ? undefined : value }, { isReplacing: true });
  const { open } = state;
  return (
    <div className={styles.root}>
      <PageHeader title={texts.recordings} about={texts.recordingsAbout}>
        <ShowCmdlet call={call} />
      </PageHeader>
      {reading.error && (
        <FaultNotice fault={reading.error} onRetry={() => void reading.refetch()} />
      )}
      {reading.data && <Warnings warnings={reading.data.warnings} />}
      <SplitView
        list={
          <>
            <div className={styles.tools}>
              <Field label={texts.direction} className={styles.field}>
                <Select value={state["Direction"] ?? ""} onChange={set("Direction")}>
                  <option value="">{texts.both}</option>
                  <option value="Receive">{texts.incoming}</option>
                  <option value="Send">{texts.outgoing}</option>
                </Select>
              </Field>
              {FILTERS.map(([name, label]) => (
                <Field key={name} label={label} className={styles.field}>
                  <Input value={state[name] ?? ""} onChange={set(name)} />
                </Field>
              ))}
            </div>
            {reading.isPending ? (
              <Loading />
            ) : (
              <DataTable
                label={texts.recordings}
                columns={COLUMNS}
                rows={arrayRows(recordings)}
                keyOf={({ Identity }) => Identity ?? ""}
                nameOf={({ Identity }) => Identity ?? ""}
                openKey={open}
                onOpen={({ Identity }) => setState({ open: Identity ?? undefined })}
                empty={<EmptyState title={texts.noRecording}>{texts.noRecordingHint}</EmptyState>}
              />
            )}
          </>
        }
        detail={open === undefined ? undefined : <RecordingPanel key={open} identity={open} />}
      />
    </div>
  );
}

function RecordingPanel({ identity }: { readonly identity: string }) {
  const [, setState] = usePageState();
  const call = { cmdlet: "Get-SessionRecording", parameters: { Identity: identity } } as const;
  const reading = useCmdlet(call);
  const [recording] = reading.data?.objects ?? [];
  return (
    <DetailPanel
      title={texts.conversation}
      onClose={() => setState({ open: undefined })}
      actions={<ShowCmdlet call={call} />}
    >
      {reading.error && <FaultNotice fault={reading.error} />}
      {reading.isPending && <Loading />}
      {recording && <RecordingPlayer recording={recording} />}
    </DetailPanel>
  );
}
