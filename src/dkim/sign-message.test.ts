import assert from "node:assert/strict";
import { createHash, generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { parsePrivateKey } from "./private-key.ts";
import { type DomainKeys, signMessage } from "./sign-message.ts";

const { privateKey } = generateKeyPairSync("ed25519");
const KEYS: DomainKeys = { kind: "keys", keys: [{ selector: "s1", key: privateKey }] };
const NOW_MS = 1_700_000_000_999;

function ofContoso(domain: string): DomainKeys {
  return domain === "contoso.test" ? KEYS : { kind: "none" };
}

async function sign(message: string, keysOf: (domain: string) => DomainKeys = ofContoso) {
  return signMessage([Buffer.from(message)], keysOf, NOW_MS);
}

const REST = "To: bob@fabrikam.test\r\nSubject: x\r\n\r\nHello\r\n";

for (const [why, header, want] of [
  ["an address alone", "From: alice@contoso.test\r\n", "signed"],
  ["with a name", 'From: "Smith, Alice" <alice@contoso.test>\r\n', "signed"],
  ["folded, in capitals", "FROM:\r\n\tAlice\r\n <alice@CONTOSO.test>\r\n", "signed"],
  ["white space before the colon", "From : alice@contoso.test\r\n", "signed"],
  ["another domain", "From: alice@fabrikam.test\r\n", "none"],
  ["a subdomain", "From: alice@sales.contoso.test\r\n", "none"],
  ["none at all", "", "none"],
  ["two authors", "From: alice@contoso.test, bob@contoso.test\r\n", "none"],
  ["two fields", "From: alice@contoso.test\r\nFrom: eve@contoso.test\r\n", "none"],
  ["two fields, one oddly written", "From: a@contoso.test\r\nfrom : eve@x.test\r\n", "none"],
  ["two readings", "From: <alice@contoso.test> <eve@x.test>\r\n", "none"],
  ["a line that is no field", "From: alice@contoso.test\r\nwhat\r\n", "none"],
  ["a CR that ends no line", "From: alice@contoso.test\r\nX: a\rFrom: eve@x.test\r\n", "none"],
  ["an LF that ends a line", "From: alice@contoso.test\r\nX: a\nFrom: eve@x.test\r\n", "none"],
  [
    "more To fields than anybody needs",
    `From: a@contoso.test\r\n${"To: x\r\n".repeat(99)}`,
    "none",
  ],
] as const) {
  test(`signing, From: ${why}: ${want}`, async () => {
    assert.equal((await sign(header + REST)).kind, want);
  });
}

test("signing: the field as it is written", async () => {
  const signing = await sign(`From: alice@contoso.test\r\nSender: x@contoso.test\r\n${REST}`);
  assert.ok(signing.kind === "signed");
  const lines = signing.text.split("\r\n");
  assert.deepEqual(lines.slice(0, 5), [
    "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed; d=contoso.test;",
    " s=s1; t=1700000000; h=from:from:to:to:cc:subject:subject:date:message-id:",
    " reply-to:in-reply-to:references:mime-version:content-type:",
    " content-transfer-encoding:sender;",
    ` bh=${createHash("sha256").update("Hello\r\n").digest("base64")};`,
  ]);
  assert.ok(lines.every((line) => line.length <= 78));
  assert.equal(lines.at(-1), "");
  assert.doesNotMatch(signing.text, /\b[ilxz]=/);
});

test("signing: how the message is cut makes no difference", async () => {
  const message = `Received: x\r\nFrom: a@contoso.test\r\n${REST} \t\r\n\r\nmore \r\n\r\n`;
  const whole = await sign(message);
  assert.equal(whole.kind, "signed");
  const cuts = fc.array(fc.nat(message.length), { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(cuts, async (at) => {
      const edges = [0, ...at.sort((left, right) => left - right), message.length];
      const pieces = edges.slice(1).map((to, index) => message.slice(edges[index], to));
      const bytes = pieces.map((piece) => Buffer.from(piece));
      assert.deepEqual(await signMessage(bytes, ofContoso, NOW_MS), whole);
    }),
    { numRuns: 200 },
  );
});

test("signing: a message of another domain is read no further than its header", async () => {
  let pieces = 0;
  async function* content() {
    for (const piece of ["From: x@fabrikam.test\r\n\r\n", "a", "b"]) {
      pieces += 1;
      yield Buffer.from(piece);
    }
  }
  assert.deepEqual(await signMessage(content(), ofContoso, NOW_MS), { kind: "none" });
  assert.equal(pieces, 1);
});

test("signing: a key that cannot be read fails, in the name of the domain", async () => {
  const signing = await sign(`From: alice@contoso.test\r\n${REST}`, () => ({ kind: "unreadable" }));
  assert.deepEqual(signing, { kind: "failed", domain: "contoso.test" });
});

test("signing: a header without end is given up", async () => {
  const piece = Buffer.alloc(256 * 1024, "From: a@contoso.test\r\n");
  const signing = await signMessage(new Array(8).fill(piece), ofContoso, NOW_MS);
  assert.deepEqual(signing, { kind: "none" });
});

test("private keys: PEM and PKCS #8 are read; others, and short ones, are not", () => {
  const pem = privateKey.export({ format: "pem", type: "pkcs8" }).toString();
  assert.ok(parsePrivateKey(pem, "ed25519").ok);
  assert.deepEqual(parsePrivateKey(pem, "rsa"), { ok: false, fault: "is not a key of type rsa" });
  const short = generateKeyPairSync("rsa", { modulusLength: 1024 }).privateKey;
  const text = short.export({ format: "pem", type: "pkcs1" }).toString();
  const refused = parsePrivateKey(text, "rsa");
  assert.match(refused.ok ? "" : refused.fault, /1024 bits/);
  assert.ok(!parsePrivateKey("secret", "rsa").ok);
});
