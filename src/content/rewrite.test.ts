import assert from "node:assert/strict";
import { test } from "node:test";
import { applyDisclaimer, type Disclaimer } from "./apply-disclaimer.ts";
import { CONTENT_LIMITS } from "./content-limits.ts";
import { lines, multipart } from "./message.fake.ts";
import type { ContentPart, MessageView } from "./message-view.ts";
import { readMessage } from "./read-message.ts";
import { removeParts, replaceParts } from "./replace-parts.ts";
import type { RewriteResult } from "./rewrite-result.ts";
import { wrapInPlace, wrapMessage } from "./wrap-message.ts";

function read(message: Buffer): MessageView {
  const view = readMessage(message, CONTENT_LIMITS);
  assert(view.ok);
  return view.value;
}

function done(result: RewriteResult): Buffer {
  assert(result.kind === "done", JSON.stringify(result));
  return Buffer.concat(result.content);
}

function disclaim(message: Buffer, html: string, place: Disclaimer["place"] = "append"): Buffer {
  return done(applyDisclaimer(message, read(message), { html, place }));
}

function raw(message: Buffer, part: ContentPart): string {
  return message.toString("latin1", part.place.headerFrom, part.place.to);
}

const NOTE = "<p>Private &amp; safe</p>";

for (const [why, message, html, want] of [
  ["plain", ["Subject: x", "", "Hello"], NOTE, ["Subject: x", "", "Hello", "Private & safe"]],
  ["no text yet", ["Subject: x", "", ""], NOTE, ["Subject: x", "", "", "Private & safe"]],
  [
    "a charset that has the characters",
    ["Content-Type: text/plain; charset=iso-8859-1", "Content-Transfer-Encoding: 8bit", "", "Hi"],
    "ü",
    [
      "Content-Type: text/plain; charset=iso-8859-1",
      "Content-Transfer-Encoding: 8bit",
      "",
      "Hi",
      "\xfc",
    ],
  ],
  [
    "a charset that lacks them becomes UTF-8",
    [
      "Content-Type: text/plain; format=flowed;",
      " charset=iso-8859-1",
      "Content-Transfer-Encoding: quoted-printable",
      "MIME-Version: 1.0",
      "",
      "=FC",
    ],
    "€",
    [
      "Content-Type: text/plain; format=flowed;",
      " charset=utf-8",
      "Content-Transfer-Encoding: quoted-printable",
      "MIME-Version: 1.0",
      "",
      "=C3=BC",
      "=E2=82=AC",
    ],
  ],
  [
    "ASCII becomes UTF-8 in quoted-printable",
    ["Subject: x", "", "Hi"],
    "ü",
    [
      "Subject: x",
      "MIME-Version: 1.0",
      "Content-Type: text/plain; charset=utf-8",
      "Content-Transfer-Encoding: quoted-printable",
      "",
      "Hi",
      "=C3=BC",
    ],
  ],
  [
    "base64 stays base64",
    ["Content-Transfer-Encoding: base64", "", "SGk="],
    "x",
    ["Content-Transfer-Encoding: base64", "", "SGkNCng="],
  ],
  [
    "HTML: characters as references, before the end of the body",
    ["Content-Type: text/html; charset=us-ascii", "", "<html><BODY a='>'>Hi</BODY></html>"],
    "<i>ü€</i>",
    [
      "Content-Type: text/html; charset=us-ascii",
      "",
      "<html><BODY a='>'>Hi<i>&#252;&#8364;</i></BODY></html>",
    ],
  ],
  [
    "an unknown charset takes ASCII",
    ["Content-Type: text/plain; charset=klingon", "", "Hi"],
    "x",
    ["Content-Type: text/plain; charset=klingon", "", "Hi", "x"],
  ],
  ["a separator", ["", "Hi"], "-- <br>x", ["", "Hi", "--", "x"]],
] as const) {
  test(`disclaimer: ${why}`, () => {
    const bytes = Buffer.from(lines(...message).toString(), "latin1");
    const wanted = Buffer.from(want.map((line) => `${line}\r\n`).join(""), "latin1");
    const trailing = why === "base64 stays base64" ? wanted.subarray(0, -2) : wanted;
    assert.equal(disclaim(bytes, html).toString("latin1"), trailing.toString("latin1"));
  });
}

for (const [why, html, want] of [
  ["in the body", "<html><head><title>body</title></head><body>Hi", "body>NHi"],
  ["not in a comment", "<!-- <body> --><p>Hi", "N<!-- <body> --><p>Hi"],
  ["behind the head", "<html><head></head>Hi</html>", "</head>NHi</html>"],
  ["behind the doctype", "<!DOCTYPE html><p>Hi", "<!DOCTYPE html>N<p>Hi"],
] as const) {
  test(`disclaimer before HTML: ${why}`, () => {
    const message = lines("Content-Type: text/html", "", html);
    assert.ok(disclaim(message, "N", "prepend").toString().trimEnd().endsWith(want));
  });
}

test("disclaimer: both sides of an alternative, and nothing else", () => {
  const message = lines(
    ...multipart("mixed", [
      multipart(
        "alternative",
        [
          ["", "Hi"],
          ["Content-Type: text/html", "", "<p>Hi"],
          ["Content-Type: text/calendar", "", "x"],
        ],
        "b2",
      ),
      ["", "a footer of a list"],
    ]),
  );
  const view = read(disclaim(message, NOTE));
  assert.deepEqual(
    view.bodies.map(({ text }) => text),
    ["Hi\nPrivate & safe", "Hi\nPrivate & safe", "a footer of a list"],
  );
});

test("disclaimer: a line that looks like a boundary is encoded", () => {
  const message = lines(
    ...multipart("mixed", [
      ["", "Hi"],
      ["", "next"],
    ]),
  );
  const view = read(disclaim(message, "x<br>--b1--<br>y"));
  assert.deepEqual(
    view.bodies.map(({ text }) => text),
    ["Hi\nx\n--b1--\ny", "next"],
  );
});

for (const [why, message] of [
  [
    "sealed",
    multipart("signed", [
      ["", "a"],
      ["Content-Type: application/pgp-signature", "", "x"],
    ]),
  ],
  [
    "sealed",
    multipart("mixed", [
      multipart(
        "signed",
        [
          ["", "a"],
          ["", "s"],
        ],
        "b2",
      ),
      ["", "x"],
    ]),
  ],
  [
    "sealed",
    multipart("encrypted", [
      ["", "a"],
      ["", "b"],
    ]),
  ],
  ["sealed", ["Content-Type: application/pkcs7-mime; smime-type=signed-data", "", "x"]],
  ["noText", ["Content-Type: image/png", "", "x"]],
  ["unreadable", ["Content-Transfer-Encoding: x", "", "x"]],
] as const) {
  test(`disclaimer: ${why} (${message[0]})`, () => {
    const bytes = lines(...message);
    const result = applyDisclaimer(bytes, read(bytes), { html: NOTE, place: "append" });
    assert.deepEqual(result, { kind: "cannot", why });
  });
}

for (const [why, part] of [
  ["an empty line is all there is of it", "\r\n"],
  ["there is not even an empty line", ""],
  ["it has a header only", "X: 1\r\n"],
  ["it has a header and an empty line", "X: 1\r\n\r\n"],
] as const) {
  test(`a part without a body: ${why}`, () => {
    const next = "--b\r\n\r\nnext\r\n";
    const message = Buffer.from(
      "Content-Type: multipart/mixed; boundary=b\r\n\r\n" +
        `--b\r\n${part}${next}--b\r\n${part}--b--\r\n`,
    );
    const texts = (bytes: Buffer) => read(bytes).bodies.map(({ text }) => text);
    assert.deepEqual(texts(message), ["", "next", ""]);
    assert.deepEqual(texts(disclaim(message, "x")), ["x", "next", ""]);
    for (const [path, left] of [
      ["1", ["next", ""]],
      ["3", ["", "next"]],
    ] as const) {
      assert.deepEqual(texts(done(removeParts(message, read(message), [path]))), left);
      const replacement = { path, text: "gone", fileName: "g.txt" };
      const replaced = read(done(replaceParts(message, read(message), [replacement])));
      assert.deepEqual(replaced.root.children.length, 3);
    }
  });
}

test("parts are taken out, whichever they are", () => {
  const part = (text: string) => ["", text];
  const message = lines(...multipart("mixed", [part("one"), part("two"), part("three")]));
  for (const [paths, want] of [
    [["1"], ["two", "three"]],
    [["2"], ["one", "three"]],
    [["3"], ["one", "two"]],
    [["2", "3"], ["one"]],
    [["1", "2"], ["three"]],
    [["1", "3"], ["two"]],
    [["1", "2", "3"], [""]],
    [[], ["one", "two", "three"]],
  ] as const) {
    const left = read(done(removeParts(message, read(message), paths)));
    assert.deepEqual(
      left.bodies.map(({ text }) => text),
      want,
      paths.join(),
    );
  }
  assert.deepEqual(removeParts(message, read(message), ["4"]), { kind: "cannot", why: "noPart" });
  assert.deepEqual(removeParts(message, read(message), [""]), { kind: "cannot", why: "noPart" });
});

test("a part in one that goes too goes with it", () => {
  const message = lines(...multipart("mixed", [["", "a"], multipart("mixed", [["", "b"]], "b2")]));
  const left = read(done(removeParts(message, read(message), ["2", "2.1"])));
  assert.deepEqual(
    left.bodies.map(({ text }) => text),
    ["a"],
  );
});

test("an attachment is replaced by a text; the rest stays", () => {
  const exe = ["Content-Type: a/b; name=x.exe", "Content-Transfer-Encoding: base64", "", "AAAA"];
  const message = lines(...multipart("mixed", [["", "Hi"], exe, ["", "end"]]));
  const replacement = { path: "2", text: "Removed: ü\nAdmin", fileName: "x.exe.txt" };
  const changed = done(replaceParts(message, read(message), [replacement]));
  const view = read(changed);
  assert.deepEqual(
    view.root.children.map((part) => part.fileName),
    [undefined, "x.exe.txt", undefined],
  );
  assert.match(raw(changed, view.root.children[1] ?? view.root), /Removed: =C3=BC\r\nAdmin$/);
  assert.equal(
    changed.toString("latin1").replace(/Content-Type: text\/plain[\s\S]*?Admin/, exe.join("\r\n")),
    message.toString("latin1"),
  );
});

test("a message that is itself the attachment keeps its header", () => {
  const message = lines(
    "Subject: x",
    "Content-Type: application/zip; name=a",
    "X-Last: 1",
    "",
    "PK",
  );
  const replacement = { path: "", text: "Removed", fileName: "日本.txt" };
  const view = read(done(replaceParts(message, read(message), [replacement])));
  assert.deepEqual(
    view.header.map(({ name }) => name),
    [
      "subject",
      "content-type",
      "x-last",
      "mime-version",
      "content-disposition",
      "content-transfer-encoding",
    ],
  );
  assert.deepEqual([view.root.fileName, view.root.mediaType], ["日本.txt", "text/plain"]);
});

test("parts that are signed are neither replaced nor taken out", () => {
  const message = lines(
    ...multipart("signed", [
      ["", "a"],
      ["", "s"],
    ]),
  );
  const view = read(message);
  const sealed = { kind: "cannot", why: "sealed" };
  assert.deepEqual(removeParts(message, view, ["1"]), sealed);
  const replacement = { path: "1", text: "x", fileName: "x" };
  assert.deepEqual(replaceParts(message, view, [replacement]), sealed);
});

test("a wrapped message is there byte for byte, with a text before it", () => {
  const original = lines("From: a@x.test", "Content-Disposition: attachment", "", "ü --b");
  for (const wrapped of [
    wrapInPlace(original, read(original), NOTE),
    wrapMessage({ header: lines("From: b@x.test"), html: NOTE, original }),
  ]) {
    const message = Buffer.concat(wrapped);
    const view = read(message);
    assert.deepEqual(
      view.bodies.map(({ text }) => text),
      ["Private & safe", "Private & safe"],
    );
    const inner = view.attachments[0]?.children[0];
    assert.equal(raw(message, inner ?? view.root), original.toString("latin1"));
    assert.equal(view.root.encoding, "8bit");
  }
  assert.equal(
    read(Buffer.concat(wrapInPlace(original, read(original), ""))).root.disposition,
    "inline",
  );
});
