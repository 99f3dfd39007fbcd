import type { MessagePort } from "node:worker_threads";
import type { Result } from "../base/result.ts";
import type { PipelineEventName } from "../org/agent-table.ts";
import type { ModuleFacts } from "../transport/agents/agent-report.ts";
import type { ModuleAnswer } from "../transport/agents/module-answer.ts";
import type { ModuleSubject } from "../transport/agents/module-subject.ts";

/** What a module's thread is told first, over the port that only threads' makers know. */
export interface AgentModuleStart {
  readonly port: MessagePort;
  /** `file:` URL of the module. */
  readonly url: string;
}

/** What a module's thread may be asked; faults are in words for the administrator. */
export type AgentModuleCalls = {
  readonly load: (nothing: undefined) => Promise<Result<ModuleFacts, string>>;
  readonly question: (question: {
    readonly id: number;
    readonly event: PipelineEventName;
    readonly subject: ModuleSubject;
  }) => Promise<Result<ModuleAnswer | undefined, string>>;
  /** Nobody waits for that answer any more. */
  readonly over: (id: number) => void;
  readonly ping: (nothing: undefined) => void;
};

/** What a module's thread may ask. */
export type AgentModuleHostCalls = {
  /**
   * The next piece of the content of a question; `undefined` is its end. Each `stream`, numbered
   * by the thread, reads it from the start.
   */
  readonly nextPiece: (from: {
    readonly id: number;
    readonly stream: number;
  }) => Promise<Result<Uint8Array | undefined, string>>;
  /** That reading is over, at its end or before. */
  readonly endStream: (from: { readonly id: number; readonly stream: number }) => void;
};
