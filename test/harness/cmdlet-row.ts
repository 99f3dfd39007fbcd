import assert from "node:assert/strict";
import type { Cmdlet } from "../../src/cmdlet/cmdlet.ts";
import type { OutputObject } from "../../src/cmdlet/output-type.ts";
import { ALL_CMDLETS } from "../../src/management/all-cmdlets.ts";
import { runCommandLine } from "./command-line.ts";
import type { OpenApiClient } from "./openapi-client.ts";

/** How a cmdlet is reached. */
export type Surface = "commandLine" | "rest";

/** Parameters by the names of the cmdlet's table, as JSON has them. */
export type Given = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/** What rows are run against. */
export interface RowBench {
  readonly server: { readonly dataFolder: string };
  /** Knows where an operation is by the server's own OpenAPI document, and no more. */
  readonly client: OpenApiClient;
}

/** What a run has come to. */
export interface RowOutput<Bench> {
  readonly objects: readonly OutputObject[];
  readonly warnings: string;
  readonly given: Given;
  readonly bench: Bench;
  readonly via: Surface;
}

/** One cmdlet: run through the command line and through REST, each with objects of its own. */
export interface CmdletRow<Bench extends RowBench> {
  readonly cmdlet: string;
  /** Asked before each of the two runs, so that it can make what the run changes. */
  readonly given?: Given | ((bench: Bench, via: Surface) => Promise<Given>);
  /** How many objects come out; default: one at least. */
  readonly count?: number;
  /** What must be true of what came out, and afterwards. */
  readonly expect: (output: RowOutput<Bench>) => void | Promise<void>;
}

/** Rows that run one after the other. */
export type RowChain<Bench extends RowBench> = readonly CmdletRow<Bench>[];

/** Chains side by side: a server runs so many cmdlets at once, and a chain two of them. */
const CHAINS_AT_ONCE = 6;

/**
 * Runs chains of rows, some side by side; the fault names every cmdlet and surface that is wrong.
 */
export async function runRows<Bench extends RowBench>(
  bench: Bench,
  ...chains: readonly RowChain<Bench>[]
): Promise<void> {
  const waiting = [...chains];
  const faults: string[] = [];
  const work = async () => {
    for (let chain = waiting.shift(); chain !== undefined; chain = waiting.shift()) {
      faults.push(...(await runChain(bench, chain)));
    }
  };
  await Promise.all(Array.from({ length: CHAINS_AT_ONCE }, work));
  assert.equal(faults.length, 0, faults.join("\n\n"));
}

async function runChain<Bench extends RowBench>(
  bench: Bench,
  chain: RowChain<Bench>,
): Promise<readonly string[]> {
  const faults: string[] = [];
  for (const row of chain) {
    for (const via of ["commandLine", "rest"] as const) {
      try {
        await runRow(bench, row, via);
      } catch (error) {
        faults.push(`${row.cmdlet} (${via}): ${error instanceof Error ? error.stack : error}`);
      }
    }
  }
  return faults;
}

async function runRow<Bench extends RowBench>(
  bench: Bench,
  row: CmdletRow<Bench>,
  via: Surface,
): Promise<void> {
  const cmdlet = ALL_CMDLETS.find(row.cmdlet);
  assert.ok(cmdlet, "there is no such cmdlet");
  const given = typeof row.given === "function" ? await row.given(bench, via) : (row.given ?? {});
  const run = via === "rest" ? callOperation : typeLine;
  const { objects, warnings } = await run(bench, { cmdlet, given });
  if (row.count === undefined) assert.ok(objects.length > 0, "something comes out");
  else assert.equal(objects.length, row.count, JSON.stringify(objects));
  const names = Object.keys(cmdlet.output.properties);
  for (const object of objects) assert.deepEqual(Object.keys(object), names);
  await row.expect({ objects, warnings, given, bench, via });
}

interface RowRun {
  readonly cmdlet: Cmdlet<never>;
  readonly given: Given;
}

async function callOperation({ client }: RowBench, { cmdlet, given }: RowRun) {
  const { status, values, warnings, error } = await client.call(cmdlet.name, given);
  assert.equal(status, 200, JSON.stringify(error));
  // The client has held them against the schema of the answer.
  return { objects: values as readonly OutputObject[], warnings: warnings.join("\n") };
}

async function typeLine({ server }: RowBench, { cmdlet, given }: RowRun) {
  const words = [cmdlet.name, ...wordsOf(cmdlet, given), "-Format", "json"];
  const confirmed = cmdlet.confirmation === "asks" ? ["-Confirm:$false"] : [];
  const line = [...words, ...confirmed, "--data-dir", server.dataFolder];
  const { code, stdout, stderr } = await runCommandLine(line);
  assert.equal(code, 0, `${line.join(" ")}: ${stderr}`);
  // A cmdlet whose output went into a file has shown nothing.
  const objects: unknown = stdout === "" ? [] : JSON.parse(stdout);
  assert.ok(Array.isArray(objects));
  return { objects: objects as readonly OutputObject[], warnings: stderr };
}

/** Parameters as an administrator types them: what has a place goes without its name. */
function wordsOf({ parameters }: Cmdlet<never>, given: Given): readonly string[] {
  return Object.entries(given).flatMap(([name, value]) => {
    const parameter = parameters[name];
    assert.ok(parameter, `-${name} is no parameter`);
    if (value === true && parameter.isSwitch) return [`-${name}`];
    if (typeof value === "boolean") return [`-${name}:$${value}`];
    const text = typeof value === "object" ? value.join(",") : String(value);
    return parameter.position === 0 ? [text] : [`-${name}`, text];
  });
}
