import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { contoso } from "../../test/harness/contoso.ts";
import { freePort } from "../../test/harness/free-port.ts";
import { startServer } from "../../test/harness/server.ts";
import { configurationFor } from "../revision.ts";
import type { Figure, Round, Scenario } from "../scenario.ts";

const SCRIPT = join(import.meta.dirname, "../../../shared/bench/relay-vs-postfix");
const SINK_PORT = 2600;

/** Ratios to Postfix that issue and design ask for, by the script's name of the load. */
const WANTED: Readonly<Record<string, { readonly must: number; readonly aim: number }>> = {
  "connection per message, 4 KiB": { must: 4, aim: 6 },
  "persistent connections, 4 KiB": { must: 8, aim: 12 },
  "persistent connections, 100 KiB": { must: 2.5, aim: 3.3 },
};

interface LoadResult {
  readonly load: string;
  readonly end_to_end_ratio: number;
  readonly end_to_end_per_s: number;
  readonly share_of_limit: number;
}

/** Durable relay, every log on, side by side with Postfix in the same run. */
export const relayVsPostfix: Scenario = {
  name: "relay-vs-postfix",
  missing: () => (existsSync(SCRIPT) ? undefined : `there is no ${SCRIPT}`),
  async run(round: Round): Promise<readonly Figure[]> {
    const relayPort = await freePort();
    const configuration = await configurationFor(
      round.root,
      contoso({ smtpPort: await freePort(), relayPort, smartHostPort: SINK_PORT }),
    );
    await startServer(round.scope, { configuration, root: round.root });
    const figures: Figure[] = [];
    for await (const result of runScript(relayPort, round)) {
      round.progress(`${result.load}: ${result.end_to_end_ratio} times Postfix`);
      const name = `${result.load}`;
      const wanted = WANTED[result.load];
      figures.push(
        {
          name: `${name}: end to end, Postfix = 1`,
          value: result.end_to_end_ratio,
          unit: "×",
          better: "higher",
          ...wanted,
        },
        {
          name: `${name}: end to end`,
          value: result.end_to_end_per_s,
          unit: "/s",
          better: "higher",
        },
        {
          name: `${name}: share of the generator's limit`,
          value: result.share_of_limit,
          unit: "",
          better: "higher",
        },
      );
    }
    if (figures.length === 0) throw new Error("the script printed no result");
    return figures;
  },
};

async function* runScript(relayPort: number, round: Round): AsyncGenerator<LoadResult> {
  const load = round.quick ? ["--rounds", "1", "--messages", "2000"] : ["--rounds", "3"];
  const child = spawn(SCRIPT, ["--target", `127.0.0.1:${relayPort}`, ...load], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  round.scope.after(() => {
    child.kill();
  });
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  for await (const line of createInterface({ input: child.stdout })) {
    yield JSON.parse(line) as LoadResult; // the script's own form
  }
  const code = await ended;
  if (code !== 0) throw new Error(`the script ended with exit code ${code}`);
}
