import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page, Request } from "@playwright/test";
import { type AdminCenter, type AdminPage, openAdminCenter } from "../harness/admin-center.ts";
import { attempt } from "../harness/attempt.ts";
import { eventually } from "../harness/eventually.ts";
import { freePort } from "../harness/free-port.ts";

const PASSWORD = "correct horse battery";
/** One more than the connections that a browser has to one server. */
const WINDOWS = 7;
const EVENTS = "**/api/v1/events*";

const isLive = (page: Page) => page.getByText("Live", { exact: true });
const isOld = (page: Page) => page.getByText("Not live", { exact: true });
const waiting = (page: Page, count: number) =>
  page.getByRole("region", { name: "Now" }).getByText(String(count), { exact: true }).first();

interface Stage {
  readonly center: AdminCenter;
  readonly admin: AdminPage;
  /** One more message that waits. */
  readonly send: () => Promise<void>;
}

/** Streams that are open now, of all windows. */
function countStreams({ admin }: Stage): () => number {
  const open = new Set<Request>();
  const { context } = admin;
  context.on("request", (request) => {
    if (request.url().includes("/api/v1/events")) open.add(request);
  });
  context.on("requestfinished", (request) => open.delete(request));
  context.on("requestfailed", (request) => open.delete(request));
  // Of a window that was closed, nothing is told.
  return () => [...open].filter((request) => !request.frame().page().isClosed()).length;
}

async function manyWindows(stage: Stage): Promise<void> {
  const { center, admin, send } = stage;
  // Else its window listens for all.
  await admin.visit("/queues");
  const streams = countStreams(stage);
  const windows: Page[] = [];
  for (let count = 0; count < WINDOWS; count += 1) {
    const page = await admin.context.newPage();
    windows.push(page);
    await page.goto(`${center.origin}/admin/`);
    await isLive(page).waitFor();
  }
  assert.equal(streams(), 1, "one listens for all");
  const queues = await admin.context.newPage();
  await queues.goto(`${center.origin}/admin/queues`);
  await queues.getByRole("row", { name: /fabrikam|127\.0\.0\.1/ }).waitFor();
  await send();
  for (const page of windows) await waiting(page, 2).waitFor();
  // Whoever listens for all goes: another one takes over.
  for (const page of windows.slice(0, -1)) await page.close();
  const [last] = windows.slice(-1);
  assert.ok(last);
  await send();
  await waiting(last, 3).waitFor();
  await isLive(last).waitFor();
  assert.equal(streams(), 1);
  await last.close();
  await queues.close();
}

async function cutStreams({ admin, send }: Stage): Promise<void> {
  const { page } = admin;
  let refused = 0;
  await page.route(EVENTS, (route) => {
    refused += 1;
    return route.fulfill({ status: 504, contentType: "text/html", body: "cut" });
  });
  await admin.visit("/");
  await isOld(page).waitFor();
  // Without the stream the page asks by itself.
  await waiting(page, 3).waitFor();
  await eventually(
    { what: "three tries", withinMs: 30_000 },
    async () => refused >= 3 || undefined,
  );
  await page.unroute(EVENTS);
  await isLive(page).waitFor({ timeout: 30_000 });

  // A proxy that cuts what takes long: what comes next is shown all the same.
  let cut = 0;
  await page.route(EVENTS, (route) => {
    cut += 1;
    if (cut > 3) return route.fallback();
    return route.fulfill({ contentType: "text/event-stream", body: "retry: 3000\n\n" });
  });
  await admin.visit("/");
  await isLive(page).waitFor({ timeout: 30_000 });
  assert.ok(cut >= 4);
  await page.unroute(EVENTS);
  await send();
  await waiting(page, 4).waitFor();
}

async function silentStream({ admin }: Stage): Promise<void> {
  const { page } = admin;
  let asked = 0;
  // As a connection of before a laptop slept: nothing comes, and nothing ends.
  await page.route(EVENTS, (route) => {
    asked += 1;
    return asked > 1 ? route.fallback() : undefined;
  });
  await admin.visit("/");
  await isOld(page).waitFor();
  await isLive(page).waitFor({ timeout: 30_000 });
  assert.equal(asked, 2);
  await page.unroute(EVENTS);
}

async function serverRestarts({ center, admin, send }: Stage): Promise<void> {
  const { page } = admin;
  await center.server.kill9();
  await isOld(page).waitFor({ timeout: 30_000 });
  await page.getByRole("status").getByText("No connection to the server").waitFor();
  await center.server.start();
  const dialog = page.getByRole("alertdialog", { name: "Your session has ended" });
  await dialog.locator("input[type=password]").fill(PASSWORD);
  await dialog.getByRole("button", { name: "Sign in", exact: true }).click();
  await dialog.waitFor({ state: "detached" });
  await isLive(page).waitFor({ timeout: 30_000 });
  await send();
  await waiting(page, 5).waitFor();
}

test("figures are live in many windows, and again after whatever breaks", async (t) => {
  const relayPort = await freePort();
  const center = await openAdminCenter(t, { relayPort, smartHostPort: await freePort() });
  const send = async () => {
    const content = "Subject: 1\r\n\r\n";
    const message = { from: "a@contoso.test", to: ["b@fabrikam.test"], content };
    assert.match(await attempt(relayPort, message), /^250/);
  };
  await send();
  const admin = await center.signIn();
  const stage = { center, admin, send };
  await t.test("seven windows of one browser", () => manyWindows(stage));
  await t.test("streams that are cut", () => cutStreams(stage));
  await t.test("a stream that falls silent", () => silentStream(stage));
  await t.test("a server that restarts", () => serverRestarts(stage));
});
