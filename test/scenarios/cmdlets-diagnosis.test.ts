import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { textOf } from "../../src/base/text-of.fake.ts";
import type { OutputObject } from "../../src/cmdlet/output-type.ts";
import type { Zone } from "../../src/dns/zone.fake.ts";
import { runCmdlet, tryCmdlet } from "../harness/cmdlets.ts";
import { runCommandLine } from "../harness/command-line.ts";
import { contoso } from "../harness/contoso.ts";
import { eventually } from "../harness/eventually.ts";
import { freePort } from "../harness/free-port.ts";
import { startLocalZones } from "../harness/local-zones.ts";
import { openSocket } from "../harness/rest-client.ts";
import { later } from "../harness/scope.ts";
import { startServer } from "../harness/server.ts";
import { type SinkOptions, startSink } from "../harness/sink.ts";
import { submit } from "../harness/transaction.ts";
import { startDnsServer } from "../peers/dns-server.ts";

/** A server that finds its hops by a name server of the test, and a sink that they all are. */
async function openBench(t: TestContext, dnsPort: number, script?: SinkOptions["script"]) {
  const [smtpPort, relayPort, port] = [await freePort(), await freePort(), await freePort()];
  const sink = await startSink(t, { port, ...(script && { script }) });
  const configuration = contoso({
    smtpPort,
    relayPort,
    internet: { dnsPort, port },
    transportService: { retryJitter: 0 },
  });
  const server = await startServer(t, { configuration });
  return { server, sink, smtpPort, relayPort, port };
}

async function openZone(t: TestContext, zone: Zone): Promise<number> {
  const dns = await startDnsServer(zone);
  later(t, () => dns.close());
  return dns.port;
}

/** `Verdict Step: Decision`, those whose step is like that. */
function told(steps: readonly OutputObject[], like: RegExp): readonly string[] {
  return steps
    .filter(({ Step }) => like.test(textOf(Step)))
    .map(
      ({ Verdict, Step, Decision }) =>
        `${textOf(Verdict)} ${textOf(Step)}: ${textOf(Decision ?? "")}`,
    );
}

const REACHABLE: Zone = {
  "fabrikam.test": { MX: [[10, "mx.fabrikam.test"]] },
  "mx.fabrikam.test": { A: ["127.0.0.1"] },
};

test("a route: refused to strangers, open to the applications, and told why", async (t) => {
  const { server, smtpPort, relayPort, port } = await openBench(t, await openZone(t, REACHABLE));
  const question = { Sender: "app@elsewhere.test", Recipients: ["bob@fabrikam.test"] };
  const client = { ClientAddress: "127.0.0.9" };
  const refused = await runCmdlet(server, "Test-MessageRoute", {
    ...question,
    ...client,
    LocalAddress: `127.0.0.1:${smtpPort}`,
  });
  assert.deepEqual(told(refused, /^(?:Receive|Application|Recipient <|Result)/), [
    "Pass Receive connector: Default Frontend",
    "Info Application Relay: not chosen",
    "Fail Recipient <bob@fabrikam.test>: 550 5.7.54 SMTP; Unable to relay recipient in " +
      "non-accepted domain",
    "Fail Result: the message is not let in",
  ]);
  const taken = await runCmdlet(server, "Test-MessageRoute", {
    ...question,
    ...client,
    LocalAddress: `127.0.0.1:${relayPort}`,
  });
  assert.deepEqual(told(taken, /^(?:Receive|Recipient <|Route|Chosen|Hosts|mx\.)/), [
    "Pass Receive connector: Application Relay",
    "Pass Recipient <bob@fabrikam.test>: accepted",
    "Pass Route of bob@fabrikam.test: DnsConnectorDelivery fabrikam.test by Internet",
    "Info Chosen: Internet: chosen for *;1",
    "Pass Hosts of fabrikam.test: DNS fabrikam.test: 10 mx.fabrikam.test [127.0.0.1]",
    `Info mx.fabrikam.test 127.0.0.1:${port}: TLS opportunistic`,
  ]);
});

test("the way out: every step, the ones that fail, and DANE that is not met", async (t) => {
  const port = await freePort();
  const resolver = await startLocalZones(t, [
    {
      name: "plain.test",
      isSigned: false,
      records: ["@ MX 10 first", "@ MX 20 second", "first A 127.0.0.3", "second A 127.0.0.1"],
    },
    {
      name: "dane.test",
      isSigned: true,
      records: ["@ MX 10 mx", "mx A 127.0.0.1", `_${port}._tcp.mx TLSA 3 1 1 ${"ab".repeat(32)}`],
    },
  ]);
  const sink = await startSink(t, {
    port,
    script: ({ line }) =>
      line.startsWith("RCPT TO:<nobody@") ? { reply: "550 5.1.1 No, nobody" } : undefined,
  });
  const configuration = contoso({
    smtpPort: await freePort(),
    internet: { dnsPort: resolver, port },
  });
  const server = await startServer(t, { configuration });
  const plain = await runCmdlet(server, "Test-OutboundConnectivity", {
    Domain: "plain.test",
    RcptTo: "somebody@plain.test",
  });
  assert.deepEqual(told(plain, /^(?:Not ready|Banner|EHLO|MAIL|RCPT|RSET|Result|MX )/), [
    "Pass MX plain.test: 10 first.plain.test; 20 second.plain.test",
    "Fail Not ready: 451 4.4.316 Connection refused",
    ...told(plain, /^(?:Banner|EHLO)/),
    ...told(plain, /^(?:MAIL|RCPT|RSET)/),
    "Pass Result: mail for somebody@plain.test can be handed over to second.plain.test " +
      `127.0.0.1:${port}`,
  ]);
  assert.equal(told(plain, /^(?:Banner|EHLO|MAIL|RCPT|RSET)/).length, 5);
  assert.match(textOf(plain.find(({ Step }) => Step === "Not ready")?.["Cure"]), /host and port/);
  const refused = await runCmdlet(server, "Test-OutboundConnectivity", {
    Domain: "plain.test",
    RcptTo: "nobody@plain.test",
  });
  assert.deepEqual(told(refused, /^(?:RCPT|Result)/), [
    "Fail RCPT: 550 5.1.1 No, nobody",
    "Fail Result: mail for nobody@plain.test cannot be delivered now",
  ]);
  const dane = await runCmdlet(server, "Test-OutboundConnectivity", { Domain: "dane.test" });
  assert.equal(dane.find(({ Step }) => Step === "MX dane.test")?.["Why"], "DNSSEC: secure");
  assert.deepEqual(told(dane, /^(?:TLS verdict|Result)/), [
    "Fail TLS verdict: starttls-not-supported: STARTTLS is not offered",
    "Fail Result: mail for dane.test cannot be delivered now",
  ]);
  assert.deepEqual(sink.messages, []);
});

test("a message that waits says why, until when, and by which setting", async (t) => {
  const down = { "down.test": { A: ["127.0.0.77"] } };
  const { server, relayPort } = await openBench(t, await openZone(t, down));
  await submit(relayPort, {
    from: "<alice@contoso.test>",
    to: ["<bob@down.test>"],
    content: "Message-ID: <waits@contoso.test>\r\nSubject: secret\r\n\r\nx\r\n",
  });
  const steps = await eventually({ what: "the first retry" }, async () => {
    const { objects } = await tryCmdlet(server, "Explain-Message", {
      MessageId: "waits@contoso.test",
    });
    return objects.some(({ Step }) => Step === "Next retry") ? objects : undefined;
  });
  assert.deepEqual(told(steps, /^(?:Waits|Last error)/), [
    "Warning Waits: down.test",
    "Fail Last error: 451 4.4.316 Connection refused",
  ]);
  const retry = steps.find(({ Step }) => Step === "Next retry");
  assert.match(textOf(retry?.["Why"]), /^attempt 1 of 4 in that phase, every 00:01:00/);
  assert.equal(retry?.["Source"], "transport service: queueGlitchRetryInterval");
  assert.ok(!JSON.stringify(steps).includes("secret"));
  await runCmdlet(server, "Suspend-Queue", { Filter: "NextHopDomain -eq 'down.test'" });
  const suspended = await eventually({ what: "the suspension" }, async () => {
    const objects = await runCmdlet(server, "Explain-Message", { MessageId: "waits@contoso.test" });
    return objects.find(({ Step }) => Step === "Queue suspended");
  });
  assert.match(textOf(suspended["Decision"]), /^by root/);
  const { failure } = await tryCmdlet(server, "Explain-Message", { Identity: "4711" });
  assert.match(failure?.message ?? "", /message 4711 neither waits here/);
});

test("a probe reaches the postmaster; one for a server that is away fails", async (t) => {
  const { server, sink } = await openBench(t, await openZone(t, REACHABLE));
  const [local] = await runCmdlet(server, "Test-Mailflow");
  assert.equal(local?.["TestMailflowResult"], "Success", textOf(local?.["Detail"]));
  assert.equal(local?.["TargetAddress"], "postmaster@contoso.test");
  assert.equal(local?.["IsRemoteTest"], false);
  const [remote] = await runCmdlet(server, "Test-Mailflow", {
    TargetEmailAddress: "probe@fabrikam.test",
  });
  assert.equal(remote?.["TestMailflowResult"], "Success", textOf(remote?.["Detail"]));
  assert.equal(remote?.["IsRemoteTest"], true);
  assert.match(sink.messages[0]?.content ?? "", /^Subject: Test-Mailflow [0-9a-f-]{36}\r$/m);
  const [late] = await runCmdlet(server, "Test-Mailflow", {
    TargetEmailAddress: "probe@away.test",
    ExecutionTimeout: 2,
  });
  assert.equal(late?.["TestMailflowResult"], "*FAILURE*");
});

test("no door relays for strangers, and one that does is found", async (t) => {
  const { server, relayPort } = await openBench(t, await openZone(t, {}));
  const closed = await runCmdlet(server, "Test-OpenRelay");
  assert.deepEqual(told(closed, /^Result/), ["Pass Result: no open relay"]);
  const own = await runCmdlet(server, "Test-OpenRelay", { ClientAddress: "127.0.0.9" });
  const door = told(own, new RegExp(`^127\\.0\\.0\\.1:${relayPort} `));
  assert.match(door[0] ?? "", /^Fail .* tricks were let through$/);
  assert.deepEqual(told(own, /^Result/), ["Warning Result: 127.0.0.9 may relay"]);
});

test("the records of our domain: what is there, and what is missing, ready to paste", async (t) => {
  const dnsPort = await openZone(t, {
    "contoso.test": { MX: [[10, "mail.contoso.test"]], TXT: ["v=spf1 ip4:192.0.2.1 -all"] },
    "mail.contoso.test": { A: ["192.0.2.1"] },
    "_smtp._tls.contoso.test": { TXT: ["v=TLSRPTv1; rua=mailto:tls@contoso.test"] },
    "1.2.0.192.in-addr.arpa": { PTR: ["mail.contoso.test"] },
  });
  const { server } = await openBench(t, dnsPort);
  const checks = await runCmdlet(server, "Test-DnsRecords");
  assert.deepEqual(
    checks.map(({ Record, Verdict }) => `${textOf(Record)} ${textOf(Verdict)}`),
    [
      ...["MX Pass", "SPF Pass", "DKIM Info", "DMARC Warning", "MTA-STS Warning", "TLS-RPT Pass"],
      ...["Host Pass", "TLSA Info", "PTR Pass"],
    ],
  );
  const dmarc = checks.find(({ Record }) => Record === "DMARC");
  assert.deepEqual(dmarc?.["Expected"], [
    '_dmarc.contoso.test. IN TXT "v=DMARC1; p=none; rua=mailto:postmaster@contoso.test"',
  ]);
});

/** Each cmdlet by the command line, and by REST; and how many objects it has at least. */
const SURFACES: readonly (readonly [
  words: readonly string[],
  rest: string,
  body: Readonly<Record<string, unknown>>,
])[] = [
  [
    ["Test-MessageRoute", "<>", "bob@contoso.test"],
    "POST /api/v1/message-route/test",
    { Sender: "<>", Recipients: ["bob@contoso.test"] },
  ],
  [
    ["Test-OutboundConnectivity", "fabrikam.test"],
    "POST /api/v1/outbound-connectivity/test",
    { Domain: "fabrikam.test" },
  ],
  [["Test-SmtpConnectivity"], "POST /api/v1/smtp-connectivity/test", {}],
  [["Test-Mailflow"], "POST /api/v1/mailflow/test", {}],
  [["Test-DnsRecords"], "POST /api/v1/dns-records/test", {}],
  [["Test-OpenRelay"], "POST /api/v1/open-relay/test", {}],
  [
    ["Explain-Message", "-MessageId", "passed@contoso.test"],
    "POST /api/v1/message/explain",
    { MessageId: "passed@contoso.test" },
  ],
];

test("every one runs from the command line and over REST", async (t) => {
  const { server, sink, relayPort } = await openBench(t, await openZone(t, REACHABLE));
  await submit(relayPort, {
    from: "<alice@contoso.test>",
    to: ["<bob@fabrikam.test>"],
    content: "Message-ID: <passed@contoso.test>\r\n\r\nx\r\n",
  });
  await eventually({ what: "delivery" }, () => sink.messages.length === 1 || undefined);
  const rest = openSocket(server);
  const data = ["--data-dir", server.dataFolder];
  for (const [words, request, body] of SURFACES) {
    await t.test(words[0], async () => {
      const line = await runCommandLine([...words, ...data, "-Format", "json"]);
      assert.equal(line.code, 0, line.stderr);
      const objects: unknown = JSON.parse(line.stdout);
      assert.ok(Array.isArray(objects) && objects.length > 0, line.stdout);
      const answer = await rest(request, { body });
      assert.equal(answer.status, 200, JSON.stringify(answer.body));
    });
  }
  const tree = await runCommandLine([
    "Explain-Message",
    "-MessageId",
    "passed@contoso.test",
    ...data,
  ]);
  assert.match(tree.stdout, /^· .* Message {2}<passed@contoso\.test>$/m);
  assert.match(tree.stdout, /^ {2}· .* Send bob@fabrikam\.test {2}/m);
});

test("doors: each opens, and an unknown connector is told what was meant", async (t) => {
  const { server } = await openBench(t, await openZone(t, {}));
  const doors = await runCmdlet(server, "Test-SmtpConnectivity");
  assert.deepEqual(
    doors.map(
      ({ ReceiveConnector, StatusCode }) => `${textOf(ReceiveConnector)}: ${textOf(StatusCode)}`,
    ),
    ["Application Relay: Success", "Default Frontend: Success"],
  );
  const { failure } = await tryCmdlet(server, "Test-SmtpConnectivity", {
    Identity: "Defualt Frontend",
  });
  assert.match(failure?.message ?? "", /did you mean/);
});
