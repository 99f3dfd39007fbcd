import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { contoso } from "../harness/contoso.ts";
import { eventually } from "../harness/eventually.ts";
import { freePort } from "../harness/free-port.ts";
import { numberOf, seededRandom, startLoad } from "../harness/load.ts";
import { startServer } from "../harness/server.ts";
import { startSink } from "../harness/sink.ts";
import { readTracking, type TrackingRow } from "../harness/tracking.ts";

const KILLS = 12;
const SESSIONS = 20;
const MESSAGES = 12_000;
const KILL_AFTER_MIN_MS = 150;
const KILL_AFTER_SPREAD_MS = 900;

/** Deliveries to the sink, by id, each as its time on our clock (epoch ms). */
type Deliveries = Map<string, number[]>;

test("kill -9 at random moments loses nothing that got its 250", {
  timeout: 280_000,
}, async (t) => {
  const seed = Number(process.env["SEED"] ?? Math.floor(Math.random() * 2 ** 32));
  t.diagnostic(`seed ${seed} (SEED=${seed} repeats the moments of the kills)`);
  const random = seededRandom(seed);
  const deliveries: Deliveries = new Map();
  const sink = await startSink(t, {
    port: await freePort(),
    onMessage: ({ content }) => {
      const id = numberOf(content);
      deliveries.set(id, [...(deliveries.get(id) ?? []), Date.now()]);
    },
  });
  const relayPort = await freePort();
  const configuration = contoso({
    smtpPort: await freePort(),
    relayPort,
    smartHostPort: sink.port,
    transportService: { queueGlitchRetryInterval: "00:00:01" },
  });
  const server = await startServer(t, { configuration });

  const recipient = "someone@fabrikam.test";
  const load = startLoad({
    port: relayPort,
    sessions: SESSIONS,
    messages: MESSAGES,
    recipient,
    prefix: "d",
  });
  const killedMs: number[] = [];
  for (let kill = 0; kill < KILLS; kill++) {
    await sleep(KILL_AFTER_MIN_MS + random() * KILL_AFTER_SPREAD_MS);
    await server.kill9();
    killedMs.push(Date.now());
    await server.start();
  }
  await load.done;
  assert.deepEqual([...load.refusals], []);
  assert.ok(load.acknowledged.size > MESSAGES / 2, `${load.acknowledged.size} acknowledged`);

  const lost = await eventually({ what: "nothing missing", withinMs: 90_000 }, () => {
    const missing = [...load.acknowledged].filter((id) => !deliveries.has(id));
    return missing.length === 0 ? missing : undefined;
  }).catch(() => [...load.acknowledged].filter((id) => !deliveries.has(id)));
  assert.deepEqual(lost.slice(0, 10), [], `${lost.length} of ${load.acknowledged.size} are lost`);

  const sent = await waitForSendEvents(server.dataFolder, deliveries.size);
  reportDuplicates(deliveries, { killedMs, sent, say: (text) => t.diagnostic(text) });
  const ending = await server.terminate();
  assert.deepEqual(ending, { code: 0, signal: null });
});

/** The SEND events by id, once there is one for each message that the sink has. */
function waitForSendEvents(
  dataFolder: string,
  count: number,
): Promise<ReadonlyMap<string, readonly TrackingRow[]>> {
  return eventually({ what: "a SEND event for each message", withinMs: 30_000 }, () => {
    const rows = readTracking(dataFolder).filter((row) => row["event-id"] === "SEND");
    const byId = Map.groupBy(rows, (row) => row["message-subject"] ?? "");
    return byId.size >= count ? byId : undefined;
  });
}

/**
 * A delivery may be repeated only when the server died between the sink's 250 and its own commit:
 * the repeated id was in flight, which means that its SEND event is later than the kill.
 */
function reportDuplicates(
  deliveries: Deliveries,
  run: {
    readonly killedMs: readonly number[];
    readonly sent: ReadonlyMap<string, readonly TrackingRow[]>;
    readonly say: (text: string) => void;
  },
): void {
  const repeated = [...deliveries].filter(([, times]) => times.length > 1);
  const inFlight = [...deliveries].filter(([id, [first = 0]]) => {
    const recordedMs = Date.parse(run.sent.get(id)?.[0]?.["date-time"] ?? "");
    return run.killedMs.some((killMs) => first <= killMs && killMs <= recordedMs);
  });
  run.say(
    `${deliveries.size} messages delivered, ${run.killedMs.length} kills, ` +
      `${repeated.length} delivered twice, ${inFlight.length} were in flight at a kill`,
  );
  const allowed = new Set(inFlight.map(([id]) => id));
  const surplus = repeated.map(([id]) => id).filter((id) => !allowed.has(id));
  assert.deepEqual(surplus, [], "delivered twice without having been in flight at a kill");
  const recordedTwice = [...run.sent].filter(([, rows]) => rows.length > 1).map(([id]) => id);
  assert.deepEqual(recordedTwice, [], "recorded as sent twice");
}
