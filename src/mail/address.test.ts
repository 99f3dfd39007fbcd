import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { addressKey, domainOf, localPartOf, parseAddress, parseDomain } from "./address.ts";

const ASCII = { smtpUtf8: false };
const UTF8 = { smtpUtf8: true };

for (const [why, text, want] of [
  ["lower case", "Contoso.COM", "contoso.com"],
  ["the root's dot goes", "contoso.com.", "contoso.com"],
  ["only one dot goes", "contoso.com..", undefined],
  ["a dot alone", ".", undefined],
  ["nothing", "", undefined],
  ["one label", "localhost", "localhost"],
  ["U-label to A-label", "BÜCHER.example", "xn--bcher-kva.example"],
  ["A-label stays", "XN--bcher-kva.example", "xn--bcher-kva.example"],
  ["digits stay a name", "1.2", "1.2"],
  ["underscore", "web_1.corp.test", "web_1.corp.test"],
  ["hyphen first", "-a.test", undefined],
  ["hyphen last", "a-.test", undefined],
  ["label of 63", `${"a".repeat(63)}.test`, `${"a".repeat(63)}.test`],
  ["label of 64", `${"a".repeat(64)}.test`, undefined],
  ["255 octets", `${"a.".repeat(127)}a`, `${"a.".repeat(127)}a`],
  ["256 octets", `${"a.".repeat(127)}ab`, undefined],
  ["U-label that grows past 63", `${"ü".repeat(60)}.test`, undefined],
  ["a slash behind a U-label", "bücher.example/x", undefined],
  ["a percent sign behind a U-label", "bücher%2eexample", undefined],
  ["full-width slash", "bücher.example／x", undefined],
  ["full-width at", "bücher＠example", undefined],
  ["lone surrogate", "b\ud800cher.example", undefined],
  ["NUL", "a\0b.test", undefined],
  ["CR LF", "a.test\r\n", undefined],
  ["IPv4 literal", "[192.0.2.1]", "[192.0.2.1]"],
  ["IPv4 literal with zeros", "[192.000.002.001]", "[192.0.2.1]"],
  ["IPv4 literal past 255", "[192.0.2.256]", undefined],
  ["IPv6 literal", "[ipv6:2001:DB8:0:0:0:0:0:1]", "[IPv6:2001:db8::1]"],
  ["IPv6 literal with IPv4", "[IPv6:::ffff:192.0.2.1]", "[IPv6:::ffff:c000:201]"],
  ["IPv6 without tag", "[2001:db8::1]", undefined],
  ["IPv4 with IPv6 tag", "[IPv6:192.0.2.1]", undefined],
  ["first of two equal runs", "[IPv6:1:0:0:2:0:0:3:4]", "[IPv6:1::2:0:0:3:4]"],
  ["longer second run", "[IPv6:1:0:0:2:0:0:0:4]", "[IPv6:1:0:0:2::4]"],
  ["one zero stays", "[IPv6:1:0:2:3:4:5:6:7]", "[IPv6:1:0:2:3:4:5:6:7]"],
  ["all zeros", "[IPv6:::]", "[IPv6:::]"],
  ["IPv4 in the middle", "[IPv6:1.2.3.4::1]", undefined],
  ["general literal", "[x:abc]", undefined],
] as const) {
  test(`parseDomain: ${why}`, () => assert.equal(parseDomain(text), want));
}

const LOCAL_64 = "a".repeat(64);

for (const [why, text, options, want] of [
  ["the local part keeps its case", "Alice.S@Contoso.TEST", ASCII, "Alice.S@contoso.test"],
  ["needless quotes go", '"bob"@x.test', ASCII, "bob@x.test"],
  ["needless escapes go", '"b\\ob"@x.test', ASCII, "bob@x.test"],
  ["needed quotes stay", '"b\\ob smith"@x.test', ASCII, '"bob smith"@x.test'],
  ["escapes stay where needed", '"a\\"\\\\b"@x.test', ASCII, '"a\\"\\\\b"@x.test'],
  ["an at sign in quotes", '"a@b"@x.test', ASCII, '"a@b"@x.test'],
  ["two at signs", "a@b@x.test", ASCII, undefined],
  ["empty quotes", '""@x.test', ASCII, '""@x.test'],
  ["percent hack is a local part", "a%b.test@x.test", ASCII, "a%b.test@x.test"],
  ["source route", "@hop.test:a@x.test", ASCII, undefined],
  ["trailing dot", "a@x.test.", ASCII, undefined],
  ["angle brackets", "<a@x.test>", ASCII, undefined],
  ["literal", "a@[IPv6:2001:DB8::1]", ASCII, "a@[IPv6:2001:db8::1]"],
  ["local part of 64", `${LOCAL_64}@x.test`, ASCII, `${LOCAL_64}@x.test`],
  ["local part of 65", `${LOCAL_64}a@x.test`, ASCII, undefined],
  ["UTF-8 without SMTPUTF8", "jürgen@x.test", ASCII, undefined],
  ["U-label without SMTPUTF8", "a@bücher.example", ASCII, undefined],
  ["UTF-8", "jürgen@x.test", UTF8, "jürgen@x.test"],
  ["UTF-8 quoted", '"jür gen"@x.test', UTF8, '"jür gen"@x.test'],
  ["UTF-8 needlessly quoted", '"jürgen"@x.test', UTF8, "jürgen@x.test"],
  ["UTF-8 behind a backslash", '"\\ü"@x.test', UTF8, undefined],
  ["beyond the BMP", "😀@x.test", UTF8, "😀@x.test"],
  ["U-label", "a@bücher.example", UTF8, "a@xn--bcher-kva.example"],
  ["64 octets of UTF-8", `${"ü".repeat(32)}@x.test`, UTF8, `${"ü".repeat(32)}@x.test`],
  ["66 octets of UTF-8", `${"ü".repeat(33)}@x.test`, UTF8, undefined],
  ["C1 control", "a\u0085b@x.test", UTF8, undefined],
  ["lone surrogate", "a\udc00b@x.test", UTF8, undefined],
  ["CR LF", "a\r\nb@x.test", UTF8, undefined],
  ["CR LF in quotes", '"a\r\nb"@x.test', UTF8, undefined],
  ["NUL in quotes", '"a\0b"@x.test', UTF8, undefined],
  ["line break behind", "a@x.test\n", ASCII, undefined],
] as const) {
  test(`parseAddress: ${why}`, () => assert.equal(parseAddress(text, options), want));
}

test("localPartOf and domainOf share an address out", () => {
  const address = parseAddress('"A@b"@Contoso.test', ASCII);
  assert.ok(address !== undefined);
  assert.equal(localPartOf(address), '"A@b"');
  assert.equal(domainOf(address), "contoso.test");
  assert.equal(addressKey(address), '"a@b"@contoso.test');
});

test("parseAddress is total, and what it returns it reads again unchanged", () => {
  const piece = fc.oneof(
    fc.constantFrom(
      '"',
      "\\",
      "@",
      ".",
      "a",
      "B",
      " ",
      "ü",
      "[",
      "]",
      "1",
      ":",
      "-",
      "\r",
      "\n",
      "\0",
    ),
    fc.string({ unit: "binary", maxLength: 3 }),
  );
  const text = fc.array(piece, { maxLength: 20 }).map((pieces) => pieces.join(""));
  fc.assert(
    fc.property(text, text, fc.boolean(), (local, domain, smtpUtf8) => {
      const address = parseAddress(`${local}@${domain}`, { smtpUtf8 });
      if (address === undefined) return;
      // biome-ignore lint/suspicious/noControlCharactersInRegex: their absence is the point.
      assert.doesNotMatch(address, /[\0-\x1f\x7f]/);
      assert.equal(parseAddress(address, { smtpUtf8 }), address);
    }),
    { numRuns: 3000 },
  );
});

/** Published test vectors beside the repository, when they are there. */
const ISEMAIL = join(import.meta.dirname, "../../../shared/suites/address/isemail/tests.xml");
const ACCEPTED = ["ISEMAIL_VALID_CATEGORY", "ISEMAIL_DNSWARN", "ISEMAIL_RFC5321"];
const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
};

/** Text of an XML element with its entities resolved and U+24xx back as the control it pictures. */
function textOf(element: string, name: string): string {
  const raw = new RegExp(`<${name}>([^]*?)</${name}>`).exec(element)?.[1] ?? "";
  return raw
    .replace(/&#x([0-9A-Fa-f]+);/g, (_, hex: string) =>
      String.fromCodePoint(Number.parseInt(hex, 16)),
    )
    .replace(/&#(\d+);/g, (_, digits: string) => String.fromCodePoint(Number(digits)))
    .replace(/&(\w+);/g, (_, entity: string) => ENTITIES[entity] ?? "")
    .replace(/[\u2400-\u241f]/g, (picture) => String.fromCodePoint(picture.charCodeAt(0) - 0x2400));
}

test("parseAddress accepts and refuses what the isemail suite says", (t) => {
  if (!existsSync(ISEMAIL)) {
    t.diagnostic("the isemail suite is not present: nothing compared");
    return;
  }
  const elements = readFileSync(ISEMAIL, "utf8").split("<test ").slice(1);
  assert.equal(elements.length, 164);
  for (const element of elements) {
    const address = textOf(element, "address");
    const category = textOf(element, "category");
    for (const options of [ASCII, UTF8]) {
      const accepted = parseAddress(address, options) !== undefined;
      assert.equal(accepted, ACCEPTED.includes(category), `${JSON.stringify(address)} ${category}`);
    }
  }
  t.diagnostic(`${elements.length} addresses of the isemail suite compared`);
});
