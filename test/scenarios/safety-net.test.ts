import assert from "node:assert/strict";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { runCmdlet } from "../harness/cmdlets.ts";
import { contoso } from "../harness/contoso.ts";
import { eventually } from "../harness/eventually.ts";
import { freePort } from "../harness/free-port.ts";
import { startLoad } from "../harness/load.ts";
import { maildirPath, readMaildir, waitForMail } from "../harness/maildir.ts";
import { startServer, type TestServer } from "../harness/server.ts";
import { startSink } from "../harness/sink.ts";
import { submit } from "../harness/transaction.ts";

const ALICE = "alice@contoso.test";
const BOB = "bob@contoso.test";

async function openBench(t: TestContext, safetyNetHoldTime = "1.00:00:00") {
  const [smtpPort, relayPort, smartHostPort] = [
    await freePort(),
    await freePort(),
    await freePort(),
  ];
  const sink = await startSink(t, { port: smartHostPort });
  const transportConfig = { safetyNetHoldTime };
  const configuration = contoso({ smtpPort, relayPort, smartHostPort, transportConfig });
  const server = await startServer(t, { configuration });
  return { server, sink, smtpPort, relayPort };
}

async function resubmit(server: TestServer, more: object = {}): Promise<number> {
  const given = { StartTime: "-1h", EndTime: "now", ...more };
  const [made] = await runCmdlet(server, "Add-ResubmitRequest", given);
  const Identity = Number(made?.["Identity"]);
  const what = `request ${Identity}`;
  const done = await eventually({ what, withinMs: 60_000 }, async () => {
    const [request] = await runCmdlet(server, "Get-ResubmitRequest", { Identity });
    return request?.["State"] === "Completed" ? request : undefined;
  });
  return Number(done["ResubmittedRecipients"]);
}

async function sendTo(port: number, to: readonly string[], subject: string): Promise<void> {
  const content = `Subject: ${subject}\r\n\r\nIt.\r\n`;
  const recipients = to.map((one) => `<${one}>`);
  await submit(port, { from: "<d@fabrikam.test>", to: recipients, content });
}

test("a mailbox that has lost its mail gets it again, the other one nothing twice", async (t) => {
  const { server, sink, smtpPort, relayPort } = await openBench(t);
  for (const subject of ["one", "two"]) await sendTo(smtpPort, [ALICE, BOB], subject);
  await sendTo(relayPort, ["x@example.test"], "three");
  const before = await waitForMail(server.dataFolder, { address: ALICE, count: 2 });
  const kept = await waitForMail(server.dataFolder, { address: BOB, count: 2 });
  await eventually({ what: "the relayed one" }, () => sink.messages[0]);
  const folder = join(maildirPath(server.dataFolder, ALICE), "new");
  const names = await readdir(folder);
  for (const name of names) await rm(join(folder, name));
  assert.equal(await resubmit(server, { Destination: "nowhere.test" }), 0);
  assert.equal(await resubmit(server, { Recipient: ALICE }), 2);
  const after = await waitForMail(server.dataFolder, { address: ALICE, count: 2 });
  assert.deepEqual(after, before);
  assert.deepEqual(await readdir(folder), names);
  assert.equal(await resubmit(server, { Recipient: BOB }), 2);
  assert.equal(await resubmit(server, { Sender: "d@fabrikam.test", ResubmitTo: BOB }), 5);
  await waitForMail(server.dataFolder, { address: BOB, count: 5 });
  await sleep(500);
  const all = await readMaildir(server.dataFolder, BOB);
  assert.equal(all.length, 5, "two of its own, and one copy of each of three messages");
  for (const one of kept) assert.ok(all.includes(one));
  assert.equal(sink.messages.length, 1);
});

test("switched off, nothing is kept, and a request says so", async (t) => {
  const { server, smtpPort } = await openBench(t, "00:00:00");
  await sendTo(smtpPort, [ALICE], "one");
  await waitForMail(server.dataFolder, { address: ALICE, count: 1 });
  assert.equal(await resubmit(server), 0);
});

test("kill -9 while mail comes and goes again: nothing lost, nothing twice", {
  timeout: 200_000,
}, async (t) => {
  const { server, smtpPort } = await openBench(t);
  const load = startLoad({
    port: smtpPort,
    sessions: 5,
    messages: 400,
    recipient: ALICE,
    prefix: "s",
  });
  for (let kill = 0; kill < 2; kill += 1) {
    await sleep(600);
    await server.kill9();
    await server.start();
  }
  await load.done;
  const subjects = async () => {
    const messages = await readMaildir(server.dataFolder, ALICE);
    return messages.map((text) => /^Subject: (s-\d+)\r$/m.exec(text)?.[1] ?? text).toSorted();
  };
  const delivered = await eventually({ what: "all mail", withinMs: 60_000 }, async () => {
    const found = await subjects();
    return found.length >= load.acknowledged.size ? found : undefined;
  });
  await rm(maildirPath(server.dataFolder, ALICE), { recursive: true });
  const given = { StartTime: "-1h", EndTime: "now", Recipient: ALICE };
  await runCmdlet(server, "Add-ResubmitRequest", given);
  for (let kill = 0; kill < 2; kill += 1) {
    await sleep(1_500);
    await server.kill9();
    await server.start();
  }
  const again = await eventually({ what: "all mail again", withinMs: 60_000 }, async () => {
    const found = await subjects();
    return found.length >= delivered.length ? found : undefined;
  });
  assert.deepEqual(again, delivered);
  assert.equal(new Set(again).size, again.length);
});
