import assert from "node:assert/strict";
import { test } from "node:test";
import { type AdminCenter, type AdminPage, openAdminCenter } from "../harness/admin-center.ts";
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

test("sessions, connections and other people come and go; what was typed stays", async (t) => {
  const center = await openAdminCenter(t, { smartHostPort: await freePort() });
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
});
