import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

const folder = mkdtempSync(join(tmpdir(), "postrider-cli-"));
after(() => rmSync(folder, { recursive: true }));

/** Runs the executable as a shell would. */
function postrider(...words: readonly string[]) {
  const path = join(import.meta.dirname, "../../bin/postrider");
  const { status, stdout, stderr } = spawnSync(path, words, { encoding: "utf8", timeout: 60_000 });
  return { status, stdout, stderr };
}

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

for (const [why, words, problem] of [
  ["an unknown command", ["sreve"], /there is no command "sreve"/],
  ["an unknown option", ["serve", "--confg", "x"], /Unknown option '--confg'/],
  ["an option without its value", ["serve", "--config"], /--config/],
  ["a word too many", ["serve", "now"], /now/],
  ["check without a file", ["check"], /check takes one file/],
] as const) {
  test(`cli: ${why} is a misuse that names the cure`, () => {
    const { status, stdout, stderr } = postrider(...words);
    assert.equal(status, 2);
    assert.equal(stdout, "");
    assert.match(stderr, problem);
    assert.match(stderr, /"postrider help"/);
  });
}

test("cli: help, and the version of package.json", () => {
  assert.match(postrider("help").stdout, /postrider serve .*--config FILE/);
  assert.match(postrider("--version").stdout, /^Postrider \d+\.\d+\.\d+\n$/);
  assert.equal(postrider().status, 2);
});

test("cli: check says what is wrong with a file, and changes nothing", () => {
  const wrong = file("wrong.yaml", "acceptedDomains:\n  - { name: a.test, domainTipe: x }\n");
  const { status, stderr } = postrider("check", wrong);
  assert.equal(status, 1);
  assert.match(stderr, /wrong\.yaml:2:\d+: .*"domainTipe"; did you mean "domainType"\?/);
  const right = file("right.yaml", "acceptedDomains: [{ name: a.test }]\n");
  assert.equal(postrider("check", right).status, 0);
});

test("cli: a configuration file that is not there leaves no data directory", () => {
  const data = join(folder, "untouched");
  const { status, stderr } = postrider("serve", "--data-dir", data, "--config", "/nowhere.yaml");
  assert.equal(status, 1);
  assert.match(stderr, /\/nowhere\.yaml: cannot be read/);
  assert.throws(() => rmSync(data, { recursive: true }), /ENOENT/);
});

test("cli: a port that is taken ends the start, and is named", async () => {
  const taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  const address = taken.address();
  assert(typeof address === "object" && address !== null);
  const config = file(
    "taken.yaml",
    `acceptedDomains: [{ name: a.test }]
receiveConnectors: [{ name: In, bindings: ["127.0.0.1:${address.port}"] }]
`,
  );
  const { status, stderr } = postrider(
    "serve",
    "--data-dir",
    join(folder, "t"),
    "--config",
    config,
  );
  taken.close();
  assert.equal(status, 1);
  assert.match(stderr, new RegExp(`127\\.0\\.0\\.1:${address.port}`));
});
