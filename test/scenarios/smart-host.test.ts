import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { contoso } from "../harness/contoso.ts";
import { eventually } from "../harness/eventually.ts";
import { readConnectivity, waitForRows } from "../harness/evidence.ts";
import { freePort } from "../harness/free-port.ts";
import { startHop } from "../harness/hop.ts";
import { waitForMail } from "../harness/maildir.ts";
import {
  type Configuration,
  startServer,
  type TestServer,
  temporaryFolder,
} from "../harness/server.ts";
import { startSink } from "../harness/sink.ts";
import { startSubmissionPeer } from "../harness/submission-peer.ts";
import { startTokenServer, startXoauth2Host } from "../harness/token-server.ts";
import { submit } from "../harness/transaction.ts";

const USER = "relay@fabrikam.test";
const PASSWORD = "tr0ub4dor & 3";
/** Retries at once, so that a test need not wait. */
const QUICK = { queueGlitchRetryInterval: "00:00:01", retryJitter: 0 };

interface Bench {
  readonly server: TestServer;
  readonly relayPort: number;
  readonly configuration: Configuration;
}

/** A server that relays by these send connectors. */
async function openBench(
  t: TestContext,
  sendConnectors: readonly Configuration[],
  more: { readonly organization?: Configuration; readonly dataFolder?: string } = {},
): Promise<Bench> {
  const relayPort = await freePort();
  const configuration = contoso({
    smtpPort: await freePort(),
    relayPort,
    transportService: QUICK,
    more: { sendConnectors, ...more.organization },
  });
  const server = await startServer(t, {
    configuration,
    ...(more.dataFolder !== undefined && { dataFolder: more.dataFolder }),
  });
  return { server, relayPort, configuration };
}

function smartHost(port: number, changes: Configuration = {}): Configuration {
  const verbose = { protocolLoggingLevel: "Verbose" };
  const hosts = { addressSpaces: ["*"], smartHosts: ["[127.0.0.1]"] };
  return { name: "Out", ...hosts, port, ...verbose, ...changes };
}

function logon(password: string): Configuration {
  return {
    smartHostAuthMechanism: "BasicAuthRequireTLS",
    authenticationCredential: { userName: USER, password },
  };
}

async function send({ relayPort }: Bench, id: string, to = "someone@fabrikam.test"): Promise<void> {
  const header = `Message-ID: <${id}@contoso.test>\r\nFrom: alice@contoso.test\r\nSubject: ${id}`;
  const content = `${header}\r\n\r\n${id}\r\n`;
  await submit(relayPort, { from: "<alice@contoso.test>", to: [`<${to}>`], content });
}

function waitForLine(server: TestServer, pattern: RegExp): Promise<string> {
  return eventually({ what: `a connectivity line ${pattern}` }, () =>
    readConnectivity(server.dataFolder)
      .map((row) => row["description"] ?? "")
      .find((text) => pattern.test(text)),
  );
}

for (const [mechanisms, want] of [
  ["plain login scram-sha-1 scram-sha-256", "SCRAM-SHA-256"],
  ["plain login", "PLAIN"],
  ["login", "LOGIN"],
] as const) {
  test(`logs on to Postfix and Dovecot with ${want}`, async (t) => {
    const peer = await startSubmissionPeer(t, { user: USER, password: PASSWORD, mechanisms });
    const bench = await openBench(t, [smartHost(peer.port, logon(PASSWORD))]);
    await send(bench, "in");
    const [message = ""] = await waitForMail(peer.mailFolder, {
      address: "all@fabrikam.test",
      count: 1,
    });
    assert.match(message, /^Subject: in\r?$/m);
    assert.match(await peer.log(), new RegExp(`sasl_method=${want}, sasl_username=${USER}`));
  });
}

test("a wrong password: mail waits, the fault says what to mend, mending helps", async (t) => {
  const mechanisms = "plain scram-sha-256";
  const peer = await startSubmissionPeer(t, { user: USER, password: PASSWORD, mechanisms });
  const bench = await openBench(t, [smartHost(peer.port, logon("wr0ng secret"))]);
  await send(bench, "waits");
  const line = await waitForLine(bench.server, /cannot log on/);
  assert.match(
    line,
    /Send connector "Out" cannot log on to postfix\.test: SCRAM-SHA-256 was answered with "535 5/,
  );
  assert.match(line, /; check authenticationCredential of the connector/);
  const rows = await waitForRows(bench.server, "<waits@contoso.test>", { event: "DEFER" });
  assert.ok(!rows.some((row) => row["event-id"] === "FAIL"), "nobody's mail comes back for it");
  await bench.server.configure({
    ...bench.configuration,
    sendConnectors: [smartHost(peer.port, logon(PASSWORD))],
  });
  bench.server.signal("SIGHUP");
  await waitForMail(peer.mailFolder, { address: "all@fabrikam.test", count: 1 });
  const cwd = bench.server.dataFolder;
  const logs = globSync("logs/**/*.LOG", { cwd }).map((path) => readFileSync(join(cwd, path)));
  const told = Buffer.concat(logs).toString("latin1") + bench.server.output;
  assert.match(told, /,>,AUTH SCRAM-SHA-256 <authentication response>,/);
  for (const secret of ["wr0ng secret", Buffer.from("wr0ng secret").toString("base64"), PASSWORD]) {
    assert.ok(!told.includes(secret), secret);
  }
});

test("a host that offers no logon in clear is told of, not spoken to in clear", async (t) => {
  const port = await freePort();
  const hop = await startHop(t, { port, extensions: ["AUTH PLAIN LOGIN"] });
  const bench = await openBench(t, [smartHost(port, logon(PASSWORD))]);
  await send(bench, "clear");
  await waitForLine(bench.server, /BasicAuthRequireTLS needs TLS, and the session has none/);
  assert.ok(!hop.lines.some((line) => /^(?:AUTH|MAIL)/.test(line)), hop.lines.join());
});

test("OAuth: a token is fetched, renewed when it is refused, and kept", async (t) => {
  const tokens = await startTokenServer(t, { clientId: "app", clientSecret: "cl1ent secret" });
  const host = await startXoauth2Host(t, { user: USER, accepts: (token) => token === "token-2" });
  const oauthClient = {
    tokenEndpoint: tokens.url,
    clientId: "app",
    clientSecret: "cl1ent secret",
    scope: "mail.send",
    userName: USER,
  };
  const connector = smartHost(host.port, { smartHostAuthMechanism: "OAuth", oauthClient });
  const dataFolder = await temporaryFolder(t);
  const authorities = join(dataFolder, "certificates/authorities");
  await mkdir(authorities, { recursive: true });
  await copyFile(tokens.certificatePath, join(authorities, "login.pem"));
  const bench = await openBench(t, [connector], { dataFolder });
  await send(bench, "one");
  await eventually({ what: "the message" }, () => host.messages.length > 0 || undefined);
  assert.deepEqual(host.tokens, ["token-1", "token-2"]);
  await send(bench, "two");
  await eventually({ what: "the second" }, () => host.messages.length > 1 || undefined);
  assert.equal(tokens.requests.length, 2, "the renewed token serves on");
  assert.deepEqual(tokens.requests[0], {
    grant_type: "client_credentials",
    client_id: "app",
    client_secret: "cl1ent secret",
    scope: "mail.send",
  });
});

test("smart hosts share the load, and stand in for one another", async (t) => {
  const port = await freePort();
  const first = await startSink(t, { port });
  const second = await startHop(t, { port, host: "127.0.0.2" });
  const smartHosts = ["[127.0.0.1]", "[127.0.0.2]"];
  const bench = await openBench(t, [
    smartHost(port, { smartHosts, smtpMaxMessagesPerConnection: 1 }),
  ]);
  for (let count = 0; count < 6; count += 1) await send(bench, `m${count}`);
  const both = () => first.messages.length + second.messages.length;
  await eventually({ what: "six messages" }, () => both() === 6 || undefined);
  assert.ok(first.messages.length >= 2 && second.messages.length >= 2, `${first.messages.length}`);
  await first.close();
  for (let count = 0; count < 4; count += 1) await send(bench, `n${count}`);
  await eventually({ what: "four more" }, () => both() === 10 || undefined);
  assert.equal(first.messages.length + 4, 10 - second.messages.length + 4);
});

test("error policies: chosen replies change sides", async (t) => {
  const port = await freePort();
  await startHop(t, {
    port,
    respond: ({ verb, line }) => {
      if (verb !== "RCPT") return undefined;
      if (line.includes("<block@")) return { reply: "550 5.7.1 Blocked for today" };
      return line.includes("<full@") ? { reply: "452 4.2.2 Mailbox full" } : undefined;
    },
  });
  const bench = await openBench(t, [
    smartHost(port, {
      errorPolicies: ["DowngradeCustomFailures", "UpgradeCustomFailures"],
      customFailureCodes: ["5.7.1", "452"],
    }),
  ]);
  await send(bench, "block", "block@fabrikam.test");
  await waitForRows(bench.server, "<block@contoso.test>", { event: "DEFER" });
  await send(bench, "full", "full@fabrikam.test");
  const rows = await waitForRows(bench.server, "<full@contoso.test>", { event: "FAIL" });
  assert.match(JSON.stringify(rows), /452 4\.2\.2 Mailbox full/, "verbatim");
});

test("-- takes our own domains; a connector for another server is none for us", async (t) => {
  const [insidePort, farPort] = [await freePort(), await freePort()];
  const inside = await startHop(t, { port: insidePort });
  const far = await startHop(t, { port: farPort });
  const connectors = [
    smartHost(insidePort, { name: "Inside", addressSpaces: ["--"] }),
    smartHost(farPort, {
      name: "Far",
      isScopedConnector: true,
      sourceTransportServers: ["other.contoso.test"],
    }),
  ];
  const acceptedDomains = [
    { name: "contoso.test", default: true },
    { name: "branch.test", domainType: "InternalRelay" },
  ];
  const bench = await openBench(t, connectors, { organization: { acceptedDomains } });
  await send(bench, "inside", "someone@branch.test");
  await eventually({ what: "mail inside" }, () => inside.messages.length > 0 || undefined);
  await send(bench, "nowhere");
  await waitForRows(bench.server, "<nowhere@contoso.test>", { event: "DEFER" });
  assert.equal(far.messages.length, 0);
  const open = connectors.map((one) => ({ ...one, sourceTransportServers: ["mail.contoso.test"] }));
  await bench.server.configure({ ...bench.configuration, sendConnectors: open });
  bench.server.signal("SIGHUP");
  await eventually({ what: "what was unreachable" }, () => far.messages.length > 0 || undefined);
});

test("a message rate holds, and a host that says slow down is heard", async (t) => {
  const sink = await startSink(t, { port: await freePort() });
  const bench = await openBench(t, [smartHost(sink.port, { messageRateLimit: 120 })]);
  for (let count = 0; count < 5; count += 1) await send(bench, `r${count}`);
  await eventually({ what: "five messages" }, () => sink.messages.length === 5 || undefined);
  const [first, last] = [sink.messages[0]?.atMs ?? 0, sink.messages[4]?.atMs ?? 0];
  assert.ok(last - first >= 4 * 500 - 250, `${last - first} ms for five`);
  sink.setScript(({ verb }) =>
    verb === "RCPT" ? { reply: "450 4.7.1 Too many messages, slow down" } : undefined,
  );
  await send(bench, "slow");
  await eventually(
    { what: "queue-slowed" },
    () => /"queue-slowed"/.test(bench.server.output) || undefined,
  );
});

for (const [why, changes, want] of [
  ["anybody", {}, []],
  [
    "our own cloud",
    { cloudServicesMailEnabled: true, connectorType: "XPremises" },
    ["X-MS-Exchange-CrossPremises-AuthAs: Internal"],
  ],
] as const) {
  test(`the servers' own headers on the way to ${why}`, async (t) => {
    const port = await freePort();
    const hop = await startHop(t, { port });
    const trustedPort = await freePort();
    const bench = await openBench(t, [smartHost(port, changes)], {
      organization: {
        receiveConnectors: [
          {
            name: "Trusted",
            bindings: [`127.0.0.1:${trustedPort}`],
            authMechanism: ["ExternalAuthoritative"],
            permissionGroups: ["ExchangeServers"],
            extendedRights: { ExchangeServers: ["ms-Exch-Accept-Headers-Organization"] },
          },
        ],
      },
    });
    const content =
      "Message-ID: <h@contoso.test>\r\nFrom: alice@contoso.test\r\n" +
      "X-MS-Exchange-Organization-AuthAs: Internal\r\nX-MS-Exchange-Organization-Secret: 1\r\n" +
      "Subject: h\r\n\r\nX-MS-Exchange-Organization-Secret: text\r\n";
    const to = ["<someone@fabrikam.test>"];
    await submit(trustedPort, { from: "<alice@contoso.test>", to, content });
    await eventually({ what: "the message" }, () => hop.messages.length > 0 || undefined);
    const [head = "", body = ""] = String(hop.messages[0]?.content).split("\r\n\r\n");
    const ours = head.split("\r\n").filter((line) => /^X-MS-Exchange-(?!.*AuthSource)/.test(line));
    assert.deepEqual(ours, want);
    assert.equal(body, "X-MS-Exchange-Organization-Secret: text\r\n");
    assert.equal(bench.relayPort > 0, true);
  });
}
