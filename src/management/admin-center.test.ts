import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { textOf } from "../base/text-of.fake.ts";
import { createAdminCenter } from "./admin-center.ts";

let folder = "";
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "postrider-center-"));
  await mkdir(join(folder, "dist/assets"), { recursive: true });
  const files = {
    "secret.txt": "secret",
    "dist/index.html": "<!doctype html>",
    "dist/index.html.br": "page in brotli",
    "dist/assets/index-AbC_1-2.js": "script",
    "dist/assets/index-AbC_1-2.js.gz": "script in gzip",
    "dist/assets/index-AbC_1-2.js.map": "secret",
    "dist/assets/page.css": "style",
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
});
after(() => rm(folder, { recursive: true }));

function ask(path: string, headers: Readonly<Record<string, string>> = {}) {
  return createAdminCenter(join(folder, "dist"))({ path, headers });
}

for (const [path, headers, status, body] of [
  ["/admin/", {}, 200, "<!doctype html>"],
  ["/admin/queues", {}, 200, "<!doctype html>"],
  ["/admin/queues/3?filter=x", { "accept-encoding": "gzip, br" }, 200, "page in brotli"],
  ["/admin/assets/index-AbC_1-2.js", {}, 200, "script"],
  ["/admin/assets/index-AbC_1-2.js", { "accept-encoding": "gzip" }, 200, "script in gzip"],
  ["/admin/assets/index-AbC_1-2.js", { "accept-encoding": "identity" }, 200, "script"],
  ["/admin/assets/page.css", { "accept-encoding": "br" }, 200, "style"],
] as const) {
  test(`${path} ${JSON.stringify(headers)} is there`, async () => {
    const answer = await ask(path, headers);
    assert.equal(answer?.status, status);
    assert.ok(Buffer.isBuffer(answer?.body));
    assert.equal(answer.body.toString(), body);
  });
}

for (const path of [
  "/admin/assets/../secret.txt",
  "/admin/assets/../../secret.txt",
  "/admin/assets/%2e%2e/%2e%2e/secret.txt",
  "/admin/assets/..%2fsecret.txt",
  "/admin/assets/index-AbC_1-2.js.map",
  "/admin/assets/index-AbC_1-2.js.gz",
  "/admin/assets/none.js",
  "/admin/assets/none\0.js",
  "/admin/assets/",
]) {
  test(`${JSON.stringify(path)} is not there`, async () => {
    assert.equal(await ask(path), undefined);
  });
}

test("the root leads to the center", async () => {
  for (const path of ["/", "/admin"]) {
    const answer = await ask(path);
    assert.deepEqual([answer?.status, answer?.headers?.["location"]], [302, "/admin/"]);
  }
});

test("a page is asked for each time, and not sent again; a file is kept", async () => {
  const page = await ask("/admin/");
  assert.equal(page?.headers?.["cache-control"], "no-cache");
  const etag = page?.headers?.["etag"] ?? assert.fail();
  assert.equal((await ask("/admin/", { "if-none-match": etag }))?.status, 304);
  assert.equal((await ask("/admin/", { "if-none-match": '"other"' }))?.status, 200);
  const file = await ask("/admin/assets/page.css");
  assert.match(file?.headers?.["cache-control"] ?? "", /immutable/);
});

test("nothing runs in a page but files of ours, and nobody frames it", async () => {
  const { headers = {} } = (await ask("/admin/")) ?? {};
  const policy = headers["content-security-policy"] ?? "";
  assert.match(policy, /default-src 'none'/);
  assert.match(policy, /script-src 'self';/);
  assert.match(policy, /frame-ancestors 'none'/);
  assert.match(policy, /require-trusted-types-for 'script'/);
  assert.doesNotMatch(policy, /unsafe|https?:|\*/);
});

test("a center that was not built says how it is built", async () => {
  const answer = await createAdminCenter(join(folder, "none"))({ path: "/admin/", headers: {} });
  assert.equal(answer?.status, 503);
  assert.match(textOf(answer?.body), /npm run build/);
});
