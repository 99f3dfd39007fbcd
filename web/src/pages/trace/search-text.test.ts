import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseSearch, SEARCH_CHARACTERS_MAX } from "./search-text.ts";

for (const [text, kind, found = text] of [
  ["alice@contoso.com", "address"],
  ["  alice@contoso.com ", "address", "alice@contoso.com"],
  ["Alice Smith <alice@contoso.com>", "address", "alice@contoso.com"],
  ["mailto:alice@contoso.com", "address", "alice@contoso.com"],
  ["用户@例え.jp", "address"],
  ["*@contoso.com", "address"],
  ["b?b@contoso.com", "address"],
  ["bounces+123456-abcd-bob=example.com@em.example.net", "address"],
  ["SRS0=abcd=12=example.org=bob@forwarder.example", "address"],
  ["john.a.very.long.name.smith2@contoso.com", "address"],
  ["<>", "sender"],
  ["From: Alice <alice@contoso.com>", "sender", "alice@contoso.com"],
  ["to: bob@contoso.com", "recipient", "bob@contoso.com"],
  ["<one@contoso.com>", "messageId"],
  ["<no-at-sign>", "messageId"],
  ["Message-ID: <one@contoso.com>", "messageId", "<one@contoso.com>"],
  ["20261121185203.1234567@mail.contoso.com", "messageId"],
  ["CAF+a_b=c1-d2@mail.gmail.com", "messageId"],
  ["DB9PR02MB1234@DB9PR02MB1234.eurprd02.prod.outlook.com", "messageId"],
  ["1763751123.4@localhost", "messageId"],
  ["4f1e2d3c-0000-4000-8000-123456789abc", "traceId"],
  ["4F1E2D3C-0000-4000-8000-123456789ABC", "traceId"],
  ["42", "number"],
  ["#42", "number", "42"],
  ["mail\\7\\42", "number", "42"],
  ["7\\42", "number", "42"],
  ["contoso.com", "domain"],
  ["@contoso.com", "domain", "contoso.com"],
  ["*.contoso.com", "domain"],
  ["bücher.example", "domain"],
  ["xn--bcher-kva.xn--p1ai", "domain"],
  ["192.0.2.7", "ip"],
  ["[192.0.2.7]", "ip", "192.0.2.7"],
  ["192.0.2.*", "ip"],
  ["2001:db8::7", "ip"],
  ["[IPv6:2001:db8::7]", "ip", "2001:db8::7"],
  ["::1", "ip"],
  ["invoice", "subject"],
  ["Invoice.pdf", "subject"],
  ["Your order 12345", "subject"],
  ["Re: lunch", "subject"],
  ['"contoso.com"', "subject", "contoso.com"],
  ["subject: 42", "subject", "42"],
  ["alice@contoso.com, bob@contoso.com", "several"],
  ["invoice alice@contoso.com fabrikam.com", "several"],
  ["invoice @fabrikam.com", "several"],
  ["Your order at fabrikam.com", "subject"],
  ["10:30 meeting", "subject"],
  ["<img src=x onerror=alert(1)>", "subject"],
] as const satisfies readonly (readonly [string, string, string?])[]) {
  test(`parseSearch: ${text} is a ${kind}`, () => {
    assert.deepEqual(parseSearch(text), { kind, text: found });
  });
}

test("parseSearch: nothing is nothing", () => {
  assert.equal(parseSearch(""), undefined);
  assert.equal(parseSearch(" \t\n"), undefined);
});

test("parseSearch takes whatever is pasted, quickly and within its bound", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 3000 }), (text) => {
      const found = parseSearch(text);
      assert.equal(found === undefined, text.slice(0, SEARCH_CHARACTERS_MAX).trim() === "");
      assert.ok((found?.text.length ?? 0) <= SEARCH_CHARACTERS_MAX);
    }),
  );
  for (const unit of ["a.", "a@", "<", ":", "1.", "a-", "\\", "=+", '"']) {
    assert.notEqual(parseSearch(unit.repeat(100_000)), undefined);
  }
});
