import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { openAdminCenter } from "../harness/admin-center.ts";

const DIST = join(import.meta.dirname, "../../web/dist");
/** Of everything that the first page needs before its first chart, as gzip has it. */
const FIRST_PAGE_BYTES_MAX = 300_000;

function gzipBytes(path: string): number {
  const file = join(DIST, path.replace(/^\/admin\//, ""));
  for (const name of [`${file}.gz`, file]) {
    const stats = statSync(name, { throwIfNoEntry: false });
    if (stats !== undefined) return stats.size;
  }
  return 0;
}

test("the first page needs no more than 300 kB before its first chart", async (t) => {
  const { signIn } = await openAdminCenter(t);
  const fresh = await signIn();
  const asked = new Map<string, number>();
  fresh.page.on("request", (request) => {
    const { pathname } = new URL(request.url());
    if (pathname.startsWith("/admin/assets/")) asked.set(pathname, gzipBytes(pathname));
  });
  // A window of its own has an empty cache, but for what signing in has brought: ask again.
  await fresh.visit("/");
  await fresh.page.getByRole("heading", { level: 1 }).waitFor();
  const before = [...asked].filter(([path]) => !/chart/i.test(path));
  const bytes = before.reduce((sum, [, size]) => sum + size, 0);
  assert.ok(before.length > 0, "the page has files");
  assert.ok(bytes <= FIRST_PAGE_BYTES_MAX, `${bytes} bytes: ${JSON.stringify(before)}`);
});
