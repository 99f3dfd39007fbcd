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
  MessageBarTitle,
  makeStyles,
  Text,
} from "@fluentui/react-components";
import { type ReactNode, Suspense, useCallback, useEffect, useRef, useState } from "react";
import { refreshCmdlets } from "../api/cmdlet-query.ts";
import { useIsConnectionLost } from "../api/connection.ts";
import type { AnyCall, Plan } from "../api/run-cmdlet.ts";
import { useIsSessionEnded } from "../api/session-life.ts";
import { visibleText } from "../base/visible-text.ts";
import { useDialogFields } from "./dialog-fields.ts";
import { FaultNotice } from "./fault-notice.tsx";
import { useFocusBack } from "./focus-back.ts";
import { RunProgress } from "./run-progress.tsx";
import { CommandLine } from "./show-cmdlet.tsx";
import { texts } from "./texts.ts";
import { type Runner, type RunState, useRun } from "./use-run.ts";

/** What a preview says may be something else by then, and is looked at again before it is done. */
const FRESH_MS = 5_000;

const useStyles = makeStyles({
  content: { display: "flex", flexDirection: "column", gap: "12px" },
  actions: { margin: 0, paddingInlineStart: "20px", overflowWrap: "anywhere" },
  // Paths and addresses have no place to break.
  warnings: { overflowWrap: "anywhere" },
  // Keys and certificates are values, too, and would fill the screen.
  action: {
    display: "-webkit-box",
    overflow: "hidden",
    WebkitLineClamp: "3",
    WebkitBoxOrient: "vertical",
  },
});

/** What a dialog that runs a cmdlet is asked for. */
export interface RunDialogProps {
  readonly title: string;
  readonly call: AnyCall;
  /** The word on the button that does it. */
  readonly verb: string;
  /** Further fields, above the preview. */
  readonly children?: ReactNode;
  /** Whether those are filled in; until then nothing is asked of the server. */
  readonly isReady?: boolean;
  /** Closed; `isDone` when the cmdlet has ended well. */
  readonly onClose: (how: { readonly isDone: boolean }) => void;
}

/** Asks before it runs a cmdlet: what it would touch, how many, the command line; then progress. */
export function RunDialog(props: RunDialogProps) {
  const { title, call, verb, children, isReady = true, onClose } = props;
  const styles = useStyles();
  useFocusBack();
  const { preview, seek } = usePreview(call, isReady);
  const isOutdated = useOutdated(preview.state);
  const { runner, start, before } = useConfirmedRun(call, { preview, seek });
  const isRunning = runner.state.kind === "running";
  const isDone = runner.state.kind === "done";
  useEffect(() => {
    // Warnings are to be read before the dialog goes.
    if (runner.state.kind === "done" && runner.state.result.warnings.length === 0) {
      onClose({ isDone: true });
    }
  }, [runner.state, onClose]);
  const isRefused = preview.state.kind === "failed";
  const fields = useDialogFields();
  return (
    <Dialog
      open
      onOpenChange={(_event, { type }) => {
        const isMissed = type === "backdropClick" && fields.areThere();
        if (!isRunning && !isMissed) onClose({ isDone });
      }}
    >
      <DialogSurface>
        <DialogBody>
          <DialogTitle>
            <bdi>{visibleText(title)}</bdi>
          </DialogTitle>
          <DialogContent ref={fields.content} className={styles.content}>
            {children}
            {isOutdated && <Outdated title={texts.conflictTitle}>{texts.outdated}</Outdated>}
            {before && (
              <Outdated title={texts.planChangedTitle}>{texts.planChanged(before.count)}</Outdated>
            )}
            {isReady && !isRunning && !isDone && <Preview preview={preview} onRetry={seek} />}
            <Outcome runner={runner} />
            <Suspense>
              <CommandLine call={call} />
            </Suspense>
          </DialogContent>
          <DialogActions>
            <Button ref={fields.wayOut} disabled={isRunning} onClick={() => onClose({ isDone })}>
              {isDone ? texts.close : texts.cancel}
            </Button>
            {!isDone && (
              <Button
                appearance="primary"
                disabled={!isReady || isRunning || isRefused || preview.state.kind === "running"}
                onClick={start}
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

/** Whether the object was changed since it was read; it is read anew, and the preview with it. */
function useOutdated(state: RunState): boolean {
  const [isOutdated, setOutdated] = useState(false);
  const isConflict = state.kind === "failed" && state.fault.code === "conflict";
  useEffect(() => {
    if (!isConflict) return;
    setOutdated(true);
    void refreshCmdlets();
  }, [isConflict]);
  return isOutdated;
}

/** What a call would do, looked up as soon as it is ready, and whenever `seek` is called. */
function usePreview(call: AnyCall, isReady: boolean) {
  const preview = useRun();
  const { run: look } = preview;
  const key = JSON.stringify(call);
  const isLost = useIsConnectionLost();
  const isEnded = useIsSessionEnded();
  const seek = useCallback(() => {
    void look(JSON.parse(key) as AnyCall, { whatIf: true });
  }, [look, key]);
  useEffect(() => {
    // Once more when server or session are back: what it would do may have been done.
    if (isReady && !isLost && !isEnded) seek();
  }, [seek, isReady, isLost, isEnded]);
  return { preview, seek };
}

/** Runs what was previewed; where that has become something else, it is shown anew instead. */
function useConfirmedRun(
  call: AnyCall,
  { preview, seek }: { readonly preview: Runner; readonly seek: () => void },
) {
  const runner = useRun();
  const { state } = preview;
  const seenMs = useRef(0);
  // What was shown when the button was pressed; and what was, and is not so any more.
  const [pressed, setPressed] = useState<Plan>();
  const [before, setBefore] = useState<Plan>();
  const plan = state.kind === "done" ? state.result.plan : undefined;
  useEffect(() => {
    if (plan !== undefined) seenMs.current = performance.now();
  }, [plan]);
  useEffect(() => {
    if (pressed === undefined || pressed === plan || state.kind === "running") return;
    setPressed(undefined);
    if (plan === undefined) return;
    if (JSON.stringify(plan) === JSON.stringify(pressed)) void runner.run(call);
    else setBefore(pressed);
  }, [state, plan, pressed, runner, call]);
  const start = () => {
    setBefore(undefined);
    if (plan === undefined || performance.now() - seenMs.current < FRESH_MS) {
      void runner.run(call);
      return;
    }
    setPressed(plan);
    seek();
  };
  return { runner, start, before };
}

function Outdated({ title, children }: { readonly title: string; readonly children: string }) {
  return (
    <MessageBar intent="warning" layout="multiline">
      <MessageBarBody>
        <MessageBarTitle>{title}</MessageBarTitle>
        {children}
      </MessageBarBody>
    </MessageBar>
  );
}

function Preview(props: { readonly preview: Runner; readonly onRetry: () => void }) {
  const { state } = props.preview;
  if (state.kind === "failed") return <FaultNotice fault={state.fault} onRetry={props.onRetry} />;
  if (state.kind !== "done") return <Text>{texts.checking}</Text>;
  const { plan, warnings } = state.result;
  return (
    <>
      {plan && <PlanView plan={plan} />}
      <Warnings warnings={warnings} />
    </>
  );
}

function PlanView({ plan }: { readonly plan: Plan }) {
  const styles = useStyles();
  if (plan.count === 0) return <Text>{texts.wouldTouchNothing}</Text>;
  const rest = plan.count - plan.actions.length;
  return (
    <div>
      <Text weight="semibold">{texts.wouldTouch(plan.count)}</Text>
      <ul className={styles.actions}>
        {plan.actions.map((action) => (
          <li key={action}>
            <bdi className={styles.action}>{visibleText(action)}</bdi>
          </li>
        ))}
        {rest > 0 && <li>{texts.andMore(rest)}</li>}
      </ul>
    </div>
  );
}

function Outcome({ runner: { state, cancel } }: { readonly runner: Runner }) {
  if (state.kind === "running") return <RunProgress progress={state.progress} onCancel={cancel} />;
  if (state.kind === "failed") return <FaultNotice fault={state.fault} />;
  return state.kind === "done" ? <Warnings warnings={state.result.warnings} /> : null;
}

/** What a cmdlet has to say besides its objects. */
export function Warnings({ warnings }: { readonly warnings: readonly string[] }) {
  const styles = useStyles();
  if (warnings.length === 0) return null;
  return (
    <MessageBar intent="warning" layout="multiline">
      <MessageBarBody className={styles.warnings}>
        <MessageBarTitle>{texts.warnings}</MessageBarTitle>
        <bdi>{visibleText(warnings.join(" "))}</bdi>
      </MessageBarBody>
    </MessageBar>
  );
}
