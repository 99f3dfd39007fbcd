import { test } from "node:test";
import { type AdminPage, openAdminCenter } from "../harness/admin-center.ts";
import { attempt } from "../harness/attempt.ts";
import { runCmdlet } from "../harness/cmdlets.ts";
import { eventually } from "../harness/eventually.ts";
import { SmtpClient } from "../harness/smtp-client.ts";

const SUBJECT = "<img src=x onerror=alert(1)> \u202egnirts";

test("logs are searched, and a failed session is played back", async (t) => {
  const { server, smtpPort, signIn } = await openAdminCenter(t, {
    receiveConnector: { protocolLoggingLevel: "Verbose" },
  });
  await attempt(smtpPort, {
    from: "x@example.test",
    to: ["alice@contoso.test"],
    content: `From: x@example.test\r\nSubject: ${SUBJECT}\r\n\r\nHello\r\n`,
  });
  const client = await SmtpClient.open(smtpPort);
  await client.command("EHLO client.example", 250);
  await client.command("MAIL FROM:<x@example.test>", 250);
  await client.command("RCPT TO:<nobody@contoso.test>", 550);
  await client.quit();
  await eventually({ what: "the recording" }, async () => {
    const [recording] = await runCmdlet(server, "Get-SessionRecording");
    return recording;
  });
  const admin = await signIn();
  const { page } = admin;

  await admin.visit("/servers/logs");
  await page.getByText("Search a log").waitFor();
  await admin.check("no search yet");
  await page.getByLabel("Sender", { exact: true }).fill("x@example.test");
  await page.getByRole("button", { name: "Search", exact: true }).click();
  await page
    .getByRole("row", { name: /DELIVER/ })
    .first()
    .waitFor();
  await admin.check("tracking log");
  await page
    .getByRole("row", { name: /RECEIVE/ })
    .first()
    .click();
  await page.getByRole("heading", { name: "Line" }).waitFor();
  await admin.check("a line");
  await admin.picture("logs");
  await page.getByLabel("Log", { exact: true }).selectOption("protocol");
  await page.getByLabel("Text in the line").fill("RCPT TO");
  await page.getByRole("button", { name: "Search", exact: true }).click();
  await page.getByRole("row", { name: /nobody@contoso/ }).click();
  await page.getByRole("button", { name: "Whole session" }).click();
  await page.getByRole("row", { name: /EHLO/ }).first().waitFor();
  await admin.check("a session in the protocol log");
  for (const kind of ["connectivity", "agent", "queue", "routing"]) {
    await admin.visit(`/servers/logs?kind=${kind}&run=1`);
    await page
      .getByText(/^\d+ lines?$|No line is like that/)
      .first()
      .waitFor();
    await admin.check(kind);
  }

  await playBack(admin);
});

async function playBack(admin: AdminPage): Promise<void> {
  const { page } = admin;
  await admin.visit("/servers/recordings?Address=somebody.else@example.test");
  await page.getByText("No session was recorded").waitFor();
  await page.getByLabel("Sender or recipient").fill("nobody@contoso.test");
  await page
    .getByRole("row", { name: /550 5\.1\.1|RCPT|nobody/ })
    .first()
    .click();
  const lines = page.getByRole("list", { name: "Conversation" });
  await lines
    .getByText(/nobody@contoso.test/)
    .first()
    .waitFor();
  await admin.check("a recording");
  await admin.picture("recording");
  await page.getByRole("button", { name: "To the beginning" }).click();
  await page.getByText(/^Line 1 of/).waitFor();
  await page.getByRole("button", { name: "Next line" }).click();
  await page.getByText(/^Line 2 of/).waitFor();
  await page.getByLabel("Speed").selectOption("20");
  await page.getByRole("button", { name: "Play" }).click();
  const count = await lines.getByRole("listitem").count();
  await page.getByText(`Line ${count} of ${count}`).waitFor();
  await page.getByRole("button", { name: "Play" }).waitFor();
  await admin.check("played");
}
