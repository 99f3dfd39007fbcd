import { Checkbox, makeStyles, Text, tokens } from "@fluentui/react-components";
import { useState } from "react";
import { useCmdlet } from "../../api/cmdlet-query.ts";
import { visibleText } from "../../base/visible-text.ts";
import { CopyButton } from "../../widgets/copy-button.tsx";
import { useNotify } from "../../widgets/notify.tsx";
import { RunDialog } from "../../widgets/run-dialog.tsx";
import { texts } from "./backup-texts.ts";

const useStyles = makeStyles({
  summary: { cursor: "pointer", padding: "4px 0" },
  lines: {
    overflowX: "auto",
    padding: "8px",
    margin: "8px 0",
    backgroundColor: tokens.colorNeutralBackground3,
    borderRadius: tokens.borderRadiusMedium,
  },
});

/** Puts a backup in the place of everything: what that does, and how to do it by hand. */
export function RestoreDialog(props: {
  readonly path: string;
  /** When it was made, in the reader's form. */
  readonly made: string;
  readonly onClose: () => void;
}) {
  const { path, made, onClose } = props;
  const notify = useNotify();
  const [isDiscarding, setDiscarding] = useState(false);
  const parameters = { Path: path, ...(isDiscarding && { DiscardCurrentQueue: true }) };
  return (
    <RunDialog
      title={texts.restoreTitle(made)}
      call={{ cmdlet: "Restore-Postrider", parameters }}
      verb={texts.restoreVerb}
      onClose={({ isDone }) => {
        if (isDone) notify({ title: texts.restoreStarted });
        onClose();
      }}
    >
      <Text>{texts.restoreAbout}</Text>
      <Checkbox
        label={texts.discard}
        checked={isDiscarding}
        onChange={(_event, { checked }) => setDiscarding(checked === true)}
      />
      <ByHand path={path} />
    </RunDialog>
  );
}

/** The same on the server's disk: what Restore-Postrider would lay there for the next start. */
function ByHand({ path }: { readonly path: string }) {
  const styles = useStyles();
  const server = useCmdlet({ cmdlet: "Get-ExchangeServer", parameters: {} });
  const folder = server.data?.objects[0]?.DataPath;
  if (!folder) return null;
  const stage = `${folder}/restore`;
  const lines = [
    `# ${texts.stopHint}`,
    `cp -a ${quote(path)} ${quote(stage)}`,
    `printf put-aside > ${quote(`${stage}/ready`)}`,
    `# ${texts.startHint}`,
  ].join("\n");
  return (
    <details>
      <summary className={styles.summary}>{texts.byHand}</summary>
      <Text>{texts.byHandHint}</Text>
      {/* What can be scrolled must be reached by keyboard. */}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it is scrolled sideways. */}
      <pre className={styles.lines} tabIndex={0}>
        {visibleText(lines)}
      </pre>
      <CopyButton text={lines} />
    </details>
  );
}

/** As a shell takes it for one word. */
function quote(text: string): string {
  return /^[\w/.-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
