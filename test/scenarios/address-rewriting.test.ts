import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { runCmdlet } from "../harness/cmdlets.ts";
import { contoso } from "../harness/contoso.ts";
import { eventually } from "../harness/eventually.ts";
import { freePort } from "../harness/free-port.ts";
import { waitForMail } from "../harness/maildir.ts";
import { startServer } from "../harness/server.ts";
import { startSink } from "../harness/sink.ts";
import { submit } from "../harness/transaction.ts";

const ENTRIES = [
  {
    name: "Alice outside",
    internalAddress: "alice@contoso.test",
    externalAddress: "info@brand.test",
  },
  { name: "All others", internalAddress: "contoso.test", externalAddress: "brand.test" },
];

async function openBench(t: TestContext) {
  const [smtpPort, relayPort, smartHostPort] = [
    await freePort(),
    await freePort(),
    await freePort(),
  ];
  const sink = await startSink(t, { port: smartHostPort });
  const configuration = contoso({
    smtpPort,
    relayPort,
    smartHostPort,
    more: { addressRewriteEntries: ENTRIES },
  });
  const server = await startServer(t, { configuration });
  return { server, sink, smtpPort, relayPort };
}

const LETTER = [
  "From: Alice <alice@contoso.test>",
  "Reply-To: alice@contoso.test",
  "To: dave@fabrikam.test, bob@contoso.test",
  'Cc: "alice@contoso.test" <alice@contoso.test>,',
  "\t=?utf-8?q?B=C3=B6b?= (at contoso.test) <bob@contoso.test>",
  "Message-ID: <1@contoso.test>",
  "Date: Fri, 11 Jul 2003 21:00:37 -0700",
  "",
  "From: alice@contoso.test\r\n",
].join("\r\n");

test("our people look otherwise outside, and the same in here", async (t) => {
  const { server, sink, relayPort } = await openBench(t);
  await submit(relayPort, {
    from: "<alice@contoso.test>",
    to: ["<dave@fabrikam.test>", "<bob@contoso.test>"],
    content: LETTER,
  });
  const sent = await eventually({ what: "the message outside" }, () => sink.messages[0]);
  const want = LETTER.replace("Alice <alice@contoso.test>", "Alice <info@brand.test>")
    .replace("Reply-To: alice@contoso.test", "Reply-To: info@brand.test")
    .replace("<alice@contoso.test>,", "<info@brand.test>,")
    .replace("<bob@contoso.test>", "<bob@brand.test>");
  assert.equal(sent.from, "info@brand.test");
  assert.ok(sent.content.endsWith(want), sent.content);
  const [kept = ""] = await waitForMail(server.dataFolder, {
    address: "bob@contoso.test",
    count: 1,
  });
  assert.ok(kept.endsWith(LETTER), kept);
  assert.match(kept, /^Return-Path: <alice@contoso\.test>$/m);
});

test("what comes for the addresses outside arrives, To and Cc as they are in here", async (t) => {
  const { server, smtpPort } = await openBench(t);
  const content =
    "From: dave@fabrikam.test\r\nTo: Info <info@brand.test>\r\nCc: bob@brand.test,\r\n" +
    " x@brand.test (\xe4)\r\nX-To: info@brand.test\r\n\r\nTo: info@brand.test\r\n";
  await submit(smtpPort, {
    from: "<dave@fabrikam.test>",
    to: ["<info@brand.test>", "<BOB@brand.test>"],
    content: Buffer.from(content, "latin1"),
  });
  const want = content
    .replace("Info <info@brand.test>", "Info <alice@contoso.test>")
    .replace("bob@brand.test,", "bob@contoso.test,")
    .replace("x@brand.test", "x@contoso.test");
  for (const address of ["alice@contoso.test", "bob@contoso.test"]) {
    const [kept = ""] = await waitForMail(server.dataFolder, { address, count: 1 });
    assert.ok(kept.endsWith(want), kept);
  }
});

test("nobody has the address that one is rewritten to: refused as any unknown one", async (t) => {
  const { smtpPort } = await openBench(t);
  const transaction = { from: "<dave@fabrikam.test>", content: "Subject: x\r\n\r\n" };
  await assert.rejects(submit(smtpPort, { ...transaction, to: ["<nobody@brand.test>"] }), /550/);
});

test("an entry that a cmdlet removes holds no longer", async (t) => {
  const { server, sink, relayPort } = await openBench(t);
  await runCmdlet(server, "Remove-AddressRewriteEntry", {
    Identity: "Alice outside",
    Force: true,
  });
  await submit(relayPort, {
    from: "<alice@contoso.test>",
    to: ["<dave@fabrikam.test>"],
    content: LETTER,
  });
  const sent = await eventually({ what: "the message outside" }, () => sink.messages[0]);
  assert.equal(sent.from, "alice@brand.test");
});
