import assert from "node:assert/strict";
import { test } from "node:test";
import { CONTENT_LIMITS } from "./content-limits.ts";
import { lines, multipart } from "./message.fake.ts";
import { allParts, type MessageView } from "./message-view.ts";
import { readMessage } from "./read-message.ts";

function read(message: Buffer): MessageView {
  const view = readMessage(message, CONTENT_LIMITS);
  assert(view.ok, JSON.stringify(view));
  return view.value;
}

/** The tree on one line: path, type, and file name of each part. */
function outline(view: MessageView): string {
  return [...allParts(view.root)]
    .map(({ path, mediaType, fileName }) =>
      [path, mediaType, fileName]
        .filter((word) => word !== undefined)
        .join(" ")
        .trim(),
    )
    .join(" | ");
}

test("a plain message: fields, addresses, subject, body", () => {
  const view = read(
    lines(
      "From: =?iso-8859-1?Q?J=FCrgen?= <j@x.test>",
      'To: "Smith, Alice" <a@x.test>, b@x.test',
      "Cc: Team: c@x.test;",
      "Subject: =?utf-8?B?w7xi?= =?utf-8?Q?er?=",
      " all",
      "",
      "Hello",
      "you",
    ),
  );
  assert.equal(view.subject, "über all");
  assert.deepEqual(
    [view.from, view.to, view.cc].map((list) => list.map((one) => [one.displayName, one.text])),
    [
      [["Jürgen", "j@x.test"]],
      [
        ["Smith, Alice", "a@x.test"],
        ["", "b@x.test"],
      ],
      [["", "c@x.test"]],
    ],
  );
  assert.deepEqual(
    view.bodies.map(({ path, kind, text }) => ({ path, kind, text })),
    [{ path: "", kind: "plain", text: "Hello\nyou\n" }],
  );
  assert.deepEqual(view.charsets, ["iso-8859-1", "utf-8"]);
  assert.equal(view.header[3]?.raw, "=?utf-8?B?w7xi?= =?utf-8?Q?er?= all");
});

for (const [why, message, want] of [
  ["no type", ["", "x"], " text/plain"],
  ["a type that cannot be read", ["Content-Type: text", "", "x"], " text/plain"],
  ["spaces and comments in a type", ["Content-Type: text (a) / html (b)", "", "x"], " text/html"],
  [
    "alternative in mixed, with a file",
    multipart("mixed", [
      multipart(
        "alternative",
        [
          ["", "a"],
          ["Content-Type: text/html", "", "<b>a"],
        ],
        "b2",
      ),
      ['Content-Disposition: attachment; filename="a b.pdf"', "", "x"],
    ]),
    " multipart/mixed | 1 multipart/alternative | 1.1 text/plain | 1.2 text/html | " +
      "2 text/plain a b.pdf",
  ],
  [
    "an attached message",
    multipart("mixed", [
      ["", "a"],
      ["Content-Type: message/rfc822", "", "Subject: inner", "Content-Type: text/html", "", "<p>x"],
    ]),
    " multipart/mixed | 1 text/plain | 2 message/rfc822 | 2.1 text/html",
  ],
  [
    "parts of a digest are messages",
    multipart("digest", [["", "Subject: one", "", "x"]]),
    " multipart/digest | 1 message/rfc822 | 1.1 text/plain",
  ],
  [
    "an outer boundary ends an inner multipart",
    multipart("mixed", [
      ['Content-Type: multipart/mixed; boundary="b2"', "", "--b2", "", "x"],
      ["", "y"],
    ]),
    " multipart/mixed | 1 multipart/mixed | 1.1 text/plain | 2 text/plain",
  ],
  [
    "what is signed is looked into",
    multipart("signed", [
      ["", "a"],
      ["Content-Type: application/pgp-signature", "", "x"],
    ]),
    " multipart/signed | 1 text/plain | 2 application/pgp-signature",
  ],
  [
    "an encoding on a multipart is passed over",
    ["Content-Transfer-Encoding: base64", ...multipart("mixed", [["", "a"]])],
    " multipart/mixed | 1 text/plain",
  ],
  [
    "boundary in pieces",
    ["Content-Type: multipart/mixed; boundary*0=b; boundary*1=1", "", "--b1", "", "x", "--b1--"],
    " multipart/mixed | 1 text/plain",
  ],
  [
    "no boundary anywhere",
    ["Content-Type: multipart/mixed; boundary=b", "", "x"],
    " multipart/mixed",
  ],
  [
    "a line like a boundary is none",
    multipart("mixed", [["", "a", "--b1x", "b"]]),
    " multipart/mixed | 1 text/plain",
  ],
  [
    "names: RFC 2231, pieces, and encoded words",
    multipart("mixed", [
      ["Content-Disposition: attachment; filename*=iso-8859-1'de'%FCber%2Etxt", "", ""],
      [
        "Content-Disposition: attachment; filename*0*=utf-8''%C3; filename*1*=%BC; filename*2=.exe",
        "",
        "",
      ],
      ['Content-Type: a/b; name="=?utf-8?Q?=C3=BC.zip?="', "", ""],
      ["Content-Disposition: attachment; filename=c:\\dir\\my file.txt; x=y", "", ""],
      ['Content-Disposition: inline; filename="a\\"b/../c.txt"', "", ""],
      ["Content-Disposition: attachment; filename=plain.txt; filename*=utf-8''ext.txt", "", ""],
    ]),
    " multipart/mixed | 1 text/plain über.txt | 2 text/plain ü.exe | 3 a/b ü.zip | " +
      "4 text/plain my file.txt | 5 text/plain c.txt | 6 text/plain ext.txt",
  ],
] as const) {
  test(`parts: ${why}`, () => {
    assert.equal(outline(read(lines(...message))), want.trim());
  });
}

for (const [why, header, body, want] of [
  ["quoted-printable", ["Content-Transfer-Encoding: quoted-printable"], "a=3Db=\r\nc", "a=bc"],
  ["base64", ["Content-Transfer-Encoding: BASE64"], "YQ==\r\nYg==", "ab"],
  ["a charset", ["Content-Type: text/plain; charset=windows-1251"], "\xcf\xf0\xe8", "При"],
  ["ISO-2022-JP", ["Content-Type: text/plain; charset=ISO-2022-JP"], "\x1b$B$3\x1b(B", "こ"],
  ["UTF-7", ["Content-Type: text/plain; charset=utf-7"], "+ZeVnLIqe-", "日本語"],
  ["code page 850", ["Content-Type: text/plain; charset=cp850"], "\x81", "ü"],
  ["no charset, UTF-8", [], "\xc3\xbc", "ü"],
  ["no charset, not UTF-8", [], "\xfc", "ü"],
  ["an unknown charset", ["Content-Type: text/plain; charset=klingon"], "\xfc", "ü"],
  ["an unknown encoding", ["Content-Transfer-Encoding: rot13"], "a", "a"],
  ["HTML", ["Content-Type: text/html"], "<title>t</title><p>a <b>b</b>&amp;c<br>d", "a b&c\nd"],
  ["a multipart without parts", ["Content-Type: multipart/mixed"], "hidden?", "hidden?"],
] as const) {
  test(`body: ${why}`, () => {
    const head = header.map((line) => `${line}\r\n`).join("");
    const view = read(Buffer.from(`${head}\r\n${body}`, "latin1"));
    assert.equal(view.bodies[0]?.text, want);
  });
}

test("what is body and what is attached", () => {
  const view = read(
    lines(
      ...multipart("mixed", [
        ['Content-Type: text/plain; name="body.txt"', "", "shown in spite of its name"],
        ["Content-Type: text/plain", "", "shown too"],
        ['Content-Type: text/plain; name="b.txt"', "", "attached"],
        ["Content-Type: text/html", "Content-Disposition: attachment", "", "attached"],
        ["Content-Type: image/png", "Content-ID: <x@y>", "", "png"],
        ["Content-Type: message/rfc822", "", "Subject: inner", "", "not a body"],
      ]),
    ),
  );
  assert.deepEqual(
    view.bodies.map(({ path }) => path),
    ["1", "2"],
  );
  assert.deepEqual(
    view.attachments.map(({ path }) => path),
    ["1", "3", "4", "5", "6"],
  );
  assert.equal(view.attachments[3]?.contentId, "x@y");
});

test("a message that is one text is shown, and attached too when it says so", () => {
  const view = read(lines("Content-Disposition: attachment; filename=a.txt", "", "x"));
  assert.deepEqual([view.bodies.length, view.attachments.length], [1, 1]);
});

test("places are the bytes of the parts", () => {
  const message = lines(
    ...multipart("mixed", [
      ["X: 1", "", "first"],
      ["", "second", "line"],
    ]),
  );
  const view = read(message);
  const texts = view.root.children.map(({ place }) => [
    message.toString("latin1", place.headerFrom, place.bodyFrom),
    message.toString("latin1", place.bodyFrom, place.to),
  ]);
  assert.deepEqual(texts, [
    ["X: 1\r\n\r\n", "first"],
    ["\r\n", "second\r\nline"],
  ]);
  assert.equal(view.root.place.to, message.length);
});

for (const [type, message] of [
  ["OOF", ["Auto-Submitted: auto-replied (vacation)", "", ""]],
  ["AutoForward", ["Autoforwarded: TRUE", "", ""]],
  ["Encrypted", ["Content-Type: application/pkcs7-mime; smime-type=enveloped-data", "", ""]],
  ["Encrypted", ["Content-Type: application/x-pkcs7-mime; name=smime.p7m", "", ""]],
  ["Encrypted", multipart("encrypted", [["", "Version: 1"]])],
  ["Encrypted", ["", "-----BEGIN PGP MESSAGE-----", "x"]],
  [
    "Calendaring",
    multipart("alternative", [
      ["", "a"],
      ["Content-Type: text/calendar", "", "x"],
    ]),
  ],
  ["PermissionControlled", ["Content-Class: rpmsg.message", "", ""]],
  ["Voicemail", multipart("voice-message", [["", "a"]])],
  ["Signed", multipart("signed", [["", "a"]])],
  ["Signed", ["Content-Type: application/pkcs7-mime; smime-type=signed-data", "", ""]],
  ["ApprovalRequest", ["X-MS-Exchange-Organization-Approval-Initiator: mapi", "", ""]],
  ["ReadReceipt", multipart("report; report-type=disposition-notification", [["", "a"]])],
] as const) {
  test(`kind: ${type} by ${message[0]}`, () => {
    assert.deepEqual(read(lines(...message)).types, [type]);
  });
}

test("an ordinary message is of no special kind, and nothing is odd about it", () => {
  const view = read(lines("Subject: x", "Auto-Submitted: no", "", "x"));
  assert.deepEqual([view.types, view.oddities], [[], []]);
});

for (const [oddity, message] of [
  ["duplicateField", ["Subject: a", "Subject: b", "", ""]],
  ["ambiguousType", ["Content-Type: text/plain; x=a; x=b", "", ""]],
  ["noBoundary", ["Content-Type: multipart/mixed", "", "x"]],
  ["unknownEncoding", ["Content-Transfer-Encoding: x", "", "x"]],
  ["unknownCharset", ["Content-Type: text/plain; charset=klingon", "", "x"]],
  ["twoNames", ["Content-Type: a/b; name=a", "Content-Disposition: inline; filename=b", "", "x"]],
  ["encodedMultipart", ["Content-Transfer-Encoding: base64", ...multipart("mixed", [["", "a"]])]],
] as const) {
  test(`odd: ${oddity}`, () => {
    assert.deepEqual(read(lines(...message)).oddities, [oddity]);
  });
}
