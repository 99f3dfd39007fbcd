import { contoso } from "../../test/harness/contoso.ts";
import { freePort } from "../../test/harness/free-port.ts";
import { run } from "../../test/harness/peers.ts";
import { startServer } from "../../test/harness/server.ts";
import { type CountingSink, startCountingSink, untilSeen } from "../counting-sink.ts";
import { missingPostfixTools } from "../postfix-tools.ts";
import type { Figure, Round, Scenario } from "../scenario.ts";

const ROUNDS = 5;
const BYTES = 4096;
const RULES = 200;

/** Rules on envelope and header, of which none holds: each message is asked about all of them. */
function rules(count: number): readonly object[] {
  return Array.from({ length: count }, (_, at) => ({
    name: `rule ${at}`,
    priority: at,
    ...CONDITIONS[at % CONDITIONS.length]?.(at),
    prependSubject: "[held] ",
  }));
}

const CONDITIONS: readonly ((at: number) => object)[] = [
  (at) => ({ subjectContainsWords: [`invoice ${at}`, `offer ${at}`] }),
  (at) => ({ fromAddressMatchesPatterns: [`^billing${at}@.*\\.example$`] }),
  (at) => ({ recipientDomainIs: [`domain${at}.example`] }),
  (at) => ({ headerContainsMessageHeader: "X-Mailer", headerContainsWords: [`program ${at}`] }),
  (at) => ({ senderDomainIs: [`sender${at}.example`], messageSizeOver: "10KB" }),
];

/** A relay without rules, with one, and with two hundred, under load in turn. */
export const transportRules: Scenario = {
  name: "transport-rules",
  missing: missingPostfixTools,
  async run(round: Round): Promise<readonly Figure[]> {
    const messages = round.quick ? 2000 : 10_000;
    const sink = await startCountingSink(round);
    const sides = {
      none: await startRelay(round, sink, 0),
      one: await startRelay(round, sink, 1),
      many: await startRelay(round, sink, RULES),
    };
    const rates = { none: noRates(), one: noRates(), many: noRates() };
    for (const port of Object.values(sides)) await measure(port, sink, messages / 4);
    for (let turn = 0; turn < (round.quick ? 1 : ROUNDS); turn += 1) {
      for (const who of ["none", "one", "many"] as const) {
        rates[who].push(await measure(sides[who], sink, messages));
      }
    }
    const [none, one, many] = [median(rates.none), median(rates.one), median(rates.many)];
    round.progress(
      `no rule ${none.toFixed(0)}/s, one ${one.toFixed(0)}/s, ${RULES} ${many.toFixed(0)}/s`,
    );
    const better = "higher";
    return [
      {
        name: `relay with ${RULES} rules, one = 1`,
        value: many / one,
        unit: "×",
        better,
        must: 0.5,
      },
      { name: `relay with ${RULES} rules, none = 1`, value: many / none, unit: "×", better },
      { name: `relay with ${RULES} rules`, value: many, unit: "/s", better },
    ];
  },
};

async function startRelay(round: Round, sink: CountingSink, count: number): Promise<number> {
  const relayPort = await freePort();
  await startServer(round.scope, {
    configuration: contoso({
      smtpPort: await freePort(),
      relayPort,
      smartHostPort: sink.port,
      more: { transportRules: rules(count) },
    }),
    root: round.root,
  });
  return relayPort;
}

/** Messages per second until the sink has the last one. */
async function measure(port: number, sink: CountingSink, messages: number): Promise<number> {
  const before = await sink.seen();
  const startedMs = performance.now();
  const options = ["-d", "-s", "50", "-m", String(messages), "-l", String(BYTES), "-N"];
  const envelope = ["-f", "sender@bench.test", "-t", "someone@fabrikam.test", `127.0.0.1:${port}`];
  const { code, stderr } = await run("smtp-source", [...options, ...envelope]);
  if (code !== 0) throw new Error(`smtp-source failed: ${stderr.slice(-300)}`);
  await untilSeen(sink, before + messages);
  return (messages * 1000) / (performance.now() - startedMs);
}

function noRates(): number[] {
  return [];
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? 0;
}
