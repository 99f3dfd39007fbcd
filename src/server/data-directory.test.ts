import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { openDataDirectory } from "./data-directory.ts";

const folder = mkdtempSync(join(tmpdir(), "postrider-data-"));
after(() => rmSync(folder, { recursive: true }));

test("a server that did not stop in order is known by the next one", () => {
  const path = join(folder, "data");
  assert.equal(openDataDirectory(path).wasUnclean, false);
  const second = openDataDirectory(path);
  assert.equal(second.wasUnclean, true);
  second.markStopped();
  assert.equal(openDataDirectory(path).wasUnclean, false);
});

test("nobody else may look into the data directory", () => {
  const path = join(folder, "private");
  openDataDirectory(path);
  for (const name of [".", "mailboxes", "logs", "certificates", "pickup", "replay"]) {
    assert.equal(statSync(join(path, name)).mode & 0o777, 0o700, name);
  }
  assert.equal(statSync(join(path, "secret.key")).mode & 0o777, 0o600);
});

test("what one start has sealed the next one can open", () => {
  const path = join(folder, "sealed");
  const sealed = openDataDirectory(path).secrets.seal("secret");
  assert.equal(openDataDirectory(path).secrets.open(sealed), "secret");
});
