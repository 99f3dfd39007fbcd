import assert from "node:assert/strict";
import { test } from "node:test";
import { asksForReports, parseDmarcRecord } from "./dmarc-record.ts";

for (const [text, want] of [
  ["v=DMARC1; p=reject", { policy: "reject", fo: "0", adkim: "r", isTesting: false, psd: "u" }],
  ["v=DMARC1;p=none;sp=quarantine;np=reject", { subdomainPolicy: "quarantine" }],
  ["v=DMARC1; p=nonsense; fo=1:d:s; adkim=s; t=y", { policy: "none", fo: "1:d:s", adkim: "s" }],
  ["v=DMARC1; fo=<script>", { fo: "0" }],
  ["v=DMARC1; p=none; p=reject", { policy: "none" }],
] as const) {
  test(`record ${text}`, () => {
    const record = parseDmarcRecord(text);
    assert.ok(record !== undefined);
    const found = Object.keys(want).map((name) => [name, Reflect.get(record, name)]);
    assert.deepEqual(Object.fromEntries(found), want);
  });
}

for (const text of ["v=DMARC2; p=none", "p=none; v=DMARC1", "v=dmarc1", ""]) {
  test(`no record: ${text}`, () => assert.equal(parseDmarcRecord(text), undefined));
}

for (const [rua, want] of [
  ["mailto:a@b.test", ["a@b.test Infinity"]],
  ["mailto:a@b.test!10m, mailto:c@d.test!5", ["a@b.test 10485760", "c@d.test 5"]],
  ["mailto:a%2Bx@b.test", ["a+x@b.test"]],
  ["https://b.test/, a@b.test, mailto:, mailto:%zz@b.test", []],
  ["mailto:a%0d%0a@b.test", []],
  [Array.from({ length: 9 }, (_, index) => `mailto:a${index}@b.test`).join(), 5],
] as const) {
  test(`destinations of ${rua.slice(0, 40)}`, () => {
    const found = parseDmarcRecord(`v=DMARC1; p=none; rua=${rua}`)?.rua ?? [];
    const told = found.map(({ address, bytesMax }) => `${address} ${bytesMax}`);
    if (typeof want === "number") assert.equal(found.length, want);
    else
      assert.ok(
        told.length === want.length && told.every((one, at) => one.startsWith(want[at] ?? "?")),
        told.join(),
      );
  });
}

test("whether a record asks for reports", () => {
  assert.ok(asksForReports("v=DMARC1; p=none; rua=mailto:a@b.test"));
  assert.ok(!asksForReports("v=DMARC1; p=none"));
});
