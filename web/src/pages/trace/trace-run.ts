import { useSyncExternalStore } from "react";
import { CmdletFault } from "../../api/cmdlet-fault.ts";
import { type CmdletCall, type Progress, runCmdlet } from "../../api/run-cmdlet.ts";
import type { PageState } from "../../widgets/page-state.ts";
import { TraceCollection, type TracedMessage, type TraceRow } from "./traced-message.ts";

/** A search, how far it has come, and what it has found so far. */
export interface TraceRun {
  readonly kind: "idle" | "running" | "done" | "cancelled" | "failed";
  readonly messages: readonly TracedMessage[];
  readonly recipientCount: number;
  readonly warnings: readonly string[];
  readonly progress: Progress | undefined;
  readonly fault: CmdletFault | undefined;
}

type Call = CmdletCall<"Get-MessageTrace">;

const IDLE: TraceRun = {
  kind: "idle",
  messages: [],
  recipientCount: 0,
  warnings: [],
  progress: undefined,
  fault: undefined,
};
/** Rows come by the thousand: the page is drawn anew a few times a second only. */
const SHOW_EVERY_MS = 250;
/** After so long, coming back to a search does it again. */
const FRESH_MS = 5 * 60_000;

/**
 * The one search of this window. It outlives its page: who comes back from a message finds the list
 * as it was, and what was still searched goes on.
 */
class TraceStore {
  #run: TraceRun = IDLE;
  #key = "";
  #owner = "";
  #endedAt = 0;
  #controller: AbortController | undefined;
  readonly #listeners = new Set<() => void>();
  #state: PageState = {};
  /** The message that was opened last. */
  opened: string | undefined;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Nothing of what another administrator has found. */
  current(owner: string): TraceRun {
    return owner === this.#owner ? this.#run : IDLE;
  }

  /** Begins a search, unless this is what was found a moment ago. */
  start(call: Call, how: { readonly owner: string; readonly isForced: boolean }): void {
    const { owner, isForced } = how;
    const key = JSON.stringify([owner, call]);
    const isHere = key === this.#key && ["running", "done", "cancelled"].includes(this.#run.kind);
    const isFresh = this.#run.kind === "running" || performance.now() - this.#endedAt < FRESH_MS;
    if (isHere && isFresh && !isForced) return;
    this.#controller?.abort();
    this.#key = key;
    this.#owner = owner;
    void this.#search(call);
  }

  /** Where the search page was left. */
  get state(): PageState {
    return this.#state;
  }

  /** Keeps that, for who comes back. */
  remember(state: PageState): void {
    this.#state = state;
  }

  cancel(): void {
    this.#controller?.abort();
  }

  async #search(call: Call): Promise<void> {
    const own = new AbortController();
    this.#controller = own;
    const collection = new TraceCollection();
    let rows: TraceRow[] = [];
    let progress: Progress | undefined;
    const show = (rest: Pick<TraceRun, "kind"> & Partial<TraceRun>) => {
      if (this.#controller !== own) return;
      collection.add(rows);
      rows = [];
      const { rowCount: recipientCount } = collection;
      this.#show({ ...IDLE, messages: collection.messages(), recipientCount, progress, ...rest });
    };
    show({ kind: "running" });
    const timer = setInterval(() => show({ kind: "running" }), SHOW_EVERY_MS);
    try {
      const { warnings } = await runCmdlet(call, {
        signal: own.signal,
        onProgress: (next) => {
          progress = next;
        },
        onObject: (row) => rows.push(row),
      });
      clearInterval(timer);
      show({ kind: "done", warnings });
    } catch (error) {
      clearInterval(timer);
      if (own.signal.aborted) show({ kind: "cancelled" });
      else show({ kind: "failed", fault: asFault(error) });
    }
    if (this.#controller === own) this.#endedAt = performance.now();
  }

  #show(run: TraceRun): void {
    this.#run = run;
    for (const listener of this.#listeners) listener();
  }
}

function asFault(error: unknown): CmdletFault {
  if (error instanceof CmdletFault) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new CmdletFault({ code: "fault", message });
}

/** The search of this window. */
export const traceStore = new TraceStore();

/** What it has come to, for its owner. */
export function useTraceRun(owner: string): TraceRun {
  return useSyncExternalStore(traceStore.subscribe, () => traceStore.current(owner));
}
