import { fault, ok, type Result } from "../base/result.ts";
import type { Execute } from "../cmdlet/execution.ts";
import type { OutputObject } from "../cmdlet/output-type.ts";
import type { Caller } from "../cmdlet/role-group.ts";
import { type Answer, type ErrorBody, errorAnswer, FAULT_STATUS } from "./http-answer.ts";

/** A cmdlet that a route runs on somebody's behalf. */
export interface CmdletCall {
  readonly cmdlet: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly caller: Caller;
}

/**
 * Runs a cmdlet to its end, also when the client goes away meanwhile: what was sent off counts. A
 * fault is what to answer.
 */
export async function cmdletOutcome(
  execute: Execute,
  call: CmdletCall,
): Promise<Result<readonly OutputObject[], Answer>> {
  const { signal } = new AbortController();
  const values: OutputObject[] = [];
  for await (const record of execute({ ...call, whatIf: false, signal })) {
    if (record.kind === "object") values.push(record.value);
    if (record.kind !== "failed") continue;
    const { kind: _, ...error } = record;
    return fault(errorAnswer(FAULT_STATUS[record.code], error satisfies ErrorBody));
  }
  return ok(values);
}
