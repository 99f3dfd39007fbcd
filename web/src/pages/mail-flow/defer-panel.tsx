import { Button, Input, makeStyles, Text, tokens } from "@fluentui/react-components";
import { PlayRegular } from "@fluentui/react-icons";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, type ReactNode, useEffect, useState } from "react";
import { useCmdlet } from "../../api/cmdlet-query.ts";
import type { AnyCall } from "../../api/run-cmdlet.ts";
import { serverNowMs } from "../../api/server-clock.ts";
import { useMayRun } from "../../api/session.ts";
import { formatAgo } from "../../base/format.ts";
import { visibleText } from "../../base/visible-text.ts";
import { FaultNotice } from "../../widgets/fault-notice.tsx";
import { usePageState } from "../../widgets/page-state.ts";
import { ShowCmdlet } from "../../widgets/show-cmdlet.tsx";
import { StreamView } from "../../widgets/stream-view.tsx";
import { TreeView } from "../../widgets/tree-view.tsx";
import { useStream } from "../../widgets/use-stream.ts";
import { texts } from "./troubleshooter-texts.ts";
import { groupWords, queueFilter } from "./waiting-mail.ts";

const useStyles = makeStyles({
  root: { display: "flex", flexDirection: "column", gap: "20px", maxWidth: "860px" },
  ask: { display: "flex", flexWrap: "wrap", gap: "8px", alignItems: "end" },
  part: { display: "flex", flexDirection: "column", gap: "8px", alignItems: "start" },
  title: { margin: 0, fontSize: tokens.fontSizeBase400 },
  words: { margin: 0, paddingInlineStart: "20px", overflowWrap: "anywhere" },
  wide: { width: "100%" },
});

/** Why mail to a domain waits: what waits, the latest explained, and the way there tried. */
export function DeferPanel() {
  const styles = useStyles();
  const [{ domain = "" }, setState] = usePageState();
  const [typed, setTyped] = useState(domain);
  const mayRun = useMayRun();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setState({ domain: typed.trim().replace(/^.*@/, "") });
  };
  return (
    <div className={styles.root}>
      <form className={styles.ask} onSubmit={submit}>
        <Input
          aria-label={texts.quickDomain}
          placeholder={texts.quickHint}
          value={typed}
          onChange={(_event, { value }) => setTyped(value)}
        />
        <Button type="submit" appearance="primary" icon={<PlayRegular />}>
          {texts.why}
        </Button>
      </form>
      {domain !== "" && (
        <div key={domain} className={styles.root}>
          <WaitingMail domain={domain} />
          {mayRun("Test-OutboundConnectivity") && (
            <StepsOf
              title={texts.tryTitle}
              call={{ cmdlet: "Test-OutboundConnectivity", parameters: { Domain: domain } }}
            />
          )}
        </div>
      )}
    </div>
  );
}

/** Rows that are looked at; the rest would say the same. */
const LOOKED_AT_MAX = 500;

function WaitingMail({ domain }: { readonly domain: string }) {
  const styles = useStyles();
  const mayRun = useMayRun();
  const navigate = useNavigate();
  const call = {
    cmdlet: "Get-MessageTrace",
    parameters: {
      RecipientAddress: [`@${domain}`],
      Status: ["Pending"],
      ResultSize: LOOKED_AT_MAX,
    },
  } as const;
  const { data, error, refetch } = useCmdlet(call, { isEnabled: mayRun("Get-MessageTrace") });
  if (error) return <FaultNotice fault={error} onRetry={() => void refetch()} />;
  if (data === undefined) return null;
  const rows = data.objects;
  const [latest] = rows;
  return (
    <>
      <Part title={texts.waitingTitle}>
        <Text>
          {rows.length === 0 ? texts.noneWaits(domain) : texts.waits(rows.length, domain)}{" "}
          {rows.length === 0 && texts.noneWaitsHint}
        </Text>
        {rows.length > 0 && (
          <>
            <Text weight="semibold">{texts.theySaid}</Text>
            <ul className={styles.words}>
              {groupWords(rows).map(({ words, count }) => (
                <li key={words}>
                  <bdi>{words === "" ? texts.nothingSaid : visibleText(words)}</bdi> (
                  {texts.times(count)})
                </li>
              ))}
            </ul>
          </>
        )}
        {mayRun("Get-Queue") && <QueuesTo domain={domain} />}
        <div className={styles.ask}>
          <Button onClick={() => void navigate({ to: "/trace", search: { search: `@${domain}` } })}>
            {texts.openTrace}
          </Button>
          <ShowCmdlet call={call} />
        </div>
      </Part>
      {latest && mayRun("Explain-Message") && (
        <StepsOf
          title={texts.explainTitle}
          call={{
            cmdlet: "Explain-Message",
            parameters: {
              MessageTraceId: latest.MessageTraceId,
              RecipientAddress: latest.RecipientAddress,
            },
          }}
        />
      )}
    </>
  );
}

function QueuesTo({ domain }: { readonly domain: string }) {
  const styles = useStyles();
  const { data } = useCmdlet({
    cmdlet: "Get-Queue",
    parameters: { Filter: queueFilter(domain) },
  });
  if (data === undefined || data.objects.length === 0) return null;
  return (
    <>
      <Text weight="semibold">{texts.queues}</Text>
      <ul className={styles.words}>
        {data.objects.map(({ Identity, Status, MessageCount, NextRetryTime, LastError }) => (
          <li key={Identity}>
            {texts.queueLine(String(Identity), String(Status), Number(MessageCount ?? 0))}{" "}
            {NextRetryTime && texts.nextRetry(formatAgo(NextRetryTime, serverNowMs()))}{" "}
            <bdi>{visibleText(LastError ?? "")}</bdi>
          </li>
        ))}
      </ul>
    </>
  );
}

/** A test that runs by itself once it is shown. */
function StepsOf({ title, call }: { readonly title: string; readonly call: AnyCall }) {
  const styles = useStyles();
  const stream = useStream();
  const { start } = stream;
  const key = JSON.stringify(call);
  useEffect(() => start(JSON.parse(key) as AnyCall), [start, key]);
  return (
    <Part title={title}>
      <div className={styles.wide}>
        <StreamView stream={stream} verdict="Verdict">
          <TreeView cmdlet={call.cmdlet} objects={stream.state.objects} label={title} />
        </StreamView>
      </div>
      <ShowCmdlet call={call} />
    </Part>
  );
}

function Part({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  const styles = useStyles();
  return (
    <section className={styles.part} aria-label={title}>
      <h2 className={styles.title}>{title}</h2>
      {children}
    </section>
  );
}
