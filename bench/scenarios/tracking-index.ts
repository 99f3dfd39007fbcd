import { runCmdlet } from "../../test/harness/cmdlets.ts";
import { contoso } from "../../test/harness/contoso.ts";
import { freePort } from "../../test/harness/free-port.ts";
import { startServer, type TestServer } from "../../test/harness/server.ts";
import { measureAcceptRate, missingPostfixTools, startSmtpSink } from "../postfix-tools.ts";
import type { Figure, Round, Scenario } from "../scenario.ts";

const ROUNDS = 5;
const BYTES = 4096;
const TO = "someone@fabrikam.test";

/** Two servers, one that indexes its tracking log and one that does not, under load in turn. */
export const trackingIndex: Scenario = {
  name: "tracking-index",
  missing: missingPostfixTools,
  async run(round: Round): Promise<readonly Figure[]> {
    const messages = round.quick ? 2_000 : 20_000;
    const sinkPort = await freePort();
    await startSmtpSink(round.scope, sinkPort);
    const start = async (isIndexed: boolean) => {
      const relayPort = await freePort();
      const configuration = contoso({
        smtpPort: await freePort(),
        relayPort,
        smartHostPort: sinkPort,
        // Small files, so that there is something to index all the time.
        transportService: {
          messageTrackingIndexEnabled: isIndexed,
          messageTrackingLogMaxFileSize: "1MB",
        },
      });
      const server = await startServer(round.scope, { configuration, root: round.root });
      return { server, relayPort, rates: [] as number[] };
    };
    const on = await start(true);
    const off = await start(false);
    const load = { messages, bytes: BYTES, to: TO };
    for (const { relayPort } of [on, off]) await measureAcceptRate(relayPort, load);
    for (let turn = 0; turn < (round.quick ? 1 : ROUNDS); turn += 1) {
      // Each goes first in turn: what one leaves to do falls upon the other.
      for (const side of turn % 2 === 0 ? [on, off] : [off, on]) {
        side.rates.push(await measureAcceptRate(side.relayPort, load));
      }
      round.progress(`with ${medianOf(on.rates)}, without ${medianOf(off.rates)} a second`);
    }
    const indexed = await indexedEvents(on.server);
    if (indexed < messages) throw new Error(`only ${indexed} events were indexed meanwhile`);
    const withIndex = medianOf(on.rates);
    const without = medianOf(off.rates);
    return [
      {
        name: "relay with the tracking index on, off = 1",
        value: withIndex / without,
        unit: "×",
        better: "higher",
        must: 0.85,
        aim: 0.95,
      },
      { name: "relay with the tracking index on", value: withIndex, unit: "/s", better: "higher" },
      { name: "relay with the tracking index off", value: without, unit: "/s", better: "higher" },
    ];
  },
};

async function indexedEvents(server: TestServer): Promise<number> {
  const [status] = await runCmdlet(server, "Get-MessageTrackingIndex");
  return Number(status?.["IndexedEvents"]);
}

function medianOf(rates: readonly number[]): number {
  return Math.round(rates.toSorted((left, right) => left - right)[rates.length >> 1] ?? 0);
}
