import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  MessageBar,
  MessageBarBody,
  makeStyles,
  Text,
  tokens,
} from "@fluentui/react-components";
import { CheckmarkRegular, CopyRegular } from "@fluentui/react-icons";
import { type ReactNode, Suspense, useState } from "react";
import type { AnyCall } from "../api/run-cmdlet.ts";
import { textOf } from "../base/text-of.ts";
import { useDialogFields } from "./dialog-fields.ts";
import { FaultNotice } from "./fault-notice.tsx";
import { Warnings } from "./run-dialog.tsx";
import { RunProgress } from "./run-progress.tsx";
import { CommandLine } from "./show-cmdlet.tsx";
import { texts } from "./texts.ts";
import { useRun } from "./use-run.ts";

const useStyles = makeStyles({
  content: { display: "flex", flexDirection: "column", gap: "12px" },
  facts: {
    display: "grid",
    gridTemplateColumns: "max-content minmax(0, 1fr)",
    gap: "4px 12px",
    margin: 0,
  },
  value: { margin: 0, overflowWrap: "anywhere", fontFamily: tokens.fontFamilyMonospace },
  secret: {
    display: "block",
    padding: "10px",
    overflowWrap: "anywhere",
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: tokens.fontSizeBase400,
    backgroundColor: tokens.colorNeutralBackground3,
    borderRadius: tokens.borderRadiusMedium,
    userSelect: "all",
  },
});

/**
 * Runs a cmdlet that makes a secret, and shows that this once, to be copied; or one that takes a
 * secret, which a preview on every key would send too often.
 */
export function SecretDialog(props: {
  readonly title: string;
  readonly call: AnyCall;
  readonly verb: string;
  /** The property of its output that is the secret; absent: there is nothing to be shown. */
  readonly secret?: string;
  /** Further properties to show, with their labels. */
  readonly facts?: Readonly<Record<string, string>>;
  /** Fields, or what will happen. */
  readonly children?: ReactNode;
  /** Whether the fields are filled in. */
  readonly isReady?: boolean;
  readonly onClose: (how: { readonly isDone: boolean }) => void;
}) {
  const { title, call, verb, secret, facts = {}, children, isReady = true, onClose } = props;
  const styles = useStyles();
  const { state, run, cancel } = useRun();
  const fields = useDialogFields();
  const isDone = state.kind === "done";
  const made = isDone && secret !== undefined ? state.result.objects[0] : undefined;
  const isRunning = state.kind === "running";
  const start = async () => {
    if ((await run(call)) && secret === undefined) onClose({ isDone: true });
  };
  return (
    <Dialog open modalType="alert" onOpenChange={() => !isRunning && onClose({ isDone })}>
      <DialogSurface>
        <DialogBody>
          <DialogTitle>{title}</DialogTitle>
          <DialogContent ref={fields.content} className={styles.content}>
            {made === undefined ? children : <Secret value={String(made[secret ?? ""])} />}
            {made !== undefined && <Facts of={made} labels={facts} />}
            {isRunning && <RunProgress progress={state.progress} onCancel={cancel} />}
            {state.kind === "failed" && <FaultNotice fault={state.fault} />}
            {state.kind === "done" && <Warnings warnings={state.result.warnings} />}
            {made === undefined && (
              <Suspense>
                <CommandLine call={call} />
              </Suspense>
            )}
          </DialogContent>
          <DialogActions>
            <Button
              ref={fields.wayOut}
              appearance={made === undefined ? "secondary" : "primary"}
              disabled={isRunning}
              onClick={() => onClose({ isDone })}
            >
              {made === undefined ? texts.cancel : texts.secretKeptSafe}
            </Button>
            {made === undefined && (
              <Button
                appearance="primary"
                disabled={isRunning || !isReady}
                onClick={() => void start()}
              >
                {verb}
              </Button>
            )}
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}

function Facts(props: {
  readonly of: Readonly<Record<string, unknown>>;
  readonly labels: Readonly<Record<string, string>>;
}) {
  const styles = useStyles();
  const labels = Object.entries(props.labels);
  if (labels.length === 0) return null;
  return (
    <dl className={styles.facts}>
      {labels.map(([name, label]) => (
        <Fact key={name} label={label} value={textOf(props.of[name] ?? "")} />
      ))}
    </dl>
  );
}

function Fact({ label, value }: { readonly label: string; readonly value: string }) {
  const styles = useStyles();
  return (
    <>
      <dt>{label}</dt>
      <dd className={styles.value}>{value}</dd>
    </>
  );
}

function Secret({ value }: { readonly value: string }) {
  const styles = useStyles();
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(value);
    setCopied(true);
  };
  return (
    <>
      <MessageBar intent="warning" layout="multiline">
        <MessageBarBody>{texts.secretOnce}</MessageBarBody>
      </MessageBar>
      <code className={styles.secret}>{value}</code>
      <div>
        <Button
          icon={isCopied ? <CheckmarkRegular /> : <CopyRegular />}
          onClick={() => void copy()}
        >
          {isCopied ? texts.copied : texts.copy}
        </Button>
        <Text role="status"> {isCopied ? texts.copied : ""}</Text>
      </div>
    </>
  );
}
