import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import type { TlsaRecord } from "../dns/message.ts";
import { usableTlsa, verifyDane } from "./dane.ts";
import { createTestAuthority, sha256Record } from "./test-authority.fake.ts";

const SUITE = join(import.meta.dirname, "../../../shared/suites/dane/openssl/danetest.in");
const NOW_MS = Date.UTC(2026, 0, 1);
/** OpenSSL's X509_V_ERR_… numbers, as the file has them. */
const RESULTS: Readonly<Record<string, string>> = {
  "0": "ok",
  "62": "certificate-host-mismatch",
  "65": "tlsa-invalid",
};

interface Vector {
  readonly number: string;
  readonly records: readonly TlsaRecord[];
  readonly chain: readonly X509Certificate[];
  readonly nameChecks: boolean;
  readonly want: string;
}

function readVectors(text: string): readonly Vector[] {
  return text.split(/^# (?=\d+$)/m).flatMap((block) => {
    const number = /^(\d+)$/m.exec(block.split("\n", 1)[0] ?? "")?.[1];
    const head = /^(\d+) (\d+) ([01]) (\d+) (-?\d+)$/m.exec(block);
    if (number === undefined || head === null) return [];
    const records = [...block.matchAll(/^([0-3]) ([01]) ([0-2]) ([0-9a-fA-F]+)$/gm)].map(
      ([, usage, selector, matchingType, hex]) => ({
        usage: Number(usage),
        selector: Number(selector),
        matchingType: Number(matchingType),
        data: Uint8Array.from(Buffer.from(hex ?? "", "hex")),
      }),
    );
    const pems = block.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
    const [, , , noNameChecks, result = "", depth] = head;
    const chain = pems.map((pem) => new X509Certificate(pem));
    const outcome = RESULTS[result] ?? `error ${result}`;
    const want = outcome === "ok" ? `ok ${depth}` : outcome;
    return [{ number, records, chain, nameChecks: noNameChecks === "0", want }];
  });
}

function judge(records: readonly TlsaRecord[], chain: readonly X509Certificate[], name: string) {
  const [own, ...others] = chain;
  assert.ok(own);
  const verdict = verifyDane([own, ...others], {
    records: usableTlsa(records),
    names: [name],
    nowMs: NOW_MS,
  });
  return verdict.ok ? `ok ${verdict.depth}` : verdict.result;
}

const vectors = existsSync(SUITE) ? readVectors(readFileSync(SUITE, "utf8")) : [];

test("the published vectors are complete", (t) => {
  if (existsSync(SUITE)) assert.equal(vectors.length, 54);
  else t.diagnostic("../shared/suites is not there: nothing compared");
});

for (const { number, records, chain, nameChecks, want } of vectors) {
  const usable = usableTlsa(records);
  if (usable.length === 0) {
    test(`vector ${number}: usages 0 and 1 are unusable`, () => {
      assert.ok(records.every(({ usage }) => usage < 2));
    });
    continue;
  }
  const isEndEntity = usable.every(({ usage }) => usage === 3);
  // RFC 7672 §3.1.1 forbids the name check that this vector asks of other protocols.
  const isForbidden = isEndEntity && nameChecks && want === "certificate-host-mismatch";
  test(`vector ${number}: ${want}`, () => {
    assert.equal(judge(records, chain, "example.com"), isForbidden ? "ok 0" : want);
    if (isForbidden) assert.equal(chain[0]?.checkHost("example.com"), undefined);
  });
}

const key = (value: string) => Uint8Array.from(Buffer.from(value.padStart(64, "0"), "hex"));
const own = (usage: number, selector: number, matchingType: number, data: Uint8Array) => ({
  usage,
  selector,
  matchingType,
  data,
});

for (const [why, records, want] of [
  ["usages 0 and 1", [own(0, 1, 1, key("1")), own(1, 1, 1, key("1"))], []],
  ["an unknown usage", [own(255, 1, 1, key("1"))], []],
  ["an unknown selector", [own(3, 2, 1, key("1"))], []],
  ["an unknown digest", [own(3, 1, 3, key("1"))], []],
  ["a digest of another length", [own(3, 1, 2, key("1")), own(3, 1, 1, Uint8Array.of(1))], []],
  ["a certificate that is none", [own(2, 0, 0, key("1"))], []],
  ["a key that is none", [own(3, 1, 0, key("1"))], []],
  ["both usages are kept", [own(3, 1, 1, key("1")), own(2, 1, 1, key("2"))], [0, 1]],
  [
    "the strongest digest of a usage and selector",
    [own(3, 1, 1, key("1")), own(3, 1, 2, key("1".padStart(128, "0"))), own(3, 0, 1, key("3"))],
    [1, 2],
  ],
] as const) {
  test(`usableTlsa: ${why}`, () => {
    const usable = usableTlsa(records);
    assert.deepEqual(
      usable,
      want.map((index) => records[index]),
    );
  });
}

test("usableTlsa: anything may come from the network", () => {
  const byte = fc.integer({ min: 0, max: 255 });
  const record = fc.record({
    usage: byte,
    selector: fc.integer({ min: 0, max: 3 }),
    matchingType: fc.integer({ min: 0, max: 4 }),
    data: fc.uint8Array({ maxLength: 80 }),
  });
  fc.assert(fc.property(fc.array(record), (records) => void usableTlsa(records)));
});

const root = await createTestAuthority("Root");
const intermediate = await root.authority("Intermediate");
const pinned = (pem: string) => sha256Record(2, pem);
const ONE_DAY = 24 * 3600 * 1000;

for (const [why, make, want] of [
  [
    "through an intermediate, shown in another order",
    async () => {
      const leaf = await intermediate.issue({ names: ["mx.a.test"] });
      return [[leaf.pem, root.pem, intermediate.pem], pinned(root.pem)];
    },
    "ok 2",
  ],
  [
    "for another host",
    async () => {
      const leaf = await intermediate.issue({ names: ["mx.b.test"] });
      return [[leaf.pem, intermediate.pem], pinned(intermediate.pem)];
    },
    "certificate-host-mismatch",
  ],
  [
    "a wildcard for the first label",
    async () => {
      const leaf = await intermediate.issue({ names: ["*.a.test"] });
      return [[leaf.pem, intermediate.pem], pinned(intermediate.pem)];
    },
    "ok 1",
  ],
  [
    "expired",
    async () => {
      const leaf = await intermediate.issue({ names: ["mx.a.test"], toMs: NOW_MS - ONE_DAY });
      return [[leaf.pem, intermediate.pem], pinned(intermediate.pem)];
    },
    "certificate-expired",
  ],
  [
    "expired, without a subject",
    async () => {
      const names = ["mx.a.test"];
      const leaf = await intermediate.issue({ names, subject: "", toMs: NOW_MS - ONE_DAY });
      return [[leaf.pem, intermediate.pem], pinned(intermediate.pem)];
    },
    "certificate-expired",
  ],
  [
    "expired, by its own record",
    async () => {
      const leaf = await intermediate.issue({ names: ["mx.b.test"], toMs: NOW_MS - ONE_DAY });
      return [[leaf.pem], sha256Record(3, leaf.pem)];
    },
    "ok 0",
  ],
  [
    "not for servers",
    async () => {
      const leaf = await intermediate.issue({ names: ["mx.a.test"], purpose: "client" });
      return [[leaf.pem, intermediate.pem], pinned(intermediate.pem)];
    },
    "certificate-not-trusted",
  ],
  [
    "issued by somebody who is no authority",
    async () => {
      const pretender = await intermediate.issue({ names: ["mx.c.test"], isIssuer: true });
      const leaf = await pretender.issue({ names: ["mx.a.test"] });
      return [[leaf.pem, pretender.pem, intermediate.pem], pinned(intermediate.pem)];
    },
    "certificate-not-trusted",
  ],
  [
    "longer than an authority allows",
    async () => {
      const short = await root.authority("Short", { pathLength: 0 });
      const below = await short.authority("Below");
      const leaf = await below.issue({ names: ["mx.a.test"] });
      return [[leaf.pem, below.pem, short.pem], pinned(short.pem)];
    },
    "certificate-not-trusted",
  ],
  [
    "an authority with a restriction that we don't know",
    async () => {
      const odd = await root.authority("Odd", { criticalExtension: "1.2.3.4" });
      const leaf = await odd.issue({ names: ["mx.a.test"] });
      return [[leaf.pem, odd.pem, root.pem], pinned(root.pem)];
    },
    "certificate-not-trusted",
  ],
  [
    "the name without the signature",
    async () => {
      const other = await createTestAuthority("Root");
      const leaf = await other.issue({ names: ["mx.a.test"] });
      return [[leaf.pem, root.pem], pinned(root.pem)];
    },
    "tlsa-invalid",
  ],
  [
    "the server's own certificate as its anchor",
    async () => {
      const leaf = await root.issue({ names: ["mx.a.test"] });
      return [[leaf.pem], pinned(leaf.pem)];
    },
    "tlsa-invalid",
  ],
] as const satisfies readonly (readonly [
  string,
  () => Promise<[readonly string[], TlsaRecord]>,
  string,
])[]) {
  test(`verifyDane: ${why}`, async () => {
    const [pems, record] = await make();
    const chain = pems.map((pem) => new X509Certificate(pem));
    assert.equal(judge([record], chain, "mx.a.test"), want);
  });
}
