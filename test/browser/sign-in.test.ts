import assert from "node:assert/strict";
import { copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { TOTP } from "otpauth";
import decodeQR from "qr/decode.js";
import { type AdminPage, openAdminCenter, openBrowser, openPage } from "../harness/admin-center.ts";
import { runCmdlet } from "../harness/cmdlets.ts";
import { contoso } from "../harness/contoso.ts";
import { eventually } from "../harness/eventually.ts";
import { freePort } from "../harness/free-port.ts";
import { startOpenIdIssuer } from "../harness/open-id-issuer.ts";
import { openHttps } from "../harness/rest-client.ts";
import { prepareServer, startServer, type TestServer } from "../harness/server.ts";

const PASSWORD = "correct horse battery";

/** A server without administrators, and a window at the address that a passkey can be tied to. */
async function startNew(t: TestContext) {
  const adminPort = await freePort();
  const configuration = contoso({ smtpPort: await freePort(), adminPort });
  const server = await startServer(t, { configuration });
  const link = await eventually(
    { what: "the link" },
    () => /^https:\/\/localhost:\d+\/admin(\/setup#\S+)$/m.exec(server.output)?.[1],
  );
  const browser = await openBrowser(t);
  const origin = `https://localhost:${adminPort}`;
  return { server, link, window: () => openPage(t, { browser, origin }) };
}

async function signIn(
  admin: AdminPage,
  values: { readonly password?: string; readonly code?: string },
) {
  const { page } = admin;
  await page.getByRole("textbox", { name: "Name" }).fill("alice");
  await page.locator("input[type=password]").fill(values.password ?? PASSWORD);
  await page.getByRole("textbox", { name: "Code" }).fill(values.code ?? "");
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

/** What a camera reads in a picture of which each dark module is a square of the path. */
function readQrCode(markup: string): string {
  const dark = [...markup.matchAll(/M(\d+) (\d+)h1v1h-1z/g)].map(([, x, y]) => [x, y].map(Number));
  const scale = 4;
  const size = scale * (Math.max(...dark.flat()) + 5);
  const data = new Uint8Array(size * size * 4).fill(255);
  for (const [x = 0, y = 0] of dark) {
    for (let row = y * scale; row < (y + 1) * scale; row += 1) {
      data.fill(0, (row * size + x * scale) * 4, (row * size + (x + 1) * scale) * 4);
    }
  }
  return decodeQR({ width: size, height: size, data });
}

function isIn({ page }: AdminPage) {
  return page.getByRole("button", { name: "Signed in as alice" }).waitFor();
}

async function signOut({ page }: AdminPage) {
  await page.getByRole("button", { name: /^Signed in as/ }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "Sign in", exact: true }).waitFor();
}

test("the first administrator is made, and signs in by password and by passkey", async (t) => {
  const { link, window } = await startNew(t);
  const admin = await window();
  const { page } = admin;
  await admin.visit("/sign-in");
  await page.getByText(/There is no administrator yet/).waitFor();
  await admin.visit("/setup");
  await page.getByText(/needs the link that the server has printed/).waitFor();
  await admin.check("set-up without a link");
  await page.goto("about:blank");
  await admin.visit(link);
  await page.getByRole("textbox", { name: "Name" }).fill("alice");
  await page.getByLabel(/^Password(?! again)/).fill("short");
  await page.getByText("It has fewer than 12 characters.").waitFor();
  await admin.check("set-up");
  assert.doesNotMatch(page.url(), /#/, "the token does not stay in the address");
  await page.getByLabel(/^Password(?! again)/).fill(PASSWORD);
  await page.getByLabel("Password again").fill(PASSWORD);
  await page.getByRole("button", { name: "Make the administrator" }).click();
  await isIn(admin);
  const { context } = admin;
  const devices = await context.newCDPSession(page);
  await devices.send("WebAuthn.enable");
  await devices.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  await admin.visit("/account");
  await page.getByRole("button", { name: "Add a passkey" }).click();
  await page.getByRole("textbox", { name: "Name of the device" }).fill("Key ring");
  await page.getByLabel("Your password now").fill(PASSWORD);
  await admin.check("dialog of a passkey");
  await page.getByRole("button", { name: "Next" }).click();
  await page.getByText(/^Added .*, used never$/).waitFor();
  await page.getByRole("button", { name: "Rename Key ring" }).click();
  await page.getByRole("textbox", { name: "Name of the device" }).fill("Old key");
  await page.getByRole("dialog").getByRole("button", { name: "Rename" }).click();
  await page.getByRole("button", { name: "Remove Old key" }).waitFor();
  await signOut(admin);
  await admin.check("sign-in");
  await page.getByRole("button", { name: "Sign in with a passkey" }).click();
  await isIn(admin);
  await admin.visit("/account");
  await page.getByText(/^passkey, from 127\.0\.0\.1/).waitFor();
  await admin.check("account");
  await page.getByRole("button", { name: "Remove Old key" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await page.getByRole("button", { name: "Remove Old key" }).waitFor({ state: "detached" });
  await signOut(admin);
  await page.getByRole("button", { name: "Sign in with a passkey" }).click();
  await page.getByText(/this passkey is not known here/).waitFor();
});

test("an authenticator is set up; a recovery code stands in for it", async (t) => {
  const { server, window } = await startNew(t);
  const alice = { Name: "alice", Password: PASSWORD, RoleGroups: ["Help Desk"] };
  await runCmdlet(server, "New-Administrator", alice);
  const admin = await window();
  const { page } = admin;
  await admin.visit("/account");
  await signIn(admin, { password: "wrong" });
  await page.getByText(/name, password or code is wrong/).waitFor();
  await signIn(admin, {});
  await page.getByRole("heading", { name: "My account" }).waitFor();
  await page.getByRole("button", { name: "Set up" }).click();
  await page.getByLabel("Your password now").fill("wrong");
  await page.getByRole("button", { name: "Next" }).click();
  await page.getByText("the password is wrong").waitFor();
  await page.getByLabel("Your password now").fill(PASSWORD);
  await page.getByRole("button", { name: "Next" }).click();
  const picture = page.getByRole("img", { name: "QR code of the secret" });
  await picture.waitFor();
  const uri = readQrCode(await picture.innerHTML());
  await admin.check("the secret");
  const told = await page.getByText(/^Or type the secret into it: [A-Z2-7]{32}$/).textContent();
  const secret = /[A-Z2-7]{32}/.exec(told ?? "")?.[0] ?? assert.fail();
  assert.equal(new URL(uri).searchParams.get("secret"), secret);
  await page.getByLabel("Code that it shows").fill(new TOTP({ secret }).generate());
  await page.getByRole("button", { name: "Confirm" }).click();
  await page.getByRole("button", { name: "I have kept them" }).waitFor();
  const codes = await page.getByRole("alertdialog").getByRole("listitem").allTextContents();
  assert.equal(codes.length, 10);
  await admin.check("recovery codes");
  await page.getByRole("button", { name: "I have kept them" }).click();
  await page.getByText(/there are 10 recovery codes left/).waitFor();
  // What the page of sign-in asks for comes after the session's end.
  const ended = page.waitForResponse("**/api/v1/logout");
  await page.route("**/api/v1/sign-in", (route) => ended.then(() => route.continue()), {
    times: 1,
  });
  await signOut(admin);
  await signIn(admin, { code: codes[3] ?? "" });
  await isIn(admin);
  await admin.visit("/account");
  await page.getByText(/there are 9 recovery codes left/).waitFor();
  await page.getByRole("button", { name: "Remove the authenticator" }).click();
  await page.getByLabel("Your password now").fill(PASSWORD);
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await page.getByRole("button", { name: "Set up" }).waitFor();
});

test("a password is changed, and sessions elsewhere are ended", async (t) => {
  const { signIn: open } = await openAdminCenter(t);
  const [admin, elsewhere] = [await open({ name: "alice" }), await open({ name: "alice" })];
  const { page } = admin;
  await admin.visit("/account");
  await page.getByText(/tied to the name in the address/).waitFor();
  await page.getByRole("button", { name: /^End the session in Chrome/ }).click();
  await page.getByRole("button", { name: /^End the session/ }).waitFor({ state: "detached" });
  await elsewhere.visit("/account");
  await elsewhere.page.getByRole("heading", { name: "Sign in", exact: true }).waitFor();
  await signIn(elsewhere, {});
  await isIn(elsewhere);
  await page.getByRole("button", { name: "Change password" }).click();
  await page.getByLabel("Your password now").fill(PASSWORD);
  await page.getByLabel(/^New password(?! again)/).fill("another long sentence");
  await page.getByLabel("New password again").fill("another long sentenc");
  await page.getByText("It is not the same.").waitFor();
  await page.getByLabel("New password again").fill("another long sentence");
  await page.getByRole("button", { name: "Change", exact: true }).click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await elsewhere.visit("/account");
  await elsewhere.page.getByRole("heading", { name: "Sign in", exact: true }).waitFor();
  await page.getByRole("button", { name: "Change password" }).click();
  await page.getByLabel("Your password now").fill(PASSWORD);
  await page.getByLabel(/^New password(?! again)/).fill("yet another sentence");
  await page.getByLabel("New password again").fill("yet another sentence");
  await page.getByRole("button", { name: "Change", exact: true }).click();
  await page.getByText("the password is wrong").waitFor();
});

/** A session ends over a form that is half filled in. */
async function signsInBeside(admin: AdminPage, server: TestServer): Promise<void> {
  const { page } = admin;
  await admin.visit("/mail-flow/accepted-domains?mode=new");
  const name = page.getByRole("textbox", { name: "Name", exact: true });
  await name.fill("typed.test");
  for (const { Identity } of await runCmdlet(server, "Get-AdministratorSession")) {
    await runCmdlet(server, "Remove-AdministratorSession", { Identity });
  }
  await page.getByRole("button", { name: "Create" }).click();
  const again = page.getByRole("alertdialog", { name: "Your session has ended" });
  await again.getByText(/opens a window of its own/).waitFor();
  await admin.check("session ended, with an organization");
  await admin.picture("session-ended-organization");
  const [beside] = await Promise.all([
    admin.context.waitForEvent("page"),
    again.getByRole("link", { name: "Sign in with Contoso" }).click(),
  ]);
  await beside.getByRole("button", { name: "Signed in as carol" }).waitFor();
  await again.waitFor({ state: "detached" });
  assert.equal(await name.inputValue(), "typed.test");
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByRole("heading", { name: "typed.test" }).waitFor();
  await beside.close();
}

test("administrators come by way of their organization, and in no other way", async (t) => {
  const issuer = await startOpenIdIssuer(t);
  const adminPort = await freePort();
  const oidc = {
    name: "Contoso",
    issuer: issuer.fake.issuer,
    clientId: issuer.fake.clientId,
    clientSecret: issuer.fake.clientSecret,
    roleGroups: ["Mail Admins=Organization Management"],
  };
  const configuration = (only: boolean) => {
    const whole = contoso({ smtpPort, adminPort });
    const admin = { listen: `127.0.0.1:${adminPort}`, oidc: { ...oidc, only } };
    return { ...whole, server: { ...Object(whole["server"]), admin } };
  };
  const smtpPort = await freePort();
  const server = await prepareServer(t, { configuration: configuration(false) });
  const authorities = join(server.dataFolder, "certificates", "authorities");
  await mkdir(authorities, { recursive: true });
  await copyFile(issuer.certificatePath, join(authorities, "login.pem"));
  await server.start();
  const browser = await openBrowser(t);
  const admin = await openPage(t, { browser, origin: `https://localhost:${adminPort}` });
  const { page } = admin;
  await admin.visit("/account?from=link");
  await page.getByRole("textbox", { name: "Name" }).waitFor();
  await admin.check("sign-in with an organization");
  issuer.wish = { claims: { groups: ["Cooks"] } };
  await page.getByRole("link", { name: "Sign in with Contoso" }).click();
  await page.getByText(/None of your groups may administer this server/).waitFor();
  issuer.wish = {};
  await admin.visit("/account?from=link");
  await page.getByRole("link", { name: "Sign in with Contoso" }).click();
  await page.getByText(/looks after your password, second factor and passkeys/).waitFor();
  assert.match(page.url(), /\/admin\/account\?from=link$/);
  await admin.check("account of an organization");
  const [cookie] = (await admin.context.cookies()).filter(
    ({ name }) => name === "__Host-postrider",
  );
  assert.equal(cookie?.sameSite, "Strict");
  const [session] = await runCmdlet(server, "Get-AdministratorSession");
  assert.deepEqual(
    [session?.["Administrator"], session?.["SignInWay"]],
    ["carol", "OpenIDConnect"],
  );
  await server.configure(configuration(true));
  server.signal("SIGHUP");
  await signOut(admin);
  await eventually({ what: "no field for a name" }, async () => {
    await admin.visit("/sign-in");
    return (await page.getByRole("textbox", { name: "Name" }).count()) === 0;
  });
  await page.getByRole("link", { name: "Sign in with Contoso" }).click();
  await page.getByRole("button", { name: "Signed in as carol" }).waitFor();
  await signsInBeside(admin, server);
  const https = await openHttps(server, { port: adminPort, name: "mail.contoso.test" });
  const body = { name: "alice", password: PASSWORD };
  assert.equal((await https("POST /api/v1/login", { body })).status, 403);
});

test("signing in and the account fit a telephone", async (t) => {
  const { signIn: open } = await openAdminCenter(t);
  const admin = await open({ name: "alice", width: 320, height: 740, colorScheme: "dark" });
  await admin.visit("/account");
  await admin.page.getByRole("heading", { name: "Sessions" }).waitFor();
  assert.equal(await admin.overflows(), false);
  await admin.check("account");
  await admin.picture("account-telephone");
  await signOut(admin);
  assert.equal(await admin.overflows(), false);
  await admin.check("sign-in");
});
