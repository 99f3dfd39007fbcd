import { useCallback, useEffect, useRef, useState } from "react";
import { asFault, type CmdletFault } from "../api/cmdlet-fault.ts";
import { refreshCmdlets } from "../api/cmdlet-query.ts";
import { type AnyCall, type Progress, type RunResult, runAny } from "../api/run-cmdlet.ts";

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

/** A runner for a component; what still runs when that goes away is left to end. */
export function useRun(): Runner {
  const [state, setState] = useState<RunState>({ kind: "idle" });
  const controller = useRef<AbortController>(undefined);
  const isShown = useRef(true);
  useEffect(() => {
    isShown.current = true;
    return () => {
      isShown.current = false;
    };
  }, []);
  const show = useCallback((next: RunState, own?: AbortController) => {
    // What was started before the last run may end after it: its end is nobody's concern.
    if (isShown.current && (own === undefined || own === controller.current)) setState(next);
  }, []);
  const run = useCallback(
    async (call: AnyCall, { whatIf } = { whatIf: false }) => {
      const own = new AbortController();
      controller.current = own;
      show({ kind: "running", progress: undefined }, own);
      try {
        const result = await runAny(call, {
          whatIf,
          signal: own.signal,
          onProgress: (progress) => show({ kind: "running", progress }, own),
        });
        show({ kind: "done", result }, own);
        return true;
      } catch (error) {
        show({ kind: "failed", fault: asFault(error) }, own);
        return false;
      } finally {
        if (!whatIf) void refreshCmdlets();
      }
    },
    [show],
  );
  const cancel = useCallback(() => controller.current?.abort(), []);
  const reset = useCallback(() => show({ kind: "idle" }), [show]);
  return { state, run, cancel, reset };
}
