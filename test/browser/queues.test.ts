import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { type TestContext, test } from "node:test";
import { textOf } from "../../src/base/text-of.fake.ts";
import { type AdminPage, openAdminCenter } from "../harness/admin-center.ts";
import { runCmdlet } from "../harness/cmdlets.ts";
import { eventually } from "../harness/eventually.ts";
import { freePort } from "../harness/free-port.ts";
import { SmtpClient } from "../harness/smtp-client.ts";
import { transact } from "../harness/transaction.ts";

const HOSTILE = "<img src=x onerror=alert(1)> \u202Etxt.exe";

/** A server whose one smart host does not answer, with mail for it. */
async function openStuck(t: TestContext, count: number) {
  const relayPort = await freePort();
  const center = await openAdminCenter(t, { relayPort, smartHostPort: await freePort() });
  const client = await SmtpClient.open(relayPort);
  await client.command("EHLO client.example", 250);
  for (let at = 0; at < count; at += 1) {
    await transact(client, {
      from: `<a${at}@contoso.test>`,
      to: [`<r${at}@fabrikam.test>`],
      content: `Subject: ${at === 0 ? HOSTILE : `Order ${at}`}\r\n\r\ntext\r\n`,
    });
  }
  await client.quit();
  const queue = await eventually({ what: "the queue's retry" }, async () => {
    const [found] = await runCmdlet(center.server, "Get-Queue", { Filter: "Status -eq 'Retry'" });
    return found?.["MessageCount"] === count ? found : undefined;
  });
  return { ...center, queue: textOf(queue["Identity"]) };
}

test("a stuck queue is found, looked into, suspended, and taken back", async (t) => {
  const { server, signIn, queue } = await openStuck(t, 12);
  const admin = await signIn();
  const { page } = admin;
  await admin.visit("/queues");
  const row = page.getByRole("row", { name: /127\.0\.0\.1/ });
  await row.waitFor();
  await admin.check("queues");
  await admin.picture("queues");

  await page.getByRole("button", { name: "Suspended", exact: true }).click();
  await page.getByText("Nothing matches the filter").waitFor();
  await page.getByRole("button", { name: "Clear" }).click();
  await page.getByRole("button", { name: "Add condition" }).click();
  await page.getByLabel("Property").selectOption("MessageCount");
  await page.getByLabel("Comparison").selectOption("ge");
  await page.getByLabel("Value").fill("12");
  await admin.check("filter builder");
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await row.waitFor();
  assert.match(page.url(), /filter=MessageCount/);
  const filter = page.getByRole("textbox", { name: "Filter" });
  await filter.fill("MessageCount -ge 12 -and Nonsense -eq 1");
  await filter.press("Enter");
  await page.getByText(/no property "Nonsense"/).waitFor();
  await admin.check("a filter that is wrong");
  await filter.fill("Status -eq 'Retry'");
  await filter.press("Enter");
  await row.click();

  await page.getByRole("heading", { name: /127\.0\.0\.1/ }).waitFor();
  await page
    .getByText(/Connection refused/)
    .last()
    .waitFor();
  await page.getByText(/attempts? ha(?:s|ve) failed in a row/).waitFor();
  await admin.check("queue");
  await admin.picture("queue");
  const acts = page.getByRole("toolbar", { name: "Acts" });
  await acts.getByRole("button", { name: "Suspend" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("This touches 1 object:").waitFor();
  await dialog.getByText(/postrider Suspend-Queue -Identity/).waitFor();
  await admin.check("the question before it");
  await dialog.getByRole("button", { name: "Suspend" }).click();
  await page.getByText(/has suspended it/).waitFor();
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByText(/has suspended it/).waitFor({ state: "detached" });
  const [now] = await runCmdlet(server, "Get-Queue", { Identity: queue });
  assert.notEqual(now?.["Status"], "Suspended");

  await page.getByRole("button", { name: "Close" }).last().click();
  await page.getByLabel("Group by").selectOption("LastError");
  await page.getByRole("row", { name: /Connection refused/ }).waitFor();
  await admin.check("groups");
  await page.getByRole("row", { name: /Connection refused/ }).click();
  await row.waitFor();
  assert.match(decodeURIComponent(page.url()), /LastError/);
});

test("messages: hostile words stay words; acts on some and on all, export, jobs", async (t) => {
  const { server, signIn, queue } = await openStuck(t, 150);
  const admin = await signIn();
  const { page } = admin;
  await admin.visit(`/queues/messages?queue=${encodeURIComponent(queue)}`);
  await page.getByText("150 results").waitFor();
  await page.getByText(/<img src=x onerror=alert\(1\)> \[U\+202E\]txt\.exe/).waitFor();
  assert.equal(await page.locator("img").count(), 0);
  await admin.check("messages");
  await admin.picture("messages");
  await page.getByRole("button", { name: "Subject" }).click();
  await page
    .getByRole("row", { name: /Order 1$|Order 1 / })
    .first()
    .waitFor();
  const grid = page.getByRole("grid");
  await grid.getByRole("row").nth(1).focus();
  await page.keyboard.press("End");
  await page.getByRole("row", { name: /Order 99/ }).waitFor();

  const filter = page.getByRole("textbox", { name: "Filter" });
  await filter.fill("Subject -like 'Order 10*'");
  await filter.press("Enter");
  await page.getByText("11 results").waitFor();
  await page.getByRole("row", { name: /Order 100/ }).click();
  await page.getByRole("heading", { name: "Order 100" }).waitFor();
  await page.getByText("r100@fabrikam.test").waitFor();
  await admin.check("message");
  await admin.picture("message");
  const acts = page.getByRole("toolbar", { name: "Acts" });
  await acts.getByRole("button", { name: "Suspend" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Suspend" }).click();
  const saved = page.waitForEvent("download");
  await eventually({ what: "the button to be ready" }, async () => {
    const button = acts.getByRole("button", { name: "Export" });
    return (await button.getAttribute("aria-disabled")) === "true" ? undefined : button;
  });
  await acts.getByRole("button", { name: "Export" }).click();
  const file = await (await saved).path();
  assert.match(await readFile(file, "latin1"), /^X-Sender: <a100@contoso\.test>/);

  await acts.getByRole("button", { name: "Redirect" }).click();
  const recipient = page.getByLabel("New recipient");
  await recipient.fill("bob@contoso.test");
  await page.mouse.click(3, 3);
  assert.equal(await recipient.inputValue(), "bob@contoso.test", "a click that misses");
  // It fades: axe would look at colours on their way.
  const notice = page.locator(".fui-ToastTitle", { hasText: "Saved as" }).first();
  await notice.waitFor({ state: "detached" });
  await admin.check("redirect");
  await page.getByRole("dialog").getByRole("button", { name: "Redirect" }).click();
  await page.getByText("It is not here any more").waitFor();
  await page.getByRole("button", { name: "Close" }).last().click();

  await actOnSome(admin);
  const suspended = await runCmdlet(server, "Get-Message", { Filter: "Status -eq 'Suspended'" });
  assert.equal(suspended.length, 8);
  await page.getByRole("checkbox", { name: /Order 107/ }).click();
  await page.getByRole("checkbox", { name: /Order 108/ }).click();
  const archive = page.waitForEvent("download");
  await acts.getByRole("button", { name: "Export" }).click();
  assert.equal((await archive).suggestedFilename(), "messages.zip");
  assert.match(await readFile(await (await archive).path(), "latin1"), /^PK/);

  await admin.visit("/queues/jobs");
  await page.getByRole("row", { name: /Suspend-Message/ }).waitFor();
  await page.getByText("8 of 8").waitFor();
  await admin.check("jobs");
  await admin.picture("queue-jobs");
});

/** Of ten messages, two are removed and the others suspended, by a job. */
async function actOnSome(admin: AdminPage): Promise<void> {
  const { page } = admin;
  const acts = page.getByRole("toolbar", { name: "Acts" });
  await page.getByText("10 results").waitFor();
  await page.getByRole("checkbox", { name: /Order 101/ }).click();
  await page.getByRole("checkbox", { name: /Order 102/ }).click();
  await page.getByText("2 selected").waitFor();
  await acts.getByRole("button", { name: "Remove" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("This touches 2 objects:").waitFor();
  await dialog.getByRole("checkbox").click();
  await dialog
    .getByText(/-WithNDR:\$false/)
    .first()
    .waitFor();
  await admin.check("remove");
  await dialog.getByRole("button", { name: "Remove" }).click();
  await page.getByText("8 results").waitFor();
  await page.getByRole("button", { name: "Select all 8 that match" }).click();
  await acts.getByRole("button", { name: "Suspend" }).click();
  await dialog.getByText("This touches 8 objects:").waitFor();
  await dialog.getByText(/runs as a job/).waitFor();
  await dialog.getByRole("button", { name: "Suspend" }).click();
  await dialog.waitFor({ state: "detached" });
}

test("a stuck queue is suspended by keyboard alone", async (t) => {
  const { server, signIn, queue } = await openStuck(t, 2);
  const admin = await signIn();
  const { page } = admin;
  await admin.visit("/queues");
  await page.getByRole("row", { name: /127\.0\.0\.1/ }).waitFor();
  /** Tab by tab, as far as that. */
  const tabTo = async (selector: string) => {
    for (let count = 0; count < 60; count += 1) {
      await page.keyboard.press("Tab");
      if (await page.locator(`:focus${selector}`).count()) return;
    }
    assert.fail(`no way to ${selector}`);
  };
  await tabTo('[role="row"]');
  await page.keyboard.press("End");
  await page.locator(':focus[role="row"]:has-text("127.0.0.1")').waitFor();
  await page.keyboard.press("Enter");
  await page.locator('h2:focus:has-text("127.0.0.1")').waitFor();
  await tabTo(':has-text("Suspend")');
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").getByText("This touches 1 object:").waitFor();
  await tabTo('[type="button"]:text-is("Suspend")');
  await page.keyboard.press("Enter");
  await page.getByText(/has suspended it/).waitFor();
  const [now] = await runCmdlet(server, "Get-Queue", { Identity: queue });
  assert.equal(now?.["Status"], "Suspended");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await page.locator('aside button:focus:has-text("Suspend")').waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("heading", { name: /127\.0\.0\.1/ }).waitFor({ state: "detached" });
});

test("who may only look is shown no acts; a telephone is wide enough", async (t) => {
  const { signIn, queue } = await openStuck(t, 3);
  const viewer = {
    name: "vera",
    roleGroups: ["View-Only Organization Management"],
    width: 320,
    height: 740,
  };
  const admin = await signIn(viewer);
  const { page } = admin;
  await admin.visit("/queues");
  await page.getByRole("row", { name: /127\.0\.0\.1/ }).waitFor();
  assert.equal(await admin.overflows(), false);
  await admin.check("queues on a telephone");
  await admin.picture("queues-telephone");
  // Who may act has boxes in front of the rows besides.
  const actor = await signIn({ width: 320, height: 740 });
  await actor.visit("/queues");
  await actor.page.getByRole("row", { name: /127\.0\.0\.1/ }).waitFor();
  await actor.picture("queues-telephone-actor");
  for (const { page: shown } of [admin, actor]) {
    const grid = shown.getByRole("grid");
    const [whole = 0, seen = 1] = await grid.evaluate((one) => [one.scrollWidth, one.clientWidth]);
    assert.ok(whole <= seen, `the table is ${whole} px wide, and ${seen} are seen`);
    const heads = await grid
      .getByRole("columnheader")
      .evaluateAll((all) => all.map((one) => [one.textContent, one.scrollWidth - one.clientWidth]));
    for (const [title, cut] of heads) assert.equal(cut, 0, `${title} is cut`);
  }
  await page.getByRole("row", { name: /127\.0\.0\.1/ }).click();
  await page.getByRole("heading", { name: /127\.0\.0\.1/ }).waitFor();
  assert.equal(await page.getByRole("button", { name: "Suspend", exact: true }).count(), 0);
  assert.equal(await admin.overflows(), false);
  await admin.visit(`/queues/messages?queue=${encodeURIComponent(queue)}`);
  await page.getByText("3 results").waitFor();
  assert.equal(await admin.overflows(), false);
  await admin.check("messages on a telephone");
  await admin.picture("messages-telephone");
});
