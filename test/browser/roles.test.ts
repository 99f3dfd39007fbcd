import assert from "node:assert/strict";
import { test } from "node:test";
import { ROLE_GROUPS } from "../../src/cmdlet/role-group.ts";
import { openAdminCenter } from "../harness/admin-center.ts";
import { listAdminPages } from "../harness/admin-pages.ts";

const NO_PAGE = "Your role groups do not allow this page";

test("each role group sees pages that work for it, and no others", async (t) => {
  const { signIn } = await openAdminCenter(t);
  for (const group of ROLE_GROUPS) {
    const name = group.replaceAll(" ", "-").toLowerCase();
    const admin = await signIn({ name, roleGroups: [group] });
    const { page } = admin;
    const refused: string[] = [];
    page.on("response", (response) => {
      if (response.status() === 403) refused.push(response.url());
    });
    let shown = 0;
    for (const path of listAdminPages()) {
      await admin.follow(path);
      const isShut = await page.getByText(NO_PAGE).isVisible();
      if (isShut) continue;
      await admin.settle();
      const faults = await page.getByRole("alert").allTextContents();
      assert.deepEqual(faults, [], `${group}: ${path}`);
      shown += 1;
    }
    assert.deepEqual(refused, [], `${group}: nothing is asked for that is not allowed`);
    assert.ok(shown > 0, `${group} sees something`);
    if (group === "Organization Management") assert.equal(shown, listAdminPages().length);
    await admin.context.close();
  }
});
