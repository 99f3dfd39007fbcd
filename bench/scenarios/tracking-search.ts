import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../src/base/clock.ts";
import { silentDiagnostics } from "../../src/base/diagnostics.ts";
import { addressPattern, partPattern, wildcardPattern } from "../../src/logs/text-pattern.ts";
import { TrackingIndex } from "../../src/logs/tracking-index.ts";
import type { TrackingQuery } from "../../src/logs/tracking-query.ts";
import { TrackingSearch } from "../../src/logs/tracking-search.ts";
import { openTrackingIndex, removeTrackingIndex } from "../../src/store/tracking-index-sqlite.ts";
import { run } from "../../test/harness/peers.ts";
import type { Figure, Round, Scenario } from "../scenario.ts";
import { generateLog, messageIdOf, networkIdOf, recipientOf, senderOf } from "../tracking-lines.ts";

const SEARCH_MS = { must: 200, aim: 50 };
/** Warm searches of each kind, for messages from all over the log. */
const SEARCHES = 20;
const END_MS = Date.parse("2026-06-01T00:00:00Z");

const QUERIES: readonly (readonly [string, (message: number) => TrackingQuery])[] = [
  ["sender", (at) => ({ sender: addressPattern(senderOf(at)) })],
  ["recipient", (at) => ({ recipients: [addressPattern(recipientOf(at))] })],
  ["message id", (at) => ({ messageId: wildcardPattern(messageIdOf(at)) })],
  ["network message id", (at) => ({ networkMessageIds: [networkIdOf(at)] })],
];

/** Ten million events: what indexing them costs, and how long searches take, cold and warm. */
export const trackingSearch: Scenario = {
  name: "tracking-search",
  missing: () => undefined,
  async run(round: Round): Promise<readonly Figure[]> {
    const events = round.quick ? 500_000 : 10_000_000;
    const folder = mkdtempSync(join(tmpdir(), "postrider-bench-tracking-"));
    round.scope.after(() => rmSync(folder, { recursive: true }));
    mkdirSync(join(folder, "logs"));
    round.progress(`writing a log of ${events} events`);
    const log = generateLog(join(folder, "logs"), { events, endMs: END_MS });
    round.progress(`indexing ${log.files} files, ${Math.round(log.bytes / 1e6)} MB`);
    const figures = [...(await measureIndexing(folder, events))];
    for (const [name, queryFor] of QUERIES) {
      round.progress(`searching by ${name}`);
      figures.push(...(await measureSearches(folder, { name, queryFor, messages: events / 2 })));
    }
    const index = openIndex(folder);
    const subject = { subject: partPattern("no subject is like this") };
    const wholeMs = time(index, subject).ms;
    await index.stop();
    const name = `${events} events: part of a subject, all of the log`;
    return [...figures, { name, value: wholeMs / 1000, unit: "s", better: "lower" }];
  },
};

async function measureIndexing(folder: string, events: number): Promise<readonly Figure[]> {
  let indexed = 0;
  const index = openIndex(folder, (count) => {
    indexed += count;
  });
  const before = process.cpuUsage();
  const startedMs = performance.now();
  await index.update({ rebuild: false, progress: () => true });
  const seconds = (performance.now() - startedMs) / 1000;
  const { user, system } = process.cpuUsage(before);
  const { indexBytes, logBytes } = index.status();
  await index.stop();
  const name = `${events} events, index`;
  const cost = (user + system) / indexed;
  return [
    { name: `${name}: processor time of an event`, value: cost, unit: "µs", better: "lower" },
    { name: `${name}: rate`, value: indexed / seconds, unit: "/s", better: "higher" },
    { name: `${name}: size, log = 1`, value: indexBytes / logBytes, unit: "×", better: "lower" },
  ];
}

async function measureSearches(
  folder: string,
  what: {
    readonly name: string;
    readonly queryFor: (message: number) => TrackingQuery;
    readonly messages: number;
  },
): Promise<readonly Figure[]> {
  const { name, queryFor, messages } = what;
  await dropCaches(folder);
  const index = openIndex(folder);
  const cold = time(index, queryFor(Math.floor(messages / 7)));
  while (!index.loadFilters());
  const warm = Array.from({ length: SEARCHES }, (_, at) =>
    time(index, queryFor(Math.floor(((at + 0.5) * messages) / SEARCHES))),
  );
  await index.stop();
  if (warm.some(({ found }) => found < 2)) throw new Error(`a search by ${name} found nothing`);
  const label = `${messages * 2} events, by ${name}`;
  const slowest = Math.max(...warm.map(({ ms }) => ms));
  return [
    { name: `${label}: cold`, value: cold.ms, unit: "ms", better: "lower", ...SEARCH_MS },
    { name: `${label}: warm, slowest`, value: slowest, unit: "ms", better: "lower", ...SEARCH_MS },
  ];
}

function openIndex(
  folder: string,
  indexed: (events: number) => void = () => undefined,
): TrackingIndex {
  const path = join(folder, "tracking.db");
  return new TrackingIndex({
    directory: join(folder, "logs"),
    openStore: () =>
      openTrackingIndex(path, (reason) => {
        throw new Error(reason);
      }),
    removeStore: () => removeTrackingIndex(path),
    clock: systemClock,
    diagnostics: silentDiagnostics,
    busyShare: () => 0,
    indexed,
  });
}

function time(
  index: TrackingIndex,
  query: TrackingQuery,
): { readonly ms: number; readonly found: number } {
  const startedMs = performance.now();
  const search = new TrackingSearch({ index, clock: systemClock }, query, "newestFirst");
  let found = 0;
  for (;;) {
    const batch = search.next();
    found += batch.records.length;
    if (batch.finished) return { ms: performance.now() - startedMs, found };
  }
}

/** Takes the files out of the system's cache, so that the disk has to be read. */
async function dropCaches(folder: string): Promise<void> {
  await run("sync", []);
  const names = readdirSync(folder, { recursive: true, withFileTypes: true });
  for (const entry of names.filter((name) => name.isFile())) {
    const path = join(entry.parentPath, entry.name);
    await run("dd", [`if=${path}`, "iflag=nocache", "count=0", "status=none"]);
  }
}
