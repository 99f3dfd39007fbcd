import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Address, domainOf, localPartOf, parseAddress } from "./address.ts";
import { findAddressPlaces, PLACES_MAX } from "./address-places.ts";
import { applyChanges, rewriteField } from "./rewritten-field.ts";

/** contoso.test becomes fabrikam.test, and bob@x.test another person altogether. */
function rewrite(address: Address): Address | undefined {
  if (address === "bob@x.test") return parseAddress("robert.b@y.test", { smtpUtf8: true });
  if (domainOf(address) !== "contoso.test") return undefined;
  return parseAddress(`${localPartOf(address)}@fabrikam.test`, { smtpUtf8: true });
}

for (const [why, field, want] of [
  ["a bare address", "To: a@contoso.test\r\n", "To: a@fabrikam.test\r\n"],
  ["a name", "From: Alice <a@contoso.test>\r\n", "From: Alice <a@fabrikam.test>\r\n"],
  ["another person", "To: bob@x.test, c@x.test\r\n", "To: robert.b@y.test, c@x.test\r\n"],
  [
    "a name that is an address stays",
    'To: "a@contoso.test" <a@contoso.test>\r\n',
    'To: "a@contoso.test" <a@fabrikam.test>\r\n',
  ],
  [
    "also without its quotes",
    "To: a@contoso.test <a@contoso.test>\r\n",
    "To: a@contoso.test <a@fabrikam.test>\r\n",
  ],
  [
    "encoded words and folds stay",
    "To: =?utf-8?q?J=C3=B6rg=40contoso=2Etest?=\r\n <j@contoso.test>,\r\n\tb@contoso.test\r\n",
    "To: =?utf-8?q?J=C3=B6rg=40contoso=2Etest?=\r\n <j@fabrikam.test>,\r\n\tb@fabrikam.test\r\n",
  ],
  [
    "groups",
    "Cc: Us: a@contoso.test, B <b@contoso.test>;, c@contoso.test\r\n",
    "Cc: Us: a@fabrikam.test, B <b@fabrikam.test>;, c@fabrikam.test\r\n",
  ],
  ["an empty group", "To: undisclosed-recipients:;\r\n", "To: undisclosed-recipients:;\r\n"],
  [
    "comments",
    "To: (a@contoso.test (b) \\) x) a@contoso.test (home), <(x)b(y)@(z)contoso.test(!)>\r\n",
    "To: (a@contoso.test (b) \\) x) a@fabrikam.test (home), <(x)b(y)@(z)fabrikam.test(!)>\r\n",
  ],
  [
    "a quoted local part keeps its quotes",
    'To: "a b"@contoso.test, "c"@contoso.test\r\n',
    'To: "a b"@fabrikam.test, "c"@fabrikam.test\r\n',
  ],
  [
    "a source route",
    "To: <@r.test,@s.test:a@contoso.test>\r\n",
    "To: <@r.test,@s.test:a@fabrikam.test>\r\n",
  ],
  ["spaces of old", "To: a . b @ contoso . test\r\n", "To: a . b @ fabrikam.test\r\n"],
  ["case", "to :A.B@CONTOSO.test\r\n", "to :A.B@fabrikam.test\r\n"],
  ["two words are no address", "To: a b@contoso.test\r\n", "To: a b@contoso.test\r\n"],
  ["a literal", "To: a@[192.0.2.1], b@contoso.test\r\n", "To: a@[192.0.2.1], b@fabrikam.test\r\n"],
  [
    "an open comment",
    "To: a@contoso.test, (b@contoso.test\r\n",
    "To: a@fabrikam.test, (b@contoso.test\r\n",
  ],
  ["an open quote", 'To: "a <a@contoso.test>\r\n', 'To: "a <a@contoso.test>\r\n'],
  ["an open bracket", "To: a <a@contoso.test\r\n", "To: a <a@contoso.test\r\n"],
  [
    "the first brackets count",
    "To: <a@x.test> <a@contoso.test>\r\n",
    "To: <a@x.test> <a@contoso.test>\r\n",
  ],
  ["junk", "To: a\\@contoso.test, >b@contoso.test, c,@contoso.test\r\n", undefined],
  [
    "octets that are no text",
    "To: \xff\xfe <a@contoso.test>\r\n",
    "To: \xff\xfe <a@fabrikam.test>\r\n",
  ],
  ["UTF-8", "To: \xc3\xa4@contoso.test\r\n", "To: \xc3\xa4@fabrikam.test\r\n"],
  ["nothing", "To:\r\n", "To:\r\n"],
] as const) {
  test(`rewriteField: ${why}`, () => {
    assert.equal(applyChanges(field, rewriteField(field, rewrite)), want ?? field);
  });
}

test("rewriteField: whatever stands there, all that is no address stays octet for octet", () => {
  const part = fc.oneof(
    fc.constantFrom("a@contoso.test", "<", ">", "(", ")", '"', ",", ";", ":", "@", "\\", "\r\n "),
    fc.constantFrom("Name", "[", "]", "bob@x.test", " ", ".", "=?utf-8?q?a=40b?=", "\xe4"),
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 40 }), (parts) => {
      const field = `To: ${parts.join("")}\r\n`;
      const changes = rewriteField(field, rewrite);
      let at = 0;
      for (const { offset, length } of changes) {
        assert.ok(offset >= at && length > 0 && offset + length <= field.length - 2);
        at = offset + length;
      }
      const again = applyChanges(field, changes);
      const found = findAddressPlaces(again.slice(3)).map(({ address }) => address);
      assert.deepEqual(
        found,
        findAddressPlaces(field.slice(3)).map(({ address }) => rewrite(address) ?? address),
      );
    }),
    { numRuns: 3000 },
  );
});

test("findAddressPlaces: of very many addresses some are found", () => {
  const value = "a@contoso.test,".repeat(PLACES_MAX + 5);
  assert.equal(findAddressPlaces(value).length, PLACES_MAX);
});

test("findAddressPlaces: what never ends costs no more than its length", () => {
  for (const open of ["(", '"', "[", "<", "<(", "((", '<"']) {
    findAddressPlaces(open.repeat(200_000));
    findAddressPlaces(`${open}${"x".repeat(1_000_000)}`);
    findAddressPlaces(`${open}${"\\x".repeat(1_000_000)}`);
  }
});
