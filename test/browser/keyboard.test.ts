// The main tasks by keyboard alone: no pointer is moved from signing in on.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "@playwright/test";
import { textOf } from "../../src/base/text-of.fake.ts";
import { openAdminCenter, openBrowser, openPage } from "../harness/admin-center.ts";
import { runCmdlet } from "../harness/cmdlets.ts";
import { eventually } from "../harness/eventually.ts";
import { confirm, dialogOf, focused, goTo, press, tabTo } from "../harness/keyboard.ts";
import type { TestServer } from "../harness/server.ts";
import { SmtpClient } from "../harness/smtp-client.ts";

const PASSWORD = "correct horse battery";

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

/** What is removed, edited or left leaves the focus nearby, wherever it was. */
async function keepFocusAtDomains(page: Page): Promise<void> {
  await goTo(page, "accepted domains");
  await focused(page, /^Accepted domains$/);
  await press(page, page.getByRole("row", { name: /a\.test/ }));
  await focused(page, /^a\.test$/);
  await press(page, page.getByRole("button", { name: "Edit" }));
  await focused(page, /^a\.test$/);
  await page.keyboard.press("Escape");
  await focused(page, /^a\.test/);
  await page.keyboard.press("Enter");
  // A toolbar is one stop; within it are arrows.
  await tabTo(page, page.getByRole("button", { name: "Edit" }));
  await page.keyboard.press("ArrowRight");
  await focused(page, /^Remove$/);
  await page.keyboard.press("Enter");
  await dialogOf(page).waitFor();
  await page.keyboard.press("Escape");
  await focused(page, /^Remove$/);
  await page.keyboard.press("Enter");
  await confirm(page, "Remove");
  await focused(page, /^b\.test/);
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: "Go to or run" }).waitFor();
  await page.keyboard.press("Escape");
  await focused(page, /^b\.test/);
}

/** A rule goes to another place, and the focus with it; the list may change behind it. */
async function orderRules(page: Page, server: TestServer): Promise<void> {
  await goTo(page, "rules");
  await tabTo(page, page.getByRole("button", { name: "First", exact: true }));
  await page.keyboard.press("Alt+ArrowDown");
  await page.getByText("First now has priority 1").first().waitFor();
  await focused(page, /^First$/);
  await press(page, page.getByRole("button", { name: "Move First down" }));
  const rules = page.getByRole("list", { name: "Rules" }).getByRole("listitem");
  await rules.last().getByText("First", { exact: true }).waitFor();
  await focused(page, /^Move First down$/);
  // A notice is no trap.
  await tabTo(page, page.getByRole("button", { name: "Undo" }));
  // Wherever one has gone to: what changes later leaves the focus there.
  await tabTo(page, page.getByRole("searchbox"));
  await runCmdlet(server, "Disable-TransportRule", { Identity: "Second" });
  await page.getByRole("switch", { name: /^Second/, checked: false }).waitFor();
  await focused(page, /^Search$/);
}

/** Queues are suspended by a filter that was put together, and the act is undone. */
async function suspendQueues(page: Page, server: TestServer): Promise<void> {
  await goTo(page, "queues");
  await tabTo(page, page.getByRole("row", { name: /Submission/ }));
  await page.keyboard.press("Space");
  await press(page, page.getByRole("button", { name: "Suspend", exact: true }));
  await confirm(page, "Suspend");
  await page.getByRole("button", { name: "Undo" }).waitFor();
  await page.keyboard.press("Control+m");
  await press(page, page.getByRole("button", { name: "Undo" }));
  await eventually({ what: "the queue at work" }, async () => {
    const queues = await runCmdlet(server, "Get-Queue", { Identity: "Submission" });
    return queues[0]?.["Status"] !== "Suspended" || undefined;
  });
}

/** A printer is set up from its name to the settings to enter. */
async function setUpDevice(page: Page): Promise<void> {
  await goTo(page, "relay for devices");
  await press(page, page.getByRole("button", { name: "Set up a device" }).first());
  await focused(page, /^Set up relay for a device$/);
  await tabTo(page, page.getByLabel("Name of the device"));
  await page.keyboard.type("Printer");
  await tabTo(page, page.getByRole("radio", { name: /As a mailbox that exists/ }));
  await page.keyboard.press("ArrowDown");
  await tabTo(page, page.getByLabel("Name of the mailbox"));
  await page.keyboard.type("printer");
  await tabTo(page, page.getByLabel("Address of the mailbox"));
  await page.keyboard.type("printer@contoso.test");
  await press(page, page.getByRole("button", { name: "Set it up" }));
  await page.getByRole("heading", { name: "Enter this at the device" }).waitFor();
}

test("the focus is never lost, whatever an act takes away", async (t) => {
  const { server, signIn: open } = await openAdminCenter(t);
  for (const name of ["First", "Second", "Third"]) {
    const rule = { Name: name, SubjectContainsWords: ["x"], SetSCL: 3 };
    await runCmdlet(server, "New-TransportRule", rule);
  }
  for (const name of ["a.test", "b.test"]) {
    await runCmdlet(server, "New-AcceptedDomain", { Name: name, DomainName: name });
  }
  const admin = await open();
  const { page } = admin;
  await keepFocusAtDomains(page);
  await orderRules(page, server);
  await suspendQueues(page, server);
  await setUpDevice(page);
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
