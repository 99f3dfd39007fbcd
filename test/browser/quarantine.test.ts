// The quarantine in the browser, with messages that try what HTML can do.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { type AdminPage, openAdminCenter } from "../harness/admin-center.ts";
import { runCmdlet } from "../harness/cmdlets.ts";
import { eventually } from "../harness/eventually.ts";
import { waitForMail } from "../harness/maildir.ts";
import type { TestServer } from "../harness/server.ts";
import { SmtpClient } from "../harness/smtp-client.ts";
import { submit } from "../harness/transaction.ts";

const BOB = "bob@contoso.test";
const ALICE = "alice@contoso.test";

/** Each would run, fetch, send or lead away if anything of it were left. */
const HOSTILE: Readonly<Record<string, string>> = {
  script: "<script>parent.pwned=1;top.pwned=1;fetch('https://evil.test/1')</script>",
  handlers:
    '<img src=x onerror="parent.pwned=2"><body onload="parent.pwned=3"><details open ' +
    'ontoggle="parent.pwned=4">x</details><input autofocus onfocus="parent.pwned=5">',
  style:
    "<style>@import 'https://evil.test/2.css';body{background:url(https://evil.test/3)}</style>" +
    '<p style="background:url(https://evil.test/4)">styled</p><link rel=stylesheet ' +
    'href="https://evil.test/5.css">',
  form:
    '<form action="https://evil.test/6" method=post><button formaction="//evil.test">Pay' +
    "</button>",
  refresh:
    '<meta http-equiv="refresh" content="0;url=https://evil.test/7"><base href="//evil.test">',
  remote:
    '<img src="https://evil.test/8.gif" srcset="https://evil.test/9 1x" alt="a picture">' +
    '<table background="https://evil.test/10"><td background="https://evil.test/11">cell</table>' +
    '<video poster="https://evil.test/12" src="https://evil.test/13"></video>' +
    '<audio src="https://evil.test/14"></audio><iframe src="https://evil.test/15"></iframe>' +
    '<object data="https://evil.test/16"></object><embed src="https://evil.test/17">',
  links:
    '<a href="javascript:parent.pwned=6">press</a><a href="https://evil.test/18" target=_top ' +
    'ping="https://evil.test/19">bank</a><map><area href="https://evil.test/20"></map>',
  svg:
    '<svg onload="parent.pwned=7"><script>parent.pwned=8</script><image ' +
    'href="https://evil.test/21"/><use href="https://evil.test/22#x"/><foreignObject><img src=x ' +
    "onerror=parent.pwned=9></foreignObject><animate onbegin=parent.pwned=10 attributeName=x>" +
    "</svg>",
  mutation:
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 ' +
    'onerror=parent.pwned=11&gt;"></mglyph></table></mtext></math>' +
    '<form><math><mtext></form><form><mglyph><svg><mtext><style><path id="</style><img ' +
    'onerror=parent.pwned=12 src>"></style></mtext></svg></mglyph></form></mtext></math></form>' +
    '<noscript><p title="</noscript><img src=x onerror=parent.pwned=13>"></noscript>' +
    "<template><script>parent.pwned=14</script></template><xmp><p></xmp><img src=x " +
    "onerror=parent.pwned=15>",
};

/** A message of HTML that the rule Keep keeps. */
async function sendHtml(port: number, subject: string, html: string): Promise<void> {
  await submit(port, {
    from: "<eve@evil.test>",
    to: [`<${BOB}>`, `<${ALICE}>`],
    content: [
      "From: eve@evil.test",
      `Subject: ${subject}`,
      "MIME-Version: 1.0",
      "Content-Type: text/html; charset=utf-8",
      "",
      `<p>Begin ${subject}</p>${html}<p>End</p>`,
      "",
    ].join("\r\n"),
  });
}

async function kept(server: TestServer, count: number): Promise<void> {
  await eventually({ what: `${count} messages in quarantine` }, async () => {
    const messages = await runCmdlet(server, "Get-QuarantineMessage", { PageSize: 1000 });
    return messages.length === count || undefined;
  });
}

const MORE = {
  transportRules: [{ name: "Keep", fromAddressContainsWords: ["evil.test"], quarantine: true }],
};

/** What came from or went to anywhere but the server itself. */
function watch({ page }: AdminPage, origin: string): readonly string[] {
  const foreign: string[] = [];
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(origin)) foreign.push(url);
  });
  page.on("dialog", (dialog) => {
    foreign.push(`dialog ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("framenavigated", (frame) => {
    const url = frame.url();
    if (!url.startsWith(origin) && !url.startsWith("about:")) foreign.push(`frame ${url}`);
  });
  page.context().on("page", () => foreign.push("a window"));
  return foreign;
}

test("hostile HTML is shown, and nothing of it runs, fetches, sends or leads away", async (t) => {
  const { server, smtpPort, origin, signIn } = await openAdminCenter(t, { more: MORE });
  const subjects = Object.keys(HOSTILE);
  for (const subject of subjects) await sendHtml(smtpPort, subject, HOSTILE[subject] ?? "");
  await kept(server, subjects.length);
  const admin = await signIn();
  const { page } = admin;
  const foreign = watch(admin, origin);
  await admin.visit("/protection/quarantine?view=html");
  for (const subject of subjects) {
    await page.getByRole("row", { name: new RegExp(`^Select ${subject} `) }).click();
    const frame = page.frameLocator("iframe");
    await frame.getByText(`Begin ${subject}`).waitFor();
    await frame.locator("body").click();
    const [handle] = page.frames().slice(1);
    assert.ok(handle !== undefined, subject);
    assert.equal(handle.url(), "about:srcdoc", subject);
    const left = await handle.evaluate<readonly string[]>(
      `[...document.querySelectorAll("body *")].flatMap((one) => [one.localName,
        ...one.getAttributeNames().map((name) => "@" + name)])`,
    );
    const harmless = /^(@face|@size|@bgcolor|font|p|b|table|tbody|tr|td|a|div|span)$/;
    assert.deepEqual(
      left.filter((name) => !harmless.test(name)),
      [],
      subject,
    );
    assert.equal(await page.evaluate("window.pwned"), undefined, subject);
  }
  const frame = page.frameLocator("iframe");
  await page.getByRole("row", { name: /^Select links / }).click();
  await frame.getByText("bank [https://evil.test/18]").click();
  await page.getByRole("row", { name: /^Select remote / }).click();
  await frame.getByText("[a picture]").waitFor();
  assert.equal(await page.locator("iframe").getAttribute("sandbox"), "");
  await admin.picture("quarantine-html");
  // While it is parsed, before anything is taken out, the content policy refuses what it would
  // refuse in the page, and the browser tells so: nothing else may be told.
  const refused = admin.complaints.splice(0);
  assert.deepEqual(
    refused.filter((text) => !text.endsWith("The action has been blocked.")),
    [],
  );
  // Before axe: it opens a window of its own.
  assert.deepEqual(foreign, []);
  await admin.check("hostile HTML");
});

test("kept mail is found, looked at, let out, blocked and removed", async (t) => {
  const { server, smtpPort, signIn } = await openAdminCenter(t, { more: MORE });
  for (const subject of ["first", "second", "third", "fourth"]) {
    await sendHtml(smtpPort, subject, "<b>bold</b>");
  }
  await kept(server, 4);
  const admin = await signIn();
  const { page } = admin;
  await admin.visit("/protection/quarantine");
  await page.getByRole("row", { name: /^Select first / }).waitFor();
  await admin.check("list");
  await admin.picture("quarantine-list");
  await page.getByLabel("Subject", { exact: true }).fill("second");
  await page.getByRole("row", { name: /^Select first / }).waitFor({ state: "detached" });
  await page.getByLabel("Type", { exact: true }).selectOption("Malware");
  await page.getByText("No message in quarantine is like that").waitFor();
  await page.getByRole("button", { name: "Clear filter" }).click();
  await page.getByRole("row", { name: /^Select first / }).click();
  await page.getByText("Begin first").waitFor();
  await page.getByRole("tab", { name: "Header" }).click();
  await page.getByText("From: eve@evil.test").waitFor();
  await admin.check("preview");
  await admin.picture("quarantine-preview");
  const downloading = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download" }).click();
  const eml = await readFile(await (await downloading).path(), "utf8");
  assert.match(eml, /Subject: first[\s\S]*<b>bold<\/b>/);
  await page.getByRole("button", { name: "Release" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("radio", { name: "Only to these" }).click();
  await dialog.getByRole("checkbox", { name: ALICE }).click();
  await dialog.getByText(/to 1 recipient:/).waitFor();
  await admin.check("release");
  await admin.picture("quarantine-release");
  await dialog.getByRole("button", { name: "Release" }).click();
  await page.getByText("1 message released").first().waitFor();
  const [left] = await runCmdlet(server, "Get-QuarantineMessage", { Subject: "first" });
  assert.deepEqual(left?.["RecipientAddress"], [BOB]);
  await page.getByRole("row", { name: /^Select second / }).click();
  await page.getByRole("button", { name: "Block sender" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Block sender" }).click();
  await page.getByText("eve@evil.test is blocked").first().waitFor();
  const [filter] = await runCmdlet(server, "Get-SenderFilterConfig");
  assert.deepEqual(filter?.["BlockedSenders"], ["eve@evil.test"]);
  await page.getByRole("button", { name: "Close" }).click();
  await page.getByRole("checkbox", { name: "Select third" }).click();
  await page.getByRole("checkbox", { name: "Select fourth" }).click();
  await page.getByText("2 messages selected").waitFor();
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("dialog").getByText("This touches 2 objects:").waitFor();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await page.getByText("2 messages deleted").first().waitFor();
  await kept(server, 2);
});

test("a message goes to others, is reported, and what became of it is told", async (t) => {
  const { server, smtpPort, signIn } = await openAdminCenter(t, { more: MORE });
  for (const subject of ["first", "second", "third"]) await sendHtml(smtpPort, subject, "");
  await kept(server, 3);
  const admin = await signIn();
  const { page } = admin;
  await admin.visit("/protection/quarantine");
  await page.getByText("3 messages").waitFor();
  await page.getByRole("button", { name: "More conditions" }).click();
  await admin.check("more conditions");
  await admin.picture("quarantine-conditions");
  await page.getByLabel("Rule or policy").fill("nobody's");
  await page.getByText("No message in quarantine is like that").waitFor();
  await page.getByLabel("Rule or policy").fill("Keep");
  await page.getByText("3 messages").waitFor();
  await page.getByLabel("Direction").selectOption("Outbound");
  await page.getByRole("button", { name: "Clear filter" }).click();
  await page.getByRole("row", { name: /^Select first / }).click();
  await page.getByText("Begin first").waitFor();
  await page.getByRole("button", { name: "Report as no spam" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Report as no spam" }).click();
  await page.getByText("1 message reported as no spam").first().waitFor();
  await page.getByRole("button", { name: "Release" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("radio", { name: "None of them, only to others" }).click();
  await dialog.getByLabel("To others, too").fill("carol@elsewhere.test");
  await dialog.getByRole("button", { name: /carol@elsewhere\.test/ }).click();
  await dialog.getByText("carol@elsewhere.test is no recipient of this organization").waitFor();
  await dialog.getByRole("button", { name: "Not to carol@elsewhere.test" }).click();
  await dialog.getByLabel("To others, too").fill("ali");
  await dialog.getByRole("button", { name: /alice@contoso\.test/ }).click();
  await dialog.getByText(/to 1 recipient:/).waitFor();
  await admin.check("release to others");
  await admin.picture("quarantine-release-others");
  await dialog.getByRole("button", { name: "Release" }).click();
  await page.getByText("1 message released").first().waitFor();
  await kept(server, 3);
  await waitForMail(server.dataFolder, { address: ALICE, count: 1 });
  await page.getByRole("row", { name: /^Select first / }).click();
  await page.getByRole("tab", { name: "History" }).click();
  const item = page.getByRole("listitem").filter({ hasText: "Released" });
  await item.getByText(ALICE).waitFor();
  await item.getByText(/, by \S+/).waitFor();
  await admin.check("history of a message");
  await page.getByRole("link", { name: "History of the quarantine" }).click();
  await page.getByRole("row", { name: /Released .*first/ }).waitFor();
  await page.getByLabel("What happened").selectOption("Deleted");
  await page.getByText("Nothing has left the quarantine in this time").waitFor();
  await admin.check("history");
  await page.getByLabel("What happened").selectOption("Released");
  await page.getByRole("row", { name: /Released .*first/ }).waitFor();
  await admin.picture("quarantine-history");
});

test("more than a thousand messages in quarantine are scrolled through and sorted", async (t) => {
  const { server, smtpPort, signIn } = await openAdminCenter(t, { more: MORE });
  const client = await SmtpClient.open(smtpPort);
  await client.command("EHLO client.example", 250);
  for (let at = 0; at < 1_050; at += 1) {
    const content = `From: eve@evil.test\r\nSubject: m${String(at).padStart(4, "0")}\r\n\r\nx\r\n`;
    await client.sendMessage({ from: "eve@evil.test", to: [BOB], content });
  }
  await client.quit();
  await eventually({ what: "all of them in quarantine" }, async () => {
    const page = { ResultSize: "Unlimited" };
    const found = await runCmdlet(server, "Get-QuarantineMessage", page);
    return found.length === 1_050 || undefined;
  });
  const admin = await signIn();
  const { page } = admin;
  await admin.visit("/protection/quarantine");
  await page.getByText("1,050 messages").waitFor();
  await page.getByRole("row", { name: /^Select m1049 / }).focus();
  await page.keyboard.press("End");
  await page.getByRole("row", { name: /^Select m0000 / }).waitFor();
  await page.getByRole("button", { name: "Subject" }).click();
  await page.getByRole("row", { name: /^Select m0000 / }).click();
  await page.getByRole("button", { name: "Close" }).click();
  await admin.check("many");
});

test("the quarantine on a telephone, and for who may not look into messages", async (t) => {
  const { server, smtpPort, signIn } = await openAdminCenter(t, { more: MORE });
  await sendHtml(smtpPort, "first", "<b>bold</b>");
  await kept(server, 1);
  const admin = await signIn({
    ...{ name: "viewer", roleGroups: ["View-Only Organization Management"] },
    ...{ width: 320, height: 740, colorScheme: "dark" },
  });
  const { page } = admin;
  await admin.visit("/protection/quarantine");
  assert.equal(await admin.overflows(), false);
  await admin.picture("quarantine-telephone");
  await page.getByRole("row", { name: /first/ }).click();
  await page.getByText("Your role groups do not let you look into messages.").waitFor();
  assert.equal(await page.getByRole("button", { name: "Release" }).count(), 0);
  assert.equal(await admin.overflows(), false);
  await admin.check("telephone");
});
