import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { contoso } from "../harness/contoso.ts";
import { eventually } from "../harness/eventually.ts";
import { freePort } from "../harness/free-port.ts";
import { startLoad } from "../harness/load.ts";
import { readMaildir, waitForMail } from "../harness/maildir.ts";
import { type Configuration, startServer } from "../harness/server.ts";
import { startSink } from "../harness/sink.ts";
import { readTracking } from "../harness/tracking.ts";
import { submit } from "../harness/transaction.ts";

const ARCHIVE = "archive@contoso.test";
const LOST = "lost@contoso.test";

async function openBench(t: TestContext, rules: readonly Configuration[]) {
  const [smtpPort, relayPort, smartHostPort] = [
    await freePort(),
    await freePort(),
    await freePort(),
  ];
  const sink = await startSink(t, { port: smartHostPort });
  const base = contoso({
    smtpPort,
    relayPort,
    smartHostPort,
    transportConfig: { journalingReportNdrTo: LOST },
  });
  const server = await startServer(t, {
    configuration: {
      ...base,
      journalRules: rules.map((rule) => ({ enabled: true, ...rule })),
      mailboxes: [
        ...(base["mailboxes"] as readonly Configuration[]),
        {
          name: "archive",
          primarySmtpAddress: ARCHIVE,
          requireSenderAuthenticationEnabled: true,
          acceptMessagesOnlyFromSendersOrMembers: [ARCHIVE],
        },
        { name: "lost", primarySmtpAddress: LOST },
      ],
      distributionGroups: [
        {
          name: "team",
          primarySmtpAddress: "team@contoso.test",
          members: ["alice@contoso.test", "bob@contoso.test"],
        },
      ],
    },
  });
  return { server, sink, smtpPort, relayPort };
}

/** What a report attaches, octet for octet in latin1. */
function attached(report: string): string {
  const boundary = /boundary="(journal_\w+)"/.exec(report)?.[1] ?? "";
  const part = report.split(`\r\n--${boundary}`)[2] ?? "";
  return part.slice(part.indexOf("\r\n\r\n") + 4);
}

test("a message is reported with all who got it, and none of the reports is", async (t) => {
  const rule = { name: "all", journalEmailAddress: ARCHIVE };
  const { server, sink, smtpPort, relayPort } = await openBench(t, [rule]);
  const content = "Subject: one\r\nTo: team@contoso.test\r\n\r\n\xff.\r\n..\r\n";
  await submit(relayPort, {
    from: "<alice@contoso.test>",
    to: ["<team@contoso.test>", "<dave@fabrikam.test>"],
    content: Buffer.from(content, "latin1"),
  });
  const [report = ""] = await waitForMail(server.dataFolder, { address: ARCHIVE, count: 1 });
  assert.match(report, /^Return-Path: <>$/m);
  assert.match(report, /^Sender: alice@contoso\.test\r\nSubject: one\r\nMessage-Id: /m);
  const named = [...report.matchAll(/^Recipient: (.*)\r$/gm)].map(([, line]) => line);
  assert.deepEqual(named.toSorted(), [
    "alice@contoso.test, Expanded: team@contoso.test",
    "bob@contoso.test, Expanded: team@contoso.test",
    "dave@fabrikam.test",
  ]);
  assert.ok(attached(report).endsWith(content));
  assert.match(attached(report), /^Received: /);
  assert.doesNotMatch(report, /X-MS-Exchange-Organization-Journal-Report/i);
  await eventually({ what: "the message outside" }, () => sink.messages[0]);
  await submit(smtpPort, {
    from: "<dave@fabrikam.test>",
    to: ["<bob@contoso.test>"],
    content: "Subject: two\r\n\r\n",
  });
  const reports = await waitForMail(server.dataFolder, { address: ARCHIVE, count: 2 });
  assert.equal(reports.length, 2);
  const received = readTracking(server.dataFolder).filter((row) => row["event-id"] === "RECEIVE");
  assert.equal(received.filter((row) => row["source"] === "AGENT").length, 2);
});

test("a large message is reported whole", async (t) => {
  const rule = { name: "all", journalEmailAddress: ARCHIVE };
  const { server, smtpPort } = await openBench(t, [rule]);
  const content = `Subject: large\r\n\r\n${"0123456789abcdef\r\n".repeat(200_000)}`;
  await submit(smtpPort, { from: "<d@fabrikam.test>", to: ["<bob@contoso.test>"], content });
  const [report = ""] = await waitForMail(server.dataFolder, { address: ARCHIVE, count: 1 });
  assert.ok(attached(report).endsWith(content));
  await waitForMail(server.dataFolder, { address: "bob@contoso.test", count: 1 });
});

test("reports that cannot be delivered go to the mailbox for them", async (t) => {
  const rule = { name: "gone", journalEmailAddress: "nobody@contoso.test" };
  const { server, smtpPort } = await openBench(t, [rule]);
  const content = "Subject: kept\r\n\r\n";
  await submit(smtpPort, { from: "<d@fabrikam.test>", to: ["<bob@contoso.test>"], content });
  const [report = ""] = await waitForMail(server.dataFolder, { address: LOST, count: 1 });
  assert.ok(attached(report).endsWith(content));
});

test("kill -9: one report for each message, no more and no less", {
  timeout: 200_000,
}, async (t) => {
  const rule = { name: "bob", journalEmailAddress: ARCHIVE, recipient: "bob@contoso.test" };
  const { server, smtpPort } = await openBench(t, [rule]);
  const load = startLoad({
    port: smtpPort,
    sessions: 5,
    messages: 300,
    recipient: "bob@contoso.test",
    prefix: "j",
  });
  for (let kill = 0; kill < 3; kill += 1) {
    await sleep(400 + 300 * kill);
    await server.kill9();
    await server.start();
  }
  await load.done;
  const numbers = async (address: string) => {
    const messages = await readMaildir(server.dataFolder, address);
    return messages.map((text) => /^Subject: (j-\d+)\r$/m.exec(text)?.[1] ?? text).toSorted();
  };
  const settled = async () => {
    const [kept, reported] = [await numbers("bob@contoso.test"), await numbers(ARCHIVE)];
    const isComplete = kept.length >= load.acknowledged.size && reported.length >= kept.length;
    return isComplete ? { kept, reported } : undefined;
  };
  const { kept, reported } = await eventually({ what: "all reports", withinMs: 60_000 }, settled);
  assert.ok(kept.length > 50);
  assert.deepEqual(reported, kept);
  assert.equal(new Set(reported).size, reported.length);
});
