import assert from "node:assert/strict";
import { test } from "node:test";
import { textOf } from "../../src/base/text-of.fake.ts";
import { type AdminCenter, type AdminPage, openAdminCenter } from "../harness/admin-center.ts";
import { attempt } from "../harness/attempt.ts";
import { runCmdlet, tryCmdlet } from "../harness/cmdlets.ts";
import { eventually } from "../harness/eventually.ts";
import { freePort } from "../harness/free-port.ts";

const PASSWORD = "correct horse battery";

interface Stage {
  readonly center: AdminCenter;
  readonly admin: AdminPage;
  /** So many more messages that wait. */
  readonly send: (count: number) => Promise<void>;
}

/** Both change the settings that there are one of. */
async function settingsMeet({ center: { server }, admin }: Stage): Promise<void> {
  const { page } = admin;
  const own = page.getByLabel("Largest message of our users");
  const read = async () => {
    const [config] = await runCmdlet(server, "Get-TransportConfig");
    return `${textOf(config?.["MaxSendSize"])},${textOf(config?.["MaxReceiveSize"])}`;
  };
  const notice = page.getByRole("alert").filter({ hasText: "Somebody else has changed it" });
  await admin.visit("/mail-flow/transport-settings");
  await own.fill("11MB");
  await runCmdlet(server, "Set-TransportConfig", { MaxReceiveSize: "12MB" });
  await page.getByRole("button", { name: "Save" }).click();
  await notice.getByText(/The two don't touch each other/).waitFor();
  await admin.check("settings that somebody else has changed");
  await notice.getByRole("button", { name: "Keep both" }).click();
  await page.getByRole("button", { name: "Save" }).click();
  await eventually({ what: "both changes" }, async () =>
    /^11 ?MB.*12 ?MB/.test(await read()) ? true : undefined,
  );
  await page.getByText("Nothing has been changed yet.").waitFor();
  await own.fill("13MB");
  await runCmdlet(server, "Set-TransportConfig", { MaxSendSize: "14MB" });
  await page.getByRole("button", { name: "Save" }).click();
  await notice.getByText("You and somebody else have changed the same:").waitFor();
  await admin.picture("settings-conflict");
  await notice.getByRole("button", { name: "Keep mine" }).click();
  await page.getByRole("button", { name: "Save" }).click();
  await eventually({ what: "mine" }, async () => (/^13 ?MB/.test(await read()) ? true : undefined));
}

/** A list that is changed in place, while somebody else changes it. */
async function listsMeet({ center: { server }, admin }: Stage): Promise<void> {
  const { page } = admin;
  const addresses = async () => {
    const [mailbox] = await runCmdlet(server, "Get-Mailbox", { Identity: "dora" });
    return [mailbox?.["PrimarySmtpAddress"], mailbox?.["EmailAddresses"]].flat().map(textOf).join();
  };
  await runCmdlet(server, "New-Mailbox", {
    ...{ Name: "dora", PrimarySmtpAddress: "dora@contoso.test", Password: PASSWORD },
    EmailAddresses: ["d@contoso.test", "old@contoso.test"],
  });
  await admin.visit("/recipients/mailboxes?open=dora%40contoso.test&tab=addresses");
  const promote = page.getByRole("button", { name: "Make primary: d@contoso.test" });
  await promote.waitFor();
  const EmailAddresses = { Add: ["new@contoso.test"], Remove: ["old@contoso.test"] };
  await runCmdlet(server, "Set-Mailbox", { Identity: "dora", EmailAddresses });
  await promote.click();
  await page.getByRole("button", { name: "Make primary: new@contoso.test" }).waitFor();
  assert.equal(await addresses(), "d@contoso.test,new@contoso.test,dora@contoso.test");
  await page.getByRole("button", { name: "Undo" }).first().click();
  await eventually({ what: "as before" }, async () =>
    (await addresses()) === "dora@contoso.test,new@contoso.test,d@contoso.test" ? true : undefined,
  );
}

/** Chooses all three messages, and asks to remove all that match. */
async function askToRemove({ page }: AdminPage) {
  await page.getByRole("button", { name: /^Select all \d+ that match/ }).click();
  const acts = page.getByRole("toolbar", { name: "Acts" });
  await acts.getByRole("button", { name: "Remove" }).click();
  return page.getByRole("dialog");
}

/** What the preview of an act has said is by then something else. */
async function previewsAge({ center: { server }, admin, send }: Stage): Promise<void> {
  const { page } = admin;
  await page.clock.install();
  await send(3);
  await admin.visit("/queues/messages");
  await page.getByText("3 results").waitFor();
  const dialog = await askToRemove(admin);
  await dialog.getByText("This touches 3 objects:").waitFor();
  await send(2);
  await page.clock.fastForward(6_000);
  const remove = dialog.getByRole("button", { name: "Remove" });
  await remove.click();
  await dialog.getByText(/When you looked, it would have touched 3 objects/).waitFor();
  await dialog.getByText("This touches 5 objects:").waitFor();
  await admin.check("a preview that has changed");
  await admin.picture("preview-changed");
  assert.equal((await runCmdlet(server, "Get-Message")).length, 5, "nothing was removed");
  await remove.click();
  await dialog.waitFor({ state: "detached" });
  await eventually({ what: "all gone" }, async () =>
    (await runCmdlet(server, "Get-Message")).length === 0 ? true : undefined,
  );
}

/** The server ends in the middle of an act on many. */
async function actsBreak({ center: { server }, admin, send }: Stage): Promise<void> {
  const { page } = admin;
  await send(4);
  await admin.visit("/queues/messages");
  await page.getByText("4 results").waitFor();
  const dialog = await askToRemove(admin);
  await dialog.getByText("This touches 4 objects:").waitFor();
  await page.route("**/api/v1/run", async (route) => {
    const { cmdlet, whatIf } = route.request().postDataJSON();
    if (cmdlet !== "Remove-Message" || whatIf) return route.fallback();
    // What was begun has no end that anybody hears of.
    route.fetch().catch(() => undefined);
    await eventually({ what: "the job" }, async () => {
      const { objects } = await tryCmdlet(server, "Get-QueueJob");
      return objects.length > 1 || undefined;
    });
    await server.kill9();
    return route.abort();
  });
  await dialog.getByRole("button", { name: "Remove" }).click();
  await dialog.getByText(/Whether it was done is not known: look before/).waitFor();
  await page.getByText("No connection to the server").waitFor();
  await admin.picture("act-broken");
  await server.start();
  const again = page.getByRole("alertdialog", { name: "Your session has ended" });
  await again.locator("input[type=password]").fill(PASSWORD);
  await again.getByRole("button", { name: "Sign in", exact: true }).click();
  await admin.picture("act-broken-back");
  await dialog.getByText(/nothing that this would touch|touches 0/).waitFor();
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("link", { name: "Queue jobs" }).click();
  await page.getByText("4 of 4").waitFor();
}

test("what others do, and what happens, between a look and an act", async (t) => {
  const relayPort = await freePort();
  const center = await openAdminCenter(t, { relayPort, smartHostPort: await freePort() });
  const send = async (count: number) => {
    for (let sent = 0; sent < count; sent += 1) {
      const content = "Subject: 1\r\n\r\n";
      const message = { from: "a@contoso.test", to: ["b@fabrikam.test"], content };
      assert.match(await attempt(relayPort, message), /^250/);
    }
  };
  const admin = await center.signIn();
  const stage = { center, admin, send };
  await t.test("settings of which there is one", () => settingsMeet(stage));
  await t.test("lists that are changed in place", () => listsMeet(stage));
  await t.test("a preview that is old", () => previewsAge(stage));
  await t.test("an act on many when the server ends", () => actsBreak(stage));
});
