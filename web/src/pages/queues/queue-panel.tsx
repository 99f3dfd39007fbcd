import { makeStyles, Text } from "@fluentui/react-components";
import { Suspense } from "react";
import { useCmdlet } from "../../api/cmdlet-query.ts";
import type { OutputOf } from "../../api/run-cmdlet.ts";
import { serverNowMs } from "../../api/server-clock.ts";
import { useMayRun } from "../../api/session.ts";
import { formatAgo, formatDateTime } from "../../base/format.ts";
import { DetailPanel } from "../../widgets/detail-panel.tsx";
import { EmptyState } from "../../widgets/empty-state.tsx";
import { FaultNotice } from "../../widgets/fault-notice.tsx";
import { quoteFilterText } from "../../widgets/filter-text.ts";
import { ForeignText } from "../../widgets/foreign-text.tsx";
import { Loading } from "../../widgets/loading.tsx";
import { PageLink } from "../../widgets/page-link.tsx";
import { PropertyList } from "../../widgets/property-list.tsx";
import { ShowCmdlet } from "../../widgets/show-cmdlet.tsx";
import { ActButtons } from "./act-bar.tsx";
import { REMOVE } from "./message-acts.tsx";
import { QUEUE_ACTS } from "./queue-acts.ts";
import { LIVE_MS } from "./refresh.ts";
import { StatusMark } from "./status-mark.tsx";
import { texts } from "./texts.ts";

type Queue = OutputOf<"Get-Queue">;

/** Messages that the panel names. */
const SHOWN_MAX = 10;

const useStyles = makeStyles({
  part: { display: "flex", flexDirection: "column", gap: "4px" },
  error: { overflowWrap: "anywhere", fontWeight: "bold" },
  messages: { margin: 0, paddingInlineStart: "20px", overflowWrap: "anywhere" },
});

/** One queue: why it waits, what is in it, and what one can do. */
export function QueuePanel(props: { readonly identity: string; readonly onClose: () => void }) {
  const { identity, onClose } = props;
  const parameters = { Filter: `Identity -eq ${quoteFilterText(identity)}` };
  const reading = useCmdlet({ cmdlet: "Get-Queue", parameters }, { refreshMs: LIVE_MS });
  const [queue] = reading.data?.objects ?? [];
  if (queue === undefined) {
    return (
      <DetailPanel title={identity} onClose={onClose}>
        {reading.error && <FaultNotice fault={reading.error} />}
        {reading.isPending && <Loading />}
        {reading.data && <EmptyState title={texts.gone}>{texts.queueGone}</EmptyState>}
      </DetailPanel>
    );
  }
  const everything = {
    kind: "filter",
    filter: `Queue -eq ${quoteFilterText(identity)}`,
  } as const;
  return (
    <DetailPanel
      title={queue.NextHopDomain ?? identity}
      onClose={onClose}
      actions={
        <>
          <ActButtons
            label={texts.acts}
            acts={QUEUE_ACTS}
            scope={{ kind: "named", identities: [identity] }}
          />
          <ActButtons label={texts.allMessages} acts={[REMOVE]} scope={everything}>
            <ShowCmdlet call={{ cmdlet: "Get-Queue", parameters: { Identity: identity } }} />
          </ActButtons>
        </>
      }
    >
      <Reason queue={queue} />
      <OldestMessages identity={identity} />
      <Suspense fallback={<Loading />}>
        <PropertyList cmdlet="Get-Queue" object={queue} names={SHOWN} />
      </Suspense>
    </DetailPanel>
  );
}

const SHOWN = [
  "Identity",
  "DeliveryType",
  "NextHopCategory",
  "NextHopConnector",
  "TlsDomain",
  "MessageCount",
  "DeferredMessageCount",
  "IncomingRate",
  "OutgoingRate",
  "Velocity",
  "RetryCount",
  "FirstRetryTime",
  "LastRetryTime",
  "NextRetryTime",
  "SuspendedBy",
  "SuspendedTime",
];

function Reason({ queue }: { readonly queue: Queue }) {
  const styles = useStyles();
  const { LastError, RetryCount, NextRetryTime, SuspendedBy, SuspendedTime, Status } = queue;
  const { DeferredMessageCount } = queue;
  const nowMs = serverNowMs();
  return (
    <section className={styles.part} aria-label={texts.whyTitle}>
      <div>
        <StatusMark status={Status} />
      </div>
      {SuspendedBy !== null && SuspendedTime !== null && (
        <Text>{texts.suspendedBy(SuspendedBy, formatDateTime(SuspendedTime))}</Text>
      )}
      {LastError !== null && (
        <Text className={styles.error}>
          <ForeignText text={LastError} />
        </Text>
      )}
      {LastError === null &&
        ((DeferredMessageCount ?? 0) > 0 ? (
          <DeferredReason queue={queue} />
        ) : (
          <Text>{texts.noError}</Text>
        ))}
      {(RetryCount ?? 0) > 0 && <Text>{texts.failedAttempts(RetryCount ?? 0)}</Text>}
      {Status === "Retry" && NextRetryTime !== null && (
        <Text>
          {texts.nextRetryAt(formatDateTime(NextRetryTime), formatAgo(NextRetryTime, nowMs))}
        </Text>
      )}
      <HostsTest queue={queue} />
    </section>
  );
}

/** The way to ask the domain's hosts themselves; smart hosts stand in brackets. */
function HostsTest({ queue: { NextHopDomain, DeliveryType } }: { readonly queue: Queue }) {
  const mayRun = useMayRun();
  const isDomain = DeliveryType === "DnsConnectorDelivery" && NextHopDomain !== null;
  if (!isDomain || !mayRun("Test-OutboundConnectivity")) return null;
  const search = { test: "outbound", domain: NextHopDomain };
  return (
    <PageLink to="/mail-flow/troubleshooter" search={search}>
      {texts.testHosts}
    </PageLink>
  );
}

/** The host answers, and puts the messages off: each has an error of its own. */
function DeferredReason({ queue }: { readonly queue: Queue }) {
  const styles = useStyles();
  const mayRun = useMayRun();
  const parameters = {
    Queue: String(queue.Identity),
    Filter: "Status -eq 'Retry'",
    ResultSize: 1,
  };
  const reading = useCmdlet(
    { cmdlet: "Get-Message", parameters },
    { isEnabled: mayRun("Get-Message"), refreshMs: LIVE_MS },
  );
  const error = reading.data?.objects[0]?.LastError;
  return (
    <>
      <Text>{texts.deferred(queue.DeferredMessageCount ?? 0, queue.MessageCount ?? 0)}</Text>
      {error && (
        <Text className={styles.error}>
          <ForeignText text={error} />
        </Text>
      )}
    </>
  );
}

function OldestMessages({ identity }: { readonly identity: string }) {
  const styles = useStyles();
  const mayRun = useMayRun();
  const parameters = { Queue: identity, ResultSize: SHOWN_MAX };
  const reading = useCmdlet(
    { cmdlet: "Get-Message", parameters },
    { isEnabled: mayRun("Get-Message"), refreshMs: LIVE_MS },
  );
  if (!mayRun("Get-Message")) return null;
  const messages = reading.data?.objects ?? [];
  if (messages.length === 0 && !reading.error) return null;
  return (
    <section className={styles.part}>
      <Text as="h3" weight="semibold">
        {texts.firstMessages}
      </Text>
      {reading.error && <FaultNotice fault={reading.error} />}
      <ul className={styles.messages}>
        {messages.map(({ Identity, FromAddress, Subject }) => (
          <li key={Identity}>
            <PageLink to="/queues/messages" search={{ queue: identity, open: String(Identity) }}>
              <ForeignText text={FromAddress} />: <ForeignText text={Subject} />
            </PageLink>
          </li>
        ))}
      </ul>
      <PageLink to="/queues/messages" search={{ queue: identity }}>
        {texts.allMessages}
      </PageLink>
    </section>
  );
}
