import { makeStyles, Text } from "@fluentui/react-components";
import { Suspense } from "react";
import { useCmdlet } from "../../api/cmdlet-query.ts";
import type { OutputOf } from "../../api/run-cmdlet.ts";
import { useMayRun } from "../../api/session.ts";
import { formatDateTime } from "../../base/format.ts";
import { DetailPanel } from "../../widgets/detail-panel.tsx";
import { EmptyState } from "../../widgets/empty-state.tsx";
import { FaultNotice } from "../../widgets/fault-notice.tsx";
import { ForeignText } from "../../widgets/foreign-text.tsx";
import { Loading } from "../../widgets/loading.tsx";
import { PageLink } from "../../widgets/page-link.tsx";
import { PropertyList } from "../../widgets/property-list.tsx";
import { ShowCmdlet } from "../../widgets/show-cmdlet.tsx";
import { texts as common } from "../../widgets/texts.ts";
import { ActButtons } from "./act-bar.tsx";
import { ExportButton } from "./export-button.tsx";
import { MESSAGE_ACTS, REDIRECT } from "./message-acts.tsx";
import { LIVE_MS } from "./refresh.ts";
import { StatusMark } from "./status-mark.tsx";
import { texts } from "./texts.ts";

type Message = OutputOf<"Get-Message">;

/** Recipients that the panel names. */
const SHOWN_MAX = 100;

const useStyles = makeStyles({
  part: { display: "flex", flexDirection: "column", gap: "4px" },
  links: { display: "flex", flexWrap: "wrap", gap: "4px 16px" },
  error: { overflowWrap: "anywhere", fontWeight: "bold" },
  list: { margin: 0, paddingInlineStart: "20px", overflowWrap: "anywhere" },
});

const SHOWN = [
  "Identity",
  "InternetMessageId",
  "FromAddress",
  "NextHopDomain",
  "Size",
  "SCL",
  "Priority",
  "DateReceived",
  "MessageLatency",
  "ExpirationTime",
  "RetryCount",
  "MessageSourceName",
  "SourceIP",
  "Directionality",
  "DeferReason",
];

/** One message in its queue: why it waits, who is to get it, and what one can do. */
export function MessagePanel(props: { readonly identity: string; readonly onClose: () => void }) {
  const { identity, onClose } = props;
  const parameters = { Identity: identity, IncludeRecipientInfo: true };
  const reading = useCmdlet({ cmdlet: "Get-Message", parameters }, { refreshMs: LIVE_MS });
  const isGone = reading.error?.code === "not-found";
  const [message] = isGone ? [] : (reading.data?.objects ?? []);
  if (message === undefined) {
    return (
      <DetailPanel title={identity} onClose={onClose}>
        {reading.error && !isGone && <FaultNotice fault={reading.error} />}
        {reading.isPending && <Loading />}
        {isGone && <EmptyState title={texts.gone}>{texts.messageGone}</EmptyState>}
      </DetailPanel>
    );
  }
  return (
    <DetailPanel
      title={message.Subject || identity}
      onClose={onClose}
      actions={
        <ActButtons
          label={texts.acts}
          acts={[...MESSAGE_ACTS, REDIRECT]}
          scope={{ kind: "named", identities: [identity] }}
        >
          <ExportButton
            identities={[identity]}
            hint={message.Status === "Suspended" ? undefined : texts.exportHint}
          />
          <ShowCmdlet call={{ cmdlet: "Get-Message", parameters }} />
        </ActButtons>
      }
    >
      <Reason message={message} />
      <Recipients message={message} />
      <Suspense fallback={<Loading />}>
        <PropertyList cmdlet="Get-Message" object={message} names={SHOWN} />
      </Suspense>
    </DetailPanel>
  );
}

function Reason({ message }: { readonly message: Message }) {
  const styles = useStyles();
  const mayRun = useMayRun();
  const { Identity, Status, LastError, ExpirationTime, Queue } = message;
  return (
    <section className={styles.part} aria-label={texts.whyTitle}>
      <div>
        <StatusMark status={Status} />
      </div>
      {LastError === null ? (
        <Text>{texts.noError}</Text>
      ) : (
        <Text className={styles.error}>
          <ForeignText text={LastError} />
        </Text>
      )}
      {ExpirationTime !== null && (
        <Text>{`${texts.expires}: ${formatDateTime(ExpirationTime)}`}</Text>
      )}
      <div className={styles.links}>
        <PageLink to="/queues" search={{ open: String(Queue) }}>
          {texts.openQueue}
        </PageLink>
        {mayRun("Get-MessageTrace", "Get-MessageTraceDetail") && (
          <PageLink to={`/trace/${messageNumber(Identity)}`}>{texts.openTrace}</PageLink>
        )}
      </div>
    </section>
  );
}

/** `42` of `mail\\7\\42`: the number by which traces know it. */
function messageNumber(identity: string | null): string {
  return identity?.split("\\").at(-1) ?? "";
}

interface Recipient {
  readonly Address?: string;
  readonly Status?: string;
  readonly LastError?: string | null;
}

function Recipients({
  message: { Recipients: given, RecipientCount },
}: {
  readonly message: Message;
}) {
  const styles = useStyles();
  // The server fills it with -IncludeRecipientInfo; the schema says only that it is JSON.
  const all = Array.isArray(given) ? (given as readonly Recipient[]) : [];
  const rest = (RecipientCount ?? 0) - Math.min(all.length, SHOWN_MAX);
  return (
    <section className={styles.part}>
      <Text as="h3" weight="semibold">
        {texts.recipients}
      </Text>
      <ul className={styles.list}>
        {all.slice(0, SHOWN_MAX).map(({ Address, Status, LastError }) => (
          <li key={Address}>
            <ForeignText text={Address} /> <StatusMark status={Status ?? null} />
            {LastError && (
              <div>
                <ForeignText text={LastError} />
              </div>
            )}
          </li>
        ))}
        {rest > 0 && <li>{common.andMore(rest)}</li>}
      </ul>
    </section>
  );
}
