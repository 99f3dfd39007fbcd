import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { AssertionFailure } from "../base/assert.ts";
import type { Address } from "../mail/address.ts";
import type { Envelope, EnvelopeRecipient } from "../mail/envelope.ts";
import { encodeXtext, formatMail, formatRcpt, type MailOptions } from "./client-commands.ts";
import { NO_OFFERS, type Offers, parseOffers } from "./client-offers.ts";

const ALL = parseOffers([
  "peer.test Hello",
  "SIZE 1000",
  "PIPELINING",
  "dsn",
  "8BITMIME",
  "BINARYMIME",
  "CHUNKING",
  "SMTPUTF8",
  "STARTTLS",
  "REQUIRETLS",
  "ENHANCEDSTATUSCODES",
  "LIMITS RCPTMAX=20 MAILMAX=5 RCPTDOMAINMAX=1",
  "AUTH=LOGIN plain",
  "AUTH PLAIN scram-sha-256",
]);

test("offers: everything is read", () => {
  assert.deepEqual(ALL, {
    extended: true,
    serverName: "peer.test",
    pipelining: true,
    dsn: true,
    eightBitMime: true,
    binaryMime: true,
    chunking: true,
    smtpUtf8: true,
    startTls: true,
    requireTls: true,
    enhancedStatusCodes: true,
    size: true,
    messageBytesMax: 1000,
    recipientsMax: 20,
    messagesMax: 5,
    authMechanisms: ["LOGIN", "PLAIN", "SCRAM-SHA-256"],
  } satisfies Offers);
});

for (const [why, lines, want] of [
  ["SIZE without a value", ["x", "SIZE"], { size: true, messageBytesMax: undefined }],
  ["SIZE 0 is no limit", ["x", "SIZE 0"], { size: true, messageBytesMax: undefined }],
  ["SIZE that is no number", ["x", "SIZE many"], { size: true, messageBytesMax: undefined }],
  ["SIZE past counting", ["x", `SIZE ${"9".repeat(20)}`], { messageBytesMax: undefined }],
  ["SIZE=1000", ["x", "SIZE=1000"], { messageBytesMax: 1000 }],
  ["BINARYMIME alone", ["x", "BINARYMIME"], { binaryMime: false }],
  [
    "LIMITS without RCPTMAX",
    ["x", "LIMITS MAILMAX=3"],
    { recipientsMax: undefined, messagesMax: 3 },
  ],
  ["LIMITS RCPTMAX=0", ["x", "LIMITS RCPTMAX=0"], { recipientsMax: undefined }],
  [
    "the first line offers nothing",
    ["PIPELINING"],
    { pipelining: false, serverName: "pipelining" },
  ],
  ["no line at all", [], { extended: true, serverName: "" }],
] as const) {
  test(`offers: ${why}`, () => {
    const offers: Partial<Record<string, unknown>> = { ...parseOffers(lines) };
    for (const [name, value] of Object.entries(want)) assert.equal(offers[name], value, name);
  });
}

const ENVELOPE: Envelope = {
  sender: "a@x.test" as Address,
  body: "8BITMIME",
  smtpUtf8: true,
  ret: "HDRS",
  envid: "id=1+2",
};
const SEND: MailOptions = { sizeBytes: 77, body: "8BITMIME", smtpUtf8: true, dsn: true };
const BARE = { body: "7BIT", smtpUtf8: false, dsn: false } as const;

for (const [why, envelope, offers, options, want] of [
  ["everything", {}, ALL, {}, " SIZE=77 BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=id+3D1+2B2"],
  ["nothing is offered", {}, NO_OFFERS, {}, ""],
  ["BINARYMIME", {}, ALL, { body: "BINARYMIME", dsn: false }, " SIZE=77 BODY=BINARYMIME SMTPUTF8"],
  ["7BIT is not said", {}, ALL, { body: "7BIT", smtpUtf8: false, dsn: false }, " SIZE=77"],
  [
    "no RET, no ENVID",
    { ret: undefined, envid: undefined },
    ALL,
    { smtpUtf8: false },
    " SIZE=77 BODY=8BITMIME",
  ],
  [
    "an ENVID too long is left out",
    { envid: "x".repeat(101) },
    ALL,
    { smtpUtf8: false },
    " SIZE=77 BODY=8BITMIME RET=HDRS",
  ],
  ["a submitter", {}, ALL, { ...BARE, submitter: "e=mc2@x.test" }, " SIZE=77 AUTH=e+3Dmc2@x.test"],
  ["a submitter who is not known", {}, ALL, { ...BARE, submitter: "" }, " SIZE=77 AUTH=<>"],
  ["a submitter past ASCII", {}, ALL, { ...BARE, submitter: "é@x.test" }, " SIZE=77 AUTH=<>"],
  ["a submitter too long", {}, ALL, { ...BARE, submitter: "=".repeat(165) }, " SIZE=77 AUTH=<>"],
  ["a submitter, and no AUTH offered", {}, NO_OFFERS, { ...BARE, submitter: "a@x.test" }, ""],
  ["a submitter, and no logon", { submitter: "a@x.test" }, ALL, BARE, " SIZE=77"],
] as const) {
  test(`MAIL: ${why}`, () => {
    const line = formatMail({ ...ENVELOPE, ...envelope }, offers, { ...SEND, ...options });
    assert.equal(line, `MAIL FROM:<a@x.test>${want}`);
  });
}

test("MAIL: the null sender", () => {
  assert.equal(formatMail({ ...ENVELOPE, sender: "" }, NO_OFFERS, SEND), "MAIL FROM:<>");
});

const RECIPIENT: EnvelopeRecipient = {
  address: "b@y.test" as Address,
  originalRecipient: undefined,
  notify: undefined,
};
const original = (type: string, address: string) => ({ originalRecipient: { type, address } });

for (const [why, recipient, offers, smtpUtf8, want] of [
  ["nothing asked", {}, ALL, false, ""],
  ["NOTIFY", { notify: ["SUCCESS", "DELAY"] }, ALL, false, " NOTIFY=SUCCESS,DELAY"],
  ["NEVER", { notify: [] }, ALL, false, " NOTIFY=NEVER"],
  ["not offered", { notify: [], ...original("rfc822", "b@y.test") }, NO_OFFERS, false, ""],
  ["ORCPT", original("rfc822", "b+c=d@y.test"), ALL, false, " ORCPT=rfc822;b+2Bc+3Dd@y.test"],
  ["ORCPT in UTF-8", original("utf-8", "é+b@y.test"), ALL, true, " ORCPT=utf-8;é\\x{2B}b@y.test"],
  [
    "ORCPT of UTF-8 in ASCII",
    original("rfc822", "é@y.test"),
    ALL,
    false,
    " ORCPT=utf-8;\\x{E9}@y.test",
  ],
  ["ORCPT too long", original("rfc822", "x".repeat(494)), ALL, false, ""],
] as const) {
  test(`RCPT: ${why}`, () => {
    const line = formatRcpt({ ...RECIPIENT, ...recipient }, offers, { dsn: true, smtpUtf8 });
    assert.equal(line, `RCPT TO:<b@y.test>${want}`);
  });
}

test("RCPT: DSN parameters stay at home when we answer for them", () => {
  const recipient = { ...RECIPIENT, notify: [] };
  assert.equal(formatRcpt(recipient, ALL, { dsn: false, smtpUtf8: false }), "RCPT TO:<b@y.test>");
});

test("property: xtext is printable ASCII and decodes to what it was", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const encoded = encodeXtext(text);
      assert.match(encoded, /^[!-~]*$/);
      const decoded: number[] = [];
      for (let at = 0; at < encoded.length; at++) {
        const isEscape = encoded[at] === "+";
        decoded.push(
          isEscape ? Number.parseInt(encoded.slice(at + 1, at + 3), 16) : encoded.charCodeAt(at),
        );
        if (isEscape) at += 2;
      }
      assert.equal(Buffer.from(decoded).toString(), Buffer.from(text).toString());
    }),
  );
});

test("property: control characters end in an assertion, never in a command", () => {
  const control = fc.constantFrom("\r\n", "\n", "\r", "\0", "\x7f");
  fc.assert(
    fc.property(fc.string(), control, (text, bad) => {
      const address = `${text}${bad}@x.test` as Address;
      const options = { dsn: true, smtpUtf8: true };
      assert.throws(
        () => formatMail({ ...ENVELOPE, sender: address }, ALL, SEND),
        AssertionFailure,
      );
      assert.throws(() => formatRcpt({ ...RECIPIENT, address }, ALL, options), AssertionFailure);
      const recipient = { ...RECIPIENT, ...original("rfc822", text + bad) };
      assert.doesNotMatch(formatRcpt(recipient, ALL, options), /[\r\n\0]/);
    }),
  );
});
