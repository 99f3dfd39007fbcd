import { Button, makeStyles, Spinner, Text, tokens } from "@fluentui/react-components";
import { useState } from "react";
import { useCmdlet } from "../../api/cmdlet-query.ts";
import type { OutputOf, ParametersOf } from "../../api/run-cmdlet.ts";
import { formatDateTime } from "../../base/format.ts";
import { visibleText } from "../../base/visible-text.ts";
import { EmptyState } from "../../widgets/empty-state.tsx";
import { FaultNotice } from "../../widgets/fault-notice.tsx";
import { ShowCmdlet } from "../../widgets/show-cmdlet.tsx";
import { numbered } from "./numbered.ts";
import { hostsOf, type StoryHost, sessionStart } from "./story-hosts.ts";
import { texts } from "./texts.ts";

const useStyles = makeStyles({
  root: { display: "flex", flexDirection: "column", gap: "16px" },
  about: { color: tokens.colorNeutralForeground2 },
  host: {
    display: "flex",
    flexDirection: "column",
    gap: "8px",
    padding: "12px 16px",
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground1,
  },
  head: { display: "flex", flexWrap: "wrap", gap: "8px", alignItems: "center" },
  title: { margin: 0, flexGrow: 1, overflowWrap: "anywhere" },
  said: {
    margin: 0,
    padding: "8px",
    listStyleType: "none",
    backgroundColor: tokens.colorNeutralBackground3,
    borderRadius: tokens.borderRadiusMedium,
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: tokens.fontSizeBase200,
    overflowWrap: "anywhere",
    whiteSpace: "pre-wrap",
  },
  failed: { color: tokens.colorPaletteRedForeground1 },
});

/** What other hosts and this server have said to each other about the message. */
export function SaidView(props: { readonly parameters: ParametersOf<"Get-MessageTraceDetail"> }) {
  const styles = useStyles();
  const { parameters } = props;
  const { data, error, isPending, refetch } = useCmdlet({
    cmdlet: "Get-MessageTraceDetail",
    parameters,
  });
  if (isPending) return <Spinner label={texts.searching} />;
  if (error) return <FaultNotice fault={error} onRetry={() => void refetch()} />;
  const hosts = hostsOf(data.objects);
  return (
    <section className={styles.root} aria-label={texts.said}>
      <Text className={styles.about}>{texts.saidAbout}</Text>
      {hosts.length === 0 && <EmptyState title={texts.noHosts} />}
      {hosts.map((host) => (
        <HostSessions key={host.address} host={host} />
      ))}
    </section>
  );
}

function HostSessions({ host }: { readonly host: StoryHost }) {
  const styles = useStyles();
  const around = { RemoteAddress: host.address, Start: host.from, End: host.to };
  return (
    <div className={styles.host}>
      <div className={styles.head}>
        <Text as="h2" size={400} weight="semibold" className={styles.title}>
          <bdi>{texts.sessionsOf(visibleText(host.name))}</bdi>
        </Text>
        <ShowCmdlet call={{ cmdlet: "Get-ProtocolLog", parameters: around }} />
      </div>
      {host.sessions.map((id) => (
        <Sessions
          key={id}
          recording={{ Identity: id }}
          log={{ SessionId: id, Start: sessionStart(id), End: host.to }}
        />
      ))}
      {host.sessions.length === 0 && <Sessions recording={around} log={around} />}
    </div>
  );
}

/** What is left of sessions: of one that the story names, or of all with a host at that time. */
function Sessions(props: {
  readonly recording: ParametersOf<"Get-SessionRecording">;
  readonly log: ParametersOf<"Get-ProtocolLog">;
}) {
  const recordings = useCmdlet({ cmdlet: "Get-SessionRecording", parameters: props.recording });
  const log = useCmdlet({ cmdlet: "Get-ProtocolLog", parameters: props.log });
  // Only sessions that ended in an error are recorded.
  const isKept = recordings.error?.code !== "not-found";
  const fault = (isKept ? recordings.error : undefined) ?? log.error;
  const isPending = recordings.isPending || log.isPending;
  const sessions = Map.groupBy(log.data?.objects ?? [], ({ SessionId }) => SessionId ?? "");
  const recorded = recordings.data?.objects ?? [];
  return (
    <>
      {isPending && <Spinner size="tiny" label={texts.searching} />}
      {fault && <FaultNotice fault={fault} />}
      {recorded.map((recording) => (
        <Recording key={recording.Identity} recording={recording} />
      ))}
      {[...sessions].map(([id, lines]) => (
        <ProtocolSession key={id} lines={lines} />
      ))}
      {!isPending && !fault && recorded.length === 0 && sessions.size === 0 && (
        <Text>
          {texts.noSessions} {texts.noSessionsHint}
        </Text>
      )}
    </>
  );
}

/** A session that ended in an error; what was said in it is read when it is opened. */
function Recording({ recording }: { readonly recording: OutputOf<"Get-SessionRecording"> }) {
  const styles = useStyles();
  const [isOpen, setOpen] = useState(false);
  const { Identity, StartTime, Reason } = recording;
  const { data, error } = useCmdlet(
    { cmdlet: "Get-SessionRecording", parameters: { Identity: Identity ?? "" } },
    { isEnabled: isOpen },
  );
  const conversation = data?.objects[0]?.Conversation ?? [];
  return (
    <div>
      <Button
        appearance="transparent"
        aria-expanded={isOpen}
        className={styles.failed}
        onClick={() => setOpen(!isOpen)}
      >
        {formatDateTime(StartTime ?? "")}: {texts.recording(visibleText(Reason ?? ""))}
      </Button>
      {error && <FaultNotice fault={error} />}
      {isOpen && conversation.length > 0 && (
        <ol className={styles.said}>
          {numbered(conversation).map(({ at, item }) => (
            <li key={at}>
              <bdi>{visibleText(item)}</bdi>
            </li>
          ))}
        </ol>
      )}
    </div>
  );
}

function ProtocolSession({ lines }: { readonly lines: readonly OutputOf<"Get-ProtocolLog">[] }) {
  const styles = useStyles();
  const [isOpen, setOpen] = useState(false);
  const [first] = lines;
  return (
    <div>
      <Button appearance="transparent" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        {formatDateTime(first?.DateTime ?? "")}: {texts.protocolLog},{" "}
        {visibleText(first?.ConnectorId ?? "")}
      </Button>
      {isOpen && (
        <ol className={styles.said}>
          {lines.map(({ SequenceNumber, Event, Data, Context }) => (
            <li key={SequenceNumber}>
              <bdi>
                {`${texts.saidBy(Event ?? "")}: `}
                {visibleText([Data, Context].filter(Boolean).join("  "))}
              </bdi>
            </li>
          ))}
        </ol>
      )}
    </div>
  );
}
