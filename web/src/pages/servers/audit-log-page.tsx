import { Field, Input, makeStyles, Select, Text } from "@fluentui/react-components";
import { useMemo } from "react";
import { useCmdletPages } from "../../api/cmdlet-pages.ts";
import { useCmdlet } from "../../api/cmdlet-query.ts";
import type { OutputOf } from "../../api/run-cmdlet.ts";
import { formatDateTime, isoOfField } from "../../base/format.ts";
import { visibleText } from "../../base/visible-text.ts";
import { type Column, DataTable } from "../../widgets/data-table.tsx";
import { DetailPanel, SplitView } from "../../widgets/detail-panel.tsx";
import { EmptyState } from "../../widgets/empty-state.tsx";
import { FaultNotice } from "../../widgets/fault-notice.tsx";
import { ListExport } from "../../widgets/list-export.tsx";
import { Loading } from "../../widgets/loading.tsx";
import { PageHeader } from "../../widgets/page-header.tsx";
import { type PageState, usePageState } from "../../widgets/page-state.ts";
import { readingRows } from "../../widgets/row-source.ts";
import { ShowCmdlet } from "../../widgets/show-cmdlet.tsx";
import { useSettled } from "../../widgets/use-settled.ts";
import { VerdictMark } from "../../widgets/verdict-mark.tsx";
import { AuditEventPanel } from "./audit-event-panel.tsx";
import { texts } from "./texts.ts";

type AuditEvent = OutputOf<"Search-AdminAuditLog">;

const PAGE_SIZE = 200;
const SETTLED_MS = 300;
/** In the file for spreadsheets. */
const EXPORTED = [
  ...["RunDate", "Caller", "ClientIP", "CmdletName", "ObjectModified", "Succeeded", "Error"],
  ...["CmdletParameters", "ModifiedProperties", "Identity"],
];

const useStyles = makeStyles({
  root: { display: "flex", flexDirection: "column", flexGrow: 1, minHeight: 0 },
  tools: { display: "flex", flexWrap: "wrap", gap: "8px", alignItems: "end" },
  field: { width: "min(220px, 100%)" },
});

/** Who has changed what; `?object=` is one object, and so one click away from it. */
export function AuditLogPage() {
  const styles = useStyles();
  const [state, setState] = usePageState();
  const { open, ...wanted } = state;
  const given = useSettled(JSON.stringify(wanted), SETTLED_MS);
  const call = useMemo(() => auditCall(JSON.parse(given)), [given]);
  const bookmarkOf = ({ Identity }: AuditEvent) => Number(Identity);
  const pages = useCmdletPages<AuditEvent>(call, { pageSize: PAGE_SIZE, bookmarkOf });
  return (
    <div className={styles.root}>
      <PageHeader title={texts.audit} about={texts.auditAbout}>
        <ListExport call={call} name="audit-log.csv" columns={EXPORTED} />
        <ShowCmdlet call={call} />
      </PageHeader>
      {pages.error && <FaultNotice fault={pages.error} onRetry={pages.readAgain} />}
      <SplitView
        list={
          <>
            <Filters />
            {pages.isPending && !pages.error && <Loading />}
            {!pages.isPending && (
              <DataTable
                key={given}
                label={texts.audit}
                columns={COLUMNS}
                rows={readingRows(pages)}
                keyOf={({ Identity }) => Identity ?? ""}
                nameOf={({ CmdletName }) => CmdletName ?? ""}
                openKey={open}
                onOpen={({ Identity }) => setState({ open: Identity ?? undefined })}
                empty={<EmptyState title={texts.noAudit}>{texts.noAuditHint}</EmptyState>}
              />
            )}
          </>
        }
        detail={
          open === undefined ? undefined : (
            <OpenEvent
              key={open}
              read={pages.rows.find(({ Identity }) => Identity === open)}
              identity={open}
              onClose={() => setState({ open: undefined })}
            />
          )
        }
      />
    </div>
  );
}

/** Also one that a link leads to, however far down it is. */
function OpenEvent(props: {
  readonly read: AuditEvent | undefined;
  readonly identity: string;
  readonly onClose: () => void;
}) {
  const { read, identity, onClose } = props;
  const call = {
    cmdlet: "Search-AdminAuditLog",
    parameters: { Identity: Number(identity) },
  } as const;
  const reading = useCmdlet(call, { isEnabled: read === undefined });
  const event = read ?? reading.data?.objects[0];
  if (event !== undefined) return <AuditEventPanel event={event} onClose={onClose} />;
  return (
    <DetailPanel title={texts.audit} onClose={onClose}>
      {reading.error && <FaultNotice fault={reading.error} />}
      {reading.data ? <Text>{texts.noEvent}</Text> : reading.isPending && <Loading />}
    </DetailPanel>
  );
}

function auditCall({ object, user, cmdlet, from, outcome }: PageState) {
  return {
    cmdlet: "Search-AdminAuditLog",
    parameters: {
      ...(object && { ObjectIds: [object] }),
      ...(user && { UserIds: [user] }),
      ...(cmdlet && { Cmdlets: [cmdlet] }),
      ...(from && { StartDate: isoOfField(from) }),
      ...(outcome && { IsSuccess: outcome === "good" }),
    },
  } as const;
}

function Filters() {
  const styles = useStyles();
  const [state, setState] = usePageState();
  const set =
    (name: string) =>
    (_event: unknown, { value }: { readonly value: string }) =>
      setState({ [name]: value === "" ? undefined : value }, { isReplacing: true });
  const texted = [
    ["object", texts.auditObject],
    ["user", texts.auditUser],
    ["cmdlet", texts.auditCmdlet],
  ] as const;
  return (
    <div className={styles.tools}>
      {texted.map(([name, label]) => (
        <Field key={name} label={label} className={styles.field}>
          <Input
            value={state[name] ?? ""}
            {...(name === "object" && { title: texts.auditObjectHint })}
            onChange={set(name)}
          />
        </Field>
      ))}
      <Field label={texts.from} className={styles.field}>
        <Input type="date" value={state["from"] ?? ""} onChange={set("from")} />
      </Field>
      <Field label={texts.outcome} className={styles.field}>
        <Select value={state["outcome"] ?? ""} onChange={set("outcome")}>
          <option value="">{texts.outcomeAny}</option>
          <option value="good">{texts.outcomeGood}</option>
          <option value="bad">{texts.outcomeBad}</option>
        </Select>
      </Field>
    </div>
  );
}

const COLUMNS: readonly Column<AuditEvent>[] = [
  {
    ...{ key: "outcome", title: "", label: texts.outcome, width: "28px", priority: 3 },
    render: ({ Succeeded }) => <VerdictMark verdict={Succeeded === false ? "Fail" : "Pass"} />,
  },
  {
    ...{ key: "when", title: texts.when, width: "180px", priority: 2 },
    render: ({ RunDate }) => formatDateTime(RunDate ?? ""),
  },
  {
    ...{ key: "who", title: texts.who, width: "minmax(80px, 1fr)", priority: 2 },
    render: ({ Caller }) => <bdi>{visibleText(Caller ?? "")}</bdi>,
  },
  {
    ...{ key: "what", title: texts.what, width: "minmax(140px, 2fr)", priority: 1 },
    render: ({ CmdletName, Succeeded }) => (
      <Text>
        {CmdletName}
        {Succeeded === false && ` (${texts.failed})`}
      </Text>
    ),
  },
  {
    ...{ key: "object", title: texts.object, width: "minmax(120px, 2fr)", priority: 1 },
    render: ({ ObjectModified }) => <bdi>{visibleText(ObjectModified ?? "")}</bdi>,
  },
];
