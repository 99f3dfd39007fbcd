import { Field, makeStyles, Select, Text } from "@fluentui/react-components";
import { useMemo } from "react";
import { useCmdlet } from "../../api/cmdlet-query.ts";
import type { OutputOf } from "../../api/run-cmdlet.ts";
import { useMayRun } from "../../api/session.ts";
import { formatDateTime } from "../../base/format.ts";
import { visibleText } from "../../base/visible-text.ts";
import { type Column, DataTable } from "../../widgets/data-table.tsx";
import { EmptyState } from "../../widgets/empty-state.tsx";
import { FaultNotice } from "../../widgets/fault-notice.tsx";
import { ForeignText } from "../../widgets/foreign-text.tsx";
import { Loading } from "../../widgets/loading.tsx";
import { PageHeader } from "../../widgets/page-header.tsx";
import { PageLink } from "../../widgets/page-link.tsx";
import { usePageState } from "../../widgets/page-state.ts";
import { arrayRows } from "../../widgets/row-source.ts";
import { ShowCmdlet } from "../../widgets/show-cmdlet.tsx";
import { texts } from "./quarantine-texts.ts";
import { texts as area } from "./texts.ts";

type Event = OutputOf<"Get-QuarantineMessageHistory">;

const ACTIONS = ["Released", "Deleted", "Expired"] as const;
const ACTION_TEXTS = {
  Released: texts.released,
  Deleted: texts.deleted,
  Expired: texts.expired,
} as const;
const SPANS = ["1d", "7d", "30d"] as const;

const useStyles = makeStyles({
  root: { display: "flex", flexDirection: "column", flexGrow: 1, minHeight: 0, gap: "8px" },
  tools: { display: "flex", flexWrap: "wrap", gap: "8px", alignItems: "end" },
  list: { margin: 0, paddingInlineStart: "20px", overflowWrap: "anywhere" },
});

/** What became of one message so far: to whom it was released, by whom, and when. */
export function HistoryOf({ networkMessageId }: { readonly networkMessageId: string }) {
  const styles = useStyles();
  const call = {
    cmdlet: "Get-QuarantineMessageHistory",
    parameters: { Identity: networkMessageId },
  } as const;
  const isAllowed = useMayRun()(call.cmdlet);
  const reading = useCmdlet(call, { isEnabled: isAllowed && networkMessageId !== "" });
  if (!isAllowed) return null;
  if (reading.error) {
    return <FaultNotice fault={reading.error} onRetry={() => void reading.refetch()} />;
  }
  if (reading.data === undefined) return <Loading />;
  const { objects } = reading.data;
  return (
    <>
      {objects.length === 0 && <Text>{texts.nothingYet}</Text>}
      <ul className={styles.list}>
        {objects.map((event, at) => (
          // What happened stays in its place.
          // biome-ignore lint/suspicious/noArrayIndexKey: see above
          <li key={at}>
            <Text weight="semibold">{actionOf(event)}</Text>{" "}
            <ForeignText text={(event.RecipientAddress ?? []).join(", ")} />{" "}
            {texts.atBy(formatDateTime(event.Date ?? ""), visibleText(event.ActionBy ?? ""))}
          </li>
        ))}
      </ul>
      <PageLink to="/trace" search={{ search: networkMessageId }}>
        {texts.traceIt}
      </PageLink>
    </>
  );
}

function actionOf({ Action }: Event): string {
  return Action === null ? "" : ACTION_TEXTS[Action];
}

const COLUMNS: readonly Column<Event>[] = [
  {
    key: "Date",
    title: texts.when,
    width: "170px",
    render: ({ Date: at }) => formatDateTime(at ?? ""),
  },
  { key: "Action", title: texts.action, width: "130px", priority: 1, render: actionOf },
  {
    key: "By",
    title: texts.by,
    width: "minmax(90px, 1fr)",
    render: ({ ActionBy }) => <ForeignText text={ActionBy} />,
  },
  {
    key: "Subject",
    title: texts.subject,
    width: "minmax(120px, 2fr)",
    priority: 1,
    render: ({ Subject }) => <ForeignText text={Subject || texts.noSubject} />,
  },
  {
    key: "Sender",
    title: texts.sender,
    width: "minmax(100px, 1fr)",
    priority: 3,
    render: ({ SenderAddress }) => <ForeignText text={SenderAddress} />,
  },
  {
    key: "Recipients",
    title: texts.forWhom,
    width: "minmax(100px, 2fr)",
    priority: 2,
    render: ({ RecipientAddress }) => <ForeignText text={(RecipientAddress ?? []).join(", ")} />,
  },
];

/** What became of messages in quarantine: released to whom and by whom, deleted, expired. */
export function QuarantineHistoryPage() {
  const styles = useStyles();
  const [{ action, within = "7d" }, setState] = usePageState();
  const span = SPANS.find((one) => one === within) ?? "7d";
  const wanted = ACTIONS.find((one) => one === action);
  const call = {
    cmdlet: "Get-QuarantineMessageHistory",
    parameters: {
      StartDate: `-${span}`,
      ...(wanted && { Filter: `Action -eq '${wanted}'` }),
    },
  } as const;
  const reading = useCmdlet(call);
  const events = reading.data?.objects;
  const rows = useMemo(() => arrayRows(events ?? []), [events]);
  return (
    <div className={styles.root}>
      <PageHeader title={area.quarantineHistory} about={texts.historyAbout}>
        <ShowCmdlet call={call} />
      </PageHeader>
      <div className={styles.tools}>
        <Field label={texts.action}>
          <Select
            value={wanted ?? ""}
            onChange={(_event, { value }) => setState({ action: value === "" ? undefined : value })}
          >
            <option value="">{texts.anyAction}</option>
            {ACTIONS.map((one) => (
              <option key={one} value={one}>
                {ACTION_TEXTS[one]}
              </option>
            ))}
          </Select>
        </Field>
        <Field label={texts.when}>
          <Select value={span} onChange={(_event, { value }) => setState({ within: value })}>
            <option value="1d">{texts.lastDay}</option>
            <option value="7d">{texts.lastWeek}</option>
            <option value="30d">{texts.lastMonth}</option>
          </Select>
        </Field>
        <PageLink to="/protection/quarantine">{texts.backToQuarantine}</PageLink>
      </div>
      {reading.error && (
        <FaultNotice fault={reading.error} onRetry={() => void reading.refetch()} />
      )}
      {reading.isPending && <Loading />}
      {events && (
        <DataTable
          label={area.quarantineHistory}
          columns={COLUMNS}
          rows={rows}
          keyOf={({ Identity, Date: at }) => `${Identity} ${at}`}
          nameOf={({ Subject }) => visibleText(Subject || texts.noSubject)}
          empty={<EmptyState title={texts.noHistory}>{texts.noHistoryHint}</EmptyState>}
        />
      )}
      {reading.data?.warnings.map((text) => (
        <Text key={text}>{text}</Text>
      ))}
    </div>
  );
}
