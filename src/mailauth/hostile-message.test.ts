import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { test } from "node:test";
import { type FakeClock, fakeClock } from "../base/clock.fake.ts";
import { systemClock } from "../base/clock.ts";
import { fakeResolver, type Zone } from "../dns/zone.fake.ts";
import { authenticateSender, CHECKS_MS_MAX, SOURCES_MS_MAX } from "./authenticate-sender.ts";

const MESSAGE =
  "From: Ann <ann@fabrikam.test>\r\nTo: bob@contoso.test\r\nSubject: Hi\r\n\r\nHello\r\n";

const ZONE: Zone = { "_dmarc.fabrikam.test": { TXT: ["v=DMARC1; p=reject"] } };

const FORGER = {
  clientAddress: "198.51.100.1",
  helo: "x",
  sender: "x@y.test",
  serverName: "mail.contoso.test",
} as const;

function check(content: string | Uint8Array) {
  const resolver = fakeResolver(ZONE, fakeClock());
  const question = { ...FORGER, content: [Buffer.from(content)] };
  return authenticateSender({ resolver, clock: systemClock }, question);
}

const silentSignature = (selector: string, domain: string) =>
  `DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=${domain};\r\n s=${selector}; ` +
  `h=From; bh=${hash("sha256", "Hello\r\n", "base64")}; b=AAAA\r\n`;

for (const [name, head, sender] of [
  ["keys of signatures", [1, 2, 3].map((n) => silentSignature(`k${n}`, "silent.test")), "x@y.test"],
  [
    "keys before one that the author's domain does not have",
    [silentSignature("k", "silent.test"), silentSignature("none", "fabrikam.test")],
    "x@y.test",
  ],
  ["SPF", [], "x@silent.test"],
] as const) {
  test(`DNS that never answers does not keep DMARC from failing: ${name}`, async () => {
    const clock: FakeClock = fakeClock();
    const known = fakeResolver(ZONE, fakeClock());
    const resolver: typeof known = {
      lookup: (about, type) =>
        about.endsWith("silent.test")
          ? Promise.withResolvers<never>().promise
          : known.lookup(about, type),
    };
    const asked = authenticateSender(
      { resolver, clock },
      { ...FORGER, sender, content: [Buffer.from(head.join("") + MESSAGE)] },
    );
    for (let turn = 0; turn < 50; turn += 1) await new Promise(setImmediate);
    clock.advance(SOURCES_MS_MAX);
    for (let turn = 0; turn < 50; turn += 1) await new Promise(setImmediate);
    clock.advance(CHECKS_MS_MAX - SOURCES_MS_MAX);
    const { dmarc } = await asked;
    assert.deepEqual([dmarc.result, dmarc.policy], ["fail", "reject"]);
  });
}

test("a line as long as a large message takes no longer than many lines", async () => {
  const head = `${silentSignature("k", "attacker.test")}From: a@fabrikam.test\r\n\r\n`;
  const body = Buffer.alloc(8_000_000, " ");
  // Octets that are copied again are looked at again.
  const content = Buffer.concat([Buffer.from(head), body]);
  const concat = Buffer.concat;
  let copiedBytes = 0;
  Buffer.concat = (list, ...rest) => {
    const joined = concat(list, ...rest);
    copiedBytes += joined.length;
    return joined;
  };
  try {
    await check(content);
  } finally {
    Buffer.concat = concat;
  }
  assert.ok(copiedBytes < 4 * content.length, `${copiedBytes} octets copied`);
});

test("of signatures that want a part of a large body hashed the first is looked at", async () => {
  const partial = (count: number) =>
    silentSignature("k", "attacker.test").replace("h=From;", `h=From; l=${count};`);
  const signatures = [partial(1), partial(2), silentSignature("k", "b.test"), partial(3)].join("");
  const lines = "x\r\n".repeat(400_000);
  const found = async (body: string) =>
    (await check(`${signatures}From: a@fabrikam.test\r\n\r\n${body}`)).dkim.length;
  assert.equal(await found(lines), 2);
  assert.equal(await found("x\r\n"), 4);
});
