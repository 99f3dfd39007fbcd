import assert from "node:assert/strict";
import { cp, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { textOf } from "../../src/base/text-of.fake.ts";
import { runCmdlet, tryCmdlet } from "../harness/cmdlets.ts";
import { contoso } from "../harness/contoso.ts";
import { eventually } from "../harness/eventually.ts";
import { freePort } from "../harness/free-port.ts";
import { waitForMail } from "../harness/maildir.ts";
import { startServer, type TestServer } from "../harness/server.ts";
import { type ClientReply, SmtpClient } from "../harness/smtp-client.ts";
import { submit } from "../harness/transaction.ts";

const EXAMPLE = join(import.meta.dirname, "../../agents/example-agent.ts");
const CONTENT = "From: ann@fabrikam.test\r\nTo: bob@contoso.test\r\nSubject: Hi\r\n\r\nHello\r\n";
const BOB = "bob@contoso.test";

async function openBench(t: TestContext) {
  const smtpPort = await freePort();
  const mailboxes = ["alice", "bob", "carol"].map((name) => ({
    name,
    primarySmtpAddress: `${name}@contoso.test`,
  }));
  const configuration = contoso({ smtpPort, more: { mailboxes } });
  const server = await startServer(t, { configuration });
  const folder = join(server.dataFolder, "agents");
  await mkdir(folder);
  return { server, smtpPort, folder };
}

async function install(server: TestServer, module: string, more: object = {}): Promise<void> {
  const name = { Name: "Guard", ModulePath: module, ...more };
  await runCmdlet(server, "Install-TransportAgent", name);
  await runCmdlet(server, "Enable-TransportAgent", { Identity: "Guard" });
}

async function guardOf(server: TestServer) {
  const [guard] = await runCmdlet(server, "Get-TransportAgent", { Identity: "Guard" });
  assert.ok(guard);
  return guard;
}

/** What the server says to MAIL from there, in a session of its own. */
async function askMail(port: number, from: string): Promise<ClientReply> {
  const client = await SmtpClient.open(port);
  await client.command("EHLO client.example", 250);
  client.sendRaw(`MAIL FROM:<${from}>\r\n`);
  const reply = await client.reply();
  await client.quit();
  return reply;
}

test("the example agent refuses, marks, holds back and redirects, and goes again", async (t) => {
  const { server, smtpPort, folder } = await openBench(t);
  await cp(EXAMPLE, join(folder, "example-agent.ts"));
  await install(server, "example-agent.ts");
  const guard = await guardOf(server);
  assert.equal(guard["State"], "Healthy");
  assert.deepEqual(guard["Events"], ["OnMailCommand", "OnEndOfData", "OnResolvedMessage"]);
  const refused = await askMail(smtpPort, "ann@spam.example");
  assert.equal(refused.code, 550);
  assert.match(refused.lines.join(), /5\.7\.1 Mail from your domain is not wanted here/);
  const from = "<ann@fabrikam.test>";
  await submit(smtpPort, { from, to: [`<${BOB}>`, "<carol@contoso.test>"], content: CONTENT });
  const [toBob = ""] = await waitForMail(server.dataFolder, { address: BOB, count: 1 });
  assert.match(toBob, /^X-Example-Agent: 127\.0\.0\.1\r?$/m);
  const alice = { address: "alice@contoso.test", count: 1 };
  const [toAlice = ""] = await waitForMail(server.dataFolder, alice);
  assert.match(toAlice, /\r\n\r\nHello\r\n$/);
  const suspicious = CONTENT.replace("Hello", "Make a wire transfer of $9,000 now");
  await submit(smtpPort, { from, to: [`<${BOB}>`], content: suspicious });
  const [held] = await eventually({ what: "the message in quarantine" }, async () => {
    const found = await runCmdlet(server, "Get-QuarantineMessage");
    return found.length > 0 ? found : undefined;
  });
  assert.equal(held?.["QuarantineTypes"] ?? held?.["Type"], "Phish");
  const log = await eventually({ what: "the agent log" }, async () => {
    const found = await runCmdlet(server, "Get-AgentLog");
    return found.length >= 2 ? found : undefined;
  });
  assert.deepEqual(
    log.map((one) => [one["Agent"], one["Event"], one["Action"], one["Reason"]]),
    [
      ["Guard", "OnMailCommand", "RejectCommand", "RefusedDomain"],
      ["Guard", "OnEndOfData", "QuarantineMessage", "It speaks of a wire transfer"],
    ],
  );
  await runCmdlet(server, "Uninstall-TransportAgent", { Identity: "Guard" });
  assert.equal((await askMail(smtpPort, "ann@spam.example")).code, 250);
});

const TROUBLE = `
import { setTimeout as wait } from "node:timers/promises";
const all = [];
const does = {
  async "good@a.test"() {
    const reply = { code: 554, status: "5.7.1", lines: ["judged"] };
    return { kind: "refuse", reply, reason: "Good" };
  },
  async "throw@a.test"() { throw new Error("no idea"); },
  async "rubbish@a.test"() { return { kind: "refuse", reply: "no", reason: "Rubbish" }; },
  async "never@a.test"() { await wait(3_600_000); },
  async "exit@a.test"() { process.exit(1); },
  async "memory@a.test"() { for (;;) all.push(new Array(1e5).fill(0).map(() => ({}))); },
  async "loop@a.test"() { for (;;); },
};
export default { events: { OnMailCommand: ({ envelope }) => does[envelope.sender]() } };
`;

const FAULTS = {
  "throw@a.test": /^it threw Error: no idea\n/,
  "rubbish@a.test": /^bad answer: answer\.reply is "no"/,
  "never@a.test": /^no answer within 2000 ms/,
  "exit@a.test": /^it has ended its thread \(exit code 1\)/,
  "memory@a.test": /^it used more than its 128 MiB of memory|no answer within/,
  "loop@a.test": /^no answer within 2000 ms/,
};

for (const [FailMode, want] of [
  ["Defer", /^451 4\.3\.0 /],
  ["Reject", /^550 5\.7\.1 .*could not be checked/],
  ["Accept", /^250 /],
] as const) {
  test(`agents that break in every way, one after the other: ${FailMode}`, async (t) => {
    const { server, smtpPort, folder } = await openBench(t);
    await writeFile(join(folder, "trouble.js"), TROUBLE);
    await install(server, "trouble.js", { FailMode, TimeLimit: "00:00:02" });
    const ends = () => server.output.match(/agent-module-ended/g)?.length ?? 0;
    for (const [sender, fault] of Object.entries(FAULTS)) {
      const endsBefore = ends();
      const { code, lines } = await askMail(smtpPort, sender);
      assert.match(`${code} ${lines.join()}`, want, sender);
      const guard = await guardOf(server);
      assert.match(textOf(guard["LastFault"]), fault, sender);
      if (/loop|memory|exit/.test(sender)) {
        await eventually({ what: `the end of ${sender}` }, () => ends() > endsBefore || undefined);
      }
      const next = await askMail(smtpPort, "good@a.test");
      assert.match(next.lines.join(), /5\.7\.1 judged/, `after ${sender}`);
    }
    assert.equal((await guardOf(server))["State"], "Healthy");
    if (FailMode !== "Accept") return;
    const from = "<throw@a.test>";
    await submit(smtpPort, { from, to: [`<${BOB}>`], content: CONTENT });
    const [message = ""] = await waitForMail(server.dataFolder, { address: BOB, count: 1 });
    assert.match(message, /^X-MS-Exchange-Organization-Unchecked: Guard\r?$/m);
  });
}

test("one that breaks again and again rests, and health says so; mended it works", async (t) => {
  const { server, smtpPort, folder } = await openBench(t);
  await writeFile(join(folder, "trouble.js"), TROUBLE);
  await install(server, "trouble.js", { FailMode: "Accept" });
  // Each thread has a breaker of its own.
  await eventually({ what: "the agent at rest" }, async () => {
    assert.equal((await askMail(smtpPort, "throw@a.test")).code, 250);
    return (await guardOf(server))["State"] === "Resting" || undefined;
  });
  const [health] = await runCmdlet(server, "Get-ServerHealth", { HealthSet: "Agents" });
  assert.equal(health?.["AlertValue"], "Degraded");
  assert.equal(health["TargetResource"], "Guard");
  assert.match(textOf(health["Finding"]), /mail is let in unchecked, with a mark: it threw Error/);
  await writeFile(join(folder, "trouble.js"), `${TROUBLE}// mended\n`);
  await runCmdlet(server, "Enable-TransportAgent", { Identity: "Guard" });
  await eventually({ what: "the mended agent" }, async () => {
    const isJudged = (await askMail(smtpPort, "good@a.test")).code === 554;
    return isJudged || undefined;
  });
  assert.equal((await guardOf(server))["State"], "Healthy");
  await writeFile(join(folder, "trouble.js"), "export default {");
  const { failure } = await tryCmdlet(server, "Enable-TransportAgent", { Identity: "Guard" });
  assert.match(failure?.message ?? "", /cannot be loaded: it threw SyntaxError/);
});

const LOOKER = `
const looked = async (message) => {
  const names = (await message.headers()).map(({ name }) => name).join();
  let bytes = 0;
  for await (const piece of message.pieces()) bytes += piece.length;
  console.log(names + " " + bytes + "=" + message.bytes);
};
const reply = { code: 554, status: "5.7.1", lines: ["no"] };
export default { events: {
  OnConnect() {},
  OnMailCommand: () => ({ kind: "refuse", reply, reason: "Trial" }),
  OnRcptCommand: () => ({ kind: "discard", reason: "Trial" }),
  async OnEndOfData(message) {
    await looked(message);
    const edits = [{ kind: "prepend", text: "X-Trial: yes\\r\\n" }];
    return { kind: "accept", edits, addRecipients: ["alice@contoso.test"] };
  },
  async OnSubmittedMessage(message) {
    await looked(message);
    return { decisions: [{ positions: message.recipients.map(({ position }) => position),
      fate: { kind: "discard", reason: "Trial" } }] };
  },
} };`;

test("on trial, an agent is heard and changes not a byte", async (t) => {
  const { server, smtpPort, folder } = await openBench(t);
  const content = `${CONTENT}${"\u00e9\u0001 trailing \r\n.dots\r\n".repeat(30_000)}`;
  const send = () => submit(smtpPort, { from: "<ann@a.test>", to: [`<${BOB}>`], content });
  await send();
  await writeFile(join(folder, "looker.js"), LOOKER);
  await install(server, "looker.js", { ShadowRun: true });
  await send();
  const mail = await waitForMail(server.dataFolder, { address: BOB, count: 2 });
  const [before = "", after = ""] = mail.map(withoutTrace);
  assert.equal(after, before);
  const bytes = Buffer.byteLength(content);
  await eventually({ what: "what it has seen" }, () => {
    const seen = server.output.split(`From,To,Subject ${bytes}=${bytes}`).length - 1;
    return seen === 2 || undefined;
  });
  const log = await eventually({ what: "the agent log" }, async () => {
    const found = await runCmdlet(server, "Get-AgentLog");
    return found.length >= 2 ? found : undefined;
  });
  assert.deepEqual(
    log.map((one) => [one["Event"], one["Action"], one["Diagnostics"]]),
    [
      ["OnMailCommand", "RejectCommand", "ShadowRun"],
      ["OnRcptCommand", "DeleteMessage", "ShadowRun"],
    ],
  );
});

/** Times and ids are each message's own. */
function withoutTrace(message: string): string {
  return message
    .replace(/^Received: .*\r?\n(?:[ \t].*\r?\n)*/gm, "")
    .replace(/^(?:Message-ID|Date|X-MS-Exchange-[\w-]+): .*\r?\n/gm, "");
}
