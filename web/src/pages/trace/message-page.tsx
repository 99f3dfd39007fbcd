import { Button, makeStyles, Spinner, tokens } from "@fluentui/react-components";
import { ArrowClockwiseRegular, ArrowLeftRegular, ShareRegular } from "@fluentui/react-icons";
import { Link, useParams } from "@tanstack/react-router";
import { Suspense, useState } from "react";
import { useCmdlet } from "../../api/cmdlet-query.ts";
import { useMayRun } from "../../api/session.ts";
import { visibleText } from "../../base/visible-text.ts";
import { EmptyState } from "../../widgets/empty-state.tsx";
import { FaultNotice } from "../../widgets/fault-notice.tsx";
import { PageHeader } from "../../widgets/page-header.tsx";
import { usePageState } from "../../widgets/page-state.ts";
import { ShowCmdlet } from "../../widgets/show-cmdlet.tsx";
import { TabView } from "../../widgets/tab-view.tsx";
import { EventsView } from "./events-view.tsx";
import { ExplainView } from "./explain-view.tsx";
import { MessageFacts } from "./message-facts.tsx";
import { OwnHeader } from "./own-header.tsx";
import { RouteView } from "./route-view.tsx";
import { SaidView } from "./said-view.tsx";
import { ShareDialog } from "./share-dialog.tsx";
import { StoryView } from "./story-view.tsx";
import { texts } from "./texts.ts";
import { traceStore } from "./trace-run.ts";
import type { TraceRow } from "./traced-message.ts";

/** What still moves is looked at again and again. */
const REFRESH_MS = 5000;

const useStyles = makeStyles({
  root: { display: "flex", flexDirection: "column", gap: "12px" },
  back: {
    display: "inline-flex",
    alignSelf: "start",
    alignItems: "center",
    gap: "4px",
    minHeight: "24px",
    color: tokens.colorBrandForegroundLink,
  },
});

/** One message: what it is, whom it was for, and the story of each of them. */
export function MessagePage() {
  const { id = "" }: { readonly id?: string } = useParams({ strict: false });
  const styles = useStyles();
  const call = {
    cmdlet: "Get-MessageTrace",
    parameters: /^\d{1,15}$/.test(id)
      ? { InternalMessageId: id, ResultSize: "unlimited" as const }
      : { MessageTraceId: id, ResultSize: "unlimited" as const },
  } as const;
  const first = useCmdlet(call);
  const isMoving = first.data?.objects.some(({ Status }) => isUnderWay(Status)) === true;
  const reading = useCmdlet(call, isMoving ? { refreshMs: REFRESH_MS } : {});
  const rows = reading.data?.objects;
  return (
    <div className={styles.root}>
      <Link to="/trace" search={traceStore.state} className={styles.back}>
        <ArrowLeftRegular aria-hidden />
        {texts.back}
      </Link>
      {reading.error && (
        <>
          <PageHeader title={texts.title} />
          <FaultNotice fault={reading.error} onRetry={() => void reading.refetch()} />
        </>
      )}
      {reading.isPending && (
        <>
          <PageHeader title={texts.title} />
          <Spinner label={texts.searching} />
        </>
      )}
      {rows !== undefined && rows.length === 0 && (
        <>
          <PageHeader title={texts.title} />
          <EmptyState title={texts.goneTitle}>{texts.goneHint}</EmptyState>
        </>
      )}
      {rows?.[0] && (
        <Message
          rows={rows}
          first={rows[0]}
          isMoving={isMoving}
          onRefresh={() => void reading.refetch()}
        />
      )}
    </div>
  );
}

function isUnderWay(status: string | null | undefined): boolean {
  return status === "Pending" || status === "GettingStatus";
}

/** Its subject; where the server keeps that back, its id. */
function titleOf({ Subject, MessageId }: TraceRow): string {
  if (Subject === null || Subject === undefined) return MessageId ?? "";
  return Subject === "" ? texts.noSubject : Subject;
}

/** The parts of the page, with the cmdlets that they need. */
const VIEWS = [
  ["story", texts.story, ["Get-MessageTraceDetail"]],
  ["why", texts.why, ["Explain-Message"]],
  ["now", texts.now, ["Test-MessageRoute"]],
  ["said", texts.said, ["Get-SessionRecording", "Get-ProtocolLog"]],
  ["headers", texts.headers, []],
  ["events", texts.events, ["Get-MessageTrackingLog"]],
] as const;

interface MessageProps {
  readonly rows: readonly TraceRow[];
  readonly first: TraceRow;
  readonly isMoving: boolean;
  readonly onRefresh: () => void;
}

function Message({ rows, first, isMoving, onRefresh }: MessageProps) {
  const mayRun = useMayRun();
  const [state, setState] = usePageState();
  const [isSharing, setSharing] = useState(false);
  const traceId = first.MessageTraceId ?? "";
  const recipient = rows.length === 1 ? undefined : state["recipient"];
  const views = VIEWS.filter(([, , needs]) => mayRun(...needs));
  const view = views.find(([key]) => key === state["view"])?.[0] ?? "story";
  const parameters = {
    MessageTraceId: traceId,
    ...(recipient === undefined ? {} : { RecipientAddress: recipient }),
  };
  return (
    <>
      <PageHeader title={visibleText(titleOf(first))}>
        {mayRun("New-MessageTraceLink") && (
          <Button icon={<ShareRegular />} onClick={() => setSharing(true)}>
            {texts.share}
          </Button>
        )}
        <ShowCmdlet call={{ cmdlet: "Get-MessageTraceDetail", parameters }} />
        <Button
          appearance="subtle"
          icon={<ArrowClockwiseRegular />}
          aria-label={texts.refresh}
          onClick={onRefresh}
        />
      </PageHeader>
      <MessageFacts
        rows={rows}
        first={first}
        recipient={recipient}
        onRecipient={(chosen) => setState({ recipient: chosen })}
      />
      <TabView
        label={texts.views}
        tabs={views.map(([key, title]) => ({ key, title }))}
        chosen={view}
        onChoose={(key) => setState({ view: key === "story" ? undefined : key })}
      >
        <Suspense fallback={<Spinner label={texts.searching} />}>
          {view === "story" && <StoryView parameters={parameters} isMoving={isMoving} />}
          {view === "why" && <ExplainView key={recipient} parameters={parameters} />}
          {view === "now" && <RouteView rows={rows} first={first} recipient={recipient} />}
          {view === "said" && <SaidView parameters={parameters} />}
          {view === "headers" && <OwnHeader traceId={traceId} />}
          {view === "events" && <EventsView traceId={traceId} />}
        </Suspense>
      </TabView>
      {isSharing && (
        <ShareDialog
          traceId={traceId}
          recipients={rows.map(({ RecipientAddress }) => RecipientAddress ?? "")}
          recipient={recipient}
          onClose={() => setSharing(false)}
        />
      )}
    </>
  );
}
