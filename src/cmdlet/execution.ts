import type { ObjectChange, Plan, Progress } from "./cmdlet.ts";
import type { FaultCode } from "./cmdlet-fault.ts";
import type { OutputObject } from "./output-type.ts";
import type { Caller } from "./role-group.ts";

/** What a run puts out, in order, ended by `done` or `failed`. One JSON line each on the wire. */
export type ExecutionRecord =
  | { readonly kind: "object"; readonly value: OutputObject }
  | { readonly kind: "progress"; readonly progress: Progress }
  | { readonly kind: "warning"; readonly text: string }
  | { readonly kind: "plan"; readonly plan: Plan }
  | {
      readonly kind: "failed";
      readonly code: FaultCode;
      readonly message: string;
      readonly parameter?: string;
      readonly at?: number;
    }
  | { readonly kind: "done" };

/** A call of a cmdlet, from whatever surface. */
export interface ExecutionRequest {
  /** Any case. */
  readonly cmdlet: string;
  /** By parameter name in any case; values as JSON or as text. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Says what it would do instead of doing it. */
  readonly whatIf: boolean;
  readonly caller: Caller;
  readonly signal: AbortSignal;
}

/** Runs cmdlets: finds, checks the role, reads the input, runs, and writes the audit entry. */
export type Execute = (request: ExecutionRequest) => AsyncIterable<ExecutionRecord>;

/** What an audit entry is made of. */
export interface AuditEntry {
  readonly atMs: number;
  readonly caller: Caller;
  readonly cmdlet: string;
  /** As given, secrets replaced by `***`. */
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly succeeded: boolean;
  readonly error: string | undefined;
  readonly changes: readonly ObjectChange[];
}
