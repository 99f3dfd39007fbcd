import { Button, Checkbox, Field, Input, makeStyles } from "@fluentui/react-components";
import { Suspense, useState } from "react";
import { useCmdlet } from "../../api/cmdlet-query.ts";
import { FaultNotice } from "../../widgets/fault-notice.tsx";
import { useNotify } from "../../widgets/notify.tsx";
import { PropertyList } from "../../widgets/property-list.tsx";
import { RunProgress } from "../../widgets/run-progress.tsx";
import { ShowCmdlet } from "../../widgets/show-cmdlet.tsx";
import { useRun } from "../../widgets/use-run.ts";
import { Section } from "./section.tsx";
import { texts } from "./texts.ts";

const useStyles = makeStyles({ tools: { display: "flex", flexWrap: "wrap", gap: "8px" } });

/** Copies queues and organization to a folder on the server. */
export function BackupSection() {
  const styles = useStyles();
  const notify = useNotify();
  const server = useCmdlet({ cmdlet: "Get-ExchangeServer", parameters: {} });
  const folder = server.data?.objects[0]?.DataPath;
  const [typed, setTyped] = useState<string>();
  const [isWithoutKeys, setWithoutKeys] = useState(false);
  const { state, run, cancel } = useRun();
  const day = new Date().toISOString().slice(0, 16).replace(/[:T]/g, "-");
  const path = typed ?? (folder ? `${folder}/backups/${day}` : "");
  const parameters = { Path: path, ...(isWithoutKeys && { WithoutKeys: true }) };
  const call = { cmdlet: "Backup-Postrider", parameters };
  const start = async () => {
    if (await run(call)) notify({ title: texts.backupDone });
  };
  const [made] = state.kind === "done" ? state.result.objects : [];
  const isRunning = state.kind === "running";
  return (
    <Section title={texts.backupTitle} about={texts.backupAbout}>
      <Field label={texts.backupPath}>
        <Input value={path} onChange={(_event, { value }) => setTyped(value)} />
      </Field>
      <Checkbox
        label={texts.withoutKeys}
        checked={isWithoutKeys}
        onChange={(_event, { checked }) => setWithoutKeys(checked === true)}
      />
      <div className={styles.tools}>
        <Button disabled={isRunning || path === ""} onClick={() => void start()}>
          {texts.backupVerb}
        </Button>
        <ShowCmdlet call={call} />
      </div>
      {isRunning && <RunProgress progress={state.progress} onCancel={cancel} />}
      {state.kind === "failed" && <FaultNotice fault={state.fault} />}
      <Suspense>{made && <PropertyList cmdlet="Backup-Postrider" object={made} />}</Suspense>
    </Section>
  );
}
