import { spawn } from "node:child_process";
import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { contoso } from "../../test/harness/contoso.ts";
import { eventually } from "../../test/harness/eventually.ts";
import { freePort } from "../../test/harness/free-port.ts";
import { run } from "../../test/harness/peers.ts";
import { startPostfixPeer } from "../../test/harness/postfix-peer.ts";
import { startServer, temporaryFolder } from "../../test/harness/server.ts";
import { SmtpClient } from "../../test/harness/smtp-client.ts";
import { missingPostfixTools } from "../postfix-tools.ts";
import type { Figure, Round, Scenario } from "../scenario.ts";

const GENERATOR = join(import.meta.dirname, "../tls-load.ts");
const SESSIONS = 50;
const ROUNDS = 3;
const SILENCE_MS = 20_000;

interface Load {
  readonly name: string;
  readonly mode: "handshakes" | "connection per message" | "persistent";
  readonly bytes: number;
  readonly count: number;
}

const LOADS: readonly Load[] = [
  { name: "TLS 1.3 sessions", mode: "handshakes", bytes: 0, count: 3000 },
  {
    name: "a connection per message, 4 KiB",
    mode: "connection per message",
    bytes: 4096,
    count: 3000,
  },
  { name: "persistent connections, 4 KiB", mode: "persistent", bytes: 4096, count: 6000 },
  { name: "persistent connections, 100 KiB", mode: "persistent", bytes: 102_400, count: 1500 },
];

/** A sink that counts what it has taken. */
interface Sink {
  readonly port: number;
  seen(): Promise<number>;
}

/**
 * Relay for clients over STARTTLS with TLS 1.3 and full handshakes, side by side with Postfix in
 * the same run, both with the same certificate; the sink is Postfix's own and speaks no TLS.
 */
export const tlsVsPostfix: Scenario = {
  name: "tls-vs-postfix",
  missing: missingPostfixTools,
  async run(round: Round): Promise<readonly Figure[]> {
    const sink = await startCountingSink(round);
    const relayPort = await freePort();
    const server = await startServer(round.scope, {
      configuration: contoso({
        smtpPort: await freePort(),
        relayPort,
        smartHostPort: sink.port,
        transportService: { maxConnectionRatePerMinute: "unlimited" },
      }),
      root: round.root,
    });
    const postfixPort = await startPostfix(
      round,
      sink.port,
      join(server.dataFolder, "certificates"),
    );
    const figures: Figure[] = [];
    for (const load of LOADS) {
      const scaled = round.quick ? { ...load, count: Math.ceil(load.count / 10) } : load;
      figures.push(...(await measureLoad(round, scaled, { sink, relayPort, postfixPort })));
    }
    return figures;
  },
};

async function measureLoad(
  round: Round,
  load: Load,
  at: { readonly sink: Sink; readonly relayPort: number; readonly postfixPort: number },
): Promise<readonly Figure[]> {
  const ours: number[] = [];
  const theirs: number[] = [];
  await measure({ ...load, count: Math.ceil(load.count / 4) }, at.relayPort, at.sink);
  for (let turn = 0; turn < (round.quick ? 1 : ROUNDS); turn += 1) {
    ours.push(await measure(load, at.relayPort, at.sink));
    const fewer = { ...load, count: Math.max(Math.ceil(load.count / 3), 100) };
    theirs.push(await measure(fewer, at.postfixPort, at.sink));
  }
  const [rate, other] = [median(ours), median(theirs)];
  round.progress(`${load.name}: ${rate.toFixed(0)}/s, Postfix ${other.toFixed(0)}/s`);
  return [
    {
      name: `over TLS, ${load.name}: Postfix = 1`,
      value: rate / other,
      unit: "×",
      better: "higher",
      must: 3,
    },
    { name: `over TLS, ${load.name}`, value: rate, unit: "/s", better: "higher" },
  ];
}

/** Messages per second until the sink has them all; handshakes per second where none are sent. */
async function measure(load: Load, port: number, sink: Sink): Promise<number> {
  const before = await sink.seen();
  const startedMs = performance.now();
  const { code, stdout, stderr } = await run(process.execPath, [
    GENERATOR,
    ...[port, SESSIONS, load.count, load.bytes, load.mode].map(String),
  ]);
  if (code !== 0) throw new Error(`the load generator failed: ${stderr.slice(-500)}`);
  if (load.mode === "handshakes") return Number(stdout);
  let last = -1;
  let heardMs = performance.now();
  for (;;) {
    const seen = (await sink.seen()) - before;
    if (seen >= load.count) return (load.count * 1000) / (performance.now() - startedMs);
    if (seen !== last) heardMs = performance.now();
    last = seen;
    if (performance.now() - heardMs > SILENCE_MS) {
      throw new Error(`the sink has ${seen} of ${load.count} messages: mail is missing or stuck`);
    }
    await sleep(20);
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? 0;
}

async function startCountingSink(round: Round): Promise<Sink> {
  const port = await freePort();
  const path = join(await temporaryFolder(round.scope), "sink");
  const file = await open(path, "w");
  const sink = spawn("smtp-sink", ["-c", "-u", "nobody", `127.0.0.1:${port}`, "1000"], {
    stdio: ["ignore", file.fd, "ignore"],
  });
  round.scope.after(async () => {
    sink.kill();
    await file.close();
  });
  await eventually({ what: "smtp-sink" }, async () => {
    const client = await SmtpClient.open(port).catch(() => undefined);
    client?.destroy();
    return client;
  });
  return {
    port,
    async seen() {
      const tail = (await readFile(path, "latin1")).slice(-400);
      const counts = [...tail.matchAll(/mesg=(\d+)/g)];
      return Number(counts.at(-1)?.[1] ?? 0);
    },
  };
}

/** Postfix with its default durability and generous limits, and with our certificate. */
async function startPostfix(round: Round, sinkPort: number, certificates: string): Promise<number> {
  const { port } = await startPostfixPeer(round.scope, {
    relayPort: sinkPort,
    settings: {
      virtual_mailbox_domains: "",
      smtpd_recipient_restrictions: "permit_mynetworks, reject",
      smtpd_client_connection_count_limit: "0",
      smtpd_client_connection_rate_limit: "0",
      default_process_limit: "200",
      default_destination_concurrency_limit: "50",
      in_flow_delay: "0",
      smtp_tls_security_level: "none",
      smtpd_tls_cert_file: join(certificates, "self-signed.crt"),
      smtpd_tls_key_file: join(certificates, "self-signed.key"),
      debug_peer_list: "",
    },
  });
  return port;
}
