import assert from "node:assert/strict";
import { test } from "node:test";
import { textOf } from "../../src/base/text-of.fake.ts";
import { type AdminPage, openAdminCenter } from "../harness/admin-center.ts";
import { runCmdlet } from "../harness/cmdlets.ts";
import { freePort } from "../harness/free-port.ts";
import { run } from "../harness/peers.ts";
import { type TestServer, temporaryFolder } from "../harness/server.ts";

/** A field of that label; those that must be filled have a star behind it. */
function named(label: string): RegExp {
  return new RegExp(`^${label.replace(/[()]/g, ".")}\\*?$`);
}

async function create(admin: AdminPage, fields: Readonly<Record<string, string>>): Promise<void> {
  const { page } = admin;
  for (const [label, value] of Object.entries(fields)) {
    const field = page.getByLabel(named(label)).first();
    const isChoice = (await page.locator("select").and(field).count()) > 0;
    await (isChoice ? field.selectOption(value) : field.fill(value));
  }
  await page.getByRole("button", { name: "Create" }).click();
}

async function removeOpened(admin: AdminPage, name: string): Promise<void> {
  await admin.page.getByRole("button", { name: "Remove" }).click();
  await admin.page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await admin.page.getByRole("row", { name }).waitFor({ state: "detached" });
}

interface Stage {
  readonly admin: AdminPage;
  readonly server: TestServer;
}

async function changeAcceptedDomains(stage: Stage): Promise<void> {
  const { admin, server } = stage;
  const { page } = admin;
  await admin.visit("/mail-flow/accepted-domains");
  await page
    .getByRole("row", { name: /contoso.test.*Authoritative/ })
    .first()
    .waitFor();
  await page.getByRole("button", { name: "New accepted domain" }).click();
  await create(admin, { Name: "branch.test", Type: "InternalRelay" });
  await page.getByRole("heading", { name: "branch.test" }).waitFor();
  await page.getByRole("button", { name: "Make default" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Make default" }).click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
  const [made] = await runCmdlet(server, "Get-AcceptedDomain", { Identity: "branch.test" });
  assert.deepEqual([made?.["DomainType"], made?.["Default"]], ["InternalRelay", true]);
  await admin.check("accepted domains");
  await admin.picture("accepted-domains");
}

async function changeRemoteDomains(stage: Stage): Promise<void> {
  const { admin, server } = stage;
  const { page } = admin;
  await admin.visit("/mail-flow/remote-domains");
  await page.getByText("No remote domain yet").waitFor();
  await admin.check("no remote domains");
  await page.getByRole("button", { name: "New remote domain" }).first().click();
  await page.getByRole("button", { name: "What may go there" }).click();
  await page.getByLabel("Allow automatic forwarding to it").uncheck();
  await create(admin, { Name: "Everybody", "Domain name": "*" });
  await page.getByRole("heading", { name: "Everybody" }).waitFor();
  const [made] = await runCmdlet(server, "Get-RemoteDomain", {});
  assert.equal(made?.["AutoForwardEnabled"], false);
  await admin.check("remote domains");
  await removeOpened(admin, "Everybody");
}

async function changeTlsPolicies(stage: Stage): Promise<void> {
  const { admin, server } = stage;
  const { page } = admin;
  await admin.visit("/mail-flow/tls-policies");
  await page.getByRole("button", { name: "New TLS policy" }).first().click();
  await create(admin, { "Recipients' domain": "fabrikam.test", Mode: "Dane" });
  await page.getByRole("heading", { name: "fabrikam.test" }).waitFor();
  const [made] = await runCmdlet(server, "Get-TlsPolicy", {});
  assert.equal(made?.["Mode"], "Dane");
  await admin.check("TLS policies");
  await removeOpened(admin, "fabrikam.test");
}

async function changeThrottlingPolicies(stage: Stage): Promise<void> {
  const { admin, server } = stage;
  const { page } = admin;
  await admin.visit("/mail-flow/transport-settings");
  await page.getByRole("button", { name: "Throttling policies" }).click();
  await page.getByRole("button", { name: "New throttling policy" }).first().click();
  await page.getByRole("button", { name: "Limits" }).click();
  await create(admin, { Name: "Devices", "Messages per hour": "500" });
  await page.getByRole("heading", { name: "Devices" }).waitFor();
  const [made] = await runCmdlet(server, "Get-ThrottlingPolicy", {});
  assert.equal(textOf(made?.["MessagesPerHour"]), "500");
  await admin.check("throttling policies");
}

async function changeSettings(stage: Stage): Promise<void> {
  const { admin, server } = stage;
  const { page } = admin;
  await admin.visit("/mail-flow/transport-settings");
  await page.getByLabel("Largest message of our users").fill("20MB");
  await page.getByText("1 change").waitFor();
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Nothing has been changed yet.").waitFor();
  const [config] = await runCmdlet(server, "Get-TransportConfig", {});
  assert.equal(config?.["MaxSendSize"], "20MB");
  await admin.check("transport settings");
  await admin.picture("transport-settings");
  await page.getByRole("tab", { name: "Server" }).click();
  await page.getByLabel("How long a message is tried").fill("3.00:00:00");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Nothing has been changed yet.").waitFor();
  const [service] = await runCmdlet(server, "Get-TransportService", {});
  assert.equal(service?.["MessageExpirationTimeout"], "3.00:00:00");
  await admin.check("settings of the server");
}

test("domains, policies and settings are made, changed and removed", async (t) => {
  // What a file declares as the default stays the default.
  const more = { acceptedDomains: [], mailboxes: [] };
  const { server, signIn } = await openAdminCenter(t, { more });
  await runCmdlet(server, "New-AcceptedDomain", { Name: "contoso.test", MakeDefault: true });
  const admin = await signIn();
  const stage: Stage = { admin, server };
  await t.test("accepted domains: one becomes the default", () => changeAcceptedDomains(stage));

  await t.test("remote domains", () => changeRemoteDomains(stage));

  await t.test("TLS policies", () => changeTlsPolicies(stage));

  await t.test("throttling policies, by way of the settings", () =>
    changeThrottlingPolicies(stage),
  );

  await t.test("transport settings: of the organization and of the server", () =>
    changeSettings(stage),
  );
});

test("certificates are made, requested, imported and assigned", async (t) => {
  const { server, signIn } = await openAdminCenter(t);
  const folder = await temporaryFolder(t);
  await runCmdlet(server, "New-ReceiveConnector", {
    Name: "Clients",
    Bindings: [`127.0.0.1:${await freePort()}`],
  });
  const admin = await signIn();
  const { page } = admin;
  await admin.visit("/mail-flow/certificates");
  await page.getByRole("row", { name: /self-signed/ }).waitFor();
  await page.getByRole("button", { name: "New self-signed" }).click();
  await create(admin, { Name: "lab", Names: "mail.contoso.test" });
  await page.getByRole("heading", { name: "lab" }).waitFor();
  await page.getByText("Nobody vouches for it").waitFor();
  await page.getByRole("button", { name: "Assign to connectors" }).click();
  await page.getByRole("dialog").getByLabel("Clients").check();
  await admin.check("assign");
  await page.getByRole("dialog").getByRole("button", { name: "Assign" }).click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
  const [connector] = await runCmdlet(server, "Get-ReceiveConnector", { Identity: "Clients" });
  assert.match(textOf(connector?.["TlsCertificateName"]), /mail\.contoso\.test/);
  await page.getByRole("button", { name: "Close" }).click();

  await page.getByRole("button", { name: "Request a certificate" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel(named("Name")).fill("public");
  await dialog.getByLabel(named("Names")).fill("mail.contoso.test\nsmtp.contoso.test");
  await dialog.getByRole("button", { name: "Make the request" }).click();
  const pem = await dialog.getByLabel("Request (PEM)").inputValue();
  assert.match(pem, /BEGIN CERTIFICATE REQUEST/);
  await admin.check("request");
  await dialog.getByRole("button", { name: "Close" }).click();
  await page.getByRole("row", { name: /public.*Waits for the authority/ }).click();
  await page.getByText("Its key waits here").waitFor();
  await admin.check("pending request");
  await admin.picture("certificates");

  const files = { key: `${folder}/own.key`, certificate: `${folder}/own.crt` };
  const words = [
    "req",
    "-x509",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-days",
    "9",
    "-subj",
    "/CN=own.test",
  ];
  const names = ["-addext", "subjectAltName=DNS:own.test"];
  await run("openssl", [...words, ...names, "-keyout", files.key, "-out", files.certificate]);
  await page.getByRole("button", { name: "Import a certificate" }).click();
  await dialog.getByLabel(named("Name")).fill("own");
  await dialog.getByLabel("Certificate (PFX or PEM)").setInputFiles(files.certificate);
  await dialog.getByRole("button", { name: "Import", exact: true }).click();
  await dialog.getByRole("alert").waitFor();
  await dialog.getByLabel(/^Private key/).setInputFiles(files.key);
  await dialog.getByText(/-KeyFileName own\.key/).waitFor();
  await dialog.getByRole("button", { name: "Import", exact: true }).click();
  await page.getByRole("row", { name: /own\b.*Expires in/ }).waitFor({ state: "attached" });
  await admin.visit("/mail-flow/certificates/automatic");
  await page.getByLabel("Directory url").waitFor();
  await admin.check("automatic certificates");
});

test("a partner connector with enforced TLS is found without the manual and made", async (t) => {
  const { server, signIn, smtpPort } = await openAdminCenter(t);
  const admin = await signIn();
  const { page } = admin;
  await admin.visit("/");
  await page.keyboard.press("Control+k");
  await page.getByRole("dialog").getByRole("combobox").fill("partner enforced tls");
  await page
    .getByRole("option", { name: /New partner connector/ })
    .first()
    .click();
  await page.getByLabel("The partner's domains").fill("fabrikam.test");
  await page.getByText("To hosts that the partner has named").click();
  await page.getByLabel(named("Hosts")).fill("[127.0.0.1]");
  await page.getByLabel("Port").fill(String(await freePort()));
  assert.equal(await page.getByRole("button", { name: "Create" }).isDisabled(), true);
  await page.getByLabel("Name in the certificate").fill("mx.fabrikam.test");
  await page.getByLabel(/Mail from the partner must be encrypted/).check();
  await page.getByLabel("The partner's addresses").fill("127.0.0.9");
  await admin.check("partner");
  await admin.picture("partner");
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByText("The partner connector is in force").waitFor();
  const [made] = await runCmdlet(server, "Get-SendConnector", {});
  assert.deepEqual(
    ["Name", "AddressSpaces", "SmartHosts", "RequireTLS", "TlsAuthLevel", "TlsDomain"].map(
      (name) => made?.[name],
    ),
    [
      "Partner fabrikam.test",
      ["SMTP:fabrikam.test;1"],
      ["[127.0.0.1]"],
      true,
      "DomainValidation",
      "mx.fabrikam.test",
    ],
  );
  const [back] = await runCmdlet(server, "Get-ReceiveConnector", {
    Identity: "From Partner fabrikam.test",
  });
  assert.deepEqual(
    [back?.["RequireTLS"], back?.["Bindings"], back?.["RemoteIPRanges"]],
    [true, [`127.0.0.1:${smtpPort}`], ["127.0.0.9"]],
  );
  await page.getByRole("button", { name: "Run the test" }).click();
  await page.getByText(/1 failed|[2-9] failed/).waitFor();
  await admin.check("partner tried");
  await page.getByRole("button", { name: "Open the connector" }).click();
  await page.getByText("Enforced: a valid certificate of mx.fabrikam.test").waitFor();
  await admin.check("send connector");
  await admin.picture("send-connector");
  await page.getByRole("button", { name: "Edit" }).click();
  await page.getByRole("button", { name: "TLS: encryption and certificates" }).click();
  await page.getByLabel("Enforce TLS: nothing is delivered without encryption").waitFor();
  await admin.picture("send-connector-edit");
});

test("the pages fit a telephone, and roles see what they may", async (t) => {
  const { signIn } = await openAdminCenter(t);
  const admin = await signIn({ width: 320, height: 740 });
  for (const path of [
    "send-connectors?mode=new",
    "send-connectors/new-partner",
    "accepted-domains?open=contoso.test",
    "certificates",
    "devices",
    "devices/new",
    "troubleshooter",
    "transport-settings",
  ]) {
    await admin.visit(`/mail-flow/${path}`);
    assert.equal(await admin.overflows(), false, path);
    await admin.check(path);
    await admin.picture(`phone-${path.replace(/\W/g, "-")}`);
  }
  const reader = await signIn({
    name: "reader",
    roleGroups: ["View-Only Organization Management"],
  });
  await reader.visit("/mail-flow/send-connectors");
  await reader.page.getByText("No send connector yet").waitFor();
  assert.equal(await reader.page.getByRole("button", { name: /New/ }).count(), 0);
  await reader.visit("/mail-flow/transport-settings");
  await reader.page.getByText("Max send size").waitFor();
  assert.equal(await reader.page.getByRole("button", { name: "Save" }).count(), 0);
});
