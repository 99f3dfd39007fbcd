import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  makeStyles,
} from "@fluentui/react-components";
import { type FormEvent, type ReactNode, Suspense } from "react";
import type { AnyCall } from "../../api/run-cmdlet.ts";
import { FaultNotice } from "../../widgets/fault-notice.tsx";
import { Warnings } from "../../widgets/run-dialog.tsx";
import { RunProgress } from "../../widgets/run-progress.tsx";
import { CommandLine } from "../../widgets/show-cmdlet.tsx";
import { useRun } from "../../widgets/use-run.ts";
import { texts } from "./certificate-texts.ts";

const useStyles = makeStyles({
  content: { display: "flex", flexDirection: "column", gap: "12px" },
});

/** A dialog with fields for one call, which shows what came of it. */
export function CallDialog(props: {
  readonly title: string;
  readonly verb: string;
  readonly call: AnyCall;
  /** Shown as the command line, where the call holds what nobody can read. */
  readonly shownCall?: AnyCall;
  readonly isReady: boolean;
  readonly children: ReactNode;
  /** What was put out; absent: the dialog closes when it is done. */
  readonly result?: (object: Readonly<Record<string, unknown>>) => ReactNode;
  readonly onClose: () => void;
}) {
  const { title, verb, call, shownCall = call, isReady, children, result, onClose } = props;
  const styles = useStyles();
  const { state, run, cancel } = useRun();
  const isRunning = state.kind === "running";
  const done = state.kind === "done" ? state.result : undefined;
  const [object] = done?.objects ?? [];
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if ((await run(call)) && result === undefined) onClose();
  };
  return (
    <Dialog
      open
      onOpenChange={(_event, { type }) => {
        // What was typed is not lost by a click that misses.
        if (!isRunning && type !== "backdropClick") onClose();
      }}
    >
      <DialogSurface>
        <form onSubmit={(event) => void submit(event)} noValidate>
          <DialogBody>
            <DialogTitle>{title}</DialogTitle>
            <DialogContent className={styles.content}>
              {done === undefined ? children : object && result?.(object)}
              {isRunning && <RunProgress progress={state.progress} onCancel={cancel} />}
              {state.kind === "failed" && <FaultNotice fault={state.fault} />}
              {done && <Warnings warnings={done.warnings} />}
              {done === undefined && (
                <Suspense>
                  <CommandLine call={shownCall} />
                </Suspense>
              )}
            </DialogContent>
            <DialogActions>
              <Button disabled={isRunning} onClick={onClose}>
                {done === undefined ? texts.cancel : texts.close}
              </Button>
              {done === undefined && (
                <Button type="submit" appearance="primary" disabled={isRunning || !isReady}>
                  {verb}
                </Button>
              )}
            </DialogActions>
          </DialogBody>
        </form>
      </DialogSurface>
    </Dialog>
  );
}
