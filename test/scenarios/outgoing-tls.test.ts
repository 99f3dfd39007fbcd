import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createServer } from "node:https";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { Zone, ZoneEntry } from "../../src/dns/zone.fake.ts";
import {
  createTestAuthority,
  sha256Record,
  type TestAuthority,
} from "../../src/tls/test-authority.fake.ts";
import { contoso } from "../harness/contoso.ts";
import { eventually } from "../harness/eventually.ts";
import { saidOf, waitForRows } from "../harness/evidence.ts";
import { freePort } from "../harness/free-port.ts";
import { startPolicyServer } from "../harness/policy-server.ts";
import { startPostfixPeer } from "../harness/postfix-peer.ts";
import { later } from "../harness/scope.ts";
import { startServer, type TestServer } from "../harness/server.ts";
import { submit } from "../harness/transaction.ts";
import { startDnsServer } from "../peers/dns-server.ts";
import { startTlsPeer, type TlsPeer, type TlsPeerOptions } from "../peers/tls-peer.ts";

/** Trusted by the server under test, and an authority that only TLSA records speak for. */
interface Authorities {
  readonly trusted: TestAuthority;
  readonly private: TestAuthority;
}

/** A domain and its only host, as the row wants it. */
interface Case {
  readonly why: string;
  /** Everything about the domain is signed; default: nothing is. */
  readonly isSigned?: boolean;
  readonly certificate?: (by: Authorities, mx: string) => Promise<TlsPeerOptions["certificate"]>;
  /** TLSA records for what the host shows. */
  readonly tlsa?: (shown: string, by: Authorities) => ZoneEntry;
  /** The policy's file; `undefined` when it cannot be had. */
  readonly sts?: { readonly policy: ((mx: string) => string) | undefined };
  readonly startTlsReply?: string;
  readonly connector?: "verifying";
  /** How the mail went, or what is said of the host. */
  readonly want: "tls" | "clear" | RegExp;
}

const trusted: Case["certificate"] = (by, mx) => show(by.trusted, [mx]);
const unknown: Case["certificate"] = (by, mx) => show(by.private, [mx]);
const forOther: Case["certificate"] = (by) => show(by.private, ["other.test"]);

async function show(authority: TestAuthority, names: readonly string[], toMs?: number) {
  const { pem, key } = await authority.issue({ names, ...(toMs !== undefined && { toMs }) });
  return { chain: pem + authority.pem, key };
}

function entry(record: ReturnType<typeof sha256Record>): ZoneEntry {
  const { usage, selector, matchingType, data } = record;
  return { TLSA: [[usage, selector, matchingType, Buffer.from(data).toString("hex")]] };
}

const itsKey: Case["tlsa"] = (shown) => entry(sha256Record(3, shown));
const itsAnchor: Case["tlsa"] = (_shown, by) => entry(sha256Record(2, by.private.pem));
const otherKey: Case["tlsa"] = (_shown, by) => entry(sha256Record(3, by.trusted.pem));
const policy = (mode: string) => ({
  policy: (mx: string) => `version: STSv1\nmode: ${mode}\nmx: ${mx}\nmax_age: 86400\n`,
});
const forOthers = (mode: string) => ({ policy: policy(mode).policy.bind(undefined, "x.test") });
const LONG_AGO = Date.UTC(2021, 0, 1);

const CASES: readonly Case[] = [
  { why: "nothing published, any certificate", certificate: forOther, want: "tls" },
  { why: "nothing published, no TLS", want: "clear" },
  {
    why: "bytes behind STARTTLS",
    certificate: trusted,
    startTlsReply: "220 Go\r\n250 x\r\n",
    want: /data before the TLS handshake/,
  },

  { why: "DANE-EE good", isSigned: true, certificate: forOther, tlsa: itsKey, want: "tls" },
  {
    why: "DANE-EE good, expired",
    isSigned: true,
    certificate: (by, mx) => show(by.private, [mx], LONG_AGO),
    tlsa: itsKey,
    want: "tls",
  },
  {
    why: "DANE-EE for another key",
    isSigned: true,
    certificate: trusted,
    tlsa: otherKey,
    want: /451 4\.7\.323 tlsa-invalid/,
  },
  {
    why: "DANE without STARTTLS",
    isSigned: true,
    tlsa: otherKey,
    want: /451 4\.7\.321 starttls-not-supported/,
  },
  { why: "DANE-TA good", isSigned: true, certificate: unknown, tlsa: itsAnchor, want: "tls" },
  {
    why: "DANE-TA, another host's name",
    isSigned: true,
    certificate: forOther,
    tlsa: itsAnchor,
    want: /451 4\.7\.325 certificate-host-mismatch/,
  },
  {
    why: "DANE-TA, expired",
    isSigned: true,
    certificate: (by, mx) => show(by.private, [mx], LONG_AGO),
    tlsa: itsAnchor,
    want: /451 4\.7\.322 certificate-expired/,
  },
  {
    why: "TLSA cannot be looked up",
    isSigned: true,
    certificate: trusted,
    tlsa: () => ({ fault: "SERVFAIL" }),
    want: /451 4\.7\.324 dnssec-invalid/,
  },
  {
    why: "TLSA of usage 1 only, TLS",
    isSigned: true,
    certificate: forOther,
    tlsa: (shown) => entry(sha256Record(1, shown)),
    want: "tls",
  },
  {
    why: "TLSA of usage 1 only, no TLS",
    isSigned: true,
    tlsa: (_, by) => entry(sha256Record(1, by.private.pem)),
    want: /451 4\.7\.3 STARTTLS is required/,
  },
  { why: "TLSA unsigned counts for nothing", certificate: trusted, tlsa: otherKey, want: "tls" },

  { why: "MTA-STS enforced, good", certificate: trusted, sts: policy("enforce"), want: "tls" },
  {
    why: "MTA-STS enforced, unknown authority",
    certificate: unknown,
    sts: policy("enforce"),
    want: /451 4\.7\.5 certificate-not-trusted/,
  },
  {
    why: "MTA-STS enforced, another name",
    certificate: (by) => show(by.trusted, ["x.test"]),
    sts: policy("enforce"),
    want: /451 4\.7\.325 certificate-host-mismatch/,
  },
  {
    why: "MTA-STS enforced, expired",
    certificate: (by, mx) => show(by.trusted, [mx], LONG_AGO),
    sts: policy("enforce"),
    want: /451 4\.7\.322 certificate-expired/,
  },
  {
    why: "MTA-STS enforced, no STARTTLS",
    sts: policy("enforce"),
    want: /451 4\.7\.321 starttls-not-supported/,
  },
  {
    why: "MTA-STS enforced, for other hosts",
    certificate: trusted,
    sts: forOthers("enforce"),
    want: /451 4\.7\.5 validation-failure/,
  },
  {
    why: "MTA-STS tested, unknown authority",
    certificate: unknown,
    sts: policy("testing"),
    want: "tls",
  },
  {
    why: "MTA-STS tested, for other hosts",
    certificate: trusted,
    sts: forOthers("testing"),
    want: "tls",
  },
  { why: "MTA-STS tested, no STARTTLS", sts: policy("testing"), want: "clear" },
  { why: "MTA-STS none", certificate: unknown, sts: policy("none"), want: "tls" },
  { why: "MTA-STS out of reach", certificate: unknown, sts: { policy: undefined }, want: "tls" },
  {
    why: "MTA-STS malformed",
    certificate: unknown,
    sts: { policy: () => "version: STSv9\n" },
    want: "tls",
  },

  {
    why: "DANE good, MTA-STS bad",
    isSigned: true,
    certificate: forOther,
    tlsa: itsKey,
    sts: forOthers("enforce"),
    want: "tls",
  },
  {
    why: "DANE bad, MTA-STS good",
    isSigned: true,
    certificate: trusted,
    tlsa: otherKey,
    sts: policy("enforce"),
    want: /451 4\.7\.323 tlsa-invalid/,
  },
  {
    why: "DANE missing, MTA-STS good",
    isSigned: true,
    certificate: trusted,
    sts: policy("enforce"),
    want: "tls",
  },
];

interface Bench {
  readonly server: TestServer;
  readonly peers: readonly TlsPeer[];
  readonly send: (index: number) => Promise<void>;
}

const domainOf = (index: number) => `d${index}.test`;
const mxOf = (index: number) => `mx.d${index}.test`;
const addressOf = (index: number) => `127.0.7.${index + 1}`;

/** The web server of every domain's policy, with one certificate for all of them. */
async function startPolicies(t: TestContext, authority: TestAuthority): Promise<number> {
  const names = CASES.map((_, index) => `mta-sts.${domainOf(index)}`);
  const { pem, key } = await authority.issue({ names });
  const server = createServer({ key, cert: pem }, (asked, answer) => {
    const index = Number(/^mta-sts\.d(\d+)\.test/.exec(asked.headers.host ?? "")?.[1]);
    const text = CASES[index]?.sts?.policy?.(mxOf(index));
    answer.statusCode = text === undefined || asked.url !== "/.well-known/mta-sts.txt" ? 404 : 200;
    answer.setHeader("content-type", "text/plain; charset=utf-8");
    answer.end(text ?? "no policy here");
  });
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  later(t, () => void server.close());
  return port;
}

async function openBench(t: TestContext): Promise<Bench> {
  const by = {
    trusted: await createTestAuthority("Trusted"),
    private: await createTestAuthority("Private"),
  };
  const port = await freePort();
  const zone: Zone = {};
  const peers: TlsPeer[] = [];
  for (const [index, one] of CASES.entries()) {
    const [domain, mx, host] = [domainOf(index), mxOf(index), addressOf(index)];
    const authenticated = one.isSigned === true;
    const certificate = await one.certificate?.(by, mx);
    zone[domain] = { MX: [[10, mx]], authenticated };
    zone[mx] = { A: [host], authenticated };
    const records = one.tlsa?.(certificate?.chain ?? "", by);
    if (records !== undefined) zone[`_${port}._tcp.${mx}`] = { ...records, authenticated };
    if (one.sts !== undefined) {
      zone[`_mta-sts.${domain}`] = { TXT: ["v=STSv1; id=1"] };
      zone[`mta-sts.${domain}`] = { A: ["127.0.0.1"] };
    }
    const { startTlsReply } = one;
    const reply = startTlsReply === undefined ? {} : { startTlsReply };
    peers.push(await startTlsPeer(t, { host, port, certificate, ...reply }));
  }
  const dns = await startDnsServer(zone);
  later(t, () => dns.close());
  const relayPort = await freePort();
  const server = await startPolicyServer(t, {
    trusted: by.trusted.pem,
    policyPort: await startPolicies(t, by.trusted),
    configuration: contoso({
      smtpPort: await freePort(),
      relayPort,
      internet: { dnsPort: dns.port, port },
    }),
  });
  return {
    server,
    peers,
    async send(index) {
      const content = `Message-ID: <${index}@contoso.test>\r\nSubject: ${index}\r\n\r\nx\r\n`;
      const to = [`<someone@${domainOf(index)}>`];
      await submit(relayPort, { from: "<alice@contoso.test>", to, content });
    },
  };
}

test("DANE and MTA-STS, good, bad and missing: a table of outcomes", async (t) => {
  const bench = await openBench(t);
  for (const index of CASES.keys()) await bench.send(index);
  for (const [index, { why, want }] of CASES.entries()) {
    await t.test(why, async () => {
      const peer = bench.peers[index];
      if (want instanceof RegExp) {
        await eventually({ what: `${want} of ${domainOf(index)}` }, () =>
          want.test(saidOf(bench.server, domainOf(index))) ? true : undefined,
        ).catch((error: unknown) => {
          throw new Error(`${String(error)}\n${saidOf(bench.server, domainOf(index))}`);
        });
        assert.equal(peer?.messages.length, 0);
        // Whoever is not who he should be learns of nobody's mail.
        assert.deepEqual(
          peer?.lines.filter((line) => !/^(EHLO|STARTTLS|QUIT)/.test(line)),
          [],
        );
        return;
      }
      await waitForRows(bench.server, `<${index}@contoso.test>`, { event: "SEND" });
      assert.deepEqual(
        peer?.messages.map(({ tls }) => tls),
        [want === "tls"],
      );
      if (want === "tls") assert.deepEqual(new Set(peer.serverNames), new Set([mxOf(index)]));
    });
  }
});

test("Postfix is authenticated by DANE, and refused when its key is another", async (t) => {
  const peer = await startPostfixPeer(t, { relayPort: await freePort() });
  const pem = await readFile(join(peer.mailFolder, "certificate.pem"), "utf8");
  const mx = { MX: [[10, "postfix.test"]], authenticated: true } as const;
  const wrong = await createTestAuthority("Wrong");
  const dns = await startDnsServer({
    "fabrikam.test": mx,
    "postfix.test": { A: ["127.0.0.1"], authenticated: true },
    [`_${peer.port}._tcp.postfix.test`]: { ...entry(sha256Record(3, pem)), authenticated: true },
    "false.test": { MX: [[10, "alias.test"]], authenticated: true },
    "alias.test": { A: ["127.0.0.1"], authenticated: true },
    [`_${peer.port}._tcp.alias.test`]: {
      ...entry(sha256Record(3, wrong.pem)),
      authenticated: true,
    },
  });
  later(t, () => dns.close());
  const relayPort = await freePort();
  const server = await startServer(t, {
    configuration: contoso({
      smtpPort: await freePort(),
      relayPort,
      internet: { dnsPort: dns.port, port: peer.port },
      sendConnector: { smtpDaneMode: "Mandatory" },
    }),
  });
  for (const domain of ["fabrikam.test", "false.test"]) {
    const content = `Message-ID: <${domain}>\r\nSubject: DANE\r\n\r\nx\r\n`;
    await submit(relayPort, { from: "<alice@contoso.test>", to: [`<a@${domain}>`], content });
  }
  await waitForRows(server, "<fabrikam.test>", { event: "SEND" });
  const success = /TLSv1\.3 .*CN=postfix\.test, DANE/;
  await eventually({ what: "the success" }, () =>
    success.test(saidOf(server, "fabrikam.test")) ? true : undefined,
  );
  await eventually({ what: "the refusal" }, () =>
    saidOf(server, "false.test").includes("451 4.7.323 tlsa-invalid") ? true : undefined,
  );
});
