import assert from "node:assert/strict";
import { test } from "node:test";
import { openAdminCenter } from "../harness/admin-center.ts";
import { runCmdlet } from "../harness/cmdlets.ts";
import { freePort } from "../harness/free-port.ts";
import { startSink } from "../harness/sink.ts";
import { SmtpClient } from "../harness/smtp-client.ts";
import { submit } from "../harness/transaction.ts";

test("with full queues and open sessions a server is drained: how far, and back", async (t) => {
  const [relayPort, smartHostPort] = [await freePort(), await freePort()];
  const { server, signIn } = await openAdminCenter(t, { relayPort, smartHostPort });
  for (const name of ["one", "two", "three"]) {
    await submit(relayPort, {
      from: "<alice@contoso.test>",
      to: [`<${name}@fabrikam.test>`, `<${name}@example.test>`],
      content: "Subject: x\r\n\r\nx",
    });
  }
  const open = await SmtpClient.open(relayPort);
  await open.command("EHLO client.example", 250);
  const admin = await signIn();
  const { page } = admin;
  await admin.visit("/servers/overview");
  await page.getByRole("button", { name: "Drain the server" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Drain" }).click();
  await page.getByText("6 recipients still wait here").waitFor();
  await page.getByRole("progressbar", { name: "Draining" }).waitFor();
  await admin.check("draining");
  await admin.picture("draining");
  // Who is there already is sent away with its next message.
  await open.command("MAIL FROM:<alice@contoso.test>", 421);
  open.destroy();
  // Given up and begun again: both work half-way.
  await page.getByRole("button", { name: "Back into service" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Back into service" }).click();
  await page.getByText("HubTransport: In service").waitFor();
  await page.getByRole("button", { name: "Drain the server" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Drain" }).click();
  await page.getByText("6 recipients still wait here").waitFor();
  await startSink(t, { port: smartHostPort });
  for (const { Identity, Status } of await runCmdlet(server, "Get-Queue")) {
    if (Status === "Retry") await runCmdlet(server, "Retry-Queue", { Identity });
  }
  await page.getByText("The queues are empty: the server can be stopped.").waitFor();
  await admin.check("drained");
  assert.deepEqual(await runCmdlet(server, "Get-Message"), []);
});
