// What who does not see the screen is told of it: titles, landmarks, headings, names, states of
// tables, and what is said when something changes; and what is left of it with other colours.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { AdminCenter, AdminPage } from "../harness/admin-center.ts";
import { listAdminPages } from "../harness/admin-pages.ts";
import { runCmdlet } from "../harness/cmdlets.ts";
import { openHostileOrganization } from "../harness/hostile-organization.ts";
import { CleanupScope } from "../harness/scope.ts";

const scope = new CleanupScope();
let center: AdminCenter;
let admin: AdminPage;
before(async () => {
  center = await openHostileOrganization(scope);
  admin = await center.signIn();
});
after(() => scope.close());

/** What a page is to say of itself, told by what it does not. */
const UNTOLD = `(() => {
  const told = [];
  const say = (condition, what) => condition || told.push(what);
  const isShown = (one) => one.checkVisibility({ visibilityProperty: true });
  const all = (selector) => [...document.querySelectorAll(selector)].filter(isShown);
  const headings = all("h1, h2, h3, h4, [role=heading]:not(h1, h2, h3, h4)");
  const levels = headings.map((one) => Number(one.ariaLevel ?? one.tagName[1]));
  say(all("h1").length === 1, "one h1: " + all("h1").length);
  levels.forEach((level, at) => say(at === 0 || level <= levels[at - 1] + 1,
    "headings skip a level: " + headings[at].textContent));
  say(document.title.startsWith(all("h1")[0]?.textContent ?? "-"), "title: " + document.title);
  say(all("main").length === 1 && all("nav").length === 1, "landmarks");
  say(all("nav [aria-current=page]").length <= 1, "more than one current page");
  for (const one of all("svg:not([aria-label]):not([role])"))
    say(one.closest("[aria-hidden=true]") !== null, "icon: " + one.parentElement.outerHTML);
  for (const grid of all("[role=grid]")) {
    const rows = [...grid.querySelectorAll("[role=row]")];
    say(grid.ariaLabel, "grid without a name");
    say(Number(grid.getAttribute("aria-rowcount")) >= rows.length, "aria-rowcount");
    say(rows.every((row) => row.hasAttribute("aria-rowindex")), "aria-rowindex");
    say(rows.slice(1).filter((row) => row.tabIndex === 0).length <= 1, "more tab stops than one");
    const cells = (row) => row.querySelectorAll("[role=gridcell], [role=columnheader]").length;
    say(rows.every((row) => cells(row) === cells(rows[0])), "cells without a header");
    for (const head of grid.querySelectorAll("[role=columnheader]"))
      say(head.ariaLabel || head.textContent || head.querySelector("input"), "unnamed column");
  }
  for (const one of all("[role=tablist], [role=toolbar], [role=region], aside"))
    say(one.ariaLabel || one.getAttribute("aria-labelledby"), "no name: " + one.outerHTML);
  for (const one of all("[role=tab][aria-selected=true]"))
    say(all("[role=tabpanel]").length > 0, "a tab without a panel: " + one.textContent);
  return told;
})()`;

async function told(where: string): Promise<readonly string[]> {
  await admin.settle();
  const untold = await admin.page.evaluate<readonly string[]>(UNTOLD);
  return untold.map((what) => `${where}: ${what}`);
}

test("every page and the detail of its first row say what they are", async () => {
  const { page } = admin;
  const untold: string[] = [];
  for (const path of [...listAdminPages(), "/account", "/trace?search=evil.test"]) {
    await admin.visit(path);
    untold.push(...(await told(path)));
    const row = page.getByRole("grid").first().getByRole("row").nth(1);
    if ((await row.count()) === 0) continue;
    await row.click({ position: { x: 60, y: 10 } });
    untold.push(...(await told(`${path}, a row`)));
  }
  assert.deepEqual(untold, []);
});

test("who goes to another page is at its title", async () => {
  const { page } = admin;
  await admin.visit("/");
  await page.getByRole("navigation").getByRole("link", { name: "Queues" }).press("Enter");
  await page.locator("h1:focus", { hasText: "Queues" }).waitFor();
  assert.equal(await page.title(), "Queues - Postrider");
  const current = page.locator("nav [aria-current=page]");
  assert.equal(await current.textContent(), "Queues");
  await page.keyboard.press("Control+k");
  await page.keyboard.type("send connectors");
  await page.getByRole("option").first().waitFor();
  await page.keyboard.press("Enter");
  await page.locator("h1:focus", { hasText: "Send connectors" }).waitFor();
  await admin.visit("/trace?search=evil.test");
  await page.getByRole("grid").getByRole("row").nth(1).press("Enter");
  await page.locator("h1:focus").waitFor();
});

test("a table says how it is sorted, what is selected and what is open", async () => {
  const { page } = admin;
  await admin.visit("/queues");
  const grid = page.getByRole("grid", { name: "Queues" });
  await grid.getByRole("button", { name: "Messages" }).press("Enter");
  const header = grid.getByRole("columnheader", { name: "Messages" });
  await page.locator("[role=columnheader][aria-sort=ascending]").waitFor();
  assert.equal(await header.getAttribute("aria-sort"), "ascending");
  const row = grid.getByRole("row", { name: /Quarantine/ });
  await row.press(" ");
  await grid.locator("[role=row][aria-selected=true]", { hasText: "Quarantine" }).waitFor();
  await row.press("Enter");
  await grid.locator("[role=row][aria-current=true]", { hasText: "Quarantine" }).waitFor();
});

test("what was found, what went wrong and what was done is said", async () => {
  const { page } = admin;
  await admin.visit("/mail-flow/receive-connectors");
  await page.getByRole("searchbox").fill("Frontend");
  await page
    .getByRole("status")
    .getByText(/^\d+ rows?$/)
    .waitFor();
  await admin.visit("/cmdlet/Get-Queue");
  await page.getByLabel("Filter", { exact: true }).fill("Nonsense -eq 1");
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await page
    .getByRole("alert")
    .getByText(/Nonsense/)
    .first()
    .waitFor();
});

test("a table that follows what happens leaves the focus and the ears alone", async () => {
  const { page } = admin;
  await admin.visit("/queues");
  const row = page.getByRole("row", { name: /Submission/ });
  await row.focus();
  const said = page.evaluate<number>(`new Promise((resolve) => {
    let count = 0;
    const observer = new MutationObserver((changes) => {
      for (const { target } of changes) {
        const element = target instanceof Element ? target : target.parentElement;
        const live = element?.closest("[role=status], [role=alert], [role=log], [aria-live]");
        if (live && live.getAttribute("aria-live") !== "off") count += 1;
      }
    });
    observer.observe(document.body, { subtree: true, childList: true, characterData: true });
    setTimeout(() => resolve(count), 6000);
  })`);
  await runCmdlet(center.server, "Suspend-Queue", { Identity: "Submission" });
  await page.getByRole("row", { name: /Submission.*Suspended/ }).waitFor();
  assert.equal(await row.evaluate((one) => one.matches(":focus")), true);
  assert.equal(await said, 0);
  await runCmdlet(center.server, "Resume-Queue", { Identity: "Submission" });
});

test("with few colours, or the system's own, what is chosen stands out", async () => {
  const { page } = admin;
  await page.evaluate(`localStorage.setItem("postrider.appearance", "contrast")`);
  await admin.visit("/protection/filters?open=SenderFilterConfig");
  await page.locator("aside").waitFor();
  await admin.check("a filter that is open, few colours", ["color-contrast"]);
  await admin.visit("/queues");
  const row = page.getByRole("row", { name: /Submission/ });
  await row.hover();
  await admin.check("a row under the pointer, few colours", ["color-contrast"]);
  await row.press("Enter");
  await page.locator("aside").waitFor();
  await admin.check("a row that is open, few colours", ["color-contrast"]);
  await page.evaluate(`localStorage.removeItem("postrider.appearance")`);
  await page.emulateMedia({ forcedColors: "active" });
  await page.keyboard.press("Control+k");
  await page.getByRole("option").first().waitFor();
  const chosen = await page.evaluate<readonly string[]>(`
    [...document.querySelectorAll("[role=row], nav a, [role=option]")]
      .filter((one) => getComputedStyle(one, "::before").borderLeftWidth === "4px")
      .map((one) => one.role ?? one.tagName)`);
  assert.deepEqual(chosen.toSorted(), ["A", "option", "row"]);
  await page.emulateMedia({ forcedColors: "none" });
});
