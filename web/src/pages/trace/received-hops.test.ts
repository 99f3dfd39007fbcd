import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decodeWords, parseHeaderFields, valuesOf } from "./header-fields.ts";
import { parseMailDate } from "./mail-date.ts";
import {
  authenticationResults,
  HOPS_MAX,
  isSecured,
  journeyOf,
  parseReceived,
} from "./received-hops.ts";

const iso = (atMs: number | undefined) =>
  atMs === undefined ? undefined : new Date(atMs).toISOString();

for (const [text, wanted] of [
  ["Sat, 21 Nov 2026 18:52:03 +0000", "2026-11-21T18:52:03.000Z"],
  ["21 Nov 2026 18:52 GMT", "2026-11-21T18:52:00.000Z"],
  ["Sat, 21 Nov 2026 10:52:03 -0800 (PST)", "2026-11-21T18:52:03.000Z"],
  ["Sat, 21 Nov 2026 13:52:03 EST", "2026-11-21T18:52:03.000Z"],
  ["Sat, 21 Nov 2026 19:52:03.123456 +0100", "2026-11-21T18:52:03.000Z"],
  ["Sat, 21 Nov 26 18:52:03 UT", "2026-11-21T18:52:03.000Z"],
  ["1 Jan 99 00:00:00 +0530", "1998-12-31T18:30:00.000Z"],
  ["2026-11-21T18:52:03Z", "2026-11-21T18:52:03.000Z"],
  ["Sat, 32 Nov 2026 18:52:03 +0000", undefined],
  ["Sat, 21 Foo 2026 18:52:03 +0000", undefined],
  ["21 Nov 2026 25:00:00 +0000", undefined],
  ["yesterday", undefined],
  ["", undefined],
] as const) {
  test(`parseMailDate: ${text}`, () => assert.equal(iso(parseMailDate(text)), wanted));
}

for (const [value, wanted] of [
  [
    "from a.test (mx.a.test [192.0.2.1]) by b.test (Postrider) with ESMTPS id 17" +
      " for <bob@b.test>; Sat, 21 Nov 2026 18:52:03 +0000",
    ["a.test", "mx.a.test [192.0.2.1]", "b.test", "ESMTPS", "17", "bob@b.test", 1795287123000],
  ],
  [
    "from [10.0.0.1] (helo=x) (envelope-from <a@b.c>) by c.test with esmtpsa (TLS1.3) (Exim 4.96)" +
      " id 1abc-0; 21 Nov 2026 18:52:03 GMT (UTC)",
    [
      "[10.0.0.1]",
      "helo=x envelope-from <a@b.c>",
      "c.test",
      "esmtpsa",
      "1abc-0",
      "",
      1795287123000,
    ],
  ],
  ["by only.test; nonsense", ["", "", "only.test", "", "", "", undefined]],
  [
    "(qmail 1234 invoked by uid 500); 21 Nov 2026 18:52:03 -0000",
    ["", "", "", "", "", "", 1795287123000],
  ],
  [
    "from a.test (a (nested; ) b) by b.test; 21 Nov 2026 18:52:03 +0000",
    ["a.test", "a (nested; ) b", "b.test", "", "", "", 1795287123000],
  ],
  [
    "from a.test (never closed by b.test; Sat",
    ["a.test", "never closed by b.test; Sat", "", "", "", "", undefined],
  ],
  ["", ["", "", "", "", "", "", undefined]],
] as const) {
  test(`parseReceived: ${value.slice(0, 60)}`, () => {
    const hop = parseReceived(value);
    const found = [hop.from, hop.fromFacts, hop.by, hop.with, hop.id, hop.for, hop.atMs];
    assert.deepEqual(found, wanted);
  });
}

const HEADER = `Received: from mx.b.test by c.test with ESMTPS; Sat, 21 Nov 2026 18:52:33 +0000
Received: from a.test (a.test [192.0.2.1])
\tby mx.b.test with ESMTP id 9;
\tSat, 21 Nov 2026 18:52:03 +0000
received: from laptop by a.test with ESMTPSA; Sat, 21 Nov 2026 18:52:05 +0000
Authentication-Results: c.test; spf=pass smtp.mailfrom=a.test;
 dkim=fail (bad = signature) header.d=a.test; dmarc=none
Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?= =?UTF-8?B?IPCfmIA=?=
Date: Sat, 21 Nov 2026 18:52:00 +0000

Received: from the.body by nowhere; Sat, 21 Nov 2026 18:52:00 +0000
`;

for (const [ends, text] of [
  ["LF", HEADER],
  ["CRLF", HEADER.replaceAll("\n", "\r\n")],
  ["LF behind empty lines", `\n\n${HEADER}`],
] as const) {
  test(`journeyOf: the oldest hop first, with delays and clocks that differ (${ends})`, () => {
    const fields = parseHeaderFields(text);
    const journey = journeyOf(fields);
    const told = journey.hops.map((hop) => [hop.by, hop.delayMs, isSecured(hop)]);
    assert.deepEqual(told, [
      ["a.test", 5000, true],
      ["mx.b.test", -2000, false],
      ["c.test", 30_000, true],
    ]);
    assert.equal(journey.totalMs, 33_000);
    assert.equal(decodeWords(valuesOf(fields, "subject")[0] ?? ""), "Grüße 😀");
    assert.deepEqual(
      authenticationResults(fields).map(({ method, result, by }) => `${by} ${method} ${result}`),
      ["c.test spf pass", "c.test dkim fail", "c.test dmarc none"],
    );
  });
}

for (const [value, wanted] of [
  ["=?nonsense?Q?x?=", "=?nonsense?Q?x?="],
  ["=?utf-8?B?%%%?=", "=?utf-8?B?%%%?="],
  ["=?iso-8859-1?q?caf=E9_au_lait?=", "café au lait"],
  ["=?utf-8*de?q?ja?=", "ja"],
  ["plain =?", "plain =?"],
] as const) {
  test(`decodeWords: ${value}`, () => assert.equal(decodeWords(value), wanted));
}

test("whatever is pasted is read, within bounds", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 2000 }), (text) => {
      journeyOf(parseHeaderFields(`Received: ${text}\nDate: ${text}`));
      decodeWords(text);
      for (const { name } of parseHeaderFields(text)) assert.ok(name.length <= 200);
    }),
  );
  const many = parseHeaderFields(
    "Received: from a by b; 21 Nov 2026 18:52:03 +0000\n".repeat(9999),
  );
  assert.equal(journeyOf(many).hops.length, HOPS_MAX);
  for (const unit of ["(", ")", ";", " ", "=?", "from ", "=?a?q?", "?= =?", "a=b;", "\t\n"]) {
    const fields = parseHeaderFields(`Received: ${unit.repeat(200_000)}`);
    journeyOf(fields);
    decodeWords(unit.repeat(50_000));
    authenticationResults([{ name: "Authentication-Results", value: unit.repeat(200_000) }]);
  }
});
