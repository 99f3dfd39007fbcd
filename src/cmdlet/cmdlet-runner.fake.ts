import assert from "node:assert/strict";
import { type FakeClock, fakeClock } from "../base/clock.fake.ts";
import { silentDiagnostics } from "../base/diagnostics.ts";
import type { Cmdlet } from "./cmdlet.ts";
import { createCmdletTable } from "./cmdlet-table.ts";
import { createExecute } from "./execute.ts";
import type { AuditEntry, ExecutionRecord } from "./execution.ts";
import type { RoleGroup } from "./role-group.ts";

/** What a test says of one run besides its parameters. */
interface RunManner {
  readonly whatIf?: boolean;
  readonly role?: RoleGroup;
}

/** Runs cmdlets as a caller with one role, who has logged on; a run's records by their kinds. */
export function cmdletRunner<Services>(parts: {
  readonly cmdlets: readonly Cmdlet<Services>[];
  readonly services: Services;
  readonly caller: { readonly name: string; readonly role: RoleGroup };
  readonly clock?: FakeClock;
}) {
  const { cmdlets, services, clock = fakeClock() } = parts;
  const audited: AuditEntry[] = [];
  const execute = createExecute({
    table: createCmdletTable(cmdlets),
    services,
    clock,
    diagnostics: silentDiagnostics,
    audit: async (entry) => void audited.push(entry),
  });
  const run = async (cmdlet: string, parameters: object = {}, how: RunManner = {}) => {
    const { whatIf = false, role = parts.caller.role } = how;
    const { name } = parts.caller;
    const caller = { name, roleGroups: [role], via: "session", address: "::1" } as const;
    const { signal } = new AbortController();
    const request = { cmdlet, parameters: { ...parameters }, whatIf, caller, signal };
    const records: ExecutionRecord[] = [];
    for await (const record of execute(request)) records.push(record);
    const plan = records.find((one) => one.kind === "plan");
    return {
      values: records.flatMap((one) => (one.kind === "object" ? [one.value] : [])),
      warnings: records.flatMap((one) => (one.kind === "warning" ? [one.text] : [])),
      actions: plan?.plan.actions,
      failed: records.find((one) => one.kind === "failed"),
    };
  };
  /** What a run that must succeed puts out. */
  const values = async (cmdlet: string, parameters: object = {}) => {
    const done = await run(cmdlet, parameters);
    assert.equal(done.failed, undefined, done.failed?.message);
    return done.values;
  };
  return { run, values, audited, clock };
}
