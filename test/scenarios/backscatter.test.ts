import assert from "node:assert/strict";
import { test } from "node:test";
import { contoso } from "../harness/contoso.ts";
import { eventually } from "../harness/eventually.ts";
import { freePort } from "../harness/free-port.ts";
import { startHop } from "../harness/hop.ts";
import { waitForMail } from "../harness/maildir.ts";
import { startServer } from "../harness/server.ts";
import { SmtpClient } from "../harness/smtp-client.ts";
import { submit } from "../harness/transaction.ts";

const CONTENT = "From: bob@contoso.test\r\nSubject: Hi\r\n\r\nHello\r\n";
const NOTICE = "From: postmaster@fabrikam.test\r\nSubject: Undelivered\r\n\r\nSorry\r\n";

test("a sender leaves with a tag, and only notices to it come back", async (t) => {
  const hop = await startHop(t, { port: await freePort() });
  const [smtpPort, relayPort] = [await freePort(), await freePort()];
  const backscatterProtectionConfig = { signingEnabled: true, rejectionEnabled: true };
  const configuration = contoso({
    smtpPort,
    relayPort,
    smartHostPort: hop.port,
    more: { backscatterProtectionConfig },
  });
  const server = await startServer(t, { configuration });
  await submit(relayPort, {
    from: "<bob@contoso.test> SIZE=1000 BODY=8BITMIME",
    to: ["<ann@fabrikam.test>"],
    content: CONTENT,
  });
  const { mail } = await eventually({ what: "the hop's message" }, () => hop.messages[0]);
  const from = /<(prvs=0\d{3}[\da-f]{6}=bob@contoso\.test)>/.exec(mail)?.[1];
  assert.ok(from, mail);
  await submit(smtpPort, { from: "<>", to: [`<${from}>`], content: NOTICE });
  const read = { address: "bob@contoso.test", count: 1 };
  assert.equal((await waitForMail(server.dataFolder, read)).length, 1);
  const client = await SmtpClient.open(smtpPort);
  await client.command("EHLO client.example", 250);
  await client.command("MAIL FROM:<>", 250);
  await client.command(`RCPT TO:<${from.replace("bob@", "alice@")}>`, 550);
  await client.command("RCPT TO:<bob@contoso.test>", 250);
  await client.command("DATA", 354);
  client.sendRaw(`${NOTICE}.\r\n`);
  assert.match((await client.expect(550)).lines.join(), /was not sent by us/);
  await client.quit();
});
