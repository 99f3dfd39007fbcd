import { Button, makeStyles, Text, tokens } from "@fluentui/react-components";
import { useEffect, useState } from "react";
import { useCmdlet } from "../../api/cmdlet-query.ts";
import type { OutputOf } from "../../api/run-cmdlet.ts";
import { useMayRun } from "../../api/session.ts";
import { formatDateTime } from "../../base/format.ts";
import { textOf } from "../../base/text-of.ts";
import { visibleText } from "../../base/visible-text.ts";
import { FaultNotice } from "../../widgets/fault-notice.tsx";
import { Loading } from "../../widgets/loading.tsx";
import { Warnings } from "../../widgets/run-dialog.tsx";
import { RunProgress } from "../../widgets/run-progress.tsx";
import { ShowCmdlet } from "../../widgets/show-cmdlet.tsx";
import { type Stream, useStream } from "../../widgets/use-stream.ts";
import { VerdictMark } from "../../widgets/verdict-mark.tsx";
import { texts } from "./backup-texts.ts";
import type { GivenFile } from "./compare-section.tsx";
import { RestoreDialog } from "./restore-dialog.tsx";
import { Section } from "./section.tsx";

type Backup = OutputOf<"Get-PostriderBackup">;

const CALL = { cmdlet: "Get-PostriderBackup", parameters: {} } as const;

const useStyles = makeStyles({
  list: { listStyleType: "none", margin: 0, padding: 0 },
  one: {
    display: "flex",
    flexDirection: "column",
    gap: "4px",
    padding: "12px 0",
    borderTop: `1px solid ${tokens.colorNeutralStroke2}`,
    overflowWrap: "anywhere",
  },
  tools: { display: "flex", flexWrap: "wrap", gap: "8px", paddingTop: "4px" },
  verdict: { display: "flex", gap: "8px", alignItems: "center" },
});

/** The backups of this server: what they hold, whether they are whole, and the way back. */
export function BackupList({ onCompare }: { readonly onCompare: (file: GivenFile) => void }) {
  const styles = useStyles();
  const reading = useCmdlet(CALL);
  const backups = reading.data?.objects ?? [];
  return (
    <Section title={texts.backups} about={texts.backupsAbout}>
      {reading.error && (
        <FaultNotice fault={reading.error} onRetry={() => void reading.refetch()} />
      )}
      {reading.isPending && <Loading />}
      <Warnings warnings={reading.data?.warnings ?? []} />
      {reading.data && backups.length === 0 && <Text>{texts.noBackup}</Text>}
      <ul className={styles.list}>
        {backups.map((backup) => (
          <BackupItem key={backup.Path} backup={backup} onCompare={onCompare} />
        ))}
      </ul>
      <div>
        <ShowCmdlet call={CALL} />
      </div>
    </Section>
  );
}

function BackupItem(props: {
  readonly backup: Backup;
  readonly onCompare: (file: GivenFile) => void;
}) {
  const { backup, onCompare } = props;
  const styles = useStyles();
  const mayRun = useMayRun();
  const [isAsking, setAsking] = useState(false);
  const verifying = useStream();
  const { Path: path, Created, ServerFqdn, HasKeys, HasFigures } = backup;
  const made = formatDateTime(Created ?? "");
  const reading = useConfigurationOf(path ?? "", made, onCompare);
  if (path === null) return null;
  return (
    <li className={styles.one} aria-label={made}>
      <Text weight="semibold">
        {made}, <bdi>{visibleText(ServerFqdn ?? "")}</bdi>
      </Text>
      <Text>
        {texts.holds(
          backup.Messages ?? 0,
          backup.Recipients ?? 0,
          backup.Objects ?? 0,
          backup.OrganizationRecipients ?? 0,
        )}
        . {HasKeys ? texts.withKeys : texts.noKeys} {!HasFigures && texts.noFigures}
      </Text>
      <Text size={200}>
        <bdi>{visibleText(path)}</bdi>
      </Text>
      <div className={styles.tools}>
        {mayRun("Test-PostriderBackup") && (
          <Button
            disabled={verifying.state.kind === "running"}
            onClick={() =>
              verifying.start({ cmdlet: "Test-PostriderBackup", parameters: { Path: path } })
            }
          >
            {texts.verify}
          </Button>
        )}
        {mayRun("Export-PostriderConfiguration", "Import-PostriderConfiguration") && (
          <Button title={texts.compareHint} onClick={reading.begin}>
            {texts.compareWith}
          </Button>
        )}
        {mayRun("Restore-Postrider") && (
          <Button onClick={() => setAsking(true)}>{texts.restore}</Button>
        )}
      </div>
      <Running stream={verifying} />
      <Running stream={reading.stream} />
      {verifying.state.kind === "done" && (
        <Text className={styles.verdict} role="status">
          <VerdictMark verdict="Pass" /> {texts.verified}
        </Text>
      )}
      {isAsking && <RestoreDialog path={path} made={made} onClose={() => setAsking(false)} />}
    </li>
  );
}

function Running({ stream: { state, cancel } }: { readonly stream: Stream }) {
  if (state.fault) return <FaultNotice fault={state.fault} />;
  return state.kind === "running" ? (
    <RunProgress progress={state.progress} onCancel={cancel} />
  ) : null;
}

/** Reads the configuration that is in a backup, and hands it on once it is whole. */
function useConfigurationOf(path: string, made: string, onRead: (file: GivenFile) => void) {
  const stream = useStream();
  const [wanted, setWanted] = useState(false);
  const { kind, objects } = stream.state;
  useEffect(() => {
    if (!wanted || kind !== "done") return;
    setWanted(false);
    onRead({
      name: texts.fileOf(made),
      text: objects.map((one) => textOf(one["Text"] ?? "")).join(""),
    });
  }, [wanted, kind, objects, made, onRead]);
  const begin = () => {
    setWanted(true);
    stream.start({ cmdlet: "Export-PostriderConfiguration", parameters: { BackupPath: path } });
  };
  return { stream, begin };
}
