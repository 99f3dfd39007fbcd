import { Button, Field, Input, makeStyles, Select, Text } from "@fluentui/react-components";
import { SearchRegular } from "@fluentui/react-icons";
import { type FormEvent, Suspense, useEffect, useMemo, useState } from "react";
import { type CmdletFacts, useFacts } from "../../api/facts.ts";
import { visibleText } from "../../base/visible-text.ts";
import { type Column, DataTable } from "../../widgets/data-table.tsx";
import { DetailPanel, SplitView } from "../../widgets/detail-panel.tsx";
import { EmptyState } from "../../widgets/empty-state.tsx";
import { FaultNotice } from "../../widgets/fault-notice.tsx";
import { labelOf } from "../../widgets/form/label.ts";
import { PageHeader } from "../../widgets/page-header.tsx";
import { type PageState, usePageState } from "../../widgets/page-state.ts";
import { formatValue, PropertyList } from "../../widgets/property-list.tsx";
import { arrayRows } from "../../widgets/row-source.ts";
import { Warnings } from "../../widgets/run-dialog.tsx";
import { RunProgress } from "../../widgets/run-progress.tsx";
import { ShowCmdlet } from "../../widgets/show-cmdlet.tsx";
import { type Stream, useStream } from "../../widgets/use-stream.ts";
import { LOG_KINDS, type LogKind, logCall } from "./log-kinds.ts";
import { texts } from "./texts.ts";

type Line = Readonly<Record<string, unknown>>;

const useStyles = makeStyles({
  root: { display: "flex", flexDirection: "column", flexGrow: 1, minHeight: 0 },
  form: { display: "flex", flexWrap: "wrap", alignItems: "end", gap: "8px", marginBottom: "12px" },
  field: { width: "min(210px, 100%)" },
  table: { display: "flex", flexGrow: 1, minHeight: "320px" },
});

/** One search over all logs: lines come as they are found, and it can be stopped. */
export function LogsPage() {
  const styles = useStyles();
  const [state, setState] = usePageState();
  const [first] = LOG_KINDS;
  const kind = LOG_KINDS.find(({ key }) => key === state["kind"]) ?? first;
  const stream = useStream();
  const { start } = stream;
  const call = kind && logCall(kind, state);
  const wanted = state["run"] === undefined ? undefined : JSON.stringify(call);
  useEffect(() => {
    if (wanted !== undefined) start(JSON.parse(wanted));
  }, [wanted, start]);
  if (kind === undefined || call === undefined) return null;
  return (
    <div className={styles.root}>
      <PageHeader title={texts.logs} about={texts.logsAbout}>
        <ShowCmdlet call={call} />
      </PageHeader>
      <SearchForm
        key={JSON.stringify({ ...state, open: undefined })}
        kind={kind}
        state={state}
        onSearch={(next) => {
          setState({ ...next, open: undefined, run: "1" });
          // The same once more: lines may have come meanwhile.
          if (JSON.stringify(logCall(kind, next)) === wanted) start(call);
        }}
      />
      <Suspense>
        <Lines kind={kind} stream={stream} />
      </Suspense>
    </div>
  );
}

function SearchForm(props: {
  readonly kind: LogKind;
  readonly state: PageState;
  readonly onSearch: (state: PageState) => void;
}) {
  const { kind, state, onSearch } = props;
  const styles = useStyles();
  const [, setState] = usePageState();
  const [values, setValues] = useState(state);
  const set =
    (name: string) =>
    (_event: unknown, { value }: { readonly value: string }) =>
      setValues({ ...values, [name]: value === "" ? undefined : value });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSearch(values);
  };
  return (
    <form className={styles.form} onSubmit={submit}>
      <Field label={texts.logKind} className={styles.field}>
        <Select
          value={kind.key}
          onChange={(_event, { value }) => setState({ ...values, kind: value, run: undefined })}
        >
          {LOG_KINDS.map(({ key, title }) => (
            <option key={key} value={key}>
              {title}
            </option>
          ))}
        </Select>
      </Field>
      <Field label={texts.from} className={styles.field}>
        <Input type="datetime-local" value={values["from"] ?? ""} onChange={set("from")} />
      </Field>
      <Field label={texts.to} className={styles.field}>
        <Input type="datetime-local" value={values["to"] ?? ""} onChange={set("to")} />
      </Field>
      {kind.fields.map(({ parameter, choices }) => (
        <Field key={parameter} label={labelOf(parameter)} className={styles.field}>
          {choices ? (
            <Select value={values[parameter] ?? ""} onChange={set(parameter)}>
              <option value="">{texts.both}</option>
              {choices.map((choice) => (
                <option key={choice}>{choice}</option>
              ))}
            </Select>
          ) : (
            <Input value={values[parameter] ?? ""} onChange={set(parameter)} />
          )}
        </Field>
      ))}
      {kind.hasPattern && (
        <Field label={texts.pattern} className={styles.field}>
          <Input value={values["pattern"] ?? ""} onChange={set("pattern")} />
        </Field>
      )}
      <Button type="submit" appearance="primary" icon={<SearchRegular />}>
        {texts.find}
      </Button>
    </form>
  );
}

function Lines({ kind, stream }: { readonly kind: LogKind; readonly stream: Stream }) {
  const styles = useStyles();
  const [state, setState] = usePageState();
  const facts = useFacts(kind.cmdlet);
  const { kind: phase, objects } = stream.state;
  const columns = useMemo(() => columnsOf(kind, facts), [kind, facts]);
  const rows = useMemo(() => objects.map((line, at): Line => ({ ...line, "#": at })), [objects]);
  if (state["run"] === undefined || phase === "idle") {
    return <EmptyState title={texts.searchFirst}>{texts.searchFirstHint}</EmptyState>;
  }
  const opened = rows[Number(state["open"] ?? Number.NaN)];
  return (
    <>
      <SearchStatus stream={stream} />
      {phase === "done" && rows.length === 0 && (
        <EmptyState title={texts.noLines}>{texts.noLinesHint}</EmptyState>
      )}
      {rows.length > 0 && (
        <SplitView
          list={
            <div className={styles.table}>
              <DataTable
                label={kind.title}
                columns={columns}
                rows={arrayRows(rows)}
                keyOf={(line) => String(line["#"])}
                nameOf={(line) => formatValue(line[kind.columns[0] ?? ""])}
                openKey={state["open"]}
                onOpen={(line) => setState({ open: String(line["#"]) })}
              />
            </div>
          }
          detail={opened && <LineDetail kind={kind} line={opened} />}
        />
      )}
    </>
  );
}

/** How far a search has come, with the way to stop it; then how much it has found. */
function SearchStatus({ stream }: { readonly stream: Stream }) {
  const { kind, objects, warnings, progress, fault } = stream.state;
  if (kind === "running") return <RunProgress progress={progress} onCancel={stream.cancel} />;
  return (
    <>
      {fault && <FaultNotice fault={fault} />}
      <Warnings warnings={warnings} />
      {kind !== "failed" && <Text role="status">{texts.logLines(objects.length)}</Text>}
    </>
  );
}

function LineDetail({ kind, line }: { readonly kind: LogKind; readonly line: Line }) {
  const [, setState] = usePageState();
  const { "#": _at, ...shown } = line;
  const session = line["SessionId"] ?? line["Session"];
  const whole = { SessionId: String(session), Session: String(session) };
  const isConnectivity = kind.key === "connectivity";
  return (
    <DetailPanel
      title={texts.line}
      onClose={() => setState({ open: undefined })}
      actions={
        typeof session === "string" &&
        session !== "" && (
          <Button
            onClick={() =>
              setState({
                ...Object.fromEntries(kind.fields.map(({ parameter }) => [parameter, undefined])),
                ...{ from: undefined, to: undefined, pattern: undefined, open: undefined },
                ...(isConnectivity ? { Session: whole.Session } : { SessionId: whole.SessionId }),
                ...{ kind: isConnectivity ? "connectivity" : "protocol", run: "1" },
              })
            }
          >
            {texts.wholeSession}
          </Button>
        )
      }
    >
      <PropertyList cmdlet={kind.cmdlet} object={visible(shown)} />
    </DetailPanel>
  );
}

/** Lines have words of strangers in them. */
function visible(line: Line): Line {
  const entries = Object.entries(line).map(([name, value]) => [
    name,
    typeof value === "string" ? visibleText(value) : value,
  ]);
  return Object.fromEntries(entries);
}

function columnsOf(kind: LogKind, facts: CmdletFacts | undefined): readonly Column<Line>[] {
  return kind.columns.map((name, at) => ({
    key: name,
    title: labelOf(name),
    width: at === 0 ? "180px" : name === "Event" || name === "Direction" ? "80px" : WIDE,
    priority: at === 0 || at === 2 ? 1 : at < 4 ? 2 : 3,
    render: (line) => (
      <bdi>{visibleText(formatValue(line[name], facts?.output.properties[name] ?? {}))}</bdi>
    ),
  }));
}

const WIDE = "minmax(110px, 1fr)";
