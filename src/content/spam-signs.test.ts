import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { CONTENT_LIMITS } from "./content-limits.ts";
import { readSpamSigns, type SpamQuestion } from "./spam-signs.ts";

const HEADER =
  "From: Ann <ann@client.test>\r\nTo: a@b.test\r\nSubject: hello there\r\n" +
  "Date: Fri, 20 Nov 2026 10:00:00 +0000\r\nMessage-ID: <1@client.test>\r\n";
const GTUBE = ["XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE", "STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"].join("-");

function find(text: string, phrases: SpamQuestion["phrases"] = []) {
  const read = readSpamSigns(Buffer.from(text), { limits: CONTENT_LIMITS, phrases });
  assert.ok(read.ok);
  return read.value;
}

const names = (text: string) => find(text).signs.map(({ name }) => name);
const html = (text: string) => `${HEADER}Content-Type: text/html\r\n\r\n${text}\r\n`;
const plain = (text: string) => `${HEADER}\r\n${text}\r\n`;

for (const [why, text, want] of [
  ["an honest message", plain("how are you? https://www.client.test/"), []],
  ["GTUBE", plain(GTUBE), ["Gtube"]],
  [
    "no header to speak of",
    "X: y\r\n\r\nhi\r\n",
    ["MissingFrom", "MissingDate", "MissingMessageId", "MissingSubject", "MissingRecipients"],
  ],
  [
    "a subject that shouts",
    plain("hi").replace("hello there", "YOU HAVE WON MONEY!!!"),
    ["SubjectAllCapitals", "SubjectShouts", "Word:you have won"],
  ],
  [
    "a name that is another's address",
    plain("hi").replace("Ann <", '"ceo@contoso.test" <'),
    ["NameIsOtherAddress"],
  ],
  ["its own address as a name", plain("hi").replace("Ann <", '"ann@client.test" <'), []],
  ["HTML alone", html("<p>hello, this is a longer text that one can read</p>"), ["HtmlOnly"]],
  ["an image alone", html('<img src="http://a.test/x.png">'), ["HtmlOnly", "ImageOnly"]],
  ["text that is hidden", html('<p style="font-size:0px">x</p>'), ["HtmlOnly", "HiddenText"]],
  [
    "a link that says another site",
    html('<a href="http://evil.test/">www.bank.test</a>'),
    ["HtmlOnly", "LinkSaysOther"],
  ],
  [
    "a link that says its site",
    html('<a href="http://x.bank.test/">www.bank.test</a>'),
    ["HtmlOnly"],
  ],
  ["a link to an address", plain("http://192.0.2.1/x"), ["LinkToAddress"]],
  ["a link in Punycode", plain("http://xn--bnk-qla.test/"), ["LinkInPunycode"]],
  ["a program", `${HEADER}Content-Type: application/zip; name=a.pdf.exe\r\n\r\nx\r\n`, ["Program"]],
  [
    "words",
    plain("viagra VIAGRA cialis, work from home, act now"),
    ["Word:viagra", "Word:cialis", "Word:work from home"],
  ],
] as const) {
  test(`readSpamSigns: ${why}`, () => {
    assert.deepEqual(names(text), want);
  });
}

test("readSpamSigns: hosts of links, once each", () => {
  const { linkHosts } = find(
    plain("http://A.test/ https://a.test/b http://b.test. http://192.0.2.1/"),
  );
  assert.deepEqual(linkHosts, ["a.test", "b.test"]);
});

const PHRASES = [
  { name: "Buy  now", influence: "BadWord" },
  { name: "project fabrikam", influence: "GoodWord" },
] as const;

for (const [text, want] of [
  ["please BUY\r\nNOW", "BadWord"],
  ["please buy, now!", "BadWord"],
  ["buy now: Project Fabrikam", "GoodWord"],
  ["abuy now", undefined],
  ["buy nowhere", undefined],
] as const) {
  test(`readSpamSigns: phrase in ${JSON.stringify(text)}`, () => {
    assert.equal(find(plain(text), PHRASES).phrase?.influence, want);
  });
}

test("readSpamSigns: any message gives findings, and few hosts", () => {
  const piece = fc.constantFrom(
    "<a href=http://",
    "x.test",
    ">",
    "</a>",
    "\r\n",
    "http://",
    "=?",
    "\0",
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(piece, fc.string()), { maxLength: 60 }), (pieces) => {
      assert.ok(find(html(pieces.join(""))).linkHosts.length <= 20);
    }),
  );
  const many = Array.from({ length: 50 }, (_, index) => `http://h${index}.test/`).join(" ");
  assert.equal(find(plain(many)).linkHosts.length, 20);
});
