import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { readAuthor } from "./message-author.ts";

const BODY = "\r\nHello\r\n";

/** From fields that readers could take in two ways; no stranger is to speak for the bank. */
const CONFUSING = [
  ["two fields", "From: x@evil.test\r\nFrom: ceo@bank.test\r\n"],
  ["two fields, one spelt otherwise", "from: x@evil.test\r\nFROM \t: ceo@bank.test\r\n"],
  ["two addresses", "From: x@evil.test, ceo@bank.test\r\n"],
  ["two addresses, one in brackets", "From: ceo@bank.test, <x@evil.test>\r\n"],
  ["an address without quotes as the name", "From: ceo@bank.test <x@evil.test>\r\n"],
  ["two pairs of brackets", "From: <ceo@bank.test><x@evil.test>\r\n"],
  ["brackets in a quoted name", 'From: "<ceo@bank.test>" <x@evil.test>\r\n'],
  ["brackets in brackets", "From: <<ceo@bank.test> x@evil.test>\r\n"],
  ["brackets that do not end", "From: <x@evil.test\r\n"],
  ["a quote that does not end", 'From: "ceo@bank.test <x@evil.test>\r\n'],
  [
    "a quoted pair that ends the name for some",
    'From: "a\\" <ceo@bank.test>, \\"" <x@evil.test>\r\n',
  ],
  ["an escaped bracket", "From: <ceo@bank.test\\>, <x@evil.test>\r\n"],
  ["an address in a comment", "From: x@evil.test (ceo@bank.test)\r\n"],
  ["a comment before it", "From: (ceo@bank.test) x@evil.test\r\n"],
  ["brackets in a comment", "From: (<ceo@bank.test>) <x@evil.test>\r\n"],
  ["a comment in the domain", "From: x@evil.test(.bank.test)\r\n"],
  ["a comment that does not end", "From: x@evil.test (ceo@bank.test\r\n"],
  ["a group", "From: ceo@bank.test: x@evil.test;\r\n"],
  ["a group with a harmless name", "From: Friends: x@evil.test;\r\n"],
  ["an empty group", "From: Friends:;\r\n"],
  ["a route", "From: <@bank.test:x@evil.test>\r\n"],
  ["a route behind a space", "From: < @bank.test,@a.test:x@evil.test>\r\n"],
  ["an encoded list", "From: =?utf-8?q?ceo=40bank=2Etest=2C?= <x@evil.test>\r\n"],
  ["encoded brackets", "From: =?utf-8?b?PGNlb0BiYW5rLnRlc3Q+?= <x@evil.test>\r\n"],
  ["an encoded address alone", "From: =?utf-8?b?Y2VvQGJhbmsudGVzdA==?=\r\n"],
  ["encoded brackets behind", "From: <x@evil.test> =?utf-8?b?PGNlb0BiYW5rLnRlc3Q+?=\r\n"],
  ["a NUL", "From: ceo@bank.test\0 <x@evil.test>\r\n"],
  ["a NUL in the address", "From: <x@evil.test\0.bank.test>\r\n"],
  ["a NUL in another field", "Subject: a\0\r\nFrom: x@evil.test\r\n"],
  ["a bare CR", "From: x@evil.test\rFrom: ceo@bank.test\r\n"],
  ["a bare CR in another field", "Subject: a\rFrom: ceo@bank.test\r\nFrom: x@evil.test\r\n"],
  ["a bare LF in another field", "Subject: a\n b\r\nFrom: x@evil.test\r\n"],
  ["a fold inside the address", "From: x@evil\r\n .test\r\n"],
  ["a fold behind the at sign", "From: <x@\r\n evil.test>\r\n"],
  ["a quoted local part", 'From: <"ceo@bank.test"@evil.test>\r\n'],
  ["two at signs", "From: <ceo@bank.test@evil.test>\r\n"],
  ["an address behind the brackets", "From: <x@evil.test> ceo@bank.test\r\n"],
  ["an address behind the address", "From: x@evil.test ceo@bank.test\r\n"],
  ["a full-width at sign in brackets", "From: <ceo\uff20bank.test> <x@evil.test>\r\n"],
  ["no address", "From: The Boss\r\n"],
  ["nothing", "From:\r\n"],
  ["no field", "Subject: x\r\n"],
  ["a literal and a name", "From: <x@[192.0.2.1]>, <y@evil.test>\r\n"],
  ["too many", `From: ${"x@evil.test, ".repeat(30)}y@evil.test\r\n`],
  ["too long", `From: ${"x".repeat(9000)} <x@evil.test>\r\n`],
] as const;

for (const [why, header] of CONFUSING) {
  test(`not clear: ${why}`, () => {
    assert.equal(readAuthor(Buffer.from(`${header}${BODY}`)).isClear, false);
  });
}

for (const [why, value, name] of [
  ["an address", "ann@fabrikam.test", ""],
  ["in brackets", "<ann@fabrikam.test>", ""],
  ["a name", "Ann Archer <ann@fabrikam.test>", "Ann Archer"],
  ["a quoted name", '"Archer, Ann" <ann@fabrikam.test>', "Archer, Ann"],
  ["an escape in it", '"Ann \\"A\\" Archer" <ann@fabrikam.test>', 'Ann "A" Archer'],
  ["a name in another script", "Анна <ann@fabrikam.test>", "Анна"],
  ["an encoded name", "=?utf-8?b?0JDQvdC90LA=?= <ann@fabrikam.test>", "Анна"],
  ["an encoded comma", "=?utf-8?q?Archer=2C_Ann?= <ann@fabrikam.test>", "Archer, Ann"],
  ["a comment", "ann@fabrikam.test (Ann Archer)", "Ann Archer"],
  ["a fold", "Ann\r\n\tArcher <ann@fabrikam.test>", "Ann\tArcher".replace("\t", " ")],
  ["its own address as the name", "ann@fabrikam.test <ann@fabrikam.test>", "ann@fabrikam.test"],
  ["a quoted address as the name", '"ceo@bank.test" <ann@fabrikam.test>', "ceo@bank.test"],
  ["two of one domain", "ann@fabrikam.test, Bob <bob@FABRIKAM.test>", undefined],
] as const) {
  test(`clear: ${why}`, () => {
    const author = readAuthor(Buffer.from(`Subject: x\r\nFrom: ${value}\r\n${BODY}`));
    assert.deepEqual([author.isClear, author.domain], [true, "fabrikam.test"]);
    if (name !== undefined) assert.equal(author.displayName, name);
  });
}

test("a domain in another script is the one that DNS knows", () => {
  const author = readAuthor(Buffer.from(`From: <a@bücher.test>\r\n${BODY}`));
  assert.deepEqual([author.isClear, author.domain], [true, "xn--bcher-kva.test"]);
});

test("whatever comes, an author is read, and one who is clear has one domain", () => {
  const piece = fc.oneof(
    fc.constantFrom("From:", "<", ">", '"', "(", ")", "\\", ",", ":", ";", "@", "a@b.test", "\r\n"),
    fc.constantFrom(" ", "=?utf-8?q?", "=40", "?=", "\0", "\r", "\n", "ü", "[", "]"),
    fc.string({ maxLength: 5 }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const author = readAuthor(Buffer.from(`From: ${pieces.join("")}\r\n\r\n`));
      if (author.isClear) {
        assert.equal(author.fieldCount, 1);
        assert.ok(author.domain !== undefined && author.addresses.length > 0);
      }
    }),
    { numRuns: 3000 },
  );
});
