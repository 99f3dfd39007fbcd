// The main tasks by keyboard alone: no pointer is moved from signing in on.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Locator, Page } from "@playwright/test";
import { textOf } from "../../src/base/text-of.fake.ts";
import { openAdminCenter, openBrowser, openPage } from "../harness/admin-center.ts";
import { runCmdlet } from "../harness/cmdlets.ts";
import { eventually } from "../harness/eventually.ts";
import { SmtpClient } from "../harness/smtp-client.ts";

const PASSWORD = "correct horse battery";
const TABS_MAX = 80;

/** Tabs until the focus is there; who cannot get there by keyboard never does. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  await target.first().waitFor();
  for (let tabs = 0; tabs < TABS_MAX; tabs += 1) {
    if (await target.first().evaluate((node) => node.matches(":focus"))) return;
    await page.keyboard.press("Tab");
  }
  assert.fail(`the focus does not reach ${String(target)}`);
}

async function press(page: Page, target: Locator): Promise<void> {
  await tabTo(page, target);
  await page.keyboard.press("Enter");
}

/** By the palette: Ctrl+K, some words, Enter. */
async function goTo(page: Page, words: string): Promise<void> {
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: "Go to or run" }).waitFor();
  await page.keyboard.type(words);
  await page.getByRole("option").first().waitFor();
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").waitFor({ state: "detached" });
}

/** Name, password, Enter. */
async function signIn(page: Page): Promise<void> {
  await tabTo(page, page.getByRole("textbox", { name: "Name" }));
  await page.keyboard.type("admin");
  await tabTo(page, page.locator("input[type=password]"));
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "Home" }).waitFor();
}

/** Past the navigation at once. */
async function skipNavigation(page: Page): Promise<void> {
  await page.keyboard.press("Tab");
  await tabTo(page, page.getByRole("link", { name: "Skip to content" }));
  await page.keyboard.press("Enter");
  assert.equal(await page.locator("#content").evaluate((node) => node.matches(":focus")), true);
}

/** What was typed into the palette is traced; the message is opened in the table. */
async function findMessage(page: Page): Promise<void> {
  await page.keyboard.press("Control+k");
  await page.keyboard.type("Invoice 4711");
  await page.getByRole("option", { name: /^Trace/ }).waitFor();
  await page.keyboard.press("Enter");
  const found = page.getByRole("row", { name: /Invoice 4711/ });
  await press(page, found);
  await page
    .getByText(/Delivered/)
    .first()
    .waitFor();
}

/** Out of quarantine, by the dialog that says what it touches. */
async function releaseMessage(page: Page): Promise<void> {
  await goTo(page, "quarantine");
  await press(page, page.getByRole("row", { name: /Order 12/ }));
  await press(page, page.getByRole("button", { name: "Release", exact: true }));
  const dialog = page.getByRole("dialog");
  await dialog.getByText(/This touches 1/).waitFor();
  await press(page, dialog.getByRole("button", { name: "Release", exact: true }));
  await page
    .getByText(/1 message released/)
    .first()
    .waitFor();
}

/** A field, and Enter in it. */
async function blockSender(page: Page): Promise<void> {
  await goTo(page, "allow and block");
  const blocked = page.getByRole("region", { name: "Blocked senders" });
  await tabTo(page, blocked.getByLabel("Address or domain"));
  await page.keyboard.type("spam@evil.test");
  await page.keyboard.press("Enter");
  await blocked.getByText("spam@evil.test").waitFor();
}

/** A row is opened, left by Escape, and has the focus again. */
async function openConnector(page: Page): Promise<void> {
  await goTo(page, "receive connectors");
  await press(page, page.getByRole("row", { name: /Default Frontend/ }));
  await page.getByRole("heading", { name: "Default Frontend" }).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("heading", { name: "Default Frontend" }).waitFor({ state: "detached" });
  const row = page.getByRole("row", { name: /Default Frontend/ });
  assert.equal(await row.evaluate((node) => node.matches(":focus")), true, "back at its row");
}

test("signing in, finding, releasing, blocking and changing, without a pointer", async (t) => {
  const { server, smtpPort, origin } = await openAdminCenter(t);
  const administrator = { Name: "admin", Password: PASSWORD };
  const roleGroups = { RoleGroups: ["Organization Management"] };
  await runCmdlet(server, "New-Administrator", { ...administrator, ...roleGroups });
  const rule = { Name: "Keep", SubjectContainsWords: ["Order"], Quarantine: true };
  await runCmdlet(server, "New-TransportRule", rule);
  for (const subject of ["Invoice 4711", "Order 12"]) {
    const client = await SmtpClient.open(smtpPort);
    await client.command("EHLO [127.0.0.1]", 250);
    const content = `From: eve@fabrikam.test\r\nSubject: ${subject}\r\n\r\nHello`;
    const letter = { from: "eve@fabrikam.test", to: ["alice@contoso.test"], content };
    assert.equal((await client.sendMessage(letter)).code, 250);
    client.socket.end();
  }
  const browser = await openBrowser(t);
  const admin = await openPage(t, { browser, origin });
  const { page } = admin;
  await admin.visit("/");
  await signIn(page);
  await skipNavigation(page);
  await findMessage(page);
  await eventually({ what: "the quarantine" }, async () => {
    const kept = await runCmdlet(server, "Get-QuarantineMessage", {});
    return kept.length > 0 || undefined;
  });
  await releaseMessage(page);
  await blockSender(page);
  await openConnector(page);
  const [config] = await runCmdlet(server, "Get-SenderFilterConfig", {});
  assert.match(textOf(config?.["BlockedSenders"]), /spam@evil\.test/);
  assert.deepEqual(admin.complaints, []);
});

test("no page of another site shows the center within its own", async (t) => {
  const { origin } = await openAdminCenter(t);
  const browser = await openBrowser(t);
  const { page } = await openPage(t, { browser, origin });
  const refused: string[] = [];
  page.on("console", (message) => refused.push(message.text()));
  await page.setContent(`<h1>A prize!</h1><iframe src="${origin}/admin/"></iframe>`);
  await eventually({ what: "the refusal" }, async () =>
    refused.some((text) => /frame-ancestors|X-Frame-Options/.test(text)) ? true : undefined,
  );
  const [, frame] = page.frames();
  assert.equal(await frame?.getByRole("textbox").count(), 0);
});
