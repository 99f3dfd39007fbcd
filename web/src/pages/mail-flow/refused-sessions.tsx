import {
  Button,
  MessageBar,
  MessageBarActions,
  MessageBarBody,
  MessageBarTitle,
  makeStyles,
  tokens,
} from "@fluentui/react-components";
import { useState } from "react";
import { useCmdlet } from "../../api/cmdlet-query.ts";
import { formatDateTime } from "../../base/format.ts";
import { visibleText } from "../../base/visible-text.ts";
import { FaultNotice } from "../../widgets/fault-notice.tsx";
import { Loading } from "../../widgets/loading.tsx";
import { adviceFor } from "./device-advice.ts";
import { texts } from "./device-texts.ts";

const useStyles = makeStyles({
  said: {
    margin: 0,
    padding: "8px",
    maxHeight: "240px",
    overflow: "auto",
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: tokens.fontSizeBase200,
    whiteSpace: "pre-wrap",
    overflowWrap: "anywhere",
    backgroundColor: tokens.colorNeutralBackground3,
    borderRadius: tokens.borderRadiusMedium,
  },
});

const SHOWN_MAX = 3;

/** Sessions that ended badly since then: who, what we said, and what to do about it. */
export function RefusedSessions(props: {
  readonly since: string;
  readonly connector: string | undefined;
  readonly refreshMs: number;
}) {
  const { since, connector, refreshMs } = props;
  const call = {
    cmdlet: "Get-SessionRecording",
    parameters: {
      Direction: "Receive",
      Start: since,
      ...(connector !== undefined && { Connector: connector }),
    },
  } as const;
  const { data } = useCmdlet(call, { refreshMs });
  const latest = (data?.objects ?? []).toSorted((left, right) =>
    (right.StartTime ?? "").localeCompare(left.StartTime ?? ""),
  );
  return latest
    .slice(0, SHOWN_MAX)
    .map(({ Identity, RemoteEndpoint, StartTime, Reason }) => (
      <Refused
        key={Identity}
        id={String(Identity)}
        where={texts.refusedFrom(String(RemoteEndpoint), formatDateTime(StartTime ?? ""))}
        reason={Reason ?? ""}
      />
    ));
}

function Refused(props: { readonly id: string; readonly where: string; readonly reason: string }) {
  const { id, where, reason } = props;
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <MessageBar intent="warning" layout="multiline">
        <MessageBarBody>
          <MessageBarTitle>{texts.refusedTitle}</MessageBarTitle>
          {where} <bdi>{visibleText(reason)}</bdi> {adviceFor(reason)}
        </MessageBarBody>
        <MessageBarActions>
          <Button aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
            {texts.said}
          </Button>
        </MessageBarActions>
      </MessageBar>
      {isOpen && <Said id={id} />}
    </>
  );
}

function Said({ id }: { readonly id: string }) {
  const styles = useStyles();
  const { data, error } = useCmdlet({
    cmdlet: "Get-SessionRecording",
    parameters: { Identity: id },
  });
  if (error) return <FaultNotice fault={error} />;
  if (data === undefined) return <Loading size="tiny" />;
  const lines = data.objects[0]?.Conversation ?? [];
  // It scrolls, so the keyboard must reach it.
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
    <pre role="region" className={styles.said} tabIndex={0} aria-label={texts.said}>
      {visibleText(lines.join("\n"))}
    </pre>
  );
}
