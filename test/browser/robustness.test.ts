import assert from "node:assert/strict";
import { test } from "node:test";
import { type AdminCenter, type AdminPage, openAdminCenter } from "../harness/admin-center.ts";
import { attempt } from "../harness/attempt.ts";
import { runCmdlet } from "../harness/cmdlets.ts";
import { freePort } from "../harness/free-port.ts";

const PASSWORD = "correct horse battery";
const RUN = "**/api/v1/run";

/** Half of a form that makes a receive connector. */
async function beginConnector({ visit, page }: Pick<AdminPage, "visit" | "page">, name: string) {
  await visit("/mail-flow/receive-connectors?mode=new&search=Front");
  await page.getByRole("button", { name: /Something else/ }).click();
  await page.getByRole("textbox", { name: "Name", exact: true }).fill(name);
  const port = await freePort();
  await page.getByLabel("Addresses and ports to listen on").fill(`127.0.0.1:${port}`);
  await page.getByLabel("Clients that it serves").fill("10.0.0.0/8");
}

async function signInAgain({ page }: AdminPage) {
  const dialog = page.getByRole("alertdialog", { name: "Your session has ended" });
  await dialog.locator("input[type=password]").fill(PASSWORD);
  await dialog.getByRole("button", { name: "Sign in", exact: true }).click();
  await dialog.waitFor({ state: "detached" });
}

/** Ends every session, as another administrator would. */
async function revokeSessions({ server }: AdminCenter) {
  const sessions = await runCmdlet(server, "Get-AdministratorSession");
  for (const { Identity } of sessions) {
    await runCmdlet(server, "Remove-AdministratorSession", { Identity });
  }
}

async function sessionsEnd(center: AdminCenter, admin: AdminPage) {
  const { page } = admin;
  await beginConnector({ page, visit: (path) => admin.visit(path) }, "Scanners");
  await revokeSessions(center);
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByText(/the page stays as it is, with what you have typed/).waitFor();
  await admin.check("session ended");
  await admin.picture("session-ended");
  await signInAgain(admin);
  assert.match(page.url(), /receive-connectors\?mode=new&search=Front$/);
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByRole("heading", { name: "Scanners" }).waitFor();

  await page.getByRole("button", { name: "Remove" }).click();
  await page.getByRole("dialog").getByText("This touches 1 object:").waitFor();
  await revokeSessions(center);
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await signInAgain(admin);
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await page.getByRole("row", { name: /Scanners/ }).waitFor({ state: "detached" });
}

/** Answers in place of the server until the function that it returns is called. */
async function standBetween({ page }: AdminPage, answer: Parameters<typeof page.route>[1]) {
  await page.route(RUN, answer);
  return () => page.unroute(RUN);
}

const NO_CONNECTION = "No connection to the server";

async function connectionsBreak(center: AdminCenter, admin: AdminPage) {
  const { page } = admin;
  const alert = page.getByRole("alert");
  await beginConnector({ page, visit: (path) => admin.visit(path) }, "Copiers");
  const create = page.getByRole("button", { name: "Create" });
  for (const [answer, words] of [
    [{ status: 502, contentType: "text/html", body: "<h1>Bad gateway</h1>" }, /status 502/],
    [{ status: 200, contentType: "text/html", body: "<h1>Log on here</h1>" }, /in its place/],
    [
      { contentType: "application/x-ndjson", body: '{"kind":"object","value":{}}\n{"kind":"do' },
      /server does not answer.*Whether it was done is not known/,
    ],
  ] as const) {
    const end = await standBetween(admin, (route) => route.fulfill(answer));
    await create.click();
    await alert.getByText(words).last().waitFor();
    await page.getByRole("status").getByText(NO_CONNECTION).waitFor();
    await end();
    await page.getByRole("status").getByText(NO_CONNECTION).waitFor({ state: "detached" });
  }
  // Pressed twice while the answer takes its time, it is sent once.
  const sent: string[] = [];
  const end = await standBetween(admin, async (route) => {
    const { cmdlet } = route.request().postDataJSON();
    if (cmdlet.startsWith("New-")) sent.push(cmdlet);
    await new Promise((resolve) => setTimeout(resolve, 300));
    await route.fallback();
  });
  await create.dblclick();
  await page.getByRole("textbox", { name: "Name", exact: true }).press("Enter");
  await page.getByRole("heading", { name: "Copiers" }).waitFor();
  assert.deepEqual(sent, ["New-ReceiveConnector"]);
  await end();

  await page.getByRole("button", { name: "Edit" }).click();
  await page.getByLabel("Comment").fill("ground floor");
  await center.server.kill9();
  await page.getByRole("button", { name: "Save" }).click();
  await alert.getByText(/Whether it was done is not known/).waitFor();
  await page.getByRole("status").getByText(NO_CONNECTION).waitFor();
  await admin.picture("no-connection");
  admin.complaints.length = 0;
  await center.server.start();
  // Sessions are in memory only.
  await signInAgain(admin);
  await page.getByRole("status").getByText(NO_CONNECTION).waitFor({ state: "detached" });
  assert.equal(await page.getByLabel("Comment").inputValue(), "ground floor");
  admin.complaints.length = 0;
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("ground floor").waitFor();
  await admin.check("after all that");
}

/** Another window of the same browser. */
async function openOther(admin: AdminPage, center: AdminCenter, path: string) {
  const page = await admin.context.newPage();
  await page.goto(`${center.origin}/admin${path}`);
  await page.locator("h1").first().waitFor();
  return page;
}

async function peopleMeet(center: AdminCenter, admin: AdminPage) {
  const { page } = admin;
  const { server } = center;
  // One edits what another removes.
  const port = await freePort();
  const made = { Name: "Cellar", Bindings: [`127.0.0.1:${port}`], RemoteIPRanges: ["10.9.0.0/16"] };
  await runCmdlet(server, "New-ReceiveConnector", { ...made, Usage: "Custom" });
  await admin.visit("/mail-flow/receive-connectors?open=Cellar");
  const dialog = page.getByRole("dialog");
  await runCmdlet(server, "Set-ReceiveConnector", { Identity: "Cellar", Comment: "mine" });
  await page.getByRole("button", { name: "Remove" }).click();
  await dialog.getByText("It was read again: look whether you still mean it.").waitFor();
  await dialog.getByText("This touches 1 object:").waitFor();
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("button", { name: "Edit" }).click();
  await page.getByLabel("Comment").fill("kept");
  await runCmdlet(server, "Remove-ReceiveConnector", { Identity: "Cellar" });
  await page.getByRole("button", { name: "Refresh" }).click();
  await page.getByRole("row", { name: /Cellar/ }).waitFor({ state: "detached" });
  assert.equal(await page.getByLabel("Comment").inputValue(), "kept");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("alert").getByText("It is not there").waitFor();
  // The list beside the form is searched: nothing is asked. A link asks, and so does signing out.
  await page.getByRole("searchbox", { name: "Search" }).fill("Front");
  await page.waitForURL(/search=Front/);
  await page.getByRole("link", { name: "Queues" }).click();
  const question = page.getByRole("alertdialog", { name: "Leave without saving?" });
  await question.getByRole("button", { name: "Stay" }).click();
  await page.goBack();
  await question.getByRole("button", { name: "Stay" }).click();
  await page.getByRole("button", { name: /^Signed in as/ }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await question.getByRole("button", { name: "Stay" }).click();
  assert.equal(await page.getByLabel("Comment").inputValue(), "kept");
  await page.getByRole("button", { name: "Close" }).click();
  await question.getByRole("button", { name: "Leave" }).click();
  await question.waitFor({ state: "detached" });

  // Signed out in one window is signed out in all; somebody else in one is somebody else in all.
  const other = await openOther(admin, center, "/queues");
  await page.getByRole("button", { name: /^Signed in as/ }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await other.getByRole("heading", { name: "Sign in", exact: true }).waitFor();
  const reader = { Name: "reader", Password: PASSWORD, RoleGroups: ["Recipient Management"] };
  await runCmdlet(server, "New-Administrator", reader);
  const third = await openOther(admin, center, "/sign-in?to=/mail-flow/rules");
  for (const [window, name] of [
    [other, "admin"],
    [third, "reader"],
  ] as const) {
    await window.getByRole("textbox", { name: "Name" }).fill(name);
    await window.locator("input[type=password]").fill(PASSWORD);
    await window.getByRole("button", { name: "Sign in", exact: true }).click();
    await window.getByRole("button", { name: `Signed in as ${name}` }).waitFor();
  }
  await third.getByText("Your role groups do not allow this page").waitFor();
  await other.getByRole("button", { name: "Signed in as reader" }).waitFor();
  await other.getByText("Your role groups do not allow this page").waitFor();
  await third.close();
  await other.close();
}

/** Browsers whose clocks are hours off, in other zones and languages. */
async function clocksDiffer(center: AdminCenter, browser: AdminPage) {
  const { server, origin } = center;
  const [queue] = await runCmdlet(server, "Get-Queue");
  assert.ok(queue, "there is a queue");
  for (const [locale, timezoneId, aheadHours, hours] of [
    ["de-DE", "Europe/Berlin", 5, /Stunde|Tag|morgen|gestern/],
    ["ja-JP", "Asia/Tokyo", -7, /時間|日/],
    ["ar-EG", "Africa/Cairo", 30, /ساع|يوم|أيام|غد|أمس/],
  ] as const) {
    const context = await browser.page
      .context()
      .browser()
      ?.newContext({
        ...{ ignoreHTTPSErrors: true, locale, timezoneId, viewport: { width: 1600, height: 800 } },
      });
    assert.ok(context);
    const page = await context.newPage();
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(String(error)));
    await page.clock.install({ time: Date.now() + aheadHours * 3_600_000 });
    await page.goto(`${origin}/admin/queues`);
    await page.getByRole("textbox", { name: "Name" }).fill("admin");
    await page.locator("input[type=password]").fill(PASSWORD);
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    const cell = page.getByRole("row", { name: /127\.0\.0\.1/ }).getByRole("gridcell");
    await cell.first().waitFor();
    const told = await cell.allInnerTexts();
    // It is tried again within minutes: the browser's clock alone is hours off.
    assert.doesNotMatch(told.join(" | "), hours, locale);
    assert.deepEqual(errors, []);
    await context.close();
  }
}

async function addressesLie(center: AdminCenter, admin: AdminPage) {
  const { page } = admin;
  const hostile = "sort=constructor&search=%5B%5D&filter=%7B%7D&range=own&from=x&to=y&size=many";
  const missing = page.getByRole("heading", { name: "__proto__" });
  for (const path of ["mail-flow/rules", "mail-flow/send-connectors", "servers/tokens"]) {
    await admin.visit(`/${path}?open=__proto__&mode=edit&${hostile}`);
    await missing.waitFor();
    await page.getByText("It has been removed or renamed, or the link is wrong.").waitFor();
  }
  for (const path of ["", "queues", "message-trace", "servers/audit-log", "servers/logs"]) {
    await admin.visit(`/${path}?open=%7B%22a%22:1%7D&group=valueOf&tab=toString&${hostile}`);
    await admin.settle();
    assert.equal(await page.getByText("This page could not be shown").count(), 0, path);
  }
  await page.goto(`${center.origin}/admin/sign-in?failed=constructor&to=5`);
  await page.getByText("Your organization's sign-in did not work. Try again.").waitFor();
  assert.deepEqual(admin.complaints, []);
}

test("sessions, connections and other people come and go; what was typed stays", async (t) => {
  const relayPort = await freePort();
  const center = await openAdminCenter(t, { relayPort, smartHostPort: await freePort() });
  // Waits for a host that does not answer.
  const message = {
    from: "a@contoso.test",
    to: ["b@fabrikam.test"],
    content: "Subject: 1\r\n\r\n",
  };
  assert.match(await attempt(relayPort, message), /^250/);
  const admin = await center.signIn();
  const step = (name: string, act: () => Promise<void>) =>
    t.test(name, () =>
      act().catch(async (error: unknown) => {
        await admin.picture(`failed: ${name}`);
        throw error;
      }),
    );
  await step("a session ends in the middle of a form and of a dialog", () =>
    sessionsEnd(center, admin),
  );
  await step("connections break, the server ends and comes back", () =>
    connectionsBreak(center, admin),
  );
  await step("two windows, two administrators", () => peopleMeet(center, admin));
  await step("clocks, zones and languages differ", () => clocksDiffer(center, admin));
  await step("addresses that nobody has made", async () => {
    const visitor = await center.signIn({ name: "visitor" });
    await addressesLie(center, visitor);
    await visitor.context.close();
  });
});
