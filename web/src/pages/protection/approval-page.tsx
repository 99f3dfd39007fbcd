import { Button, Field, Input, makeStyles, Text, ToolbarButton } from "@fluentui/react-components";
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
import { FilterBar } from "../../widgets/filter-bar.tsx";
import { Loading } from "../../widgets/loading.tsx";
import { useNotify } from "../../widgets/notify.tsx";
import { PageHeader } from "../../widgets/page-header.tsx";
import { PageLink } from "../../widgets/page-link.tsx";
import { usePageState } from "../../widgets/page-state.ts";
import { usePagedRows } from "../../widgets/paged-rows.ts";
import { PropertyList } from "../../widgets/property-list.tsx";
import { RunDialog } from "../../widgets/run-dialog.tsx";
import { useSelection } from "../../widgets/selection.ts";
import { ShowCmdlet } from "../../widgets/show-cmdlet.tsx";
import { sortOf, sortOrderOf, sortText } from "../../widgets/sorting.ts";
import { ToolRow } from "../../widgets/tool-row.tsx";
import { texts } from "./approval-texts.ts";
import { MessagePreview, type PreviewTab } from "./message-preview.tsx";
import { texts as area } from "./texts.ts";

type Waiting = OutputOf<"Get-ModeratedMessage">;

const REFRESH_MS = 15_000;

const PROPERTIES = [
  "Subject",
  "SenderAddress",
  "Rule",
  "HeldFor",
  "ReceivedTime",
  "Expires",
  "Size",
];

const useStyles = makeStyles({
  root: { display: "flex", flexDirection: "column", flexGrow: 1, minHeight: 0 },
  tools: { display: "flex", flexWrap: "wrap", gap: "8px", alignItems: "center" },
  total: { marginInlineStart: "auto" },
});

const COLUMNS: readonly Column<Waiting>[] = [
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
    key: "Rule",
    isSortable: true,
    title: texts.heldBy,
    width: "minmax(90px, 1fr)",
    priority: 1,
    render: ({ Rule }) => <bdi>{visibleText(Rule ?? "")}</bdi>,
  },
  {
    key: "ReceivedTime",
    isSortable: true,
    title: texts.received,
    width: "170px",
    priority: 2,
    render: ({ ReceivedTime }) => formatDateTime(ReceivedTime ?? ""),
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

/** Messages that wait for somebody to approve them. */
export function ApprovalPage() {
  const styles = useStyles();
  const [state, setState] = usePageState();
  const { filter, sort, open } = state;
  const parameters = { ...(filter && { Filter: filter }), ...sortOrderOf(sort) };
  return (
    <div className={styles.root}>
      <PageHeader title={area.approval} about={texts.about}>
        <ShowCmdlet call={{ cmdlet: "Get-ModeratedMessage", parameters }} />
      </PageHeader>
      <SplitView
        list={<WaitingMessages parameters={parameters} />}
        detail={
          open === undefined ? undefined : (
            <OpenWaiting
              key={open}
              identity={Number(open)}
              onClose={() => setState({ open: undefined })}
            />
          )
        }
      />
    </div>
  );
}

function WaitingMessages({ parameters }: { readonly parameters: object }) {
  const styles = useStyles();
  const [{ filter, sort, open }, setState] = usePageState();
  const selection = useSelection();
  const mayRun = useMayRun();
  const mayDecide = mayRun("Approve-ModeratedMessage") || mayRun("Deny-ModeratedMessage");
  const call = { cmdlet: "Get-ModeratedMessage", parameters } as const;
  const paged = usePagedRows(call, { refreshMs: REFRESH_MS });
  const { total, fault } = paged;
  const isFilterFault = fault?.parameter === "Filter";
  const chosen = [...selection.keys].map(Number);
  return (
    <>
      {(filter !== undefined || (total ?? 0) > 0) && (
        <FilterBar
          cmdlet="Get-ModeratedMessage"
          value={filter}
          properties={PROPERTIES}
          fault={fault}
          onChange={(next) => setState({ filter: next })}
        />
      )}
      {fault && !isFilterFault && <FaultNotice fault={fault} onRetry={paged.refetch} />}
      <div className={styles.tools}>
        {chosen.length > 0 && (
          <>
            <Text>{texts.selected(chosen.length)}</Text>
            <Decisions identities={chosen} onDone={() => selection.set([])} />
          </>
        )}
        <Text className={styles.total} role="status">
          {total !== undefined && texts.total(total)}
        </Text>
      </div>
      {total === undefined && !fault && <Loading />}
      {total !== undefined && !isFilterFault && (
        <DataTable
          key={JSON.stringify(parameters)}
          label={area.approval}
          columns={COLUMNS}
          rows={paged.rows}
          keyOf={(one) => String(one.Identity)}
          nameOf={(one) => visibleText(one.Subject || texts.noSubject)}
          {...(mayDecide && { selection })}
          openKey={open}
          sort={sortOf(sort)}
          onSort={(next) => setState({ sort: sortText(next) })}
          onOpen={(one) => setState({ open: String(one.Identity) })}
          empty={<NothingWaits />}
        />
      )}
    </>
  );
}

function NothingWaits() {
  const [{ filter }, setState] = usePageState();
  if (filter === undefined) return <EmptyState title={texts.empty}>{texts.emptyHint}</EmptyState>;
  const clear = <Button onClick={() => setState({ filter: undefined })}>{texts.clear}</Button>;
  return (
    <EmptyState title={texts.noMatch} action={clear}>
      {texts.noMatchHint}
    </EmptyState>
  );
}

/** Also one that a link leads to. */
function OpenWaiting(props: { readonly identity: number; readonly onClose: () => void }) {
  const { identity, onClose } = props;
  const parameters = { Identity: identity };
  const reading = useCmdlet({ cmdlet: "Get-ModeratedMessage", parameters });
  const message = reading.data?.objects[0];
  if (message?.Identity === identity) return <WaitingPanel message={message} onClose={onClose} />;
  return (
    <DetailPanel title={texts.message} onClose={onClose}>
      {reading.error ? <FaultNotice fault={reading.error} /> : <Loading />}
    </DetailPanel>
  );
}

function WaitingPanel(props: { readonly message: Waiting; readonly onClose: () => void }) {
  const { message, onClose } = props;
  const mayRun = useMayRun();
  const identity = message.Identity ?? 0;
  const tabs: readonly PreviewTab[] = [
    {
      value: "details",
      title: texts.details,
      content: (
        <Suspense fallback={<Loading />}>
          <PropertyList cmdlet="Get-ModeratedMessage" object={message} />
        </Suspense>
      ),
    },
  ];
  return (
    <DetailPanel
      title={visibleText(message.Subject || texts.noSubject)}
      onClose={onClose}
      actions={<Decisions identities={[identity]} onDone={onClose} />}
    >
      <Suspense fallback={<Loading />}>
        <PropertyList
          cmdlet="Get-ModeratedMessage"
          object={message}
          names={[
            ...["SenderAddress", "FromAddress", "RecipientAddress", "HeldFor", "Rule"],
            ...["ModeratedBy", "ReceivedTime", "Expires"],
          ]}
        />
      </Suspense>
      {mayRun("Preview-ModeratedMessage") ? (
        <MessagePreview
          call={{ cmdlet: "Preview-ModeratedMessage", parameters: { Identity: identity } }}
          tabs={tabs}
        />
      ) : (
        tabs[0]?.content
      )}
      {mayRun("Get-MessageTrace") && (
        <PageLink to="/trace" search={{ search: message.NetworkMessageId ?? "" }}>
          {texts.traceIt}
        </PageLink>
      )}
    </DetailPanel>
  );
}

/** The two decisions, about one message or several. */
function Decisions(props: { readonly identities: readonly number[]; readonly onDone: () => void }) {
  const { identities, onDone } = props;
  const mayRun = useMayRun();
  const [decision, setDecision] = useState<Decision>();
  return (
    <ToolRow label={texts.decide}>
      {DECISIONS.map((one) => {
        const Icon = one.icon;
        if (!mayRun(one.cmdlet)) return null;
        return (
          <ToolbarButton key={one.cmdlet} icon={<Icon />} onClick={() => setDecision(one)}>
            {one.verb}
          </ToolbarButton>
        );
      })}
      {decision && (
        <DecisionDialog
          decision={decision}
          identities={identities}
          onClose={({ isDone }) => {
            setDecision(undefined);
            if (isDone) onDone();
          }}
        />
      )}
    </ToolRow>
  );
}

type Decision = (typeof DECISIONS)[number];

const DECISIONS = [
  {
    cmdlet: "Approve-ModeratedMessage",
    icon: CheckmarkRegular,
    verb: texts.approve,
    title: texts.approveTitle,
    comment: texts.approveComment,
    hint: texts.approveHint,
    done: texts.approved,
  },
  {
    cmdlet: "Deny-ModeratedMessage",
    icon: DismissRegular,
    verb: texts.deny,
    title: texts.denyTitle,
    comment: texts.comment,
    hint: texts.denyHint,
    done: texts.denied,
  },
] as const;

function DecisionDialog(props: {
  readonly decision: Decision;
  readonly identities: readonly number[];
  readonly onClose: (how: { readonly isDone: boolean }) => void;
}) {
  const { decision, identities, onClose } = props;
  const { cmdlet, verb, title, comment: label, hint, done } = decision;
  const notify = useNotify();
  const [comment, setComment] = useState("");
  const words = comment.trim();
  return (
    <RunDialog
      title={title(identities.length)}
      call={{
        cmdlet,
        parameters: { Identity: identities, ...(words !== "" && { Comment: words }) },
      }}
      verb={verb}
      onClose={(how) => {
        if (how.isDone) notify({ title: done(identities.length) });
        onClose(how);
      }}
    >
      <Text>{hint}</Text>
      <Field label={label}>
        <Input
          value={comment}
          maxLength={500}
          onChange={(_event, { value }) => setComment(value)}
        />
      </Field>
    </RunDialog>
  );
}
