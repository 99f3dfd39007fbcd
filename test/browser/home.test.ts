import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { DAY, HOUR, MINUTE } from "../../src/base/units.ts";
import {
  type Figures,
  RESOLUTIONS,
  type Resolution,
  spanStartMs,
} from "../../src/figures/figures.ts";
import { openFigureStore } from "../../src/store/figure-sqlite.ts";
import { type AdminPage, openAdminCenter } from "../harness/admin-center.ts";
import { runCmdlet } from "../harness/cmdlets.ts";
import { eventually } from "../harness/eventually.ts";
import { freePort } from "../harness/free-port.ts";
import { startHop } from "../harness/hop.ts";
import type { TestServer } from "../harness/server.ts";
import { SmtpClient } from "../harness/smtp-client.ts";

const FAULTS = join(import.meta.dirname, "../scenarios/figure-faults.ts");

/** A sender who would like to be more than text. */
const HOSTILE = '"<img src=x onerror=alert(1)>"@contoso.test';

async function send(port: number, to: readonly string[], from = "alice@contoso.test") {
  const client = await SmtpClient.open(port);
  await client.command("EHLO client.example", 250);
  const content = `From: ${from}\r\nSubject: x\r\n\r\ntext`;
  await client.sendMessage({ from, to, content });
  await client.quit();
}

/** A server with some mail: delivered, relayed, failed, refused; a queue that waits. */
async function open(t: Parameters<typeof openAdminCenter>[0]) {
  const hop = await startHop(t, {
    port: await freePort(),
    respond: ({ line }) => {
      if (line.startsWith("RCPT TO:<gone@")) return { reply: "550 5.1.1 No such user\r\n" };
      if (line.startsWith("RCPT TO:<full@")) return { reply: "452 4.2.2 Full\r\n" };
      return undefined;
    },
  });
  const relayPort = await freePort();
  const center = await openAdminCenter(t, {
    ...{ relayPort, smartHostPort: hop.port },
    environment: { POSTRIDER_TEST_FAULTS: FAULTS },
  });
  await send(relayPort, ["bob@contoso.test", "one@fabrikam.test", "two@fabrikam.test"]);
  await send(relayPort, ["gone@woodgrove.test", "full@fabrikam.test"]);
  await send(relayPort, ["bob@contoso.test"], HOSTILE);
  const stranger = await SmtpClient.open(center.smtpPort);
  await stranger.command("EHLO stranger.test", 250);
  await stranger.command("MAIL FROM:<x@fabrikam.test>", 250);
  await stranger.command("RCPT TO:<nobody@contoso.test>", 550);
  await stranger.quit();
  await eventually({ what: "figures" }, async () => {
    const rows = await runCmdlet(center.server, "Get-MailTrafficReport");
    const top = await runCmdlet(center.server, "Get-MailTrafficTopReport", {
      Category: "TopFailingDestination",
    });
    const relayed = rows.reduce((sum, row) => sum + Number(row["Relayed"]), 0);
    return (relayed === 2 && top.length === 2) || undefined;
  });
  return { ...center, relayPort };
}

/** Figures of more than a year, as if the server had run all the time but for a week. */
async function seed(server: TestServer): Promise<void> {
  await server.terminate();
  const store = openFigureStore(join(server.dataFolder, "figures.db"), assert.fail);
  const nowMs = Date.now();
  const entries = (Object.keys(RESOLUTIONS) as Resolution[]).flatMap((series) => {
    const { spanMs, keptMs } = RESOLUTIONS[series];
    const count = Math.floor(keptMs / spanMs);
    return Array.from({ length: count }, (_, at) => spanStartMs(nowMs, spanMs) - at * spanMs)
      .filter((startMs) => Math.abs(startMs - (nowMs - 40 * DAY)) > 4 * DAY)
      .map((startMs) => ({ series, startMs, json: JSON.stringify(figuresAt(startMs, spanMs)) }));
  });
  store.write({ entries });
  store.close();
  await server.start();
}

/** More by day than by night, fewer on Sundays. */
function figuresAt(startMs: number, spanMs: number): Figures {
  const hour = (startMs % DAY) / HOUR;
  const isSunday = new Date(startMs).getUTCDay() === 0;
  const minutes = spanMs / MINUTE;
  const level = (1.2 + Math.sin(((hour - 8) / 24) * 2 * Math.PI)) * (isSunday ? 0.3 : 1);
  const many = (share: number) => Math.round(level * share * 20 * minutes);
  const depth = Math.round(level * 30);
  return {
    samples: minutes,
    counts: {
      "received.SMTP": many(1),
      recipients: many(1.4),
      "outcome.delivered": many(0.8),
      "outcome.relayed": many(0.5),
      "outcome.failed": many(0.1),
      "outcome.deferred": many(0.2),
      "failed.5.1.1": many(0.06),
      "failed.5.7.x": many(0.03),
      "failed.5.2.2": many(0.01),
      "refused.relay": many(0.05),
      "refused.recipient": many(0.3),
      "secured.in_tls": many(0.9),
      "secured.in_clear": many(0.1),
      "secured.out_tls": many(0.48),
      "secured.out_clear": many(0.02),
      "authentication.spf_pass": many(0.6),
      "authentication.spf_fail": many(0.1),
      "authentication.spf_none": many(0.1),
      "authentication.dkim_pass": many(0.7),
      "authentication.dkim_none": many(0.1),
      "authentication.dmarc_pass": many(0.6),
      "authentication.dmarc_fail": many(0.05),
      "logon.password_succeeded": many(0.1),
      "logon.scram_succeeded": many(0.2),
      "logon.password_failed": many(0.02),
    },
    levels: { depth: { sum: depth * minutes, max: depth * 3 } },
  };
}

async function seeFigures({ page }: AdminPage): Promise<void> {
  await page.getByRole("list", { name: "Top senders" }).getByText("alice@contoso.test").waitFor();
  await page.getByText("No such recipient (5.1.1)").waitFor();
  // The chart's own code comes last.
  await page.getByRole("region", { name: "Mail flow" }).locator("svg text").first().waitFor();
}

test("home shows what is happening, live, and leads to the trace", async (t) => {
  const { signIn, relayPort } = await open(t);
  const admin = await signIn();
  const { page } = admin;
  await admin.visit("/");
  await seeFigures(admin);
  await page.getByText("Live", { exact: true }).waitFor();
  await page.getByText("Recipient unknown").waitFor();
  const senders = page.getByRole("list", { name: "Top senders" });
  await senders.getByText("<img src=x onerror=alert(1)>").waitFor();
  assert.equal(await page.locator("img").count(), 0);
  await admin.check("home, light");
  await admin.picture("home-light");
  // Live: one more message that waits, and the page knows without being asked.
  const waiting = page.getByRole("region", { name: "Now" });
  await waiting.getByText("1", { exact: true }).waitFor();
  await send(relayPort, ["full@woodgrove.test"]);
  await waiting.getByText("2", { exact: true }).waitFor();
  // The table behind the chart.
  const flow = page.getByRole("region", { name: "Mail flow" }).first();
  await flow.getByText("Show as table").click();
  await flow.getByRole("columnheader", { name: "Relayed" }).waitFor();
  await admin.check("home with a table");
  // The range is in the address.
  await page.getByLabel("Time range").selectOption("year");
  await page.waitForURL(/range=year/);
  await seeFigures(admin);
  await page.getByLabel("Time range").selectOption("own");
  await page.waitForURL(/range=own&from=/);
  await page.getByLabel("From").waitFor();
  await admin.check("own range");
  await page.getByLabel("Time range").selectOption("hour");
  await seeFigures(admin);
  // What it shows is a cmdlet.
  await page.getByRole("button", { name: "Show cmdlet" }).first().click();
  await page.getByText("postrider Get-MailTrafficReport -StartDate -1h").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("link", { name: "fabrikam.test" }).first().click();
  await page.waitForURL(/\/trace\?.*fabrikam\.test/);
  assert.match(page.url(), /as=domain.*range=custom&from=/);
});

test("home in the dark, in high contrast, and on a telephone", async (t) => {
  const { signIn, server } = await open(t);
  await seed(server);
  const dark = await signIn({ colorScheme: "dark", height: 1700 });
  await dark.visit("/");
  await seeFigures(dark);
  await dark.check("home, dark");
  await dark.picture("home-dark");
  await dark.page.getByLabel("Time range").selectOption("year");
  await dark.page
    .getByText(/^3\d\d points/)
    .first()
    .waitFor();
  const chart = dark.page.getByRole("region", { name: "Mail flow" }).locator("svg").first();
  // On the line itself.
  const [x = 0, y = 0] = await dark.page.evaluate<readonly number[]>(`(() => {
    const path = document.querySelector("path[stroke-dasharray]");
    const { x, y } = path.getPointAtLength(path.getTotalLength() / 2);
    const { a, d, e, f } = path.getScreenCTM();
    return [x * a + e, y * d + f];
  })()`);
  await dark.page.mouse.move(x - 3, y);
  await dark.page.mouse.move(x, y);
  await dark.picture("home-dark-year");
  await dark.check("a year, with a callout");
  await dark.page.getByRole("button", { name: "Appearance" }).click();
  await dark.page.getByRole("menuitemradio", { name: /contrast/i }).click();
  await dark.check("home, high contrast");
  await dark.picture("home-contrast");
  await seeSystemColours(dark);
  await chart.click({ position: { x: 250, y: 100 } });
  await dark.page.waitForURL(/\/trace\?.*from=.*to=/);
  const telephone = await signIn({
    name: "desk",
    roleGroups: ["Help Desk"],
    width: 320,
    height: 740,
  });
  await telephone.visit("/");
  await telephone.page.getByText("Your role groups see no senders.").waitFor();
  await telephone.page.getByText("No such recipient (5.1.1)").waitFor();
  assert.equal(await telephone.overflows(), false);
  await telephone.check("home on a telephone");
  await telephone.picture("home-telephone");
  await telephone.page.setViewportSize({ width: 320, height: 2800 });
  await telephone.picture("home-telephone-whole");
});

/** Lines are in colours of the system, and told apart by strokes that their samples have, too. */
async function seeSystemColours(admin: AdminPage): Promise<void> {
  const { page } = admin;
  await page.emulateMedia({ forcedColors: "active" });
  await page.locator("path[stroke=CanvasText]").first().waitFor();
  await admin.picture("home-system-colours");
  const [strokes, samples] = await page.evaluate<readonly (readonly string[])[]>(`(() => {
    const chart = document.querySelector(".fui-cart__root").parentElement;
    const all = (selector) => [...chart.querySelectorAll(selector)];
    return [
      all("path[stroke-dasharray]").map((one) => one.getAttribute("stroke-dasharray")),
      all(".fui-legend__rect").map((one) => getComputedStyle(one).maskImage),
    ];
  })()`);
  assert.equal(new Set(samples).size, samples?.length, "no two samples are alike");
  assert.equal(new Set(strokes).size, new Set(samples).size);
  await page.emulateMedia({ forcedColors: "none" });
}
