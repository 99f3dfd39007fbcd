import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { textOf } from "../../src/base/text-of.fake.ts";
import { type AdminCenter, type AdminPage, openAdminCenter } from "../harness/admin-center.ts";
import { runCmdlet } from "../harness/cmdlets.ts";
import { eventually } from "../harness/eventually.ts";
import { freePort } from "../harness/free-port.ts";
import { type Sink, startSink } from "../harness/sink.ts";
import { type ClientMessage, SmtpClient } from "../harness/smtp-client.ts";

const HOSTILE = {
  image: "<img src=x onerror=\"window.hurt='image'\">",
  script: "<script>window.hurt='script'</script>",
  turned: "invoice \u202egnp.exe\u202c",
};

/** Sends a message from outside with a subject of its own. */
async function send(
  port: number,
  { from, to, subject }: Omit<ClientMessage, "content"> & { readonly subject: string },
): Promise<void> {
  const client = await SmtpClient.open(port);
  await client.command("EHLO client.test", 250);
  const id = subject.replaceAll(/\W+/g, "-").slice(0, 40);
  const encoded = `=?utf-8?B?${Buffer.from(subject).toString("base64")}?=`;
  const { code } = await client.sendMessage({
    from,
    to,
    content:
      `Received: from far.test by near.test with ESMTPS; Sat, 21 Nov 2026 10:00:00 +0000\r\n` +
      `From: <${from}>\r\nTo: <${to[0]}>\r\nMessage-ID: <${id}@client.test>\r\n` +
      `Date: Sat, 21 Nov 2026 09:59:00 +0000\r\nSubject: ${encoded}\r\n\r\nHello.\r\n`,
  });
  assert.equal(code, 250);
  await client.quit();
}

/** A hop that takes, refuses or puts off, by the recipient's name. */
function fickle(sink: Sink): void {
  sink.setScript(({ verb, line }) => {
    if (verb !== "RCPT") return undefined;
    if (line.includes("<refused@")) return { reply: `550 5.1.1 No such user ${HOSTILE.image}` };
    if (line.includes("<later@")) return { reply: "451 4.7.1 Come back later" };
    return undefined;
  });
}

async function openTrace(t: Parameters<typeof openAdminCenter>[0]) {
  const relayPort = await freePort();
  const smartHostPort = await freePort();
  fickle(await startSink(t, { port: smartHostPort }));
  const center = await openAdminCenter(t, {
    relayPort,
    smartHostPort,
    receiveConnector: { protocolLoggingLevel: "Verbose" },
  });
  const from = "alice@contoso.test";
  const to = ["good@fabrikam.test", "refused@fabrikam.test", "later@fabrikam.test"];
  await send(relayPort, { from, to, subject: "Quarterly report" });
  await send(relayPort, { from, to: ["good@wingtip.test"], subject: HOSTILE.image });
  await send(relayPort, { from, to: ["good@wingtip.test"], subject: HOSTILE.script });
  await send(relayPort, {
    from: "eve@evil.test",
    to: ["bob@contoso.test"],
    subject: HOSTILE.turned,
  });
  await eventually({ what: "the log to have all of it" }, async () => {
    const rows = await runCmdlet(center.server, "Get-MessageTrace", { SenderAddress: from });
    const settled = rows.filter(({ Status }) => Status === "Delivered" || Status === "Failed");
    // And the notice of the one that was refused.
    const notices = await runCmdlet(center.server, "Get-MessageTrace", { SenderAddress: "<>" });
    return (settled.length >= 4 && notices.length === 1) || undefined;
  });
  return center;
}

async function search(admin: AdminPage, text: string): Promise<void> {
  await admin.page.getByRole("searchbox", { name: "Search" }).fill(text);
  await admin.page.getByRole("button", { name: "Search", exact: true }).click();
}

async function reportId(server: AdminCenter["server"]): Promise<string> {
  const MessageId = "Quarterly-report@client.test";
  const [report] = await runCmdlet(server, "Get-MessageTrace", { MessageId });
  return textOf(report?.["MessageTraceId"]);
}

async function findsMessages({ server, signIn }: AdminCenter): Promise<void> {
  const admin = await signIn();
  const { page } = admin;
  const traceId = await reportId(server);
  await admin.visit("/trace");
  await admin.check("before a search");
  await admin.picture("trace-begin");

  for (const [text, taken, count] of [
    ["alice@contoso.test", "Address of sender or recipient", "4 messages, 6 recipients"],
    ["good@wingtip.test", "Address of sender or recipient", "2 messages, 2 recipients"],
    ["evil.test", "Domain of sender or recipient", "1 message, 1 recipient"],
    ["<Quarterly-report@client.test>", "Message-ID", "1 message, 3 recipients"],
    [traceId, "Trace id", "1 message, 3 recipients"],
    ["127.0.0.1", "IP address of client or next hop", "4 messages, 6 recipients"],
    ["quarterly", "Part of the subject", "2 messages, 4 recipients"],
  ] as const) {
    await search(admin, text);
    await page.getByText(count, { exact: true }).waitFor();
    const kind = page.getByRole("combobox", { name: "Search by" });
    assert.equal(await kind.locator("option:checked").textContent(), `${taken} (recognised)`);
  }
  await admin.check("results");

  // What it was taken for can be changed, and is in the address with all else.
  await search(admin, "nobody@contoso.test");
  await page.getByRole("heading", { name: "No message is like that" }).waitFor();
  await admin.check("nothing found");
  await search(admin, "alice@contoso.test");
  await page.getByRole("combobox", { name: "Search by" }).selectOption("Recipient");
  await page.getByText("1 message, 1 recipient", { exact: true }).waitFor();
  await page.getByRole("combobox", { name: "Search by" }).selectOption("Sender");
  await page.getByRole("combobox", { name: "Status" }).selectOption("Not delivered");
  await page.getByText("1 message, 2 recipients", { exact: true }).waitFor();
  await page.getByRole("combobox", { name: "Received" }).selectOption("Last hour");
  await page.waitForURL(/range=1h/);
  assert.match(page.url(), /search=alice.*as=sender.*status=NotDelivered/);
  await page.reload();
  await page.getByText("1 message, 2 recipients", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Show cmdlet" }).click();
  await page.getByText(/Get-MessageTrace -SenderAddress alice@contoso.test/).waitFor();
  await page.keyboard.press("Escape");

  await page.getByRole("row", { name: /alice@contoso.test/ }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Quarterly report" }).waitFor();
}

async function tellsStory({ server, signIn }: AdminCenter): Promise<void> {
  const traceId = await reportId(server);
  const admin = await signIn();
  const { page } = admin;
  await admin.visit("/trace?search=alice%40contoso.test&as=sender&status=NotDelivered");
  await page.getByRole("row", { name: /alice@contoso.test/ }).click();
  await page.waitForURL(new RegExp(traceId));
  const story = page.getByRole("list", { name: "Story" });
  await story.getByText("Received", { exact: true }).waitFor();
  await story
    .getByText(/451 4\.7\.1 Come back later/)
    .first()
    .waitFor();
  await story.getByRole("link", { name: "Open it in its queue" }).waitFor();
  await admin.check("story");
  await admin.picture("trace-story");

  await page.getByRole("row", { name: /refused@fabrikam/ }).click();
  await page.waitForURL(/recipient=refused/);
  const quote = story.locator("blockquote");
  await quote.waitFor();
  assert.equal(await quote.textContent(), `550 5.1.1 No such user ${HOSTILE.image}`);
  assert.equal(await story.getByText(/Come back later/).count(), 0);

  await page.getByRole("tab", { name: "Why" }).click();
  await page.getByText("By the configuration in force now").waitFor();
  await page.getByText(/^Done/).waitFor();
  await admin.check("why");
  await admin.picture("trace-why");
  await page.getByRole("tab", { name: "What would happen now" }).click();
  await page.getByRole("button", { name: "Work it out" }).click();
  await page.getByText("Application Relay").first().waitFor();
  await page.getByText(/^Done/).waitFor();
  await admin.check("route");
  await provesStory(admin);
  await page.getByRole("tab", { name: "Story" }).click();
  await page.getByRole("button", { name: "Show the story of all recipients" }).click();
  await page.getByRole("link", { name: "Open it in its queue" }).click();
  await page.getByRole("row", { name: /Quarterly report/ }).waitFor();
  await page.goBack();
  await page.getByRole("link", { name: "Back to the search" }).click();
  await page.getByText("1 message, 2 recipients", { exact: true }).waitFor();
}

/** What was said, the header, and the events of the log. */
async function provesStory(admin: AdminPage): Promise<void> {
  const { page } = admin;
  await page.getByRole("tab", { name: "What was said" }).click();
  await page
    .getByRole("button", { name: /Recorded: .*550 5\.1\.1/ })
    .first()
    .click();
  await page
    .getByText(/RCPT TO:<refused@fabrikam\.test>/)
    .first()
    .waitFor();
  await page
    .getByRole("button", { name: /Protocol log/ })
    .first()
    .click();
  await admin.check("what was said");
  await admin.picture("trace-said");
  await page.getByRole("tab", { name: "Headers" }).click();
  await page.getByRole("button", { name: "Show its header" }).click();
  await page.getByText(/Taken by near\.test/).waitFor();
  await page.getByText(/Taken by mail\.contoso\.test/).waitFor();
  await admin.check("headers");
  await admin.picture("trace-headers");
  await page.getByRole("tab", { name: "All events" }).click();
  await page.getByRole("row", { name: /FAIL/ }).click();
  await page.getByRole("heading", { name: "FAIL" }).waitFor();
  await admin.check("events");
  await page.keyboard.press("Escape");
}

async function sharesAndExports({ server, origin, signIn }: AdminCenter): Promise<void> {
  const admin = await signIn();
  const { page } = admin;
  const traceId = await reportId(server);

  await admin.visit(`/trace/${traceId}`);
  await page.getByRole("button", { name: "Share" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("What it shows").selectOption("Only what concerns good@fabrikam.test");
  await dialog.getByLabel("It is good for").selectOption("1 day");
  await dialog.getByRole("radio", { name: "Anyone who has the link" }).check();
  await admin.check("share");
  await dialog.getByRole("button", { name: "Make the link" }).click();
  const link = await dialog.getByRole("textbox", { name: "The link" }).inputValue();
  assert.ok(link.startsWith(`${origin}/api/v1/story/`), link);
  await dialog.getByRole("button", { name: "Copy", exact: true }).first().click();
  await admin.check("shared");
  await admin.picture("trace-share");
  await page.keyboard.press("Escape");
  const stranger = await admin.context.browser()?.newContext({ ignoreHTTPSErrors: true });
  const shown = await stranger?.newPage();
  const complaints: string[] = [];
  shown?.on("console", (message) => complaints.push(message.text()));
  await shown?.goto(link);
  assert.equal(
    await shown?.getByRole("heading", { level: 1 }).textContent(),
    "The story of a message",
  );
  const told = (await shown?.getByRole("main").textContent()) ?? "";
  assert.match(told, /good@fabrikam\.test/);
  assert.doesNotMatch(told, /Quarterly report|refused@/);
  assert.deepEqual(complaints, [], "its own content policy lets its look through");

  await page.getByRole("link", { name: "Shared links" }).click();
  const row = page.getByRole("row", { name: new RegExp(traceId) });
  await row.getByText("Only what concerns good@fabrikam.test").waitFor();
  await row.getByRole("checkbox").check();
  await admin.check("shared links");
  await admin.picture("trace-links");
  await page.getByRole("button", { name: "Call back" }).click();
  await page.getByRole("dialog").getByText("This touches 1 object:").waitFor();
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await page.getByText("No story is shared").waitFor();
  await shown?.reload();
  await shown?.getByText(/has expired, was removed/).waitFor();
  await stranger?.close();

  await admin.visit("/trace?search=wingtip.test");
  await page.getByText("2 messages, 2 recipients", { exact: true }).waitFor();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Export as CSV" }).click(),
  ]);
  const csv = await readFile(await download.path(), "utf8");
  assert.match(csv, /^\ufeffReceived,SenderAddress,/);
  assert.match(csv, /onerror=""window/);
  assert.equal(csv.split("\r\n").length, 4);
}

async function hidesSubjects({ server, signIn }: AdminCenter): Promise<void> {
  const traceId = await reportId(server);
  const desk = await signIn({ name: "tess", roleGroups: ["Help Desk"] });
  await desk.visit("/trace?search=alice%40contoso.test");
  await desk.page.getByText("4 messages, 6 recipients", { exact: true }).waitFor();
  assert.equal(await desk.page.getByRole("columnheader", { name: "Subject" }).count(), 0);
  assert.equal(await desk.page.getByText("Quarterly").count(), 0);
  await desk.check("help desk");
  await desk.picture("trace-help-desk");
  await search(desk, "quarterly");
  await desk.page.getByText(/Your role groups see no subjects/).waitFor();
  await desk.visit(`/trace/${traceId}`);
  await desk.picture("trace-help-desk-story");
  await desk.page.getByRole("heading", { name: /Quarterly-report@client\.test/ }).waitFor();
  await desk.page
    .getByRole("list", { name: "Story" })
    .getByText(/550 5\.1\.1/)
    .first()
    .waitFor();
  assert.equal(await desk.page.getByRole("tab", { name: "All events" }).count(), 0);
  await desk.check("help desk, story");
}

async function showsTextAsText({ server, signIn }: AdminCenter): Promise<void> {
  const admin = await signIn();
  const { page } = admin;
  await admin.visit("/trace?search=&range=1h");
  await page.getByText("5 messages, 7 recipients", { exact: true }).waitFor();
  await page.getByText(HOSTILE.image, { exact: true }).waitFor();
  await page.getByText(HOSTILE.script, { exact: true }).waitFor();
  await page.getByText("invoice [U+202E]gnp.exe[U+202C]", { exact: true }).waitFor();
  await admin.check("hostile rows");
  await admin.picture("trace-hostile");
  const rows = await runCmdlet(server, "Get-MessageTrace", {});
  for (const id of new Set(rows.map(({ MessageTraceId }) => textOf(MessageTraceId)))) {
    await admin.visit(`/trace/${id}`);
    await page.getByRole("list", { name: "Story" }).waitFor();
    assert.equal(await page.locator("main img, main script").count(), 0);
  }
  await admin.visit("/message-header");
  await page
    .getByRole("textbox", { name: "Header" })
    .fill(
      `Received: from ${HOSTILE.image} (\u202e) by ${HOSTILE.script} with ESMTP;\n` +
        " 21 Nov 2026 10:00:00 +0000\n" +
        "Received: from a.test by b.test; 21 Nov 2026 09:00:00 +0000\n" +
        `Subject: ${HOSTILE.turned}\n` +
        "Authentication-Results: b.test; spf=pass smtp.mailfrom=a.test; dkim=fail\n",
    );
  await page.getByText("spf: pass, says b.test").waitFor();
  await page.getByText(/1 h later, the longest wait/).waitFor();
  await page.getByText(/\[U\+202E\]gnp\.exe/).waitFor();
  await admin.check("header viewer");
  await admin.picture("header-viewer");
  assert.equal(await page.evaluate("window.hurt"), undefined);
}

async function fitsScreens({ server, signIn }: AdminCenter): Promise<void> {
  const admin = await signIn({ width: 320, height: 740, colorScheme: "dark" });
  const traceId = await reportId(server);
  await admin.visit("/trace?search=&range=1h");
  await admin.page.getByText("5 messages, 7 recipients", { exact: true }).waitFor();
  assert.equal(await admin.overflows(), false);
  await admin.check("telephone, results");
  await admin.picture("trace-telephone");
  for (const view of ["story", "why", "now", "said", "headers", "events"]) {
    await admin.visit(`/trace/${traceId}?view=${view}`);
    await admin.page.getByRole("tab", { selected: true }).waitFor();
    assert.equal(await admin.overflows(), false, view);
  }
  await admin.visit(`/trace/${traceId}`);
  await admin.page.getByRole("list", { name: "Story" }).waitFor();
  await admin.check("telephone, story");
  await admin.picture("trace-telephone-story");
  await admin.visit("/message-header");
  assert.equal(await admin.overflows(), false);
  const wide = await signIn({ colorScheme: "dark" });
  await wide.visit(`/trace/${traceId}`);
  await wide.page.getByRole("list", { name: "Story" }).waitFor();
  await wide.check("dark, story");
  await wide.picture("trace-story-dark");
}

test("message trace", async (t) => {
  const center = await openTrace(t);
  await t.test("a message is found by whatever one has of it", () => findsMessages(center));
  await t.test("its story is told, explained and proved", () => tellsStory(center));
  await t.test("a story is shared and exported", () => sharesAndExports(center));
  await t.test("a help desk sees no subjects", () => hidesSubjects(center));
  await t.test("what strangers write is text, whatever it looks like", () =>
    showsTextAsText(center),
  );
  await t.test("the pages fit a telephone, and the dark", () => fitsScreens(center));
});
