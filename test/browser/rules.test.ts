import assert from "node:assert/strict";
import { test } from "node:test";
import { type AdminPage, openAdminCenter } from "../harness/admin-center.ts";
import { runCmdlet } from "../harness/cmdlets.ts";
import { eventually } from "../harness/eventually.ts";
import type { TestServer } from "../harness/server.ts";
import { submit } from "../harness/transaction.ts";

const ALICE = "alice@contoso.test";

async function makeRules(server: TestServer): Promise<void> {
  for (const rule of [
    { Name: "Programs", AttachmentHasExecutableContent: true, RejectMessageReasonText: "No" },
    {
      Name: "Outside mail",
      FromScope: "NotInOrganization",
      ExceptIfSubjectContainsWords: ["[External]"],
      PrependSubject: "[External] ",
    },
    { Name: "Offers", SubjectContainsWords: ["offer"], SetSCL: 6, Mode: "Audit" },
  ]) {
    await runCmdlet(server, "New-TransportRule", rule);
  }
}

async function orderOf(server: TestServer): Promise<readonly unknown[]> {
  const rules = await runCmdlet(server, "Get-TransportRule", { SortOrder: "+Priority" });
  return rules.map((rule) => rule["Identity"]);
}

test("rules: hits, order by buttons, keys and dragging with undo, switching", async (t) => {
  const { server, smtpPort, signIn } = await openAdminCenter(t);
  await makeRules(server);
  await submit(smtpPort, {
    from: "<ann@fabrikam.test>",
    to: [`<${ALICE}>`],
    content: "From: ann@fabrikam.test\r\nSubject: special offer\r\n\r\nHello\r\n",
  });
  await eventually({ what: "a hit" }, async () => {
    const [rule] = await runCmdlet(server, "Get-TransportRule", { Identity: "Offers" });
    return rule?.["HitCount"] === 1 ? true : undefined;
  });
  const admin = await signIn();
  const { page } = admin;
  await admin.visit("/mail-flow/rules");
  const offers = page.getByRole("listitem").filter({ hasText: "Offers" });
  await offers.getByText("1 message").waitFor();
  await page.getByText("an attachment is a program or script: return it").waitFor();
  await admin.check("list");
  await admin.picture("rules-list");
  await page.getByRole("button", { name: "Move Offers up" }).click();
  await page.getByText("Offers now has priority 1").first().waitFor();
  assert.deepEqual(await orderOf(server), ["Programs", "Offers", "Outside mail"]);
  await page.getByRole("button", { name: "Undo" }).first().click();
  await eventually({ what: "the order of before" }, async () =>
    (await orderOf(server)).at(-1) === "Offers" ? true : undefined,
  );
  await page.getByRole("button", { name: "Programs", exact: true }).focus();
  await page.keyboard.press("Alt+ArrowDown");
  await page.getByText("Programs now has priority 1").first().waitFor();
  await eventually({ what: "the focus goes with the rule" }, async () =>
    (await focusedText(admin)) === "Programs" ? true : undefined,
  );
  await page.keyboard.press("Alt+ArrowDown");
  await page.getByText("Programs now has priority 2").first().waitFor();
  assert.deepEqual(await orderOf(server), ["Outside mail", "Offers", "Programs"]);
  await page
    .getByTitle("Drag Programs to another place")
    .dragTo(page.getByRole("listitem").filter({ hasText: "Outside mail" }));
  await page.getByText("Programs now has priority 0").first().waitFor();
  assert.deepEqual(await orderOf(server), ["Programs", "Outside mail", "Offers"]);
  // What another has moved meanwhile is not undone by a place in a list of before.
  await runCmdlet(server, "Set-TransportRule", { Identity: "Offers", Priority: 0 });
  await page.getByRole("button", { name: "Move Outside mail up" }).click();
  await page.getByText(/which rules there are, or their order\. Nothing was moved/).waitFor();
  assert.deepEqual(await orderOf(server), ["Offers", "Programs", "Outside mail"]);
  const first = page.getByRole("list", { name: "Rules" }).getByRole("listitem").first();
  await first.getByText("Offers").first().waitFor();
  await page.getByRole("button", { name: "Move Outside mail up" }).click();
  await page.getByText("Outside mail now has priority 1").first().waitFor();
  await page.getByRole("switch", { name: "Programs: on" }).click();
  await page.getByText("Programs is off").first().waitFor();
  const [off] = await runCmdlet(server, "Get-TransportRule", { Identity: "Programs" });
  assert.equal(off?.["Enabled"], false);
});

function focusedText({ page }: AdminPage): Promise<string> {
  return page.evaluate<string>("document.activeElement?.textContent ?? ''");
}

test("rules: built, changed against another's change, copied and removed", async (t) => {
  const { server, signIn } = await openAdminCenter(t);
  const admin = await signIn();
  const { page } = admin;
  await admin.visit("/mail-flow/rules");
  await page.getByText("No rule yet").waitFor();
  await admin.check("no rules");
  await page.getByRole("button", { name: "New rule" }).first().click();
  await page.getByRole("textbox", { name: "Name", exact: true }).fill("Big mail");
  await page.getByLabel("Add a condition…").selectOption({ label: "the message has … or more" });
  await page.getByRole("textbox", { name: "Message size over" }).fill("20 nonsense");
  await page.getByLabel("Add a condition…").selectOption({ label: "the recipient is …" });
  await page.getByLabel("Add an action…").selectOption({ label: "return it to the sender with …" });
  await page.getByLabel("Reject message reason text").fill("Use the file share");
  await page
    .getByLabel("Add an exception…")
    .selectOption({ label: "an attachment is a program or script" });
  await page.getByRole("button", { name: "Create" }).click();
  await page
    .getByText(/20 nonsense/)
    .last()
    .waitFor();
  await admin.check("builder with a fault");
  await page.getByRole("textbox", { name: "Message size over" }).fill("20MB");
  await page.getByRole("button", { name: "Remove: the recipient is …" }).click();
  await admin.picture("rules-builder");
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByRole("heading", { name: "Big mail" }).waitFor();
  await page.getByText("an attachment is a program or script").last().waitFor();
  await admin.check("rule in sentences");
  await admin.picture("rules-detail");
  const [made] = await runCmdlet(server, "Get-TransportRule", { Identity: "Big mail" });
  assert.equal(made?.["MessageSizeOver"], "20MB");
  assert.equal(made?.["ExceptIfAttachmentHasExecutableContent"], true);
  await page.getByRole("button", { name: "Edit" }).click();
  await page.getByLabel("Reject message reason text").fill("Use the share");
  await page.getByRole("button", { name: /^Remove: an attachment is a program/ }).click();
  await runCmdlet(server, "Set-TransportRule", { Identity: "Big mail", Comments: "theirs" });
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Somebody else has changed it").waitFor();
  await page.getByRole("button", { name: "Keep both" }).click();
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("button", { name: "Edit" }).waitFor();
  const [saved] = await runCmdlet(server, "Get-TransportRule", { Identity: "Big mail" });
  assert.equal(saved?.["Comments"], "theirs");
  assert.equal(saved?.["RejectMessageReasonText"], "Use the share");
  assert.equal(saved?.["ExceptIfAttachmentHasExecutableContent"], false);
  await page.getByRole("button", { name: "Copy", exact: true }).click();
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByRole("heading", { name: "Copy of Big mail", exact: true }).waitFor();
  await page.getByRole("button", { name: "Move Copy of Big mail up" }).click();
  await page.getByText("Copy of Big mail now has priority 0").first().waitFor();
  assert.deepEqual(await orderOf(server), ["Copy of Big mail", "Big mail"]);
  await page.getByRole("button", { name: "Remove" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await page.getByText("Done: Copy of Big mail").first().waitFor();
  assert.deepEqual(await orderOf(server), ["Big mail"]);
});

/** As from a folder that is open beside the browser. */
async function dropMessage({ page }: AdminPage, content: string): Promise<void> {
  const dataTransfer = await page.evaluateHandle(`{
    const dragged = new DataTransfer();
    dragged.items.add(new File([${JSON.stringify(content)}], "dropped.eml"));
    dragged;
  }`);
  const place = page.getByRole("group", { name: "Drop a file here, or" });
  for (const event of ["dragenter", "dragover", "drop"]) {
    await place.dispatchEvent(event, { dataTransfer });
  }
}

test("rules: tested on a message, exported and imported", async (t) => {
  const { server, signIn } = await openAdminCenter(t);
  await makeRules(server);
  const admin = await signIn({ colorScheme: "dark" });
  const { page } = admin;
  await admin.visit("/mail-flow/rules?mode=test");
  await page.getByLabel("Sender", { exact: true }).fill("ann@fabrikam.test");
  await page.getByLabel(/^Recipients/).fill(ALICE);
  await page.getByLabel("Subject", { exact: true }).fill("an offer");
  await page.getByRole("button", { name: "Test", exact: true }).last().click();
  await page.getByRole("heading", { name: "Outside mail applies" }).waitFor();
  await page.getByText("It is only logged, but would").waitFor();
  await page.getByRole("heading", { name: "Programs does not apply" }).waitFor();
  await admin.check("test");
  await admin.picture("rules-test-dark");
  await page.getByRole("radio", { name: "A file or its source" }).click();
  const source = "From: ann@fabrikam.test\nSubject: [External] hello\n\nHi\n";
  await page.getByLabel("Source of the message").fill(source);
  await page.getByRole("button", { name: "Test", exact: true }).last().click();
  await page.getByRole("heading", { name: "Outside mail does not apply" }).waitFor();
  await page.locator("input[type=file]").setInputFiles({
    name: "hostile<b>.eml",
    mimeType: "message/rfc822",
    buffer: Buffer.from("From: ann@fabrikam.test\r\nSubject: plain\r\n\r\nHi\r\n"),
  });
  await page.getByText("hostile<b>.eml").waitFor();
  await page.getByRole("button", { name: "Test", exact: true }).last().click();
  await page.getByRole("heading", { name: "Offers does not apply" }).waitFor();
  await page.getByRole("heading", { name: "Outside mail applies" }).waitFor();
  await dropMessage(admin, "From: ann@fabrikam.test\nSubject: [External] again\n\nHi\n");
  await page.getByText("dropped.eml").waitFor();
  await page.getByRole("button", { name: "Test", exact: true }).last().click();
  await page.getByRole("heading", { name: "Outside mail does not apply" }).waitFor();
  await dropMessage(admin, "From: ann@fabrikam.test\nSubject: plain\n\nHi\n");
  await page.getByRole("button", { name: "Test", exact: true }).last().click();
  await page.getByRole("heading", { name: "Outside mail applies" }).waitFor();
  // A rule is tried before it is switched on.
  await runCmdlet(server, "Disable-TransportRule", { Identity: "Outside mail" });
  await page.getByRole("button", { name: "Test", exact: true }).last().click();
  await page.getByText("Outside mail: not asked").waitFor();
  await page.getByRole("switch", { name: "Ask rules that are switched off, too" }).click();
  await page.getByRole("button", { name: "Test", exact: true }).last().click();
  await page.getByRole("heading", { name: "Outside mail applies" }).waitFor();
  await page.getByText("Condition: the sender is located outside the organization").waitFor();
  await runCmdlet(server, "Enable-TransportRule", { Identity: "Outside mail" });
  const downloading = page.waitForEvent("download");
  await page.getByRole("button", { name: "Export" }).click();
  const path = await (await downloading).path();
  await runCmdlet(server, "Remove-TransportRule", { Identity: "Programs" });
  await page.getByRole("button", { name: "Import" }).click();
  await page.locator("input[type=file]").setInputFiles(path);
  await page
    .getByText(/Programs/)
    .last()
    .waitFor();
  await admin.check("import preview");
  await page.getByRole("button", { name: "Replace all rules" }).click();
  await page.getByText("Programs: Taken over").waitFor();
  await admin.check("imported");
  assert.deepEqual(await orderOf(server), ["Programs", "Outside mail", "Offers"]);
});

test("rules fit a telephone; who may only look changes nothing", async (t) => {
  const { server, signIn } = await openAdminCenter(t);
  await makeRules(server);
  const admin = await signIn({
    ...{ name: "viewer", roleGroups: ["View-Only Organization Management"] },
    ...{ width: 320, height: 740 },
  });
  const { page } = admin;
  await admin.visit("/mail-flow/rules");
  await page.getByRole("button", { name: "Outside mail" }).waitFor();
  assert.equal(await page.getByRole("switch").count(), 0);
  assert.equal(await page.getByRole("button", { name: "New rule" }).count(), 0);
  assert.equal(await admin.overflows(), false);
  await admin.picture("rules-telephone");
  await page.getByRole("button", { name: "Outside mail" }).click();
  await page.getByRole("heading", { name: "Outside mail" }).waitFor();
  assert.equal(await page.getByRole("button", { name: "Edit" }).count(), 0);
  assert.equal(await admin.overflows(), false);
  await admin.check("telephone");
});
