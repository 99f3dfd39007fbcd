// npm run bench [-- [--against REV] [--only NAME] [--quick]]
// npm run bench -- --side-by-side REV [--quick]
// Measures on this machine, prints a table, and writes the figures as JSON to bench/results. With
// --side-by-side two servers share the machine and are loaded in turns: only the ratio counts.
import { mkdir, writeFile } from "node:fs/promises";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { CleanupScope } from "../test/harness/scope.ts";
import { checkOut } from "./checkout.ts";
import { missingPostfixTools } from "./postfix-tools.ts";
import { formatComparison, formatTable } from "./report.ts";
import type { Figure, Scenario } from "./scenario.ts";
import { adminCenter } from "./scenarios/admin-center.ts";
import { deferredMillion } from "./scenarios/deferred-million.ts";
import { group10000 } from "./scenarios/group-10000.ts";
import { idleSessions } from "./scenarios/idle-sessions.ts";
import { largeMessage } from "./scenarios/large-message.ts";
import { longLists } from "./scenarios/long-lists.ts";
import { relayVsPostfix } from "./scenarios/relay-vs-postfix.ts";
import { senderChecksVsPostfix } from "./scenarios/sender-checks-vs-postfix.ts";
import { tlsVsPostfix } from "./scenarios/tls-vs-postfix.ts";
import { trackingIndex } from "./scenarios/tracking-index.ts";
import { trackingSearch } from "./scenarios/tracking-search.ts";
import { transportRules } from "./scenarios/transport-rules.ts";
import { sideBySide } from "./side-by-side.ts";

const ROOT = join(import.meta.dirname, "..");
const SCENARIOS: readonly Scenario[] = [
  relayVsPostfix,
  idleSessions,
  largeMessage,
  deferredMillion,
  group10000,
  tlsVsPostfix,
  senderChecksVsPostfix,
  transportRules,
  trackingSearch,
  trackingIndex,
  adminCenter,
  longLists,
];
/** Rounds of each tree with `--against`; they alternate, so that both see the machine alike. */
const ROUNDS_AGAINST = 3;

async function runRound(
  scenario: Scenario,
  round: { readonly root: string; readonly quick: boolean; readonly label: string },
): Promise<readonly Figure[]> {
  const scope = new CleanupScope();
  const { root, quick } = round;
  const progress = (text: string): void => {
    console.error(`${scenario.name}${round.label}: ${text}`);
  };
  progress("starting");
  try {
    return await scenario.run({ root, quick, scope, progress });
  } finally {
    await scope.close();
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      against: { type: "string" },
      only: { type: "string", multiple: true },
      quick: { type: "boolean", default: false },
      "side-by-side": { type: "string" },
    },
  });
  const revision = values["side-by-side"];
  if (revision !== undefined) {
    await runSideBySide(revision, values.quick);
    return;
  }
  const { against, only, quick } = values;
  const chosen = SCENARIOS.filter(({ name }) => only === undefined || only.includes(name));
  if (chosen.length === 0) {
    throw new Error(`--only takes one of ${SCENARIOS.map(({ name }) => name).join(", ")}`);
  }
  const scope = new CleanupScope();
  const other = against === undefined ? undefined : await checkOut(scope, ROOT, against);
  const ours: Figure[][] = [];
  const theirs: Figure[][] = [];
  const faults: string[] = [];
  try {
    for (const scenario of chosen) {
      const missing = scenario.missing();
      if (missing !== undefined) {
        faults.push(`${scenario.name} did not run: ${missing}`);
        continue;
      }
      for (let turn = 0; turn < (other === undefined ? 1 : ROUNDS_AGAINST); turn++) {
        try {
          ours.push([...(await runRound(scenario, { root: ROOT, quick, label: "" }))]);
          if (other === undefined) continue;
          const label = ` (${against})`;
          theirs.push([...(await runRound(scenario, { root: other, quick, label }))]);
        } catch (error) {
          faults.push(`${scenario.name} failed: ${String(error)}`);
          break;
        }
      }
    }
  } finally {
    await scope.close();
  }
  const table = other === undefined ? formatTable(ours.flat()) : formatComparison(ours, theirs);
  console.log(table);
  await writeResults({ against, quick, ours, theirs, faults });
  for (const fault of faults) console.error(fault);
  if (faults.length > 0) process.exitCode = 1;
}

async function runSideBySide(revision: string, quick: boolean): Promise<void> {
  const missing = missingPostfixTools();
  if (missing !== undefined) throw new Error(missing);
  const scope = new CleanupScope();
  try {
    const there = await checkOut(scope, ROOT, revision);
    const progress = (text: string): void => {
      console.error(text);
    };
    console.log(await sideBySide(ROOT, there, { quick, progress }));
  } finally {
    await scope.close();
  }
}

async function writeResults(results: Readonly<Record<string, unknown>>): Promise<void> {
  const folder = join(ROOT, "bench/results");
  await mkdir(folder, { recursive: true });
  const at = new Date().toISOString();
  const machine = { cpus: cpus().length, model: cpus()[0]?.model, memoryBytes: totalmem() };
  const path = join(folder, `${at.replaceAll(":", "-")}.json`);
  await writeFile(path, `${JSON.stringify({ at, machine, ...results }, undefined, 2)}\n`);
  console.log(`JSON: ${path}`);
}

await main();
