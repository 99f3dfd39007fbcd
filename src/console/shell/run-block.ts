import type { LocalCall } from "./local-cmdlet.ts";
import { ShellFault } from "./shell-fault.ts";
import type { ShellBlock } from "./shell-syntax.ts";
import { holdValues, type ShellValue } from "./shell-value.ts";

/** What a block puts out for an object as it comes; `$_` is the object. @throws ShellFault */
export function streamBlock(
  { script }: ShellBlock,
  current: ShellValue,
  { scope, shell }: LocalCall,
): AsyncIterable<ShellValue> {
  if ("problem" in script) throw new ShellFault(script.problem, { at: script.at });
  return shell.runScript(script, { ...scope, current });
}

/** All of it. */
export function runBlock(
  block: ShellBlock,
  current: ShellValue,
  call: LocalCall,
): Promise<readonly ShellValue[]> {
  return holdValues(streamBlock(block, current, call), { by: "a block", at: block.at });
}
