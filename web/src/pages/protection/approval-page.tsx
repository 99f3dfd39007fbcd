import { Field, Input, makeStyles, Text, Toolbar, ToolbarButton } from "@fluentui/react-components";
import { CheckmarkRegular, DismissRegular } from "@fluentui/react-icons";
import { Suspense, useState } from "react";
import { useCmdlet } from "../../api/cmdlet-query.ts";
import type { OutputOf } from "../../api/run-cmdlet.ts";
import { useMayRun } from "../../api/session.ts";
import { formatDateTime } from "../../base/format.ts";
import { visibleText } from "../../base/visible-text.ts";
import { type Column, DataTable } from "../../widgets/data-table.tsx";
import { DetailPanel, SplitView } from "../../widgets/detail-panel.tsx";
import { EmptyState } from "../../widgets/empty-state.tsx";
import { FaultNotice } from "../../widgets/fault-notice.tsx";
import { Loading } from "../../widgets/loading.tsx";
import { useNotify } from "../../widgets/notify.tsx";
import { PageHeader } from "../../widgets/page-header.tsx";
import { usePageState } from "../../widgets/page-state.ts";
import { PropertyList } from "../../widgets/property-list.tsx";
import { arrayRows } from "../../widgets/row-source.ts";
import { RunDialog } from "../../widgets/run-dialog.tsx";
import { ShowCmdlet } from "../../widgets/show-cmdlet.tsx";
import { texts } from "./approval-texts.ts";
import { texts as area } from "./texts.ts";

type Waiting = OutputOf<"Get-ModeratedMessage">;

const REFRESH_MS = 15_000;

const useStyles = makeStyles({
  root: { display: "flex", flexDirection: "column", flexGrow: 1, minHeight: 0 },
});

const COLUMNS: readonly Column<Waiting>[] = [
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
    key: "Rule",
    title: texts.heldBy,
    width: "minmax(90px, 1fr)",
    priority: 1,
    render: ({ Rule }) => <bdi>{visibleText(Rule ?? "")}</bdi>,
  },
  {
    key: "Received",
    title: texts.received,
    width: "170px",
    render: ({ ReceivedTime }) => formatDateTime(ReceivedTime ?? ""),
  },
  {
    key: "Expires",
    title: texts.expires,
    width: "170px",
    priority: 3,
    render: ({ Expires }) => formatDateTime(Expires ?? ""),
  },
];

/** Messages that wait for somebody to approve them. */
export function ApprovalPage() {
  const styles = useStyles();
  const [state, setState] = usePageState();
  const parameters = { ResultSize: "unlimited" } as const;
  const call = { cmdlet: "Get-ModeratedMessage", parameters } as const;
  const reading = useCmdlet(call, { refreshMs: REFRESH_MS });
  const messages = reading.data?.objects ?? [];
  const opened = messages.find((one) => String(one.Identity) === state["open"]);
  return (
    <div className={styles.root}>
      <PageHeader title={area.approval} about={texts.about}>
        <ShowCmdlet call={{ cmdlet: "Get-ModeratedMessage", parameters: {} }} />
      </PageHeader>
      {reading.error && (
        <FaultNotice fault={reading.error} onRetry={() => void reading.refetch()} />
      )}
      {reading.isPending && <Loading />}
      {reading.data && (
        <SplitView
          list={
            <DataTable
              label={area.approval}
              columns={COLUMNS}
              rows={arrayRows(messages)}
              keyOf={(one) => String(one.Identity)}
              nameOf={(one) => visibleText(one.Subject || texts.noSubject)}
              openKey={state["open"]}
              onOpen={(one) => setState({ open: String(one.Identity) })}
              empty={<EmptyState title={texts.empty}>{texts.emptyHint}</EmptyState>}
            />
          }
          detail={opened && <WaitingPanel key={opened.Identity} message={opened} />}
        />
      )}
    </div>
  );
}

function WaitingPanel({ message }: { readonly message: Waiting }) {
  const [, setState] = usePageState();
  const mayRun = useMayRun();
  const [act, setAct] = useState<"approve" | "deny">();
  const close = () => setState({ open: undefined });
  const end = ({ isDone }: { readonly isDone: boolean }) => {
    setAct(undefined);
    if (isDone) close();
  };
  const tools = (
    <Toolbar aria-label={visibleText(message.Subject || texts.noSubject)}>
      {mayRun("Approve-ModeratedMessage") && (
        <ToolbarButton icon={<CheckmarkRegular />} onClick={() => setAct("approve")}>
          {texts.approve}
        </ToolbarButton>
      )}
      {mayRun("Deny-ModeratedMessage") && (
        <ToolbarButton icon={<DismissRegular />} onClick={() => setAct("deny")}>
          {texts.deny}
        </ToolbarButton>
      )}
    </Toolbar>
  );
  return (
    <DetailPanel
      title={visibleText(message.Subject || texts.noSubject)}
      onClose={close}
      actions={tools}
    >
      <Suspense fallback={<Loading />}>
        <PropertyList cmdlet="Get-ModeratedMessage" object={message} />
      </Suspense>
      {act === "approve" && <ApproveDialog message={message} onClose={end} />}
      {act === "deny" && <DenyDialog message={message} onClose={end} />}
    </DetailPanel>
  );
}

interface DecisionProps {
  readonly message: Waiting;
  readonly onClose: (how: { readonly isDone: boolean }) => void;
}

function ApproveDialog({ message, onClose }: DecisionProps) {
  const notify = useNotify();
  return (
    <RunDialog
      title={texts.approveTitle}
      call={{ cmdlet: "Approve-ModeratedMessage", parameters: { Identity: message.Identity } }}
      verb={texts.approve}
      onClose={(how) => {
        if (how.isDone) notify({ title: texts.approved });
        onClose(how);
      }}
    >
      <Text>{texts.approveHint}</Text>
    </RunDialog>
  );
}

function DenyDialog({ message, onClose }: DecisionProps) {
  const notify = useNotify();
  const [comment, setComment] = useState("");
  const parameters = {
    Identity: message.Identity,
    ...(comment.trim() !== "" && { Comment: comment.trim() }),
  };
  return (
    <RunDialog
      title={texts.denyTitle}
      call={{ cmdlet: "Deny-ModeratedMessage", parameters }}
      verb={texts.deny}
      onClose={(how) => {
        if (how.isDone) notify({ title: texts.denied });
        onClose(how);
      }}
    >
      <Field label={texts.comment}>
        <Input
          value={comment}
          maxLength={500}
          onChange={(_event, { value }) => setComment(value)}
        />
      </Field>
    </RunDialog>
  );
}
