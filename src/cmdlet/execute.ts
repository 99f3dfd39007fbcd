import type { Clock } from "../base/clock.ts";
import type { Diagnostics } from "../base/diagnostics.ts";
import type { Cmdlet, CmdletInput, Invocation, ObjectChange, Plan } from "./cmdlet.ts";
import { CmdletFault } from "./cmdlet-fault.ts";
import type { CmdletTable } from "./cmdlet-table.ts";
import type { AuditEntry, Execute, ExecutionRecord, ExecutionRequest } from "./execution.ts";
import { hiddenProperties, type OutputObject } from "./output-type.ts";
import { readInput } from "./read-input.ts";
import { PendingStep, ReportBuffer } from "./report-buffer.ts";
import { type Caller, isInRole } from "./role-group.ts";

/** What running cmdlets needs. */
export interface ExecutorParts<Services> {
  readonly table: CmdletTable<Services>;
  readonly services: Services;
  readonly clock: Clock;
  readonly diagnostics: Diagnostics;
  /** Writes an audit entry; a change that cannot be recorded must not look as if it had been. */
  readonly audit: (entry: AuditEntry) => Promise<void>;
}

/**
 * Joins table and services. Never throws: whatever goes wrong is the last record. A run that
 * changes something leaves an audit entry, also when it fails or its caller goes away. What a
 * caller tries without the right to is told to diagnostics.
 */
export function createExecute<Services>(parts: ExecutorParts<Services>): Execute {
  return (request) => execute(parts, request);
}

async function* execute<Services>(
  parts: ExecutorParts<Services>,
  request: ExecutionRequest,
): AsyncGenerator<ExecutionRecord> {
  const { caller, whatIf } = request;
  const cmdlet = parts.table.find(request.cmdlet);
  if (cmdlet === undefined) {
    yield failed(parts.table.unknown(request.cmdlet));
    return;
  }
  if (!mayRun(cmdlet, caller)) {
    tellForbidden(parts.diagnostics, cmdlet, caller);
    const needs = ["Organization Management", ...cmdlet.roles].join(" or ");
    const text = `${caller.name} may not run ${cmdlet.name}: it needs the role ${needs}`;
    yield failed(new CmdletFault("forbidden", text));
    return;
  }
  const read = readInput(cmdlet, request.parameters, caller);
  if (!read.ok) {
    if (read.fault.code === "forbidden") tellForbidden(parts.diagnostics, cmdlet, caller);
    yield failed(read.fault);
    return;
  }
  const run = new Run(parts, request, { cmdlet, given: read.value.given });
  if (whatIf) yield* run.plan(read.value.input);
  else yield* run.run(read.value.input);
}

function tellForbidden(
  diagnostics: Diagnostics,
  { name }: Pick<Cmdlet<never>, "name">,
  caller: Caller,
): void {
  const { name: who, via, address } = caller;
  diagnostics.warn("cmdlet-forbidden", { cmdlet: name, caller: who, via, address });
}

/** Whether the caller may run a cmdlet at all: by role, and by the scope of his token. */
export function mayRun(cmdlet: Pick<Cmdlet<never>, "name" | "roles">, caller: Caller): boolean {
  if (caller.cmdlets !== undefined && !caller.cmdlets.includes(cmdlet.name.toLowerCase())) {
    return false;
  }
  return isInRole(caller, cmdlet.roles);
}

const CANCELLED = new CmdletFault("cancelled", "it was cancelled");

/** One run: gathers what the handler reports besides its output. */
class Run<Services> {
  readonly #parts: ExecutorParts<Services>;
  readonly #request: ExecutionRequest;
  readonly #cmdlet: Cmdlet<Services>;
  readonly #invocation: Invocation<Services>;
  readonly #changes: ObjectChange[] = [];
  readonly #reports: ReportBuffer;
  /** Told to the handler when the caller cancels, and when he stops reading. */
  readonly #left = new AbortController();

  constructor(
    parts: ExecutorParts<Services>,
    request: ExecutionRequest,
    what: { readonly cmdlet: Cmdlet<Services>; readonly given: ReadonlySet<string> },
  ) {
    this.#parts = parts;
    this.#request = request;
    this.#cmdlet = what.cmdlet;
    this.#reports = new ReportBuffer(parts.clock);
    this.#invocation = {
      services: parts.services,
      caller: request.caller,
      clock: parts.clock,
      signal: AbortSignal.any([request.signal, this.#left.signal]),
      given: what.given,
      progress: (progress) => this.#reports.progress(progress),
      warn: (text) => this.#reports.warn(text),
      changed: (change) => void this.#changes.push(change),
    };
  }

  async *plan(input: CmdletInput): AsyncGenerator<ExecutionRecord> {
    try {
      const plan = await (this.#cmdlet.plan?.(this.#invocation, input) ?? this.#plainPlan());
      yield* this.#reports.take();
      yield { kind: "plan", plan };
      yield { kind: "done" };
    } catch (error) {
      yield failed(this.#faultOf(error));
    }
  }

  async *run(input: CmdletInput): AsyncGenerator<ExecutionRecord> {
    let problem: CmdletFault | undefined;
    let isFinished = false;
    try {
      yield* this.#output(input);
      isFinished = true;
      // A handler may just stop when it is told to.
      if (this.#request.signal.aborted) problem = CANCELLED;
    } catch (error) {
      problem = this.#faultOf(error);
      isFinished = true;
    } finally {
      // A caller who stops reading ends the generator right here.
      if (!isFinished) problem = new CmdletFault("cancelled", "the caller has gone");
      const auditProblem = await this.#audit(problem);
      problem ??= auditProblem;
    }
    yield* this.#reports.take();
    yield problem === undefined ? { kind: "done" } : failed(problem);
  }

  /** Objects as they come, and what the handler reports while it is busy with the next one. */
  async *#output(input: CmdletInput): AsyncGenerator<ExecutionRecord> {
    const hidden = hiddenProperties(this.#cmdlet, this.#request.caller);
    const iterator = this.#cmdlet.run(this.#invocation, input)[Symbol.asyncIterator]();
    let isOver = false;
    try {
      while (!isOver) {
        const step = new PendingStep(iterator.next(), this.#reports);
        while (!step.isSettled) {
          await this.#reports.woken();
          yield* this.#reports.take();
        }
        const { done, value } = await step.result;
        isOver = done === true;
        if (!isOver) yield { kind: "object", value: withoutHidden(value, hidden) };
      }
    } catch (error) {
      isOver = true;
      throw error;
    } finally {
      if (!isOver) {
        this.#left.abort();
        // Waits until the handler has put away what it holds: only then is its audit entry true.
        await iterator.return?.().catch(() => undefined);
      }
    }
  }

  #plainPlan(): Plan {
    const { parameters } = this.#request;
    const identity = Object.entries(parameters).find(([name]) => /^(identity|name)$/i.test(name));
    const target = typeof identity?.[1] === "string" ? ` ${JSON.stringify(identity[1])}` : "";
    return { actions: [`${this.#cmdlet.name}${target}`], count: 1 };
  }

  async #audit(problem: CmdletFault | undefined): Promise<CmdletFault | undefined> {
    if (this.#cmdlet.effect === "reads" && this.#cmdlet.isRecorded !== true) return undefined;
    const { caller, parameters } = this.#request;
    try {
      await this.#parts.audit({
        atMs: this.#parts.clock.nowMs(),
        caller,
        cmdlet: this.#cmdlet.name,
        parameters: withoutSecrets(this.#cmdlet, parameters),
        succeeded: problem === undefined,
        error: problem?.message,
        changes: this.#changes,
      });
      return undefined;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#parts.diagnostics.error("audit-failed", { cmdlet: this.#cmdlet.name, reason });
      const text = `${this.#cmdlet.name} ran, but the audit log could not be written: ${reason}`;
      return new CmdletFault("unavailable", text);
    }
  }

  #faultOf(error: unknown): CmdletFault {
    if (error instanceof CmdletFault) return error;
    if (this.#request.signal.aborted) return CANCELLED;
    const reason = error instanceof Error ? error.message : String(error);
    if (error instanceof Error && error.name === "StoreFailure") {
      return new CmdletFault("unavailable", `the store could not do it: ${reason}`);
    }
    const stack = error instanceof Error ? error.stack : undefined;
    this.#parts.diagnostics.error("cmdlet-failed", { cmdlet: this.#cmdlet.name, reason, stack });
    const hint = "the server's diagnostics have the rest";
    return new CmdletFault("fault", `${this.#cmdlet.name} failed: ${reason} (${hint})`);
  }
}

function withoutHidden(value: OutputObject, hidden: readonly string[]): OutputObject {
  if (hidden.length === 0) return value;
  return { ...value, ...Object.fromEntries(hidden.map((name) => [name, null])) };
}

function withoutSecrets<Services>(
  { parameters }: Cmdlet<Services>,
  given: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const secrets = Object.entries(parameters)
    .filter(([, { type }]) => type.isSecret === true)
    .map(([name]) => name.toLowerCase());
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => [
      name,
      secrets.includes(name.toLowerCase()) ? "***" : value,
    ]),
  );
}

function failed({ code, message, parameter, at }: CmdletFault): ExecutionRecord {
  return {
    kind: "failed",
    code,
    message,
    ...(parameter !== undefined && { parameter }),
    ...(at !== undefined && { at }),
  };
}
