import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openSecretBox } from "./secret-key.ts";

test("the key file is made once, for its owner only", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "postrider-key-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "secret.key");
  // A crash in the middle leaves this, and the next start nothing of it.
  writeFileSync(`${path}.new`, "hal");
  const sealed = openSecretBox(path).seal("secret");
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(folder), ["secret.key"]);
  assert.equal(openSecretBox(path).open(sealed), "secret");
  writeFileSync(path, "short");
  assert.throws(() => openSecretBox(path), /secret\.key is not a key of 32 bytes.*backup/);
});
