import { readdir, readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { contoso } from "../test/harness/contoso.ts";
import { freePort } from "../test/harness/free-port.ts";
import { run } from "../test/harness/peers.ts";
import { CleanupScope } from "../test/harness/scope.ts";
import { startServer } from "../test/harness/server.ts";
import { startSmtpSink } from "./postfix-tools.ts";
import { configurationFor } from "./revision.ts";

/** What goes through a server in one turn. */
interface Load {
  readonly name: string;
  readonly bytes: number;
  readonly messages: number;
  readonly persistent: boolean;
}

const LOADS: readonly Load[] = [
  { name: "connection per message, 4 KiB", bytes: 4096, messages: 2000, persistent: false },
  { name: "persistent connections, 4 KiB", bytes: 4096, messages: 3000, persistent: true },
  { name: "persistent connections, 100 KiB", bytes: 102_400, messages: 1000, persistent: true },
];
/** Pairs of new servers: what the compiler makes of one differs by some percent from the next. */
const PAIRS = 6;
const TURNS = 6;
/** What a server has left to do when the generator has its last 250. */
const SETTLE_MS = 60;

/** Ratios of one pair of servers, here to there. */
interface Ratio {
  readonly processorTime: number;
  readonly rate: number;
}

interface Candidate {
  readonly root: string;
  readonly port: number;
  readonly pid: number;
  processorNs: number;
  elapsedMs: number;
}

/**
 * Two source trees as servers side by side, loaded in turns of a second: a machine that is now fast
 * and now slow is so for both. Returns a table of the medians, here to there.
 */
export async function sideBySide(
  here: string,
  there: string,
  options: { readonly quick: boolean; readonly progress: (text: string) => void },
): Promise<string> {
  const lines: string[] = [];
  for (const load of LOADS) {
    const ratios: Ratio[] = [];
    for (let pair = 0; pair < (options.quick ? 1 : PAIRS); pair += 1) {
      const ratio = await comparePair(load, [here, there], pair % 2 === 1);
      options.progress(`${load.name}: processor time ${show(ratio.processorTime)}`);
      ratios.push(ratio);
    }
    const times = ratios.map(({ processorTime }) => processorTime);
    const rates = ratios.map(({ rate }) => rate);
    lines.push(
      `${load.name}: accepted a second ${show(median(rates))}, ` +
        `processor time a message ${show(median(times))} (${times.map(show).join(" ")})`,
    );
  }
  return lines.join("\n");
}

async function comparePair(
  load: Load,
  roots: readonly string[],
  isReversed: boolean,
): Promise<Ratio> {
  const scope = new CleanupScope();
  try {
    const candidates: Candidate[] = [];
    for (const root of isReversed ? roots.toReversed() : roots) {
      candidates.push(await startCandidate(scope, root));
    }
    for (const one of candidates) await send(one, { ...load, messages: load.messages * 2 });
    for (let turn = 0; turn < TURNS; turn += 1) {
      for (const one of turn % 2 === 1 ? candidates.toReversed() : candidates) {
        const before = await processorNs(one.pid);
        one.elapsedMs += await send(one, load);
        await sleep(SETTLE_MS);
        one.processorNs += (await processorNs(one.pid)) - before;
      }
    }
    const [here, there] = roots.map((root) => candidates.find((one) => one.root === root));
    if (here === undefined || there === undefined) throw new Error("two trees are compared");
    return {
      processorTime: here.processorNs / there.processorNs,
      rate: there.elapsedMs / here.elapsedMs,
    };
  } finally {
    await scope.close();
  }
}

async function startCandidate(scope: CleanupScope, root: string): Promise<Candidate> {
  const sinkPort = await freePort();
  await startSmtpSink(scope, sinkPort);
  const port = await freePort();
  const configuration = await configurationFor(
    root,
    contoso({ smtpPort: await freePort(), relayPort: port, smartHostPort: sinkPort }),
  );
  const server = await startServer(scope, { root, configuration });
  return { root, port, pid: server.pid, processorNs: 0, elapsedMs: 0 };
}

/** Returns how long the generator took for it. */
async function send({ port }: Candidate, load: Load): Promise<number> {
  const startedMs = performance.now();
  const { code, stderr } = await run("smtp-source", [
    ...(load.persistent ? ["-d"] : []),
    ...["-s", "50", "-m", String(load.messages), "-l", String(load.bytes), "-N"],
    ...["-f", "sender@bench.test", "-t", "recipient@dest.test", `127.0.0.1:${port}`],
  ]);
  if (code !== 0) throw new Error(`smtp-source failed: ${stderr.slice(-300)}`);
  return performance.now() - startedMs;
}

/** Time that the threads of a process have run, in nanoseconds. */
async function processorNs(pid: number): Promise<number> {
  let sum = 0;
  for (const thread of await readdir(`/proc/${pid}/task`)) {
    const text = await readFile(`/proc/${pid}/task/${thread}/schedstat`, "latin1").catch(() => "0");
    sum += Number(text.split(" ")[0]);
  }
  return sum;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

function show(ratio: number): string {
  return ratio.toFixed(2);
}
