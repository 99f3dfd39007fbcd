import assert from "node:assert/strict";
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { test } from "node:test";
import { sealMessage } from "mailauth/lib/arc/index.js";
import { dkimSign } from "mailauth/lib/dkim/sign.js";
import { type FakeClock, fakeClock } from "../base/clock.fake.ts";
import { systemClock } from "../base/clock.ts";
import { fakeResolver, type Zone } from "../dns/zone.fake.ts";
import { authenticateSender, CHECKS_MS_MAX, SIGNATURES_MAX } from "./authenticate-sender.ts";
import type { AuthenticationQuestion, SenderAuthentication } from "./sender-authentication.ts";

const MESSAGE =
  "From: Ann <ann@fabrikam.test>\r\nTo: bob@contoso.test\r\nSubject: Hi\r\n\r\nHello\r\n";

interface Key {
  readonly privateKey: string;
  /** The record of its selector. */
  readonly record: string;
}

function keyOf(pair: { readonly privateKey: KeyObject; readonly publicKey: KeyObject }): Key {
  const der = pair.publicKey.export({ type: "spki", format: "der" });
  const isEd25519 = pair.publicKey.asymmetricKeyType === "ed25519";
  // RFC 8463 §4.2: the bare 32 octets, without the frame that X.509 puts around them.
  const text = (isEd25519 ? der.subarray(-32) : der).toString("base64");
  return {
    privateKey: pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    record: `v=DKIM1; k=${isEd25519 ? "ed25519" : "rsa"}; p=${text}`,
  };
}

const RSA = keyOf(generateKeyPairSync("rsa", { modulusLength: 2048 }));
const ED25519 = keyOf(generateKeyPairSync("ed25519"));
const SHORT = keyOf(generateKeyPairSync("rsa", { modulusLength: 768 }));

const ZONE: Zone = {
  "fabrikam.test": { TXT: ["v=spf1 ip4:192.0.2.7 -all"] },
  "_dmarc.fabrikam.test": { TXT: ["v=DMARC1; p=reject"] },
  "rsa._domainkey.fabrikam.test": { TXT: [RSA.record] },
  "ed._domainkey.fabrikam.test": { TXT: [ED25519.record] },
  "short._domainkey.fabrikam.test": { TXT: [SHORT.record] },
  "rsa._domainkey.attacker.test": { TXT: [RSA.record] },
  "attacker.test": { TXT: ["v=spf1 ip4:192.0.2.7 -all"] },
  "_dmarc.attacker.test": { TXT: ["v=DMARC1; p=none"] },
  "dead.fabrikam.test": { fault: "SERVFAIL" },
  "dead._domainkey.fabrikam.test": { fault: "SERVFAIL" },
  "dead._domainkey.attacker.test": { fault: "SERVFAIL" },
  "7.2.0.192.in-addr.arpa": { PTR: ["mx.fabrikam.test"] },
  "mx.fabrikam.test": { A: ["192.0.2.7"] },
  "8.2.0.192.in-addr.arpa": { PTR: ["mx.fabrikam.test"] },
};

async function sign(how: {
  readonly key?: Key;
  readonly selector?: string;
  readonly domain?: string;
  readonly algorithm?: string;
  readonly maxBodyLength?: number;
  readonly message?: string;
}): Promise<string> {
  const { key = RSA, selector = "rsa", domain = "fabrikam.test", message = MESSAGE } = how;
  const signature = {
    signingDomain: domain,
    selector,
    privateKey: key.privateKey,
    ...(how.algorithm === undefined ? {} : { algorithm: how.algorithm }),
    ...(how.maxBodyLength === undefined ? {} : { maxBodyLength: how.maxBodyLength }),
  };
  const signed = await dkimSign(message, { ...signature, signatureData: [signature] });
  assert.notEqual(signed.signatures, "");
  return signed.signatures + message;
}

function check(
  content: string | Uint8Array | undefined,
  changes: Partial<AuthenticationQuestion> & { readonly zone?: Zone } = {},
): Promise<SenderAuthentication> {
  const { zone = ZONE, ...rest } = changes;
  const resolver = fakeResolver(zone, fakeClock());
  return authenticateSender(
    { resolver, clock: systemClock },
    {
      clientAddress: "198.51.100.1",
      helo: "client.example",
      sender: "ann@elsewhere.test",
      serverName: "mail.contoso.test",
      content: content === undefined ? undefined : [Buffer.from(content)],
      ...rest,
    },
  );
}

for (const [name, how] of [
  ["RSA with 2048 bits", {}],
  ["Ed25519", { key: ED25519, selector: "ed" }],
] as const) {
  test(`a signature with ${name} passes, and DMARC with it`, async () => {
    const found = await check(await sign(how));
    assert.deepEqual(
      [found.dkim.map(({ result }) => result), found.dmarc.result],
      [["pass"], "pass"],
    );
    assert.equal(found.dmarc.alignment.dkim, "fabrikam.test");
  });

  test(`with ${name}, no byte of what is signed can be changed`, async () => {
    const content = Buffer.from(await sign(how));
    for (let at = 0; at < content.length; at += 1) {
      const flipped = Buffer.from(content);
      flipped[at] = (flipped[at] ?? 0) ^ 1;
      const { dkim, dmarc } = await check(flipped);
      const passes = dkim.some(({ result }) => result === "pass") || dmarc.result === "pass";
      // Another way to write the same is no other message.
      if (passes) assert.equal(relaxed(flipped), relaxed(content), `octet ${at}`);
    }
  });
}

/**
 * White space as relaxed canonicalization has it (RFC 6376 §3.4.2), and the octets that b= stands
 * for: its padding may be written in several ways.
 */
function relaxed(content: Buffer): string {
  const [head = "", rest = ""] = content.toString("latin1").split(/(?=From:)/, 2);
  const signature = head.replace(/(?<=;\s+b=).*$/s, (b) =>
    Buffer.from(b, "base64").toString("hex"),
  );
  return (signature + rest).replace(/\s+/g, " ");
}

for (const [name, how, want] of [
  ["rsa-sha1", { algorithm: "rsa-sha1" }, "policy"],
  ["a key of 768 bits", { key: SHORT, selector: "short" }, "policy"],
  ["a key that nobody published", { selector: "none" }, "neutral"],
  ["another key", { selector: "ed" }, "neutral"],
  ["a name server that fails", { selector: "dead" }, "temperror"],
] as const) {
  test(`${name} is no pass`, async () => {
    const { dkim, dmarc } = await check(await sign(how));
    const result = dkim[0]?.result ?? "";
    assert.ok(result !== "pass" && dkim.length === 1);
    assert.ok([want, "permerror", "fail"].includes(result), result);
    assert.equal(dmarc.result, want === "temperror" ? "temperror" : "fail");
  });
}

test("what is appended below an l= is not the signer's", async () => {
  const content = await sign({ maxBodyLength: 7 });
  assert.equal((await check(content)).dkim[0]?.result, "pass");
  const found = await check(`${content}And buy this.\r\n`);
  assert.deepEqual([found.dkim[0]?.result, found.dmarc.result], ["policy", "fail"]);
});

test("signatures past the limit are not looked at", async () => {
  const good = await sign({});
  const bad = good.slice(0, good.length - MESSAGE.length).replace("s=rsa", "s=none");
  const found = await check(bad.repeat(SIGNATURES_MAX) + good);
  assert.equal(found.dkim.length, SIGNATURES_MAX);
  assert.equal(found.dmarc.result, "fail");
});

for (const [name, changes, want] of [
  ["SPF of the author's domain", { sender: "x@fabrikam.test", clientAddress: "192.0.2.7" }, "pass"],
  ["SPF of another domain", { sender: "x@attacker.test", clientAddress: "192.0.2.7" }, "fail"],
  ["SPF that cannot be known", { sender: "x@dead.fabrikam.test" }, "temperror"],
] as const) {
  test(`DMARC: ${name}`, async () => {
    const { dmarc } = await check(MESSAGE, changes);
    assert.deepEqual([dmarc.result, dmarc.domain], [want, "fabrikam.test"]);
    assert.equal(dmarc.policy, "reject");
  });
}

for (const [name, author, record, want] of [
  ["a subdomain has sp", "news.fabrikam.test", "p=reject; sp=none", "none"],
  [
    "one that exists has no np",
    "news.fabrikam.test",
    "p=none; sp=quarantine; np=reject",
    "quarantine",
  ],
  [
    "one that does not exist has np",
    "x.fabrikam.test",
    "p=none; sp=quarantine; np=reject",
    "reject",
  ],
  ["t=y is one level less", "fabrikam.test", "p=reject; t=y", "quarantine"],
  ["p is the domain's own", "fabrikam.test", "p=quarantine; sp=none; np=none", "quarantine"],
] as const) {
  test(`DMARC's policy: ${name}`, async () => {
    const zone: Zone = {
      ...ZONE,
      "news.fabrikam.test": { A: ["192.0.2.1"] },
      "_dmarc.fabrikam.test": { TXT: [`v=DMARC1; ${record}`] },
    };
    const { dmarc } = await check(MESSAGE.replace("@fabrikam.test", `@${author}`), { zone });
    assert.deepEqual([dmarc.result, dmarc.policy, dmarc.domain], ["fail", want, author]);
  });
}

test("ARC: a sealed message passes, a changed one does not, an unsealed one has none", async () => {
  const seal = await sealMessage(MESSAGE, {
    signingDomain: "fabrikam.test",
    selector: "rsa",
    privateKey: RSA.privateKey,
    cv: "none",
    authResults: "mx.fabrikam.test; spf=pass smtp.mailfrom=a.test",
  });
  assert.equal((await check(seal.toString() + MESSAGE)).arc.result, "pass");
  assert.equal((await check(`${seal.toString()}${MESSAGE}More\r\n`)).arc.result, "fail");
  assert.equal((await check(MESSAGE)).arc.result, "none");
});

for (const [why, results, want] of [
  ["for the author's domain", "dmarc=pass header.from=fabrikam.test", true],
  ["with a comment", "spf=fail; dmarc=pass (p=none) header.from=FABRIKAM.test", true],
  ["for another domain", "dmarc=pass header.from=other.test", false],
  ["for none", "dmarc=pass", false],
  ["not", "dmarc=fail header.from=fabrikam.test", false],
  ["in a quote", 'spf=pass smtp.mailfrom="a; dmarc=pass header.from=fabrikam.test"', false],
] as const) {
  test(`ARC: who sealed is told, and whether DMARC had passed: ${why}`, async () => {
    const seal = await sealMessage(MESSAGE, {
      signingDomain: "fabrikam.test",
      selector: "rsa",
      privateKey: RSA.privateKey,
      cv: "none",
      authResults: `mx.fabrikam.test; ${results}`,
    });
    const { arc } = await check(seal.toString() + MESSAGE);
    assert.deepEqual(arc, {
      result: "pass",
      seals: [{ domain: "fabrikam.test", dmarcPass: want }],
    });
  });
}

test("the record that applies is told as it stands", async () => {
  const { dmarc } = await check(MESSAGE.replace("@fabrikam", "@news.fabrikam"));
  assert.deepEqual(dmarc.published, { domain: "fabrikam.test", record: "v=DMARC1; p=reject" });
});

test("a forger's own dead zone does not save him", async () => {
  const found = await check(await sign({ selector: "dead", domain: "attacker.test" }));
  assert.deepEqual([found.dkim[0]?.result, found.dmarc.result], ["temperror", "fail"]);
});

for (const [name, header] of [
  ["two From fields", "From: a@attacker.test\r\nFrom: b@fabrikam.test\r\n"],
  [
    "two From fields, the second's name with a space",
    "From: a@attacker.test\r\nFrom : b@fabrikam.test\r\n",
  ],
  ["two authors", "From: a@attacker.test, b@fabrikam.test\r\n"],
  ["no From", "Subject: x\r\n"],
  ["a From behind the end of the header", "Subject: x\r\njunk\r\nFrom: a@attacker.test\r\n"],
  ["a From behind a bare LF", "From: b@fabrikam.test\nFrom: a@attacker.test\r\n"],
  ["an address as the name", 'From: "a@attacker.test" <b@fabrikam.test>\r\n'],
  ["an address in a comment", "From: b@fabrikam.test (a@attacker.test)\r\n"],
  ["another address in brackets", 'From: "<b@fabrikam.test>" <a@attacker.test>\r\n'],
  ["encoded brackets", "From: =?utf-8?q?=3Cb=40fabrikam.test=3E?= <a@attacker.test>\r\n"],
  ["a group", "From: b@fabrikam.test: a@attacker.test;\r\n"],
  ["a route", "From: <@fabrikam.test:a@attacker.test>\r\n"],
  ["a bare CR", "Subject: x\rFrom: b@fabrikam.test\r\nFrom: a@attacker.test\r\n"],
] as const) {
  test(`no DMARC pass by parser confusion: ${name}`, async () => {
    const sender = { sender: "a@attacker.test", clientAddress: "192.0.2.7" };
    const { dmarc } = await check(`${header}\r\nHello\r\n`, sender);
    assert.notEqual(dmarc.result, "pass");
  });
}

test("without content, SPF and iprev are all there is", async () => {
  const at = { sender: "x@fabrikam.test", clientAddress: "192.0.2.7" };
  const found = await check(undefined, at);
  assert.deepEqual([found.spf.result, found.iprev.result], ["pass", "pass"]);
  assert.deepEqual([found.dkim[0]?.result, found.dmarc.result], ["temperror", "temperror"]);
});

for (const [address, want] of [
  ["192.0.2.7", "pass"],
  ["::ffff:192.0.2.7", "pass"],
  ["192.0.2.8", "fail"],
  ["192.0.2.9", "permerror"],
  ["nonsense", "permerror"],
] as const) {
  test(`iprev of ${address} is ${want}`, async () => {
    assert.equal((await check(undefined, { clientAddress: address })).iprev.result, want);
  });
}

test("the null sender is asked about by HELO", async () => {
  const at = { sender: "", helo: "fabrikam.test", clientAddress: "192.0.2.7" };
  const { spf } = await check(undefined, at);
  assert.deepEqual(spf, { result: "pass", identity: "helo", domain: "fabrikam.test" });
});

test("past its time everything that is not known is a temporary error", async () => {
  const clock: FakeClock = fakeClock();
  const resolver = { lookup: () => Promise.withResolvers<never>().promise };
  const asked = authenticateSender(
    { resolver, clock },
    {
      clientAddress: "192.0.2.7",
      helo: "x",
      sender: "a@fabrikam.test",
      serverName: "mail.contoso.test",
      content: [Buffer.from(MESSAGE)],
    },
  );
  for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate);
  clock.advance(CHECKS_MS_MAX);
  const { spf, dmarc, iprev } = await asked;
  assert.deepEqual([spf.result, dmarc.result, iprev.result], Array(3).fill("temperror"));
});

test("a field of very many lines is one long line, and signatures hold over it", async () => {
  const short = "To: bob@contoso.test, ann@contoso.test";
  const signed = await sign({ message: MESSAGE.replace("To: bob@contoso.test", short) });
  // Relaxed canonicalization takes all white space for one space (RFC 6376 §3.4.2).
  const folded = signed.replace(short, short.replace(" ann", `${"\r\n ".repeat(50_000)}ann`));
  assert.notEqual(folded, signed);
  const splice = Array.prototype.splice;
  let spliceCount = 0;
  // Each line that the library joins to the one before it is a splice, of all lines behind it.
  Array.prototype.splice = function (this: unknown[], ...given: [number, number]) {
    spliceCount += 1;
    return splice.apply(this, given);
  };
  try {
    assert.equal((await check(folded)).dmarc.result, "pass");
  } finally {
    Array.prototype.splice = splice;
  }
  assert.ok(spliceCount < 1000, `${spliceCount} splices`);
});
