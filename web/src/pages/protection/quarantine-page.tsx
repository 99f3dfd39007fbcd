import { Button, makeStyles, Text } from "@fluentui/react-components";
import { useMemo, useState } from "react";
import { useCmdlet } from "../../api/cmdlet-query.ts";
import { useMayRun } from "../../api/session.ts";
import { formatBytes, formatDateTime } from "../../base/format.ts";
import { visibleText } from "../../base/visible-text.ts";
import { type Column, DataTable } from "../../widgets/data-table.tsx";
import { SplitView } from "../../widgets/detail-panel.tsx";
import { EmptyState } from "../../widgets/empty-state.tsx";
import { FaultNotice } from "../../widgets/fault-notice.tsx";
import { Loading } from "../../widgets/loading.tsx";
import { PageHeader } from "../../widgets/page-header.tsx";
import { usePageState } from "../../widgets/page-state.ts";
import { arrayRows } from "../../widgets/row-source.ts";
import { useSelection } from "../../widgets/selection.ts";
import { ShowCmdlet } from "../../widgets/show-cmdlet.tsx";
import type { Kept } from "./kept-message.ts";
import { DeleteDialog, ReleaseDialog } from "./quarantine-dialogs.tsx";
import { isFiltered, QuarantineFilter, quarantineQuery } from "./quarantine-filter.tsx";
import { QuarantinePanel } from "./quarantine-panel.tsx";
import { texts } from "./quarantine-texts.ts";
import { texts as area } from "./texts.ts";

const REFRESH_MS = 30_000;

const useStyles = makeStyles({
  root: { display: "flex", flexDirection: "column", flexGrow: 1, minHeight: 0 },
  tools: { display: "flex", flexWrap: "wrap", gap: "8px", alignItems: "center" },
});

const COLUMNS: readonly Column<Kept>[] = [
  {
    key: "Subject",
    title: texts.subject,
    width: "minmax(140px, 3fr)",
    priority: 1,
    render: ({ Subject }) => <bdi>{visibleText(Subject || texts.noSubject)}</bdi>,
  },
  {
    key: "Sender",
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
  { key: "Type", title: texts.type, width: "100px", priority: 1, render: ({ Type }) => Type },
  {
    key: "Received",
    title: texts.received,
    width: "170px",
    render: ({ ReceivedTime }) => formatDateTime(ReceivedTime ?? ""),
  },
  {
    key: "Size",
    title: texts.size,
    width: "80px",
    align: "end",
    priority: 3,
    render: ({ Size }) => formatBytes(Size ?? 0),
  },
];

/** What is kept from recipients, and what is done with it, one by one or many at once. */
export function QuarantinePage() {
  const styles = useStyles();
  const [state] = usePageState();
  const call = { cmdlet: "Get-QuarantineMessage", parameters: quarantineQuery(state) } as const;
  const reading = useCmdlet(call, { refreshMs: REFRESH_MS });
  return (
    <div className={styles.root}>
      <PageHeader title={area.quarantine} about={texts.about}>
        <ShowCmdlet call={call} />
      </PageHeader>
      {reading.error && (
        <FaultNotice fault={reading.error} onRetry={() => void reading.refetch()} />
      )}
      {reading.isPending && <Loading />}
      {reading.data && <KeptMessages messages={reading.data.objects} />}
    </div>
  );
}

function KeptMessages({ messages }: { readonly messages: readonly Kept[] }) {
  const [state, setState] = usePageState();
  const selection = useSelection();
  const { open } = state;
  const opened = messages.find((one) => one.Identity === open);
  const rows = useMemo(() => arrayRows(messages), [messages]);
  const here = useMemo(() => new Set(messages.map(keyOf)), [messages]);
  const chosen = [...selection.keys].filter((key) => here.has(key));
  const close = () => setState({ open: undefined });
  const list = (
    <>
      <QuarantineFilter />
      <BulkTools chosen={chosen} onDone={() => selection.set([])} />
      <DataTable
        label={area.quarantine}
        columns={COLUMNS}
        rows={rows}
        keyOf={keyOf}
        nameOf={(one) => visibleText(one.Subject || texts.noSubject)}
        selection={selection}
        openKey={open}
        onOpen={(one) => setState({ open: one.Identity ?? undefined })}
        empty={<NothingKept />}
      />
      <Pages count={messages.length} />
    </>
  );
  return (
    <SplitView
      list={list}
      detail={opened && <QuarantinePanel key={open} message={opened} onClose={close} />}
    />
  );
}

function keyOf(one: Kept): string {
  return one.Identity ?? "";
}

function NothingKept() {
  const [state, setState] = usePageState();
  if (!isFiltered(state)) return <EmptyState title={texts.empty}>{texts.emptyHint}</EmptyState>;
  const none = { type: undefined, sender: undefined, recipient: undefined, subject: undefined };
  const clear = () => setState({ ...none, within: undefined, page: undefined });
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
  const [act, setAct] = useState<"release" | "delete">();
  if (chosen.length === 0) return null;
  const end = ({ isDone }: { readonly isDone: boolean }) => {
    setAct(undefined);
    if (isDone) onDone();
  };
  return (
    <div className={styles.tools} role="group" aria-label={texts.selected(chosen.length)}>
      <Text>{texts.selected(chosen.length)}</Text>
      {mayRun("Release-QuarantineMessage") && (
        <Button onClick={() => setAct("release")}>{texts.release}</Button>
      )}
      {mayRun("Delete-QuarantineMessage") && (
        <Button onClick={() => setAct("delete")}>{texts.removeForGood}</Button>
      )}
      {act === "release" && <ReleaseDialog identities={chosen} recipients={[]} onClose={end} />}
      {act === "delete" && <DeleteDialog identities={chosen} onClose={end} />}
    </div>
  );
}

/** Of many messages the newest are shown, and the others page by page. */
function Pages({ count }: { readonly count: number }) {
  const styles = useStyles();
  const [state, setState] = usePageState();
  const page = Number(state["page"] ?? 1);
  if (page === 1 && count < PAGE_SIZE) return null;
  return (
    <div className={styles.tools}>
      {page > 1 && <Button onClick={() => setState({ page: undefined })}>{texts.firstPage}</Button>}
      <Text>{texts.pageOf(page)}</Text>
      {count === PAGE_SIZE && (
        <Button onClick={() => setState({ page: String(page + 1) })}>{texts.nextPage}</Button>
      )}
    </div>
  );
}

const PAGE_SIZE = 1000;
