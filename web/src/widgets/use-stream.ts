import { useCallback, useEffect, useRef, useState } from "react";
import { asFault, type CmdletFault } from "../api/cmdlet-fault.ts";
import { type AnyCall, type Progress, runAny } from "../api/run-cmdlet.ts";

/** What a cmdlet has put out so far. */
export interface StreamState {
  readonly kind: "idle" | "running" | "done" | "failed" | "cancelled";
  readonly objects: readonly Readonly<Record<string, unknown>>[];
  readonly warnings: readonly string[];
  readonly progress: Progress | undefined;
  readonly fault: CmdletFault | undefined;
}

/** Runs a cmdlet that reads or tests, and shows each object as it comes. */
export interface Stream {
  readonly state: StreamState;
  /** Starts; what was running before is cancelled. */
  readonly start: (call: AnyCall) => void;
  readonly cancel: () => void;
}

const IDLE: StreamState = {
  kind: "idle",
  objects: [],
  warnings: [],
  progress: undefined,
  fault: undefined,
};

/** A stream for a component; when that goes away the cmdlet is cancelled. */
export function useStream(): Stream {
  const [state, setState] = useState<StreamState>(IDLE);
  const controller = useRef<AbortController>(undefined);
  useEffect(() => () => controller.current?.abort(), []);
  const start = useCallback((call: AnyCall) => {
    controller.current?.abort();
    const own = new AbortController();
    controller.current = own;
    const change = (next: (before: StreamState) => StreamState) => {
      if (controller.current === own) setState(next);
    };
    setState({ ...IDLE, kind: "running" });
    const end = async () => {
      try {
        const { warnings } = await runAny(call, {
          signal: own.signal,
          onProgress: (progress) => change((before) => ({ ...before, progress })),
          onObject: (value) =>
            change((before) => ({ ...before, objects: [...before.objects, value] })),
        });
        change((before) => ({ ...before, kind: "done", warnings }));
      } catch (error) {
        if (own.signal.aborted) change((before) => ({ ...before, kind: "cancelled" }));
        else change((before) => ({ ...before, kind: "failed", fault: asFault(error) }));
      }
    };
    void end();
  }, []);
  const cancel = useCallback(() => controller.current?.abort(), []);
  return { state, start, cancel };
}
