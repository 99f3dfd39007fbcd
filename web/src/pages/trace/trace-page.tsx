import { Button, makeStyles } from "@fluentui/react-components";
import { ArrowClockwiseRegular, ArrowDownloadRegular } from "@fluentui/react-icons";
import { useEffect } from "react";
import { useMayGive } from "../../api/facts.ts";
import { useSession } from "../../api/session.ts";
import { saveCsv } from "../../base/csv.ts";
import { EmptyState } from "../../widgets/empty-state.tsx";
import { PageHeader } from "../../widgets/page-header.tsx";
import { usePageState } from "../../widgets/page-state.ts";
import { ShowCmdlet } from "../../widgets/show-cmdlet.tsx";
import { SearchForm } from "./search-form.tsx";
import { type Search, severalOf } from "./search-text.ts";
import { texts } from "./texts.ts";
import { formatTraceCsv } from "./trace-csv.ts";
import { TraceResults } from "./trace-results.tsx";
import { traceStore, useTraceRun } from "./trace-run.ts";
import { readTraceSearch, traceCall } from "./trace-search.ts";

const useStyles = makeStyles({
  root: { display: "flex", flexDirection: "column", flexGrow: 1, minHeight: "420px" },
});

function asksForSubject(search: Search | undefined): boolean {
  if (search?.kind === "several") return severalOf(search.text)?.words !== "";
  return search?.kind === "subject";
}

/** The search of the message trace. Its address has all of it, so that a link shows the same. */
export function TracePage() {
  const styles = useStyles();
  const { name: owner } = useSession();
  const [state, setState] = usePageState();
  const seesSubjects = useMayGive("Get-MessageTrace", "Subject");
  const run = useTraceRun(owner);
  const search = readTraceSearch(state);
  const isRefused = !seesSubjects && asksForSubject(search?.search);
  const call = search === undefined || isRefused ? undefined : traceCall(search);
  const key = call === undefined ? undefined : JSON.stringify(call);
  useEffect(() => {
    if (key !== undefined) traceStore.start(JSON.parse(key), { owner, isForced: false });
  }, [key, owner]);
  useEffect(() => traceStore.remember(state));
  const again = () => call && traceStore.start(call, { owner, isForced: true });
  const { sort: _sort, ...committed } = state;
  return (
    <div className={styles.root}>
      <PageHeader title={texts.title} about={texts.about}>
        {call && (
          <>
            <Button
              appearance="subtle"
              icon={<ArrowDownloadRegular />}
              disabled={run.messages.length === 0}
              onClick={() => {
                const csv = formatTraceCsv(run.messages.flatMap(({ rows }) => rows));
                saveCsv({ name: "message-trace.csv", csv });
              }}
            >
              {texts.exportCsv}
            </Button>
            <ShowCmdlet call={call} />
            <Button
              appearance="subtle"
              icon={<ArrowClockwiseRegular />}
              aria-label={texts.again}
              onClick={again}
            />
          </>
        )}
      </PageHeader>
      <SearchForm key={JSON.stringify(committed)} seesSubjects={seesSubjects} onAgain={again} />
      {isRefused && <EmptyState title={texts.kind("subject")}>{texts.noSubjects}</EmptyState>}
      {search === undefined && (
        <EmptyState
          title={texts.beginTitle}
          action={
            <Button onClick={() => setState({ search: "", range: "1h" })}>{texts.lastHour}</Button>
          }
        >
          {texts.beginHint}
        </EmptyState>
      )}
      {search && call && (
        <TraceResults
          run={run}
          search={search.search}
          range={texts.rangeName(search.range)}
          seesSubjects={seesSubjects}
          onAgain={again}
          {...(search.range === "all"
            ? {}
            : { onWholeLog: () => setState({ range: "all", from: undefined, to: undefined }) })}
        />
      )}
    </div>
  );
}
