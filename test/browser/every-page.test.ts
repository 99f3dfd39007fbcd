// Every page of the navigation, with something of everything in the server and markup wherever
// others have a say: looked at by axe, for words that leave the window, and for what runs.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { AdminCenter, AdminPage } from "../harness/admin-center.ts";
import { listAdminPages } from "../harness/admin-pages.ts";
import { openHostileOrganization } from "../harness/hostile-organization.ts";
import { CleanupScope } from "../harness/scope.ts";

const PAGES = listAdminPages();

/** Nothing of others may run, and nothing may be asked of anybody else. */
function watch(admin: AdminPage, origin: string): { readonly foreign: readonly string[] } {
  const foreign: string[] = [];
  admin.page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(origin) && !url.startsWith("data:")) foreign.push(url);
  });
  admin.page.on("dialog", (dialog) => {
    foreign.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  return { foreign };
}

function pictureName(path: string): string {
  return path === "/" ? "home" : path.slice(1).replaceAll("/", "-");
}

const scope = new CleanupScope();
let center: AdminCenter | undefined;
before(async () => {
  center = await openHostileOrganization(scope);
});
after(() => scope.close());

for (const { name, way, rules, ...visitor } of [
  // Each is loaded by its address.
  { name: "light", colorScheme: "light", way: "visit", rules: undefined },
  // What differs there is what axe looks at.
  { name: "dark", colorScheme: "dark", way: "follow", rules: ["color-contrast"] },
  {
    name: "telephone",
    width: 320,
    height: 740,
    way: "follow",
    rules: ["target-size", "color-contrast"],
  },
] as const) {
  test(`every page is fit for everybody: ${name}`, async () => {
    assert.ok(center !== undefined);
    const admin = await center.signIn(visitor);
    const { foreign } = watch(admin, center.origin);
    for (const path of PAGES) {
      await admin[way](path);
      await admin.settle();
      await admin.picture(`${pictureName(path)}-${name}`);
      await admin.check(`${path}, ${name}`, rules);
      assert.equal(await admin.overflows(), false, `${path}, ${name}: wider than the window`);
      assert.equal(await admin.page.evaluate("window.pwned"), undefined, `${path}: ran`);
    }
    assert.deepEqual(foreign, [], name);
  });
}
