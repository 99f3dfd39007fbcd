import { Button, Checkbox, makeStyles, Text } from "@fluentui/react-components";
import { useEffect, useState } from "react";
import type { AnyCall } from "../../api/run-cmdlet.ts";
import { base64OfBytes } from "../../base/file.ts";
import { visibleText } from "../../base/visible-text.ts";
import { DetailPanel } from "../../widgets/detail-panel.tsx";
import { FaultNotice } from "../../widgets/fault-notice.tsx";
import { usePageState } from "../../widgets/page-state.ts";
import { RunProgress } from "../../widgets/run-progress.tsx";
import { ShowCmdlet } from "../../widgets/show-cmdlet.tsx";
import { texts as common } from "../../widgets/texts.ts";
import { type RunState, useRun } from "../../widgets/use-run.ts";
import { type ChosenFile, FileDrop } from "./file-drop.tsx";
import { IMPORT_RESULTS, texts } from "./texts.ts";

const FILE_BYTES_MAX = 6 * 1024 * 1024;

const useStyles = makeStyles({
  list: { margin: 0, paddingInlineStart: "20px", overflowWrap: "anywhere" },
  buttons: { display: "flex", flexWrap: "wrap", gap: "8px" },
});

/** Takes over the rules of a file: what that would do first. */
export function ImportPanel() {
  const styles = useStyles();
  const [, setState] = usePageState();
  const [file, setFile] = useState<ChosenFile>();
  const [isForced, setForced] = useState(false);
  const preview = useRun();
  const runner = useRun();
  const { run: look } = preview;
  const force = isForced ? { Force: true } : {};
  const call = (chosen: ChosenFile): AnyCall => ({
    cmdlet: "Import-TransportRuleCollection",
    parameters: { FileData: base64OfBytes(chosen.bytes), ...force },
  });
  useEffect(() => {
    if (file === undefined) return;
    const parameters = { FileData: base64OfBytes(file.bytes), ...(isForced && { Force: true }) };
    void look({ cmdlet: "Import-TransportRuleCollection", parameters }, { whatIf: true });
  }, [look, file, isForced]);
  const isDone = runner.state.kind === "done";
  const isReady = file !== undefined && preview.state.kind === "done";
  // The bytes of the file say nothing to a reader: the command line reads the file itself.
  const shown = {
    cmdlet: "Import-TransportRuleCollection",
    parameters: { Path: file?.name ?? "rules.xml", ...force },
  };
  return (
    <DetailPanel
      title={texts.importTitle}
      onClose={() => setState({ open: undefined, mode: undefined })}
    >
      <Text>{texts.importAbout}</Text>
      <FileDrop
        accept=".xml"
        bytesMax={FILE_BYTES_MAX}
        file={file}
        onFile={(chosen) => {
          runner.reset();
          setFile(chosen);
        }}
      />
      <Checkbox
        label={texts.importForce}
        checked={isForced}
        onChange={(_event, { checked }) => setForced(checked === true)}
      />
      {file && !isDone && <ImportPreview state={preview.state} />}
      {runner.state.kind === "running" && (
        <RunProgress progress={runner.state.progress} onCancel={runner.cancel} />
      )}
      {runner.state.kind === "failed" && <FaultNotice fault={runner.state.fault} />}
      {runner.state.kind === "done" && <ImportedList objects={runner.state.result.objects} />}
      <div className={styles.buttons}>
        <Button
          appearance="primary"
          disabled={!isReady || isDone || runner.state.kind === "running"}
          onClick={() => file && void runner.run(call(file))}
        >
          {texts.importRun}
        </Button>
        <ShowCmdlet call={shown} />
      </div>
    </DetailPanel>
  );
}

function ImportPreview({ state }: { readonly state: RunState }) {
  const styles = useStyles();
  if (state.kind === "failed") return <FaultNotice fault={state.fault} />;
  if (state.kind !== "done") return <Text>{common.checking}</Text>;
  const { plan } = state.result;
  return (
    <section>
      <Text as="h3" weight="semibold">
        {texts.importPreview}
      </Text>
      <ul className={styles.list}>
        {plan?.actions.map((action) => (
          <li key={action}>{visibleText(action)}</li>
        ))}
      </ul>
    </section>
  );
}

function ImportedList(props: { readonly objects: readonly Readonly<Record<string, unknown>>[] }) {
  const styles = useStyles();
  return (
    <section role="status">
      <Text as="h3" weight="semibold">
        {texts.imported}
      </Text>
      <ul className={styles.list}>
        {props.objects.map((rule) => {
          const problems = Array.isArray(rule["Problems"]) ? rule["Problems"].map(String) : [];
          return (
            <li key={String(rule["Name"])}>
              <bdi>{visibleText(String(rule["Name"]))}</bdi>
              {`: ${IMPORT_RESULTS[String(rule["Result"])] ?? String(rule["Result"])}`}
              {problems.length > 0 && ` (${visibleText(problems.join("; "))})`}
            </li>
          );
        })}
      </ul>
    </section>
  );
}
