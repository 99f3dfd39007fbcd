import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parseConfiguration } from "./configuration.ts";
import { FAULTS_MAX, formatFault } from "./configuration-fault.ts";

const CONTEXT = { fileName: "postrider.yaml", hostName: "host.contoso.com", cores: 4 };

function faultsOf(text: string): readonly string[] {
  const parsed = parseConfiguration(text, CONTEXT);
  return parsed.ok ? [] : parsed.fault.map(formatFault);
}

/** Cases: `== why`, the file, `-- ` and the fault it must give, or `-- nothing`. */
const CASES = join(import.meta.dirname, "configuration-faults.txt");

for (const block of readFileSync(CASES, "utf8").split(/^== /m).slice(1)) {
  const [, why = "", text = "", want = ""] = /^(.+)\n([\s\S]*?)\n-- (.+)\n/.exec(block) ?? [];
  test(`parseConfiguration ${why}`, () => {
    assert.deepEqual(faultsOf(text), want === "nothing" ? [] : [`postrider.yaml:${want}`]);
  });
}

function receiveConnector(rest: string): string {
  return `receiveConnectors: [{ name: a, bindings: "127.0.0.1:25", ${rest} }]`;
}

test("a fault carries its parts", () => {
  const parsed = parseConfiguration(receiveConnector("maxHopCount: many"), CONTEXT);
  assert.ok(!parsed.ok);
  assert.deepEqual(parsed.fault, [
    {
      fileName: "postrider.yaml",
      line: 1,
      column: 71,
      object: 'receive connector "a"',
      property: "maxHopCount",
      value: "many",
      message: 'maxHopCount: "many" is not valid; write: integer 1–500',
    },
  ]);
});

test("all faults are told in the order of the file, and no password among them", () => {
  const faults = faultsOf(`
mailboxes:
  - { name: a, primarySmtpAddress: nobody, password: [hunter2] }
  - { name: b, primarySmtpAddress: b@b.test, passwordHash: hunter2 }
server: { fqdn: a b, transportThreads: 0 }`);
  assert.deepEqual(
    faults.map((text) => text.split(":")[1]),
    ["3", "3", "4", "5", "5"],
  );
  assert.doesNotMatch(faults.join("\n"), /hunter2/);
});

test("no more faults are told than anybody reads", () => {
  const mailboxes = Array.from({ length: FAULTS_MAX + 10 }, () => "{ name: a, quota: 1 }");
  const faults = faultsOf(`mailboxes: [${mailboxes.join(", ")}]`);
  assert.equal(faults.length, FAULTS_MAX + 1);
  assert.match(faults.at(-1) ?? "", /and \d+ more faults$/);
});
