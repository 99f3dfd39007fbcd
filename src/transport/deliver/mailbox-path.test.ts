import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import type { Address } from "../../mail/address.ts";
import { formatMailboxDirectory, maildirPath, parseMailboxDirectory } from "./mailbox-path.ts";

/** Hostile on purpose: what `parseAddress` would let through is no business of this file. */
const address = (text: string) => text as Address;

for (const [text, want] of [
  ["alice@contoso.test", "alice@contoso.test"],
  ["Alice.Smith+tag@Contoso.TEST", "alice.smith+tag@contoso.test"],
  ["../../etc/passwd@x.test", "%2E.%2F..%2Fetc%2Fpasswd@x.test"],
  [".", "%2E"],
  ["..", "%2E."],
  [".hidden@x.test", "%2Ehidden@x.test"],
  ['"a b"@x.test', "%22a%20b%22@x.test"],
  ["a%2f@x.test", "a%252f@x.test"],
  ["a\0b@x.test", "a%00b@x.test"],
  ["a\nb@x.test", "a%0Ab@x.test"],
  ["a:2,S@x.test", "a%3A2%2Cs@x.test"],
  ["~root@x.test", "%7Eroot@x.test"],
  ["jürgen@x.test", "j%C3%BCrgen@x.test"],
  ["postmaster@[192.0.2.1]", "postmaster@%5B192.0.2.1%5D"],
] as const) {
  test(`directory of ${JSON.stringify(text)}`, () => {
    assert.equal(formatMailboxDirectory(address(text)), want);
    assert.equal(parseMailboxDirectory(want), text.toLowerCase());
  });
}

test("a name of 255 bytes is whole, one more is shortened and stays distinct", () => {
  const whole = `${"a".repeat(248)}@x.test`;
  assert.equal(formatMailboxDirectory(address(whole)), whole);
  const long = formatMailboxDirectory(address(`a${whole}`));
  const other = formatMailboxDirectory(address(`a${whole}s`));
  assert.ok(Buffer.byteLength(long) <= 255);
  assert.notEqual(long, other);
  assert.equal(parseMailboxDirectory(long), undefined);
});

test("every address has one safe component of its own, and reads back", () => {
  const texts = fc.string({ unit: "binary", minLength: 1, maxLength: 330 });
  fc.assert(
    fc.property(texts, texts, (left, right) => {
      const name = formatMailboxDirectory(address(left));
      assert.match(name, /^[A-Za-z0-9@_+=%~-][A-Za-z0-9@._+=%~-]*$/);
      assert.ok(name.length <= 255);
      assert.equal(dirname(join("/m", name)), "/m");
      const folded = Buffer.from(left.toLowerCase()).toString();
      const readBack = parseMailboxDirectory(name);
      if (!name.includes("%~")) assert.equal(readBack, folded);
      const isSame = folded === Buffer.from(right.toLowerCase()).toString();
      assert.equal(formatMailboxDirectory(address(right)) === name, isSame);
    }),
  );
});

test("foreign names are not taken for mailboxes", () => {
  for (const name of [
    "lost+found/",
    "%",
    "%2",
    "%zz",
    "%61lice@x.test",
    "Alice@x.test",
    ".x",
    "",
  ]) {
    assert.equal(parseMailboxDirectory(name), name === "" ? "" : undefined);
  }
});

test("maildirPath", () => {
  assert.equal(
    maildirPath("/var/lib/p", address("Bob@contoso.test")),
    "/var/lib/p/mailboxes/bob@contoso.test/Maildir",
  );
});
