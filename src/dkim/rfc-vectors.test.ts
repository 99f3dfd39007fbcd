import assert from "node:assert/strict";
import { createHash, createPrivateKey, createPublicKey, verify } from "node:crypto";
import { test } from "node:test";
import { RelaxedBodyHash } from "./body-hash.ts";
import { HeaderSection, relaxField } from "./header-section.ts";
import { formatKeyRecord } from "./private-key.ts";

/** RFC 8463 Appendix A: the keys, and one message with both signatures. */
const ED25519_SEED = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=";
const ED25519_RECORD = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
const RSA_PUBLIC_KEY =
  "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J1" +
  "6JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2" +
  "EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB";
const SIGNED = [
  "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;",
  " d=football.example.com; i=@football.example.com;",
  " q=dns/txt; s=brisbane; t=1528637909; h=from : to :",
  " subject : date : message-id : from : subject : date;",
  " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;",
  " b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus",
  " Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==",
  "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;",
  " d=football.example.com; i=@football.example.com;",
  " q=dns/txt; s=test; t=1528637909; h=from : to : subject :",
  " date : message-id : from : subject : date;",
  " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;",
  " b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3",
  " DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz",
  " dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=",
  "From: Joe SixPack <joe@football.example.com>",
  "To: Suzie Q <suzie@shopping.example.net>",
  "Subject: Is dinner ready?",
  "Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)",
  "Message-ID: <20030712040037.46341.5F8J@football.example.com>",
  "",
  "Hi.",
  "",
  "We lost the game.  Are you hungry yet?",
  "",
  "Joe.",
  "",
].join("\r\n");

const SIGNED_NAMES = ["from", "to", "subject", "date", "message-id"];

const ED25519_KEY = createPrivateKey({
  // PKCS #8 of an Ed25519 key is this and its seed (RFC 8410 §7).
  key: Buffer.concat([
    Buffer.from("302e020100300506032b657004220420", "hex"),
    Buffer.from(ED25519_SEED, "base64"),
  ]),
  format: "der",
  type: "pkcs8",
});

/** Canonical header and hash of the body, as the signature of that index has them. */
function read(message: string, index: number) {
  const section = new HeaderSection();
  const rest = section.push(Buffer.from(message));
  const fields = section.fields() ?? [];
  const body = new RelaxedBodyHash();
  body.push(rest ?? Buffer.alloc(0));
  const own = fields.filter(({ name }) => name === "dkim-signature")[index];
  assert.ok(own !== undefined);
  const [, unsigned = "", signature = ""] = /^(.*\bb=)([^;]*)$/s.exec(own.value) ?? [];
  const signed = SIGNED_NAMES.map((name) => {
    const field = fields.find((one) => one.name === name);
    return field === undefined ? "" : `${relaxField(field)}\r\n`;
  });
  const data = signed.join("") + relaxField({ name: own.name, value: unsigned });
  return { data: Buffer.from(data), signature: Buffer.from(signature, "base64"), body: body.end() };
}

test("RFC 8463 A.3: both signatures verify over our canonical form", () => {
  const ed25519 = read(SIGNED, 0);
  assert.equal(ed25519.body, "2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=");
  const hash = createHash("sha256").update(ed25519.data).digest();
  assert.ok(verify(null, hash, createPublicKey(ED25519_KEY), ed25519.signature));
  const rsa = read(SIGNED, 1);
  const key = createPublicKey({
    key: Buffer.from(RSA_PUBLIC_KEY, "base64"),
    format: "der",
    type: "spki",
  });
  assert.ok(verify("sha256", rsa.data, key, rsa.signature));
  const changed = read(SIGNED.replace("dinner", "supper"), 1);
  assert.ok(!verify("sha256", changed.data, key, changed.signature));
});

test("RFC 8463 A.2: the record of its Ed25519 key", () => {
  assert.equal(formatKeyRecord(ED25519_KEY), ED25519_RECORD);
});

test("RFC 6376 §3.4.5: relaxed header and body", () => {
  const section = new HeaderSection();
  const rest = section.push(
    Buffer.from("A: X\r\nB : Y\t\r\n\tZ  \r\n\r\n C \r\nD \t E\r\n\r\n\r\n"),
  );
  assert.deepEqual(section.fields()?.map(relaxField), ["a:X", "b:Y Z"]);
  const body = new RelaxedBodyHash();
  body.push(rest ?? Buffer.alloc(0));
  assert.equal(body.end(), createHash("sha256").update(" C\r\nD E\r\n").digest("base64"));
});
