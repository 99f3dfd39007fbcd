import { join } from "node:path";
import { contoso } from "../../test/harness/contoso.ts";
import { freePort } from "../../test/harness/free-port.ts";
import { run } from "../../test/harness/peers.ts";
import { type PostfixPeer, startPostfixPeer } from "../../test/harness/postfix-peer.ts";
import { startServer } from "../../test/harness/server.ts";
import { type CountingSink, startCountingSink, untilSeen } from "../counting-sink.ts";
import { missingPostfixTools } from "../postfix-tools.ts";
import { processorTimeMs } from "../processor-time.ts";
import type { Figure, Round, Scenario } from "../scenario.ts";

const GENERATOR = join(import.meta.dirname, "../tls-load.ts");
const SESSIONS = 50;
/** One alone would be the limit: a client pays as much for a handshake as the server. */
const GENERATORS = 2;
const ROUNDS = 3;

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
      }),
      root: round.root,
    });
    const postfix = await startPostfix(round, sink.port, join(server.dataFolder, "certificates"));
    const at: Peers = {
      sink,
      ours: { port: relayPort, pid: server.pid },
      postfix: { port: postfix.port, pid: postfix.masterPid },
    };
    const figures: Figure[] = [];
    for (const load of LOADS) {
      const scaled = round.quick ? { ...load, count: evenCount(load.count / 10) } : load;
      figures.push(...(await measureLoad(round, scaled, at)));
    }
    return figures;
  },
};

interface Peer {
  readonly port: number;
  readonly pid: number;
}

interface Peers {
  readonly sink: CountingSink;
  readonly ours: Peer;
  readonly postfix: Peer;
}

interface Measured {
  /** Messages, or sessions where none are sent. */
  readonly perSecond: number;
  /** The same for each second of the server's own processor time. */
  readonly perProcessorSecond: number;
}

async function measureLoad(round: Round, load: Load, at: Peers): Promise<readonly Figure[]> {
  const ours: Measured[] = [];
  const theirs: Measured[] = [];
  await measure({ ...load, count: evenCount(load.count / 4) }, at.ours, at.sink);
  for (let turn = 0; turn < (round.quick ? 1 : ROUNDS); turn += 1) {
    ours.push(await measure(load, at.ours, at.sink));
    const fewer = { ...load, count: Math.max(evenCount(load.count / 3), 100) };
    theirs.push(await measure(fewer, at.postfix, at.sink));
  }
  const [rate, other] = [median(ours, "perSecond"), median(theirs, "perSecond")];
  const [work, otherWork] = [
    median(ours, "perProcessorSecond"),
    median(theirs, "perProcessorSecond"),
  ];
  round.progress(
    `${load.name}: ${rate.toFixed(0)}/s, Postfix ${other.toFixed(0)}/s; ` +
      `per second of its processor time ${work.toFixed(0)}, Postfix ${otherWork.toFixed(0)}`,
  );
  const name = `over TLS, ${load.name}`;
  return [
    { name: `${name}: Postfix = 1`, value: rate / other, unit: "×", better: "higher", must: 3 },
    { name, value: rate, unit: "/s", better: "higher" },
    {
      name: `${name}, by the server's processor time: Postfix = 1`,
      value: work / otherWork,
      unit: "×",
      better: "higher",
    },
  ];
}

/** Until the sink has all messages; until the last handshake where none are sent. */
async function measure(load: Load, peer: Peer, sink: CountingSink): Promise<Measured> {
  const before = await sink.seen();
  const workedMs = await processorTimeMs(peer.pid);
  const startedMs = performance.now();
  const generated = await generate(load, peer.port);
  if (load.mode !== "handshakes") await untilSeen(sink, before + load.count);
  const tookMs = performance.now() - startedMs;
  const spentMs = (await processorTimeMs(peer.pid)) - workedMs;
  return {
    perSecond: load.mode === "handshakes" ? generated : (load.count * 1000) / tookMs,
    perProcessorSecond: (load.count * 1000) / Math.max(spentMs, 1),
  };
}

/** Runs the generators; what they count per second, together. */
async function generate(load: Load, port: number): Promise<number> {
  const share = [port, SESSIONS / GENERATORS, load.count / GENERATORS, load.bytes, load.mode];
  const options = [GENERATOR, ...share.map(String)];
  const ended = await Promise.all(
    Array.from({ length: GENERATORS }, () => run(process.execPath, options)),
  );
  for (const { code, stderr } of ended) {
    if (code !== 0) throw new Error(`the load generator failed: ${stderr.slice(-500)}`);
  }
  return ended.reduce((sum, { stdout }) => sum + Number(stdout), 0);
}

/** A count that the generators can share. */
function evenCount(count: number): number {
  return Math.ceil(count / GENERATORS) * GENERATORS;
}

function median(values: readonly Measured[], what: keyof Measured): number {
  const sorted = values.map((value) => value[what]).sort((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** Postfix with its default durability and generous limits, and with our certificate. */
function startPostfix(round: Round, sinkPort: number, certificates: string): Promise<PostfixPeer> {
  return startPostfixPeer(round.scope, {
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
}
