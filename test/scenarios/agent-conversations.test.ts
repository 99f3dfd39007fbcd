import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { runCmdlet } from "../harness/cmdlets.ts";
import { contoso } from "../harness/contoso.ts";
import { freePort } from "../harness/free-port.ts";
import { waitForMail } from "../harness/maildir.ts";
import { startServer } from "../harness/server.ts";
import { SmtpClient } from "../harness/smtp-client.ts";

const BOB = "bob@contoso.test";
const CAROL = "carol@contoso.test";

/** Takes its time with every answer, and says in the message what it has seen. */
const SLOW = `
import { setTimeout as wait } from "node:timers/promises";
const sessions = new Map();
const noted = (session, word) => {
  const words = sessions.get(session.id) ?? [];
  words.push(word);
  sessions.set(session.id, words);
  return words;
};
const reply = { code: 550, status: "5.7.1", lines: ["not her"] };
const refuse = { kind: "refuse", reply, reason: "Her" };
export default { events: {
  async OnConnect({ session }) { await wait(30); noted(session, "connect"); },
  async OnMailCommand({ session, envelope }) {
    await wait(10);
    noted(session, envelope.sender[0]);
  },
  async OnRcptCommand({ recipient }) {
    await wait(10);
    if (recipient.address.startsWith("alice")) return refuse;
    if (recipient.address.startsWith("trap")) return { kind: "discard", reason: "Trap" };
  },
  async OnDataCommand({ session }) { noted(session, "data"); await wait(20); },
  async OnEndOfHeaders({ subject }) {
    await wait(20);
    return { kind: "accept", edits: [{ kind: "prepend", text: "X-Head: " + subject + "\\r\\n" }] };
  },
  async OnEndOfData({ session, recipients, bytes, content }) {
    const text = Buffer.from(await content()).toString();
    const seen = noted(session, "end").join("-");
    const to = recipients.map(({ address }) => address.split("@")[0]).join("-");
    const value = [seen, to, bytes === text.length, text.slice(-7, -2)].join(" ");
    return { kind: "accept", edits: [{ kind: "append", text: "X-Seen: " + value + "\\r\\n" }] };
  },
  OnRsetCommand({ session }) { noted(session, "rset"); },
  OnDisconnect({ session }) { sessions.delete(session.id); },
} };`;

async function openBench(t: TestContext) {
  const smtpPort = await freePort();
  const mailboxes = ["alice", "bob", "carol", "trap"].map((name) => ({
    name,
    primarySmtpAddress: `${name}@contoso.test`,
  }));
  const configuration = contoso({ smtpPort, more: { mailboxes } });
  const server = await startServer(t, { configuration });
  const folder = join(server.dataFolder, "agents");
  await mkdir(folder);
  await writeFile(join(folder, "slow.js"), SLOW);
  await runCmdlet(server, "Install-TransportAgent", { Name: "Slow", ModulePath: "slow.js" });
  await runCmdlet(server, "Enable-TransportAgent", { Identity: "Slow" });
  const client = await SmtpClient.open(smtpPort);
  const seen = async (address: string, count: number) => {
    const mail = await waitForMail(server.dataFolder, { address, count });
    return mail.map((text) => /^X-Seen: (.*?)\r?$/m.exec(text)?.[1] ?? "");
  };
  return { server, smtpPort, client, seen };
}

function message(subject: string, body: string): string {
  return `Subject: ${subject}\r\nFrom: ann@a.test\r\n\r\n${body}\r\n`;
}

async function expectAll(client: SmtpClient, codes: readonly number[]): Promise<void> {
  for (const code of codes) await client.expect(code);
}

test("all at once: replies and recipients are in order, however slow the agent is", async (t) => {
  const { client, seen } = await openBench(t);
  const one = message("one", "first");
  client.sendRaw(
    [
      "EHLO c.test\r\nMAIL FROM:<x@a.test>\r\n",
      `RCPT TO:<${BOB}>\r\nRCPT TO:<alice@contoso.test>\r\nRCPT TO:<nobody@contoso.test>\r\n`,
      `RCPT TO:<${CAROL}>\r\nBDAT ${one.length} LAST\r\n${one}`,
      `MAIL FROM:<y@a.test>\r\nRCPT TO:<${BOB}>\r\nDATA\r\n`,
    ].join(""),
  );
  await expectAll(client, [250, 250, 250, 550, 550, 250, 250, 250, 250, 354]);
  client.sendRaw(`${message("two", "other")}.\r\nMAIL FROM:<z@a.test>\r\nRSET\r\nQUIT\r\n`);
  await expectAll(client, [250, 250, 250, 221]);
  const first = "connect-x-data-end";
  assert.deepEqual(
    (await seen(BOB, 2)).sort(),
    [`${first} bob-carol true first`, `${first}-rset-y-data-end bob true other`].sort(),
  );
  assert.deepEqual(await seen(CAROL, 1), [`${first} bob-carol true first`]);
});

test("BDAT byte by byte, RSET in between: no message knows of the other", async (t) => {
  const { client, seen } = await openBench(t);
  await client.command("EHLO c.test", 250);
  client.sendRaw(`MAIL FROM:<x@a.test>\r\nRCPT TO:<${BOB}>\r\nBDAT 9\r\nSubject: RSET\r\n`);
  await expectAll(client, [250, 250, 250, 250]);
  const text = message("two", "after");
  client.sendRaw(`MAIL FROM:<y@a.test>\r\nRCPT TO:<${CAROL}>\r\n`);
  await expectAll(client, [250, 250]);
  for (const [index, octet] of [...text].entries()) {
    const last = index === text.length - 1 ? " LAST" : "";
    client.sendRaw(`BDAT 1${last}\r\n${octet}`);
  }
  await expectAll(
    client,
    [...text].map(() => 250),
  );
  await client.quit();
  assert.deepEqual(await seen(CAROL, 1), ["connect-x-data-rset-y-data-end carol true after"]);
});

test("a trap among the recipients: nobody gets it, and the next message is another", async (t) => {
  const { client, seen } = await openBench(t);
  await client.command("EHLO c.test", 250);
  const trapped = message("trap", "trap!");
  client.sendRaw(
    [
      `MAIL FROM:<x@a.test>\r\nRCPT TO:<trap@contoso.test>\r\nRCPT TO:<${BOB}>\r\n`,
      `BDAT ${trapped.length} LAST\r\n${trapped}`,
    ].join(""),
  );
  await expectAll(client, [250, 250, 250, 250]);
  const next = message("next", "good.");
  client.sendRaw(`MAIL FROM:<y@a.test>\r\nRCPT TO:<${BOB}>\r\nBDAT ${next.length} LAST\r\n${next}`);
  await expectAll(client, [250, 250, 250]);
  await client.quit();
  assert.deepEqual(await seen(BOB, 1), ["connect-x-rset-y-data-end bob true good."]);
});

test("clients that go away while the agent thinks leave the server as it was", async (t) => {
  const { client, smtpPort, seen, server } = await openBench(t);
  const text = message("one", "alone");
  const steps = [
    "",
    "EHLO c.test\r\nMAIL FROM:<x@a.test>\r\n",
    `EHLO c.test\r\nMAIL FROM:<x@a.test>\r\nRCPT TO:<${CAROL}>\r\n`,
    `EHLO c.test\r\nMAIL FROM:<x@a.test>\r\nRCPT TO:<${CAROL}>\r\nBDAT 9\r\nSubject: `,
  ];
  for (let time = 0; time < 20; time += 1) {
    const guest = await SmtpClient.open(smtpPort);
    guest.sendRaw(steps[time % steps.length] ?? "");
    guest.socket.resetAndDestroy();
  }
  client.sendRaw(`EHLO c.test\r\nMAIL FROM:<y@a.test>\r\nRCPT TO:<${BOB}>\r\n`);
  client.sendRaw(`BDAT ${text.length} LAST\r\n${text}QUIT\r\n`);
  await expectAll(client, [250, 250, 250, 250, 221]);
  assert.deepEqual(await seen(BOB, 1), ["connect-y-data-end bob true alone"]);
  const [agent] = await runCmdlet(server, "Get-TransportAgent", { Identity: "Slow" });
  assert.equal(agent?.["State"], "Healthy");
  assert.equal(agent["Failures"], 0);
  assert.doesNotMatch(server.output, /thread-failed|session-failed|receive-failed/);
});
