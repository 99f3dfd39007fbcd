import {
  Button,
  Field,
  Input,
  makeStyles,
  Radio,
  RadioGroup,
  Switch,
  Text,
  Textarea,
} from "@fluentui/react-components";
import { type FormEvent, useState } from "react";
import { base64OfBytes } from "../../base/file.ts";
import { DetailPanel } from "../../widgets/detail-panel.tsx";
import { FaultNotice } from "../../widgets/fault-notice.tsx";
import { usePageState } from "../../widgets/page-state.ts";
import { RunProgress } from "../../widgets/run-progress.tsx";
import { ShowCmdlet } from "../../widgets/show-cmdlet.tsx";
import { useRun } from "../../widgets/use-run.ts";
import { type ChosenFile, FileDrop } from "./file-drop.tsx";
import type { Rule } from "./rule-list.tsx";
import { TestResult } from "./test-result.tsx";
import { pastedMessage, type VerdictLine, writtenMessage } from "./test-verdict.ts";
import { texts } from "./texts.ts";
import type { RuleParts } from "./use-rule-parts.ts";

/** What the server takes. */
const FILE_BYTES_MAX = 36 * 1024 * 1024;

const useStyles = makeStyles({
  form: { display: "flex", flexDirection: "column", gap: "12px" },
  buttons: { display: "flex", flexWrap: "wrap", gap: "8px" },
});

interface Trial {
  readonly sender: string;
  readonly recipients: string;
  readonly isAuthenticated: boolean;
  readonly asIfEnabled: boolean;
  readonly clientAddress: string;
  readonly scl: string;
  readonly how: "written" | "file";
  readonly subject: string;
  readonly body: string;
  readonly source: string;
  readonly file: ChosenFile | undefined;
}

const EMPTY: Trial = {
  ...{
    sender: "",
    recipients: "",
    isAuthenticated: false,
    asIfEnabled: false,
    clientAddress: "",
    scl: "",
  },
  ...{ how: "written", subject: "", body: "", source: "", file: undefined },
};

/** Tries the rules on a message that is written here, pasted or chosen. */
export function TestPanel(props: { readonly rules: readonly Rule[]; readonly parts: RuleParts }) {
  const styles = useStyles();
  const [, setState] = usePageState();
  const [trial, setTrial] = useState(EMPTY);
  const runner = useRun();
  const { state } = runner;
  const change = (part: Partial<Trial>) => setTrial((before) => ({ ...before, ...part }));
  const parameters = parametersOf(trial);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const MessageFileData = base64OfBytes(contentOf(trial));
    void runner.run({ cmdlet: "Test-Message", parameters: { ...parameters, MessageFileData } });
  };
  const MessageFile = trial.file?.name ?? "message.eml";
  return (
    <DetailPanel
      title={texts.testTitle}
      onClose={() => setState({ mode: undefined, open: undefined })}
    >
      <Text>{texts.testAbout}</Text>
      <form className={styles.form} onSubmit={submit} noValidate>
        <EnvelopeFields trial={trial} onChange={change} />
        <MessageFields trial={trial} onChange={change} />
        <div className={styles.buttons}>
          <Button type="submit" appearance="primary" disabled={state.kind === "running"}>
            {texts.runTest}
          </Button>
          <ShowCmdlet
            call={{ cmdlet: "Test-Message", parameters: { ...parameters, MessageFile } }}
          />
        </div>
      </form>
      {state.kind === "running" && (
        <RunProgress progress={state.progress} onCancel={runner.cancel} />
      )}
      {state.kind === "failed" && <FaultNotice fault={state.fault} />}
      {state.kind === "done" && (
        // The runner is for any cmdlet; these are the lines of this one.
        <TestResult {...props} lines={state.result.objects as unknown as readonly VerdictLine[]} />
      )}
    </DetailPanel>
  );
}

function listOf(text: string): readonly string[] {
  return text
    .split(/[\n,;]/)
    .map((one) => one.trim())
    .filter(Boolean);
}

function parametersOf(trial: Trial): Readonly<Record<string, unknown>> {
  const { sender, recipients, isAuthenticated, asIfEnabled, clientAddress, scl } = trial;
  return {
    ...(sender.trim() !== "" && { Sender: sender.trim() }),
    Recipients: listOf(recipients),
    ...(isAuthenticated && { Authenticated: true }),
    ...(asIfEnabled && { IncludeDisabled: true }),
    ...(clientAddress.trim() !== "" && { ClientIP: clientAddress.trim() }),
    ...(scl.trim() !== "" && { SCL: scl.trim() }),
  };
}

function contentOf(trial: Trial): Uint8Array {
  const { how, file, source, recipients } = trial;
  if (how === "written") return writtenMessage({ ...trial, recipients: listOf(recipients) });
  return file !== undefined ? file.bytes : pastedMessage(source);
}

interface FieldsProps {
  readonly trial: Trial;
  readonly onChange: (part: Partial<Trial>) => void;
}

function EnvelopeFields({ trial, onChange }: FieldsProps) {
  return (
    <>
      <Field label={texts.sender} hint={texts.senderHint}>
        <Input value={trial.sender} onChange={(_event, { value }) => onChange({ sender: value })} />
      </Field>
      <Field label={texts.recipients} hint={texts.recipientsHint} required>
        <Textarea
          value={trial.recipients}
          onChange={(_event, { value }) => onChange({ recipients: value })}
        />
      </Field>
      <Switch
        label={texts.signedIn}
        checked={trial.isAuthenticated}
        onChange={(_event, { checked }) => onChange({ isAuthenticated: checked })}
      />
      <Switch
        label={texts.asIfEnabled}
        checked={trial.asIfEnabled}
        onChange={(_event, { checked }) => onChange({ asIfEnabled: checked })}
      />
      <Field label={texts.clientAddress}>
        <Input
          value={trial.clientAddress}
          placeholder="127.0.0.1"
          onChange={(_event, { value }) => onChange({ clientAddress: value })}
        />
      </Field>
      <Field label={texts.scl}>
        <Input
          value={trial.scl}
          inputMode="numeric"
          onChange={(_event, { value }) => onChange({ scl: value })}
        />
      </Field>
    </>
  );
}

function MessageFields({ trial, onChange }: FieldsProps) {
  const { how, subject, body, source, file } = trial;
  return (
    <>
      <Field label={texts.message}>
        <RadioGroup
          layout="horizontal"
          value={how}
          onChange={(_event, { value }) => onChange({ how: value === "file" ? "file" : "written" })}
        >
          <Radio value="written" label={texts.written} />
          <Radio value="file" label={texts.fromFile} />
        </RadioGroup>
      </Field>
      {how === "written" ? (
        <>
          <Field label={texts.subject}>
            <Input value={subject} onChange={(_event, { value }) => onChange({ subject: value })} />
          </Field>
          <Field label={texts.body}>
            <Textarea
              value={body}
              resize="vertical"
              onChange={(_event, { value }) => onChange({ body: value })}
            />
          </Field>
        </>
      ) : (
        <>
          <FileDrop
            accept=".eml,message/rfc822"
            bytesMax={FILE_BYTES_MAX}
            file={file}
            onFile={(chosen) => onChange({ file: chosen, source: "" })}
          />
          <Field label={texts.source} hint={texts.sourceHint}>
            <Textarea
              value={source}
              rows={6}
              resize="vertical"
              spellCheck={false}
              onChange={(_event, { value }) => onChange({ source: value, file: undefined })}
            />
          </Field>
        </>
      )}
    </>
  );
}
