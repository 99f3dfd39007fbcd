import type { Cmdlets, Schemas } from "../../generated/cmdlets.ts";
import { CmdletFault } from "./cmdlet-fault.ts";
import { brokenOff, sendRequest } from "./request.ts";

/** Every cmdlet of the server. */
export type CmdletName = keyof Cmdlets;
/** What a cmdlet takes. */
export type ParametersOf<Name extends CmdletName> = Cmdlets[Name]["parameters"];
/** An object that a cmdlet puts out. */
export type OutputOf<Name extends CmdletName> = Cmdlets[Name]["output"];
/** What it would do. */
export type Plan = Schemas["Plan"];

/** A call of a cmdlet: it is what a page does, and what it shows as the command line for it. */
export interface CmdletCall<Name extends CmdletName = CmdletName> {
  readonly cmdlet: Name;
  readonly parameters: ParametersOf<Name>;
}

/** A call whose cmdlet is only known at run time: by a form, a palette. */
export interface AnyCall {
  readonly cmdlet: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** How far long work has come. */
export interface Progress {
  readonly activity: string;
  readonly done: number;
  readonly total?: number;
  readonly unit: string;
}

/** What a run has put out. */
export interface RunResult<Output> {
  readonly objects: readonly Output[];
  readonly warnings: readonly string[];
  /** With `whatIf` only. */
  readonly plan: Plan | undefined;
}

/** How a call is run. */
export interface RunOptions<Output> {
  /** Says what it would do, and does nothing. */
  readonly whatIf?: boolean;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (progress: Progress) => void;
  /** Each object as it comes; then none are collected. */
  readonly onObject?: (value: Output) => void;
  /** Sent by a clock: it does not keep the session alive. */
  readonly isBackground?: true | undefined;
}

type ExecutionRecord =
  | { readonly kind: "object"; readonly value: unknown }
  | { readonly kind: "progress"; readonly progress: Progress }
  | { readonly kind: "warning"; readonly text: string }
  | { readonly kind: "plan"; readonly plan: Plan }
  | {
      readonly kind: "failed";
      readonly code: string;
      readonly message: string;
      readonly parameter?: string;
      readonly at?: number;
    }
  | { readonly kind: "done" };

/** Runs a cmdlet on the server. @throws CmdletFault, after what came before it was handed on */
export async function runCmdlet<Name extends CmdletName>(
  call: CmdletCall<Name>,
  options: RunOptions<OutputOf<Name>> = {},
): Promise<RunResult<OutputOf<Name>>> {
  return runAny<OutputOf<Name>>(call as AnyCall, options);
}

/** As `runCmdlet`, for a call that was put together at run time. */
export async function runAny<Output = Readonly<Record<string, unknown>>>(
  { cmdlet, parameters }: AnyCall,
  { whatIf = false, signal, onProgress, onObject, isBackground }: RunOptions<Output> = {},
): Promise<RunResult<Output>> {
  const body = { cmdlet, parameters, whatIf };
  const response = await sendRequest({ method: "POST", path: "/run", body, signal, isBackground });
  const objects: Output[] = [];
  const warnings: string[] = [];
  let plan: Plan | undefined;
  let isWhole = false;
  for await (const record of readRecords(response, signal)) {
    switch (record.kind) {
      case "object":
        // The server writes objects by the schema that their type is made from.
        if (onObject === undefined) objects.push(record.value as Output);
        else onObject(record.value as Output);
        break;
      case "progress":
        onProgress?.(record.progress);
        break;
      case "warning":
        warnings.push(record.text);
        break;
      case "plan":
        plan = record.plan;
        break;
      case "failed":
        throw new CmdletFault(record);
      case "done":
        isWhole = true;
        break;
    }
  }
  if (!isWhole) throw brokenOff(signal);
  return { objects, warnings, plan };
}

async function* readRecords(
  { body }: Response,
  signal: AbortSignal | undefined,
): AsyncGenerator<ExecutionRecord> {
  if (body === null) return;
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      const lines = (rest + value).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) if (line !== "") yield JSON.parse(line) as ExecutionRecord;
    }
  } catch {
    throw brokenOff(signal);
  } finally {
    // A cmdlet whose reader has gone is cancelled by the server.
    void reader.cancel().catch(() => undefined);
  }
}
