import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeClock } from "../base/clock.fake.ts";
import { fakeResolver, type Zone } from "../dns/zone.fake.ts";
import { parseDomain } from "../mail/address.ts";
import type { DkimSigningConfig } from "../org/dkim-keys.ts";
import { checkDkim } from "./dkim-records.ts";
import type { RecordCheck } from "./record-check.ts";

const NAME = "s1._domainkey.contoso.test";
const RECORD = "v=DKIM1; k=ed25519; p=AbC=";

function config(changes: Partial<DkimSigningConfig>): DkimSigningConfig {
  const name = parseDomain("contoso.test");
  assert.ok(name !== undefined);
  return {
    name,
    enabled: true,
    rsaKey: undefined,
    ed25519Key: { selector: "s1", privateKey: RECORD },
    rotateOnDate: undefined,
    nextRsaKey: undefined,
    nextEd25519Key: undefined,
    rotationIntervalMs: 0,
    ...changes,
  };
}

async function check(zone: Zone, configured: DkimSigningConfig | undefined) {
  const checks = checkDkim({
    domain: "contoso.test",
    config: configured,
    dkimRecord: (_kind, sealed) => (sealed === "lost" ? undefined : sealed),
    resolver: fakeResolver(zone, fakeClock()),
  });
  const found: RecordCheck[] = [];
  for await (const one of checks) found.push(one);
  return found;
}

for (const [why, TXT, changes, want] of [
  ["as it should be", [RECORD], {}, /^Pass it is that/],
  ["written otherwise", ["k=ed25519;  p = A bC= ; t=s"], {}, /^Pass it is that/],
  ["none", [], {}, /^Fail no record/],
  ["none, and nothing signs", [], { enabled: false }, /^Warning no record/],
  ["another key's", ["v=DKIM1; p=XyZ="], {}, /^Fail it is not that/],
  ["two", [RECORD, RECORD], {}, /^Fail more than one/],
  ["there, and nothing signs", [RECORD], { enabled: false }, /^Pass .*switched off$/],
  [
    "for a key that is lost",
    [RECORD],
    { ed25519Key: { selector: "s1", privateKey: "lost" } },
    /^Fail the private key cannot/,
  ],
] as const) {
  test(`DKIM record: ${why}`, async () => {
    const [one, ...others] = await check({ [NAME]: { TXT } }, config(changes));
    assert.equal(others.length, 0);
    assert.match(`${one?.verdict} ${one?.detail}`, want);
    const isShown = one?.verdict !== "Pass" && !want.source.includes("private");
    assert.deepEqual(one?.expected, isShown ? [`${NAME}. IN TXT "${RECORD}"`] : []);
  });
}

test("DKIM record: no answer is no failure", async () => {
  const [one] = await check({ [NAME]: { fault: "SERVFAIL" } }, config({}));
  assert.equal(one?.verdict, "Warning");
});

test("DKIM record: every key has its own, the next ones too; none without keys", async () => {
  const nextEd25519Key = { selector: "s2", privateKey: RECORD };
  const found = await check({ [NAME]: { TXT: [RECORD] } }, config({ nextEd25519Key }));
  assert.deepEqual(
    found.map(({ name, verdict }) => [name, verdict]),
    [
      [NAME, "Pass"],
      ["s2._domainkey.contoso.test", "Fail"],
    ],
  );
  assert.deepEqual(
    (await check({}, undefined)).map(({ verdict }) => verdict),
    ["Info"],
  );
});
