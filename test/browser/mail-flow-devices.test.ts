import assert from "node:assert/strict";
import { test } from "node:test";
import { type AdminPage, openAdminCenter } from "../harness/admin-center.ts";
import { runCmdlet } from "../harness/cmdlets.ts";
import { freePort } from "../harness/free-port.ts";
import { swaks } from "../harness/peers.ts";
import type { TestServer } from "../harness/server.ts";

/** A scanner: it logs on over STARTTLS and sends one page. */
function scan(port: number, user: string, password: string) {
  const logon = ["--tls", "--auth", "PLAIN", "--auth-user", user, "--auth-password", password];
  const envelope = ["--from", "scanner@contoso.test", "--to", "bob@contoso.test"];
  return swaks(port, ...logon, ...envelope);
}

interface Stage {
  readonly admin: AdminPage;
  readonly server: TestServer;
  readonly smtpPort: number;
  readonly clientPort: number;
  /** What the settings of the scanner say. */
  readonly user: string;
  readonly password: string;
}

/** What the page copies for that line of the settings. */
async function entry({ page }: AdminPage, label: string): Promise<string> {
  await page.getByRole("button", { name: `Copy: ${label}` }).click();
  return page.evaluate<string>("navigator.clipboard.readText()");
}

/** What is on paper. */
async function print(admin: AdminPage): Promise<readonly string[]> {
  const { page } = admin;
  await page.emulateMedia({ media: "print" });
  const text = await page.evaluate<string>("document.body.innerText");
  await admin.picture("device-printed");
  await page.emulateMedia({ media: "screen" });
  return text.split("\n").filter((line) => line.trim() !== "");
}

async function setUpScanner(stage: Stage): Promise<void> {
  const { admin } = stage;
  const { page } = admin;
  await admin.visit("/mail-flow/devices");
  await page.getByText("No device yet").waitFor();
  await admin.check("no device");
  await page.getByRole("button", { name: "Set up a device" }).first().click();
  await page.getByLabel("Name of the device").fill("Scanner, 3rd floor");
  await page.getByText("As a mailbox of its own, made now").click();
  await page.getByLabel("Name of the mailbox").fill("scanner");
  await page.getByLabel("Address of the mailbox").fill("scanner@contoso.test");
  await admin.check("device");
  await admin.picture("new-device");
  await page.getByRole("button", { name: "Set it up" }).click();
  await page.getByRole("heading", { name: "Enter this at the device" }).waitFor();
  await admin.check("settings");
}

async function failLogon(stage: Stage): Promise<void> {
  const { admin, clientPort, user } = stage;
  const { page } = admin;
  await page.getByText(/^Waiting:/).waitFor();
  const refused = await scan(clientPort, user, "wrong");
  assert.notEqual(refused.code, 0);
  await page
    .getByText(/535 5\.7\.3/)
    .first()
    .waitFor();
  await page
    .getByText(/Wrong user name or password/)
    .first()
    .waitFor();
  await page.getByRole("button", { name: "What was said" }).first().click();
  await page
    .getByRole("region", { name: "What was said" })
    .getByText(/AUTH PLAIN/)
    .waitFor();
  await page.getByRole("button", { name: /What is usually wrong/ }).click();
  await page.getByText(/A firewall between/).waitFor();
  await admin.check("refused");
  await admin.picture("device-refused");
}

async function sendFirst(stage: Stage): Promise<void> {
  const { admin, clientPort, user, password } = stage;
  const { page } = admin;
  const sent = await scan(clientPort, user, password);
  assert.equal(sent.code, 0, sent.stdout);
  await page.getByText("It works").waitFor();
  await page.getByText(/from scanner@contoso.test to bob@contoso.test has come/).waitFor();
  await admin.check("it works");
  await admin.picture("device-works");
}

async function setUpFax(stage: Stage): Promise<void> {
  const { admin, server, smtpPort } = stage;
  const { page } = admin;
  await admin.visit("/mail-flow/devices/new");
  await page.getByLabel("Name of the device").fill("Fax");
  await page.getByText(/It cannot; but it has a fixed IP address/).click();
  await page.getByLabel("Its IP addresses").fill("127.0.0.77");
  await page.getByText("It may send to anybody (relay)").click();
  await page.getByLabel(/allow TLS 1\.0/).check();
  await admin.check("by address");
  await page.getByRole("button", { name: "Set it up" }).click();
  await page.getByRole("heading", { name: "Enter this at the device" }).waitFor();
  assert.equal(await entry(admin, "Authentication"), "Off");
  const way = ["--local-interface", "127.0.0.77", "--from", "fax@contoso.test"];
  const sent = await swaks(smtpPort, ...way, "--to", "bob@contoso.test");
  assert.equal(sent.code, 0, sent.stdout);
  await page.getByText("It works").waitFor();
  await page.getByText(/It came from 127\.0\.0\.77/).waitFor();
  const [made] = await runCmdlet(server, "Get-ReceiveConnector", { Identity: "Fax" });
  assert.equal(made?.["TlsProfile"], "legacy");
}

/** Nobody knows the password any more. */
async function renewPassword({ admin, clientPort, user, password }: Stage): Promise<void> {
  const { page } = admin;
  await page.getByRole("button", { name: "New password" }).click();
  const dialog = page.getByRole("alertdialog");
  await admin.check("a new password");
  await dialog.getByRole("button", { name: "Make it" }).click();
  const done = dialog.getByRole("button", { name: "I have copied it" });
  await done.waitFor();
  const secret = await dialog.locator("code").textContent();
  await admin.picture("device-new-password");
  await done.click();
  assert.notEqual((await scan(clientPort, user, password)).code, 0);
  const sent = await scan(clientPort, user, secret ?? "");
  assert.equal(sent.code, 0, sent.stdout);
}

async function listDevices(stage: Stage): Promise<void> {
  const { admin, server, clientPort, user, password } = stage;
  const { page } = admin;
  await page.getByRole("button", { name: "Relay for devices" }).click();
  await page.getByRole("row", { name: /Fax.*By its address.*127\.0\.0\.77/ }).waitFor();
  await page.getByRole("row", { name: /Scanner, 3rd floor.*Logs on.*scanner/ }).click();
  await page.getByText("shown once, when it was made").waitFor();
  await admin.check("devices");
  await admin.picture("devices");
  const printed = await print(admin);
  assert.equal(printed[0], "SMTP server");
  assert.equal(printed.at(-1), user);
  await page.getByRole("button", { name: "Disable" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Disable" }).click();
  await page.getByRole("button", { name: "Enable" }).waitFor();
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByRole("button", { name: "Disable" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Disable" }).click();
  await page.getByRole("button", { name: "Enable" }).waitFor();
  assert.notEqual((await scan(clientPort, user, password)).code, 0);
  await page.getByRole("button", { name: "Enable" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Enable" }).click();
  await renewPassword(stage);
  await page.getByRole("button", { name: "Remove" }).click();
  await page.locator("[role=dialog] button:focus", { hasText: "Cancel" }).waitFor();
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await page.getByRole("row", { name: /Scanner/ }).waitFor({ state: "detached" });
  assert.deepEqual(await runCmdlet(server, "Get-AppPassword", { Mailbox: "scanner" }), []);
}

test("a scanner gets relay: settings, advice on a refused logon, its first message", async (t) => {
  const clientPort = await freePort();
  const { server, smtpPort, signIn } = await openAdminCenter(t);
  await runCmdlet(server, "New-ReceiveConnector", {
    Name: "Client Frontend",
    Bindings: [`127.0.0.1:${clientPort}`],
    RemoteIPRanges: ["127.0.0.0/8"],
    PermissionGroups: ["ExchangeUsers"],
    AuthMechanism: ["Tls", "BasicAuth", "BasicAuthRequireTLS"],
    AuthTarpitInterval: "00:00:00",
  });
  const admin = await signIn();
  let stage: Stage = { admin, server, smtpPort, clientPort, user: "", password: "" };
  await t.test("guided set-up", () => setUpScanner(stage));

  stage = {
    ...stage,
    user: await entry(admin, "User name"),
    password: await entry(admin, "Password"),
  };
  assert.equal(await entry(admin, "SMTP server"), "mail.contoso.test");
  assert.equal(await entry(admin, "Port"), String(clientPort));
  const encryption = await entry(admin, "Encryption");
  assert.match(encryption, /^STARTTLS/);
  assert.equal(await entry(admin, "Sender address"), stage.user);

  await t.test("the settings are printed, and nothing else", async () => {
    assert.deepEqual(await print(admin), [
      ...["SMTP server", "mail.contoso.test", "Port", String(clientPort)],
      ...["Encryption", encryption, "Authentication", "On (PLAIN or LOGIN)"],
      ...["User name", stage.user, "Password", stage.password, "Sender address", stage.user],
    ]);
  });

  await t.test("a wrong password is told in the protocol's words, with what to do", () =>
    failLogon(stage),
  );

  await t.test("the first message turns the test green", () => sendFirst(stage));

  await t.test("a fax that cannot log on is known by its address", () => setUpFax(stage));

  await t.test("devices are listed, tested again, disabled and removed", () => listDevices(stage));
});
