import assert from "node:assert/strict";
import { test } from "node:test";
import { contoso } from "../harness/contoso.ts";
import { waitForRows } from "../harness/evidence.ts";
import { freePort } from "../harness/free-port.ts";
import { startHop } from "../harness/hop.ts";
import { readMaildir, waitForMail } from "../harness/maildir.ts";
import { startServer } from "../harness/server.ts";
import { submit } from "../harness/transaction.ts";

const ALICE = "alice@contoso.test";
const BOB = "bob@contoso.test";

test("ORAR: mail that its recipient cannot have goes to the alternate", async (t) => {
  const hop = await startHop(t, {
    port: await freePort(),
    respond: ({ verb }) => (verb === "RCPT" ? { reply: "550 5.1.1 Nobody" } : undefined),
  });
  const smtpPort = await freePort();
  const relayPort = await freePort();
  const configuration = contoso({
    smtpPort,
    relayPort,
    smartHostPort: hop.port,
    receiveConnector: { orarEnabled: true },
  });
  const server = await startServer(t, { configuration });
  const content = `Message-ID: <a@contoso.test>\r\nFrom: ${ALICE}\r\nSubject: a\r\n\r\nText\r\n`;
  const from = `<${ALICE}>`;
  await submit(relayPort, { from, to: [`<unknown@fabrikam.test> ORAR=rfc822;${BOB}`], content });
  const [message = ""] = await waitForMail(server.dataFolder, { address: BOB, count: 1 });
  assert.match(message, /^Subject: a\r?$/m);
  const rows = await waitForRows(server, "<a@contoso.test>", { event: "REDIRECT" });
  const redirect = rows.find((row) => row["event-id"] === "REDIRECT");
  assert.equal(redirect?.["recipient-address"], BOB);
  assert.equal(redirect?.["related-recipient-address"], "unknown@fabrikam.test");
  assert.deepEqual(await readMaildir(server.dataFolder, ALICE), [], "no notice");
  const outside = `<${BOB}> ORAR=someone@fabrikam.test`;
  await assert.rejects(submit(smtpPort, { from, to: [outside], content }), /550 5\.7\.54/);
});
