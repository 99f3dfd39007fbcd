import assert from "node:assert/strict";
import { test } from "node:test";
import { contoso } from "../harness/contoso.ts";
import { freePort } from "../harness/free-port.ts";
import { waitForMail } from "../harness/maildir.ts";
import { swaks } from "../harness/peers.ts";
import { startServer } from "../harness/server.ts";

test("swaks speaks for another client where it is trusted, and only there", async (t) => {
  const smtpPort = await freePort();
  const receiveConnector = { xclientSources: ["127.0.0.1"] };
  const configuration = contoso({ smtpPort, receiveConnector });
  const server = await startServer(t, { configuration });
  const mail = [
    ...["--from", "someone@fabrikam.test", "--to", "bob@contoso.test"],
    ...["--xclient-addr", "127.0.0.77", "--xclient-name", "printer.contoso.test"],
    ...["--xclient-proto", "ESMTP", "--xclient-helo", "printer"],
  ];
  const trusted = await swaks(smtpPort, ...mail);
  assert.equal(trusted.code, 0, trusted.stdout);
  const address = "bob@contoso.test";
  const [message = ""] = await waitForMail(server.dataFolder, { address, count: 1 });
  assert.match(message, /^Received: from printer \(.*127\.0\.0\.77/m);
  const stranger = await swaks(smtpPort, "--local-interface", "127.0.0.2", ...mail);
  assert.notEqual(stranger.code, 0, stranger.stdout);
});
