import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { DAY } from "../../src/base/units.ts";
import { SAMPLE_MS, sampleLine, sampleLog } from "../../src/logs/tracking-lines.fake.ts";
import { openAdminCenter } from "../harness/admin-center.ts";
import { temporaryFolder } from "../harness/server.ts";

const MESSAGES = 50_000;
const FOUND = "50,000 messages, 50,000 recipients";

/** A log as a server writes it in an hour and a half: each message received and sent on. */
function bigLog(beginMs: number): string {
  const afterMs = beginMs - SAMPLE_MS;
  const lines = Array.from({ length: MESSAGES }, (_, at) => {
    const about = {
      "message-id": `<${at}@bulk.test>`,
      "internal-message-id": String(at + 1),
      "network-message-id": `00000000-0000-4000-8000-${String(at).padStart(12, "0")}`,
      "recipient-address": `user${at}@fabrikam.test`,
      "message-subject": `Newsletter ${at}`,
      "sender-address": "news@bulk.test",
      "return-path": "news@bulk.test",
    };
    const sent = { ...about, "event-id": "SEND", "recipient-status": "250 2.0.0 Taken" };
    return sampleLine(about, afterMs + at * 100) + sampleLine(sent, afterMs + at * 100 + 50);
  });
  return sampleLog(lines);
}

test("fifty thousand results are found, cancelled, scrolled and sorted", async (t) => {
  const dataFolder = await temporaryFolder(t);
  const logs = join(dataFolder, "logs", "MessageTracking");
  await mkdir(logs, { recursive: true });
  // Of yesterday, so that the server keeps it and writes another one itself.
  const day = new Date(Date.now() - DAY).toISOString().slice(0, 10);
  const log = bigLog(Date.parse(day));
  await writeFile(join(logs, `MSGTRK${day.replaceAll("-", "")}-1.LOG`), log);
  const { signIn } = await openAdminCenter(t, { dataFolder });
  const admin = await signIn();
  const { page } = admin;
  await admin.visit("/trace?search=bulk.test&range=all");
  // It shows what it has found while it is still searching, and can be stopped.
  await page.getByText(/^[1-9][\d,]* messages so far$/).waitFor();
  await page.getByRole("grid", { name: "Messages found" }).waitFor();
  await admin.check("searching");
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.getByText("The search was cancelled").waitFor();
  await admin.check("cancelled");
  await page.getByRole("button", { name: "Search again" }).click();
  await page.getByText(FOUND, { exact: true }).waitFor({ timeout: 90_000 });
  const grid = page.getByRole("grid", { name: "Messages found" });
  assert.equal(await grid.getAttribute("aria-rowcount"), String(MESSAGES + 1));
  assert.ok((await grid.getByRole("row").count()) < 100, "only rows in view are in the page");

  await grid.getByRole("row", { name: /user49999@/ }).focus();
  await page.keyboard.press("End");
  await grid.getByRole("row", { name: /user0@/ }).waitFor();
  assert.equal(await page.evaluate("document.activeElement?.ariaRowIndex"), String(MESSAGES + 1));
  await page.getByRole("button", { name: "Recipients" }).click();
  await page.waitForURL(/sort=recipient/);
  await page.keyboard.press("Shift+Tab");
  await grid.getByRole("row", { name: /user0@/ }).waitFor();
  // A middle row keeps its place while its message is looked at.
  await grid.evaluate((node) => node.scrollTo({ top: 36 * 30_000 }));
  const middle = grid.getByRole("row", { name: /user3[67]\d*@/ }).first();
  const name = (await middle.textContent()) ?? "";
  await middle.click();
  await page.getByRole("list", { name: "Story" }).waitFor();
  await page.getByRole("link", { name: "Back to the search" }).click();
  await page.getByText(FOUND, { exact: true }).waitFor();
  const [recipient = ""] = /user\d+@fabrikam\.test/.exec(name) ?? [];
  await grid.getByRole("row", { name: new RegExp(recipient.replace(".", "\\.")) }).waitFor();
});
