import { Button, Field, Input, makeStyles, Select, Text } from "@fluentui/react-components";
import { useMemo } from "react";
import { useCmdlet } from "../../api/cmdlet-query.ts";
import type { OutputOf } from "../../api/run-cmdlet.ts";
import { formatDateTime, isoOfField } from "../../base/format.ts";
import { visibleText } from "../../base/visible-text.ts";
import { type Column, DataTable } from "../../widgets/data-table.tsx";
import { SplitView } from "../../widgets/detail-panel.tsx";
import { EmptyState } from "../../widgets/empty-state.tsx";
import { FaultNotice } from "../../widgets/fault-notice.tsx";
import { Loading } from "../../widgets/loading.tsx";
import { PageHeader } from "../../widgets/page-header.tsx";
import { type PageState, usePageState } from "../../widgets/page-state.ts";
import { arrayRows } from "../../widgets/row-source.ts";
import { ShowCmdlet } from "../../widgets/show-cmdlet.tsx";
import { useSettled } from "../../widgets/use-settled.ts";
import { VerdictMark } from "../../widgets/verdict-mark.tsx";
import { AuditEventPanel } from "./audit-event-panel.tsx";
import { texts } from "./texts.ts";

type AuditEvent = OutputOf<"Search-AdminAuditLog">;

const PAGE_SIZE = 200;
const SETTLED_MS = 300;

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
  const reading = useCmdlet(call);
  const events = reading.data?.objects ?? [];
  const opened = events.find(({ Identity }) => Identity === open);
  const size = call.parameters.ResultSize;
  return (
    <div className={styles.root}>
      <PageHeader title={texts.audit} about={texts.auditAbout}>
        <ShowCmdlet call={call} />
      </PageHeader>
      {reading.error && (
        <FaultNotice fault={reading.error} onRetry={() => void reading.refetch()} />
      )}
      <SplitView
        list={
          <>
            <Filters />
            {reading.isPending ? (
              <Loading />
            ) : (
              <DataTable
                label={texts.audit}
                columns={COLUMNS}
                rows={arrayRows(events)}
                keyOf={({ Identity }) => Identity ?? ""}
                nameOf={({ CmdletName }) => CmdletName ?? ""}
                openKey={open}
                onOpen={({ Identity }) => setState({ open: Identity ?? undefined })}
                empty={<EmptyState title={texts.noAudit}>{texts.noAuditHint}</EmptyState>}
              />
            )}
            {events.length >= size && (
              <div>
                <Button onClick={() => setState({ size: String(size + PAGE_SIZE) })}>
                  {texts.older}
                </Button>
              </div>
            )}
          </>
        }
        detail={
          opened && <AuditEventPanel event={opened} onClose={() => setState({ open: undefined })} />
        }
      />
    </div>
  );
}

function auditCall({ object, user, cmdlet, from, outcome, size }: PageState) {
  return {
    cmdlet: "Search-AdminAuditLog",
    parameters: {
      ...(object && { ObjectIds: [object] }),
      ...(user && { UserIds: [user] }),
      ...(cmdlet && { Cmdlets: [cmdlet] }),
      ...(from && { StartDate: isoOfField(from) }),
      ...(outcome && { IsSuccess: outcome === "good" }),
      ResultSize: Number(size ?? PAGE_SIZE),
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
