// The center in a language that nobody speaks, made of its tables: words that are in no table
// stand out, and longer ones must find room.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import {
  type AdminCenter,
  type AdminPage,
  openBrowser,
  openPage,
} from "../harness/admin-center.ts";
import { listAdminPages } from "../harness/admin-pages.ts";
import { runCmdlet } from "../harness/cmdlets.ts";
import { openHostileOrganization } from "../harness/hostile-organization.ts";
import { lackOfReach } from "../harness/lack-of-reach.ts";
import { buildPseudoLanguage } from "../harness/pseudo-language.ts";
import { CleanupScope } from "../harness/scope.ts";
import { collectTexts, MARK_FORMS, ServerWords, untranslated } from "../harness/spoken-texts.ts";

const PASSWORD = "correct horse battery";
const TYPES: Readonly<Record<string, string>> = {
  js: "text/javascript",
  css: "text/css",
  svg: "image/svg+xml",
};

const OPENS_WITHIN_MS = 250;
/** Not in the navigation. */
const FURTHER = [
  "/account",
  "/trace?search=evil.test",
  "/cmdlet/New-ReceiveConnector",
  "/mail-flow/receive-connectors?mode=new",
  "/nowhere",
];
const WITH_DIALOGS = ["/queues", "/account", "/servers/overview", "/mail-flow/certificates"];

const scope = new CleanupScope();
const words = new ServerWords();
let center: AdminCenter;
let built = "";
before(async () => {
  [center, built] = await Promise.all([
    openHostileOrganization(scope),
    buildPseudoLanguage(scope, "de"),
  ]);
  const administrator = { Name: "admin", Password: PASSWORD };
  const groups = { RoleGroups: ["Organization Management"] };
  await runCmdlet(center.server, "New-Administrator", { ...administrator, ...groups });
});
after(() => scope.close());

/** A German's browser, which gets the files of the other build. */
async function openSpoken(): Promise<AdminPage> {
  // Programs are called what they are called.
  words.add(["Chrome", "Linux"]);
  const browser = await openBrowser(scope);
  const { origin } = center;
  const admin = await openPage(scope, {
    browser,
    origin,
    visitor: { locale: "de-DE" },
  });
  await admin.context.addInitScript(MARK_FORMS);
  await admin.context.route(`${origin}/admin/**`, async (route) => {
    const { pathname } = new URL(route.request().url());
    const asset = /\/admin\/(assets\/[\w.-]+\.(\w+))$/.exec(pathname);
    const body = await readFile(join(built, asset?.[1] ?? "index.html"), "utf8");
    await route.fulfill({ body, contentType: TYPES[asset?.[2] ?? ""] ?? "text/html" });
  });
  // What the server says is known before the page shows it; news never end.
  await admin.context.route(/\/api\/v1\/(?!events)/, async (route) => {
    const response = await route.fetch();
    const body = await response.text();
    if (/json/.test(response.headers()["content-type"] ?? "")) {
      for (const line of body.split("\n")) if (line !== "") words.add(JSON.parse(line));
    }
    await route.fulfill({ response, body });
  });
  return admin;
}

async function signIn(admin: AdminPage): Promise<void> {
  const { page } = admin;
  await admin.visit("/");
  await page.locator("input:not([type=password])").first().fill("admin");
  await page.locator("input[type=password]").fill(PASSWORD);
  await page.keyboard.press("Enter");
  await page.locator("nav").waitFor();
}

/** What on a page is in no table, and what others cannot reach or read. */
async function listen(admin: AdminPage, where: string): Promise<readonly string[]> {
  const { page } = admin;
  await admin.settle();
  const found = untranslated(await collectTexts(page), words).map((text) => `${where}: ${text}`);
  const lacking = await lackOfReach(page);
  found.push(...lacking.map((what) => `${where}: ${what}`));
  await admin.picture(`spoken-${where.replaceAll(/\W+/g, "-")}`);
  return found;
}

/** A page, the detail of its first row, and its tabs. */
async function listenWithin(admin: AdminPage, path: string): Promise<readonly string[]> {
  const { page } = admin;
  await admin.visit(path);
  const found = [...(await listen(admin, path))];
  const row = page.getByRole("grid").first().getByRole("row").nth(1);
  if ((await row.count()) === 0) return found;
  await row.click({ position: { x: 60, y: 10 } });
  found.push(...(await listen(admin, `${path}, a row`)));
  const tabs = page.getByRole("tab");
  for (let at = 1; at < (await tabs.count()); at += 1) {
    await tabs.nth(at).click();
    found.push(...(await listen(admin, `${path}, tab ${at}`)));
  }
  return found;
}

/** What the buttons of a page open, and Escape closes. */
async function listenToButtons(admin: AdminPage, path: string): Promise<readonly string[]> {
  const { page } = admin;
  await admin.visit(path);
  await admin.settle();
  const found: string[] = [];
  const buttons = page.locator("main button:enabled:visible");
  const opened = page.locator("[role=dialog], [role=alertdialog], [role=menu]").first();
  for (let at = 0; at < (await buttons.count()); at += 1) {
    await buttons.nth(at).click();
    const hasOpened = await opened.waitFor({ timeout: OPENS_WITHIN_MS }).then(
      () => true,
      () => false,
    );
    if (!hasOpened) continue;
    found.push(...(await listen(admin, `${path}, button ${at}`)));
    await page.keyboard.press("Escape");
    await opened.waitFor({ state: "detached" });
  }
  return found;
}

test("every word is from a table, or the server's, and longer ones have room", async () => {
  const admin = await openSpoken();
  await signIn(admin);
  const found: string[] = [];
  for (const path of [...listAdminPages(), ...FURTHER]) {
    found.push(...(await listenWithin(admin, path)));
  }
  for (const path of WITH_DIALOGS) found.push(...(await listenToButtons(admin, path)));
  await admin.page.keyboard.press("Control+k");
  found.push(...(await listen(admin, "palette")));
  assert.equal(await admin.page.locator("html").getAttribute("lang"), "de");
  assert.deepEqual([...new Set(found)], []);
  assert.deepEqual(admin.complaints, []);
});
