import { generateKeyPairSync } from "node:crypto";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { dkimSign } from "mailauth/lib/dkim/sign.js";
import { contoso } from "../../test/harness/contoso.ts";
import { freePort } from "../../test/harness/free-port.ts";
import { run } from "../../test/harness/peers.ts";
import { startServer, temporaryFolder } from "../../test/harness/server.ts";
import { type BenchZone, startBenchZone, startCheckingPostfix } from "../checking-postfix.ts";
import { type CountingSink, startCountingSink, untilSeen } from "../counting-sink.ts";
import { missingPostfixTools } from "../postfix-tools.ts";
import type { Figure, Round, Scenario } from "../scenario.ts";

const GENERATOR = join(import.meta.dirname, "../mail-load.ts");
const DOMAIN = "inside.test";
const SESSIONS = 20;
const ROUNDS = 3;
const BODY_BYTES = 4096;
const PROGRAMS = ["/usr/sbin/opendkim", "/usr/sbin/opendmarc", "/usr/bin/policyd-spf"];

const LOADS = [
  { name: "persistent connections", mode: "persistent", count: 2000 },
  { name: "a connection per message", mode: "connection", count: 1000 },
] as const;

/**
 * Mail of strangers, 4 KiB, signed with RSA-2048: SPF, DKIM and DMARC checked against not checked,
 * and against Postfix that does the same with OpenDKIM, OpenDMARC and an SPF policy service.
 */
export const senderChecksVsPostfix: Scenario = {
  name: "sender-checks-vs-postfix",
  missing() {
    const program = PROGRAMS.find((path) => !existsSync(path));
    return program === undefined ? missingPostfixTools() : `${program} is missing`;
  },
  async run(round: Round): Promise<readonly Figure[]> {
    const message = await signedMessage(round);
    const zone = await startBenchZone(round, message.records);
    const sink = await startCountingSink(round);
    const peers = {
      on: await startOurs(round, { zone, sink, enabled: true }),
      off: await startOurs(round, { zone, sink, enabled: false }),
      postfix: (await startCheckingPostfix(round, { sinkPort: sink.port, domain: DOMAIN, zone }))
        .port,
    };
    const figures: Figure[] = [];
    for (const load of LOADS) {
      const count = round.quick ? load.count / 10 : load.count;
      const rates = { on: [0], off: [0], postfix: [0] };
      for (const list of Object.values(rates)) list.pop();
      for (let turn = 0; turn <= (round.quick ? 1 : ROUNDS); turn += 1) {
        for (const who of ["on", "off", "postfix"] as const) {
          const share = who === "postfix" ? count / 4 : count;
          const rate = await measure({ ...load, count: share }, peers[who], sink, message.path);
          // The first turn warms up.
          if (turn > 0) rates[who].push(rate);
        }
      }
      const [on, off, postfix] = [median(rates.on), median(rates.off), median(rates.postfix)];
      round.progress(
        `${load.name}: ${on.toFixed(0)}/s, without checks ${off.toFixed(0)}/s, ` +
          `Postfix ${postfix.toFixed(0)}/s`,
      );
      const name = `SPF, DKIM, DMARC, ${load.name}`;
      figures.push(
        { name: `${name}: Postfix = 1`, value: on / postfix, unit: "×", better: "higher", must: 3 },
        { name: `${name}: without checks = 1`, value: on / off, unit: "×", better: "higher" },
        { name, value: on, unit: "/s", better: "higher" },
      );
    }
    return figures;
  },
};

/** A signed message in a file, and what DNS says of its sender. */
export async function signedMessage(
  round: Round,
): Promise<{ readonly path: string; readonly records: readonly string[] }> {
  const keys = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const body = `${"x".repeat(70)}\r\n`.repeat(Math.ceil(BODY_BYTES / 72));
  const text =
    `From: Sender <sender@bench.example>\r\nTo: <recipient@${DOMAIN}>\r\nSubject: bench\r\n` +
    "Date: Fri, 20 Nov 2026 10:00:00 +0000\r\nMessage-ID: <1@bench.example>\r\n" +
    `MIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\n${body}`;
  const privateKey = keys.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const signature = { signingDomain: "bench.example", selector: "s1", privateKey };
  const { signatures } = await dkimSign(text, {
    ...signature,
    canonicalization: "relaxed/relaxed",
    signatureData: [signature],
  });
  if (signatures === "") throw new Error("the message could not be signed");
  const path = join(await temporaryFolder(round.scope), "message.eml");
  await writeFile(path, signatures + text);
  const key = keys.publicKey.export({ type: "spki", format: "der" }).toString("base64");
  const [first, second] = [key.slice(0, 200), key.slice(200)];
  return {
    path,
    records: [
      'bench.example. TXT "v=spf1 ip4:127.0.0.1 -all"',
      "bench.example. MX 10 client.bench.example.",
      "client.bench.example. A 127.0.0.1",
      "1.0.0.127.in-addr.arpa. PTR client.bench.example.",
      `s1._domainkey.bench.example. TXT "v=DKIM1; k=rsa; p=${first}" "${second}"`,
      '_dmarc.bench.example. TXT "v=DMARC1; p=reject"',
    ],
  };
}

async function startOurs(
  round: Round,
  parts: {
    readonly zone: BenchZone;
    readonly sink: CountingSink;
    readonly enabled: boolean;
  },
): Promise<number> {
  const smtpPort = await freePort();
  await startServer(round.scope, {
    configuration: contoso({
      smtpPort,
      smartHostPort: parts.sink.port,
      receiveConnector: {
        senderAuthenticationEnabled: parts.enabled,
        dmarcAction: parts.enabled ? "Reject" : "None",
      },
      more: {
        server: { fqdn: "mail.contoso.test", dnsServers: [`127.0.0.1:${parts.zone.port}`] },
        acceptedDomains: [
          { name: "contoso.test", domainType: "Authoritative", default: true },
          { name: DOMAIN, domainType: "InternalRelay" },
        ],
      },
    }),
    root: round.root,
  });
  return smtpPort;
}

/** Messages per second from the first connection until the sink has the last one. */
async function measure(
  load: { readonly mode: string; readonly count: number },
  port: number,
  sink: CountingSink,
  path: string,
): Promise<number> {
  const before = await sink.seen();
  const startedMs = performance.now();
  const words = [GENERATOR, port, SESSIONS, load.count, path, load.mode];
  const envelope = ["sender@bench.example", `recipient@${DOMAIN}`];
  const { code, stderr } = await run(process.execPath, [...words.map(String), ...envelope]);
  if (code !== 0) throw new Error(`the load generator failed: ${stderr.slice(-500)}`);
  await untilSeen(sink, before + load.count);
  return (load.count * 1000) / (performance.now() - startedMs);
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? 0;
}
