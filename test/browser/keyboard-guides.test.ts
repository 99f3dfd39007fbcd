// What is put together step by step, by keyboard alone: builders, guides, trees, players, ranges.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Locator, Page } from "@playwright/test";
import { textOf } from "../../src/base/text-of.fake.ts";
import type { Zone } from "../../src/dns/zone.fake.ts";
import { type AdminCenter, type AdminPage, openAdminCenter } from "../harness/admin-center.ts";
import { runCmdlet } from "../harness/cmdlets.ts";
import { eventually } from "../harness/eventually.ts";
import { freePort } from "../harness/free-port.ts";
import { confirm, dialogOf, enter, focused, goTo, press, tabTo } from "../harness/keyboard.ts";
import { lackOfReach } from "../harness/lack-of-reach.ts";
import { CleanupScope, later } from "../harness/scope.ts";
import { SmtpClient } from "../harness/smtp-client.ts";
import { submit } from "../harness/transaction.ts";
import { startDnsServer } from "../peers/dns-server.ts";

const scope = new CleanupScope();
const zone: Record<string, Zone[string]> = { "down.test": { A: ["127.0.0.1"] } };
let center: AdminCenter;
let admin: AdminPage;
let page: Page;

before(async () => {
  const dns = await startDnsServer(zone);
  later(scope, () => dns.close());
  const relayPort = await freePort();
  // Nobody listens there: what goes out waits.
  const internet = { dnsPort: dns.port, port: await freePort() };
  center = await openAdminCenter(scope, { relayPort, internet });
  const content = "Subject: waits\r\n\r\ntext\r\n";
  await submit(relayPort, { from: "<a@contoso.test>", to: ["<x@down.test>"], content });
  const client = await SmtpClient.open(center.smtpPort);
  await client.command("EHLO client.example", 250);
  await client.command("MAIL FROM:<x@example.test>", 250);
  await client.command("RCPT TO:<nobody@contoso.test>", 550);
  await client.quit();
  admin = await center.signIn();
  page = admin.page;
});
after(() => scope.close());

const button = (name: string | RegExp) => page.getByRole("button", { name, exact: true });

/** In a list that has the focus: by the words that it begins with, then Enter. */
async function choose(list: Locator, words: string): Promise<void> {
  await tabTo(page, list);
  await page.keyboard.press("Space");
  await page.keyboard.type(words);
  await page.keyboard.press("Enter");
}

test("a rule is built from nothing: values, an exception, an action", async () => {
  await goTo(page, "rules");
  await press(page, button("New rule"));
  await enter(page, page.getByRole("textbox", { name: "Name", exact: true }), "Offers");
  const conditions = page.getByLabel("Add a condition…");
  await tabTo(page, conditions);
  // Who looks what there is has not chosen the first of it.
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Escape");
  await page.getByText("it is any message").waitFor();
  await choose(conditions, "the subject contains");
  // What was added comes next.
  await page.locator("textarea:focus").waitFor();
  await page.keyboard.type("offer");
  await page.keyboard.press("Enter");
  await page.keyboard.type("bargain");
  await choose(page.getByLabel("Add an action…"), "set the spam");
  await page.keyboard.type("6");
  await choose(page.getByLabel("Add an exception…"), "the sender's domain is");
  await page.keyboard.type("contoso.test");
  assert.deepEqual(await lackOfReach(page), []);
  await press(page, button("Create"));
  await page.locator("h2:focus", { hasText: "Offers" }).waitFor();
  const [rule] = await runCmdlet(center.server, "Get-TransportRule", { Identity: "Offers" });
  assert.deepEqual(rule?.["SubjectContainsWords"], ["offer", "bargain"]);
  assert.deepEqual(rule?.["ExceptIfSenderDomainIs"], ["contoso.test"]);
  assert.equal(textOf(rule?.["SetSCL"]), "6");
});

test("a partner connector is made and tried; the steps of the test fold", async () => {
  await goTo(page, "new partner");
  await enter(page, page.getByLabel("The partner's domains"), "down.test");
  await tabTo(page, page.getByRole("radio", { name: /partner's DNS names/ }));
  await page.keyboard.press("ArrowDown");
  await enter(page, page.getByRole("textbox", { name: "Hosts" }), "[127.0.0.1]");
  await enter(page, page.getByLabel("Name in the certificate"), "mx.down.test");
  await tabTo(page, page.getByLabel(/Mail from the partner must be encrypted/));
  await page.keyboard.press("Space");
  await enter(page, page.getByLabel("The partner's addresses"), "127.0.0.9");
  await press(page, button("Create"));
  await page.getByText("The partner connector is in force").waitFor();
  await page.locator("h1:focus").waitFor();
  await press(page, button("Run the test"));
  await page.getByText(/\d failed/).waitFor();
  const steps = page.getByRole("button", { name: /^Steps of/ }).first();
  await press(page, steps);
  assert.equal(await steps.getAttribute("aria-expanded"), "false");
  await page.keyboard.press("Enter");
  assert.equal(await steps.getAttribute("aria-expanded"), "true");
  assert.deepEqual(await lackOfReach(page), []);
  const made = await runCmdlet(center.server, "Get-SendConnector", {});
  const partner = made.find(({ Name }) => Name === "Partner down.test");
  assert.equal(partner?.["TlsDomain"], "mx.down.test");
});

/** Puts the records of the keys where the server looks. */
async function publishKeys(): Promise<void> {
  const [config] = await runCmdlet(center.server, "Get-DkimSigningConfig", {});
  for (const line of [config?.["DnsRecords"]].flat()) {
    const [name = "", strings = ""] = textOf(line).split(". IN TXT ");
    const parts = [...strings.matchAll(/"([^"]*)"/g)].map(([, one = ""]) => one);
    zone[name] = { TXT: [parts.join("")] };
  }
}

test("a domain begins to sign, and gets new keys, step by step", async () => {
  await goTo(page, "dkim");
  await press(page, button("Set up a domain"));
  await enter(page, page.getByLabel("Domain name"), "contoso.test");
  await press(page, button("Create"));
  await press(page, page.getByRole("row", { name: /contoso\.test Not signing/ }));
  await page.getByText("1. Publish their records").waitFor();
  await publishKeys();
  await press(page, button(/^Check DNS/).last());
  await page.getByText("DNS has all of these records.").waitFor();
  await press(page, button("Turn signing on"));
  await press(page, dialogOf(page).getByRole("button", { name: "Turn signing on" }));
  await press(page, button("Make new keys"));
  await press(page, dialogOf(page).getByRole("button", { name: "Make new keys" }));
  await page.getByText("New keys have been made").first().waitFor();
  await publishKeys();
  await press(page, button(/^Check DNS/).last());
  await page.getByText("DNS has all of these records.").waitFor();
  assert.deepEqual(await lackOfReach(page), []);
  await press(page, button("Switch now"));
  await press(page, dialogOf(page).getByRole("button", { name: "Switch now" }));
  await page.getByText("contoso.test signs with its new keys").first().waitFor();
});

test("queues are filtered by a condition, grouped, and a group is opened", async () => {
  await goTo(page, "queues");
  const row = page.getByRole("row", { name: /down\.test/ });
  await press(page, button("Add condition"));
  await choose(page.getByLabel("Property"), "Next hop domain");
  assert.deepEqual(await lackOfReach(page), []);
  await choose(page.getByLabel("Comparison"), "is");
  await enter(page, page.getByLabel("Value"), "down.test");
  await press(page, button("Add"));
  await page.waitForURL(/filter=NextHopDomain/);
  // The builder has gone: the filter that it has made is what comes next.
  await page.locator("input:focus").waitFor();
  await row.waitFor();
  await choose(page.getByLabel("Group by"), "Status");
  await press(page, page.getByRole("row", { name: /Retry/ }));
  await page.waitForURL(/Status/);
  await row.waitFor();
  await page.locator("main :focus").waitFor();
  await press(page, row);
  await page.locator("h2:focus").waitFor();
  await page.keyboard.press("Escape");
  await page.locator("[role=row]:focus", { hasText: "down.test" }).waitFor();
});

test("a recording is played back, line by line and by itself", async () => {
  await goTo(page, "recordings");
  await press(page, page.getByRole("row", { name: /550|nobody/ }));
  // A toolbar is one stop; within it are arrows.
  await tabTo(page, button("Play"));
  await page.keyboard.press("ArrowRight");
  await focused(page, /^To the beginning$/);
  await page.keyboard.press("Enter");
  await page.getByText(/^Line 1 of/).waitFor();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  await focused(page, /^Next line$/);
  await page.keyboard.press("Enter");
  await page.getByText(/^Line 2 of/).waitFor();
  await tabTo(page, page.getByRole("slider", { name: "Conversation" }));
  await page.keyboard.press("ArrowRight");
  await page.getByText(/^Line 3 of/).waitFor();
  assert.deepEqual(await lackOfReach(page), []);
  await page.keyboard.press("Home");
  await page.getByText(/^Line 1 of/).waitFor();
  await choose(page.getByLabel("Speed"), "20");
  await tabTo(page, button("Next line"));
  await page.keyboard.press("Home");
  await focused(page, /^Play$/);
  await page.keyboard.press("Enter");
  const count = await page
    .getByRole("list", { name: "Conversation" })
    .getByRole("listitem")
    .count();
  await page.getByText(`Line ${count} of ${count}`).waitFor();
});

test("home shows a range of one's own", async () => {
  await goTo(page, "home");
  await choose(page.getByLabel("Time range"), "Own");
  await enter(page, page.getByLabel("From"), "01012026");
  // Taken once it is left.
  await tabTo(page, page.getByLabel("To", { exact: true }));
  await page.waitForURL(/from=2026-01-01/);
});

test("any cmdlet is found and run, and says what it would touch", async () => {
  await goTo(page, "run suspend-queue");
  await enter(page, page.getByRole("textbox", { name: "Identity" }), "Submission");
  await press(page, button("Preview"));
  await confirm(page, "Run");
  await eventually({ what: "the queue suspended" }, async () => {
    const [queue] = await runCmdlet(center.server, "Get-Queue", { Identity: "Submission" });
    return queue?.["Status"] === "Suspended" || undefined;
  });
  assert.deepEqual(admin.complaints, []);
});
