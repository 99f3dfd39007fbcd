import { useCallback, useEffect, useRef, useState } from "react";
import { asFault, CmdletFault } from "../api/cmdlet-fault.ts";
import { refreshCmdlets } from "../api/cmdlet-query.ts";
import { type AnyCall, type Progress, type RunResult, runAny } from "../api/run-cmdlet.ts";
import { type Notice, useNotify } from "./notify.tsx";
import { texts } from "./texts.ts";

/** What a cmdlet that was started is at. */
export type RunState =
  | { readonly kind: "idle" }
  | { readonly kind: "running"; readonly progress: Progress | undefined }
  | { readonly kind: "failed"; readonly fault: CmdletFault }
  | { readonly kind: "done"; readonly result: RunResult<Readonly<Record<string, unknown>>> };

/** Runs cmdlets that change something, one at a time. */
export interface Runner {
  readonly state: RunState;
  /** Whether it ended well. Afterwards everything that pages have read is read again. */
  readonly run: (call: AnyCall, how?: { readonly whatIf: boolean }) => Promise<boolean>;
  readonly cancel: () => void;
  readonly reset: () => void;
}

/** A runner for a component; what still runs when that goes away ends, and a notice says how. */
export function useRun(): Runner {
  const [state, setState] = useState<RunState>({ kind: "idle" });
  const running = useRef<{ readonly control: AbortController; readonly whatIf: boolean }>(
    undefined,
  );
  const isShown = useRef(true);
  const notify = useNotify();
  useEffect(() => {
    isShown.current = true;
    return () => {
      isShown.current = false;
      // Nobody waits for what it would have been.
      if (running.current?.whatIf) running.current.control.abort();
    };
  }, []);
  const run = useCallback(
    async (call: AnyCall, { whatIf } = { whatIf: false }) => {
      // An act is sent once, however often its button is pressed; a newer preview replaces one.
      if (running.current?.whatIf === false) return false;
      running.current?.control.abort();
      const control = new AbortController();
      const own = { control, whatIf };
      running.current = own;
      const show = (next: RunState) => {
        // What was replaced or given up is nobody's concern.
        if (running.current === own && isShown.current) setState(next);
      };
      show({ kind: "running", progress: undefined });
      let end: RunState;
      try {
        const result = await runAny(call, {
          whatIf,
          signal: control.signal,
          onProgress: (progress) => show({ kind: "running", progress }),
        });
        end = { kind: "done", result };
      } catch (error) {
        end = { kind: "failed", fault: whatIf ? asFault(error) : withDoubt(call, asFault(error)) };
      }
      show(end);
      if (!whatIf && !isShown.current) notify(noticeOf(call, end));
      if (running.current === own) running.current = undefined;
      if (!whatIf) void refreshCmdlets();
      return end.kind === "done";
    },
    [notify],
  );
  const cancel = useCallback(() => running.current?.control.abort(), []);
  const reset = useCallback(() => setState({ kind: "idle" }), []);
  return { state, run, cancel, reset };
}

/** What was asked for may have been done, though its answer was lost on the way. */
function withDoubt({ cmdlet }: AnyCall, fault: CmdletFault): CmdletFault {
  if (fault.code !== "offline" || isReading(cmdlet)) return fault;
  return new CmdletFault({ ...fault, message: `${fault.message} ${texts.doubt}` });
}

function isReading(cmdlet: string): boolean {
  return /^(Get|Search|Test|Explain|Export|Preview)-/.test(cmdlet);
}

/** For who has left before it ended. */
function noticeOf({ cmdlet }: AnyCall, end: RunState): Notice {
  if (end.kind !== "failed") return { title: `${texts.doneTitle}: ${cmdlet}` };
  const { message } = end.fault;
  return { title: `${texts.faultTitle}: ${cmdlet}`, body: message, intent: "error" };
}
