import { Button, makeStyles, Text } from "@fluentui/react-components";
import { useState } from "react";
import { useCmdlet } from "../../api/cmdlet-query.ts";
import { useMayRun } from "../../api/session.ts";
import { formatBytes, formatDateTime } from "../../base/format.ts";
import { visibleText } from "../../base/visible-text.ts";
import { type Column, DataTable } from "../../widgets/data-table.tsx";
import { DetailPanel, SplitView } from "../../widgets/detail-panel.tsx";
import { EmptyState } from "../../widgets/empty-state.tsx";
import { FaultNotice } from "../../widgets/fault-notice.tsx";
import { Loading } from "../../widgets/loading.tsx";
import { PageHeader } from "../../widgets/page-header.tsx";
import { PageLink } from "../../widgets/page-link.tsx";
import { usePageState } from "../../widgets/page-state.ts";
import { usePagedRows } from "../../widgets/paged-rows.ts";
import { useSelection } from "../../widgets/selection.ts";
import { ShowCmdlet } from "../../widgets/show-cmdlet.tsx";
import { sortOf, sortOrderOf, sortText } from "../../widgets/sorting.ts";
import type { Kept } from "./kept-message.ts";
import { DeleteDialog, ReportDialog } from "./quarantine-dialogs.tsx";
import { QuarantineFilter } from "./quarantine-filter.tsx";
import { QuarantinePanel } from "./quarantine-panel.tsx";
import { isFiltered, NO_FILTER, quarantineQuery } from "./quarantine-query.ts";
import { texts } from "./quarantine-texts.ts";
import { ReleaseDialog } from "./release-dialog.tsx";
import { texts as area } from "./texts.ts";

const REFRESH_MS = 30_000;
/** Messages that one command names. */
const AT_ONCE_MAX = 1_000;

const useStyles = makeStyles({
  root: { display: "flex", flexDirection: "column", flexGrow: 1, minHeight: 0 },
  total: { marginInlineStart: "auto" },
  tools: { display: "flex", flexWrap: "wrap", gap: "8px", alignItems: "center" },
});

const COLUMNS: readonly Column<Kept>[] = [
  {
    key: "Subject",
    isSortable: true,
    title: texts.subject,
    width: "minmax(140px, 3fr)",
    priority: 1,
    render: ({ Subject }) => <bdi>{visibleText(Subject || texts.noSubject)}</bdi>,
  },
  {
    key: "SenderAddress",
    isSortable: true,
    title: texts.sender,
    width: "minmax(100px, 2fr)",
    render: ({ SenderAddress }) => <bdi>{visibleText(SenderAddress ?? "")}</bdi>,
  },
  {
    key: "Recipient",
    title: texts.recipient,
    width: "minmax(100px, 2fr)",
    priority: 3,
    render: ({ RecipientAddress }) => <bdi>{visibleText((RecipientAddress ?? []).join(", "))}</bdi>,
  },
  {
    key: "Type",
    title: texts.type,
    width: "110px",
    isSortable: true,
    priority: 1,
    render: ({ Type }) => Type,
  },
  {
    key: "ReceivedTime",
    isSortable: true,
    title: texts.received,
    width: "170px",
    render: ({ ReceivedTime }) => formatDateTime(ReceivedTime ?? ""),
  },
  {
    key: "Size",
    isSortable: true,
    title: texts.size,
    width: "80px",
    align: "end",
    priority: 3,
    render: ({ Size }) => formatBytes(Size ?? 0),
  },
  {
    key: "Expires",
    isSortable: true,
    title: texts.expires,
    width: "170px",
    priority: 3,
    render: ({ Expires }) => formatDateTime(Expires ?? ""),
  },
];

/** What is kept from recipients, and what is done with it, one by one or many at once. */
export function QuarantinePage() {
  const styles = useStyles();
  const [state, setState] = usePageState();
  const { sort, open } = state;
  const parameters = { ...quarantineQuery(state), ...sortOrderOf(sort) };
  return (
    <div className={styles.root}>
      <PageHeader title={area.quarantine} about={texts.about}>
        <ShowCmdlet call={{ cmdlet: "Get-QuarantineMessage", parameters }} />
      </PageHeader>
      <SplitView
        list={<KeptMessages parameters={parameters} />}
        detail={
          open === undefined ? undefined : (
            <OpenMessage key={open} identity={open} onClose={() => setState({ open: undefined })} />
          )
        }
      />
    </div>
  );
}

/** Also one that a link leads to, wherever it stands in the list. */
function OpenMessage(props: { readonly identity: string; readonly onClose: () => void }) {
  const { identity, onClose } = props;
  const parameters = { Identity: identity };
  const reading = useCmdlet({ cmdlet: "Get-QuarantineMessage", parameters });
  const message = reading.data?.objects[0];
  if (message?.Identity === identity)
    return <QuarantinePanel message={message} onClose={onClose} />;
  return (
    <DetailPanel title={texts.message} onClose={onClose}>
      {reading.error ? <FaultNotice fault={reading.error} /> : <Loading />}
    </DetailPanel>
  );
}

function KeptMessages({ parameters }: { readonly parameters: object }) {
  const styles = useStyles();
  const [state, setState] = usePageState();
  const selection = useSelection();
  const mayRun = useMayRun();
  const paged = usePagedRows(
    { cmdlet: "Get-QuarantineMessage", parameters },
    { refreshMs: REFRESH_MS },
  );
  const { total, fault } = paged;
  const isFilterFault = fault?.parameter === "Filter";
  return (
    <>
      <QuarantineFilter fault={fault} />
      {fault && !isFilterFault && <FaultNotice fault={fault} onRetry={paged.refetch} />}
      <div className={styles.tools}>
        <BulkTools chosen={[...selection.keys]} onDone={() => selection.set([])} />
        <Text className={styles.total} role="status">
          {total !== undefined && texts.total(total)}
        </Text>
        {mayRun("Get-QuarantineMessageHistory") && (
          <PageLink to="/protection/quarantine/history">{area.quarantineHistory}</PageLink>
        )}
      </div>
      {total === undefined && !fault && <Loading />}
      {total !== undefined && !isFilterFault && (
        <DataTable
          key={JSON.stringify(parameters)}
          label={area.quarantine}
          columns={COLUMNS}
          rows={paged.rows}
          keyOf={keyOf}
          nameOf={(one) => visibleText(one.Subject || texts.noSubject)}
          selection={selection}
          openKey={state["open"]}
          sort={sortOf(state["sort"])}
          onSort={(next) => setState({ sort: sortText(next) })}
          onOpen={(one) => setState({ open: one.Identity ?? undefined })}
          empty={<NothingKept />}
        />
      )}
    </>
  );
}

function keyOf(one: Kept): string {
  return one.Identity ?? "";
}

function NothingKept() {
  const [state, setState] = usePageState();
  if (!isFiltered(state)) return <EmptyState title={texts.empty}>{texts.emptyHint}</EmptyState>;
  const clear = () => setState(NO_FILTER);
  return (
    <EmptyState title={texts.noMatch} action={<Button onClick={clear}>{texts.clear}</Button>}>
      {texts.noMatchHint}
    </EmptyState>
  );
}

function BulkTools(props: { readonly chosen: readonly string[]; readonly onDone: () => void }) {
  const { chosen, onDone } = props;
  const styles = useStyles();
  const mayRun = useMayRun();
  const [act, setAct] = useState<"release" | "report" | "delete">();
  if (chosen.length === 0) return null;
  const end = ({ isDone }: { readonly isDone: boolean }) => {
    setAct(undefined);
    if (isDone) onDone();
  };
  return (
    <div className={styles.tools} role="group" aria-label={texts.selected(chosen.length)}>
      <Text>{texts.selected(chosen.length)}</Text>
      {chosen.length > AT_ONCE_MAX && <Text>{texts.tooMany(AT_ONCE_MAX)}</Text>}
      {mayRun("Release-QuarantineMessage") && (
        <Button onClick={() => setAct("release")}>{texts.release}</Button>
      )}
      {mayRun("Submit-QuarantineMessage") && (
        <Button onClick={() => setAct("report")}>{texts.reportShort}</Button>
      )}
      {mayRun("Delete-QuarantineMessage") && (
        <Button onClick={() => setAct("delete")}>{texts.removeForGood}</Button>
      )}
      {act === "release" && <ReleaseDialog identities={chosen} recipients={[]} onClose={end} />}
      {act === "report" && <ReportDialog identities={chosen} onClose={end} />}
      {act === "delete" && <DeleteDialog identities={chosen} onClose={end} />}
    </div>
  );
}
