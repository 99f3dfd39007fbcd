import assert from "node:assert/strict";
import { test } from "node:test";
import { convert, cut } from "./downgrade.fake.ts";
import { inspectContent } from "./downgrade.ts";

const E = "\xc3\xa9";
const QUOTED = "Content-Transfer-Encoding: quoted-printable";
const PLAIN = "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n";

for (const [why, message, to, want] of [
  [
    "8-bit text becomes quoted-printable",
    `${PLAIN}Content-Transfer-Encoding: 8bit\r\nX: 1\r\n\r\na longer text, caf${E} =\r\n`,
    "7BIT",
    `${PLAIN}${QUOTED}\r\nX: 1\r\n\r\na longer text, caf=C3=A9 =3D\r\n`,
  ],
  [
    "text that is mostly 8-bit becomes base64",
    `${PLAIN}\r\n${E.repeat(6)}\r\n`,
    "7BIT",
    `${PLAIN}Content-Transfer-Encoding: base64\r\n\r\nw6nDqcOpw6nDqcOpDQo=\r\n`,
  ],
  [
    "a message without MIME gets what says what it is",
    `Subject: x\r\n\r\nsome longer text, caf${E}\r\n`,
    "7BIT",
    "Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n" +
      `${QUOTED}\r\n\r\nsome longer text, caf=C3=A9\r\n`,
  ],
  [
    "and unknown-8bit when it is no UTF-8",
    "Subject: x\r\n\r\nsome longer text, caf\xe9\r\n",
    "7BIT",
    "Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=unknown-8bit\r\n" +
      `${QUOTED}\r\n\r\nsome longer text, caf=E9\r\n`,
  ],
  [
    "binary that is not text becomes base64, 8-bit text stays for a hop that takes it",
    multipart("b", "8bit", [
      `Content-Type: text/plain\r\nContent-Transfer-Encoding: 8bit\r\n\r\n${E}`,
      "Content-Type: image/png\r\nContent-Transfer-Encoding: binary\r\n\r\n\x89P\0\n",
    ]),
    "8BITMIME",
    multipart("b", "8bit", [
      `Content-Type: text/plain\r\nContent-Transfer-Encoding: 8bit\r\n\r\n${E}`,
      "Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\niVAACg==",
    ]),
  ],
  [
    "the parts' encodings and the multipart's claim change, a clean part stays",
    multipart("b", "8bit", [
      `Content-Type: text/plain\r\nContent-Transfer-Encoding: 8bit\r\n\r\nthe word is caf${E}`,
      "Content-Type: text/plain\r\nContent-Transfer-Encoding: 8bit\r\n\r\nclean = yes",
      "Content-Type: image/gif\r\nContent-Transfer-Encoding: base64\r\n\r\nR0lG\r\n",
    ]),
    "7BIT",
    multipart("b", "7bit", [
      `Content-Type: text/plain\r\n${QUOTED}\r\n\r\nthe word is caf=C3=A9`,
      "Content-Type: text/plain\r\nContent-Transfer-Encoding: 7bit\r\n\r\nclean = yes",
      "Content-Type: image/gif\r\nContent-Transfer-Encoding: base64\r\n\r\nR0lG\r\n",
    ]),
  ],
  [
    "a message inside is converted inside, never encoded",
    multipart("b", "8bit", [
      "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" +
        `Subject: inner\r\n${PLAIN}Content-Transfer-Encoding: 8bit\r\n\r\nthe word is caf${E}`,
    ]),
    "7BIT",
    multipart("b", "7bit", [
      "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: 7bit\r\n\r\n" +
        `Subject: inner\r\n${PLAIN}${QUOTED}\r\n\r\nthe word is caf=C3=A9`,
    ]),
  ],
  [
    "a part of a digest is a message",
    multipart("b", "8bit", [`\r\nSubject: one\r\n\r\nthe word is caf${E}`]).replace(
      "mixed",
      "digest",
    ),
    "7BIT",
    multipart("b", "7bit", [
      "\r\nSubject: one\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n" +
        `${QUOTED}\r\n\r\nthe word is caf=C3=A9`,
    ]).replace("mixed", "digest"),
  ],
  [
    "a long line of text is broken softly",
    `${PLAIN}\r\n${"x".repeat(1000)}`,
    "8BITMIME",
    `${PLAIN}${QUOTED}\r\n\r\n${"x".repeat(75)}=\r\n`.concat(
      `${"x".repeat(75)}=\r\n`.repeat(12),
      `${"x".repeat(25)}=\r\n`,
    ),
  ],
  [
    "raw 8-bit inside quoted-printable is escaped, inside base64 made ignorable",
    multipart("b", "7bit", [
      `${QUOTED}\r\n\r\na=20${E}=\r\nb`,
      `Content-Transfer-Encoding: base64\r\n\r\nR0${E}lG`,
    ]),
    "7BIT",
    multipart("b", "7bit", [
      `${QUOTED}\r\n\r\na=20=C3=A9=\r\nb`,
      "Content-Transfer-Encoding: base64\r\n\r\nR0**lG",
    ]),
  ],
  [
    "text that readers ignore loses its 8-bit bytes",
    multipart("b", "8bit", ["\r\nclean"]).replace("preamble", `pre${E}`),
    "7BIT",
    multipart("b", "7bit", ["\r\nclean"]).replace("preamble", "pre**"),
  ],
] as const) {
  test(`downgradeContent: ${why}`, async () => {
    const inspection = await inspectContent(cut(message, 4096), to);
    assert.deepEqual(
      { ...inspection, needs: "" },
      { needs: "", convertible: true, breaksDkim: false },
    );
    for (const size of [1, 7, 4096]) assert.equal(await convert(cut(message, size), to), want);
  });
}

for (const [why, message, to, want] of [
  ["plain ASCII", "Subject: x\r\n\r\nbody\r\n", "7BIT", { needs: "7BIT", convertible: true }],
  ["8-bit body", `A: 1\r\n\r\n${E}`, "7BIT", { needs: "8BITMIME", convertible: true }],
  [
    "a line at the limit",
    `A: 1\r\n\r\n${"x".repeat(998)}\r\n`,
    "7BIT",
    { needs: "7BIT", convertible: true },
  ],
  [
    "a line past the limit",
    `A: 1\r\n\r\n${"x".repeat(999)}\r\n`,
    "7BIT",
    { needs: "BINARYMIME", convertible: true },
  ],
  ["bare LF", "A: 1\r\n\r\na\nb", "7BIT", { needs: "BINARYMIME", convertible: true }],
  ["CR at the end", "A: 1\r\n\r\na\r", "7BIT", { needs: "BINARYMIME", convertible: true }],
  [
    "8-bit header field",
    `Subject: ${E}\r\n\r\n`,
    "7BIT",
    { needs: "8BITMIME", convertible: false, reason: "a header field is not ASCII" },
  ],
  [
    "8-bit header field, hop takes 8-bit",
    `Subject: ${E}\r\n\r\n`,
    "8BITMIME",
    { needs: "8BITMIME", convertible: true },
  ],
  [
    "8-bit in a signed part",
    signed(E),
    "7BIT",
    { needs: "8BITMIME", convertible: false, reason: "a signed part would have to be changed" },
  ],
  [
    "the same for a hop that takes it",
    signed(E),
    "8BITMIME",
    { needs: "8BITMIME", convertible: true },
  ],
  [
    "binary in a signed part",
    signed("\0"),
    "8BITMIME",
    { needs: "BINARYMIME", convertible: false, reason: "a signed part would have to be changed" },
  ],
  [
    "clean signed part beside an 8-bit one",
    multipart("o", "8bit", [signed("x").replace(/^.*\r\n/, ""), `\r\n${E}`]),
    "7BIT",
    { needs: "8BITMIME", convertible: true },
  ],
  [
    "unknown encoding",
    `Content-Transfer-Encoding: uuencode\r\n\r\n${E}`,
    "7BIT",
    { needs: "8BITMIME", convertible: false, reason: "a part of type unknown cannot be encoded" },
  ],
  [
    "two types",
    `Content-Type: text/plain\r\nContent-Type: image/png\r\n\r\n${E}`,
    "7BIT",
    {
      needs: "8BITMIME",
      convertible: false,
      reason: "a part of type text/plain cannot be encoded",
    },
  ],
  [
    "multipart without a boundary",
    `Content-Type: multipart/mixed\r\n\r\n${E}`,
    "7BIT",
    {
      needs: "8BITMIME",
      convertible: false,
      reason: "a part of type multipart/mixed cannot be encoded",
    },
  ],
  [
    "multipart whose boundary never comes",
    `Content-Type: multipart/mixed; boundary=b\r\n\r\n${E}`,
    "7BIT",
    { needs: "8BITMIME", convertible: false, reason: "a multipart has no boundary line" },
  ],
  [
    "message/partial",
    `Content-Type: message/partial; id=1\r\n\r\n${E}`,
    "7BIT",
    {
      needs: "8BITMIME",
      convertible: false,
      reason: "a part of type message/partial cannot be encoded",
    },
  ],
  [
    "opaque signature in binary is only a leaf",
    "Content-Type: application/pkcs7-mime\r\nContent-Transfer-Encoding: binary\r\n\r\n\0\x80",
    "7BIT",
    { needs: "BINARYMIME", convertible: true },
  ],
] as const) {
  test(`inspectContent: ${why}`, async () => {
    for (const size of [1, 5, 4096]) {
      const { breaksDkim, ...inspection } = await inspectContent(cut(message, size), to);
      assert.deepEqual(inspection, want);
      assert.equal(breaksDkim, false);
    }
  });
}

test("inspectContent: a DKIM signature is noted", async () => {
  const inspection = await inspectContent(cut(`DKIM-Signature: v=1\r\n\r\n${E}`, 100));
  assert.deepEqual(inspection, { needs: "8BITMIME", convertible: true, breaksDkim: true });
});

for (const [why, message, reason] of [
  ["deep nesting", nested(70), "body parts nested too deeply"],
  [
    "messages within messages",
    `Content-Type: message/rfc822\r\n\r\n`.repeat(70) + E,
    "body parts nested too deeply",
  ],
  [
    "many parts",
    multipart("b", "8bit", new Array<string>(10_001).fill("\r\n")) + E,
    "too many body parts",
  ],
  ["a huge header", `X: ${"a\r\n ".repeat(400_000)}\r\n\r\n${E}`, "a header section is too long"],
] as const) {
  test(`inspectContent: ${why} is bounded and, with 8-bit in it, not converted`, async () => {
    const inspection = await inspectContent(cut(message, 65_536));
    assert.equal(inspection.convertible, false);
    assert.equal(inspection.reason, reason);
    assert.ok((await convert(cut(message, 65_536), "7BIT")).endsWith(message.slice(-100)));
  });
}

function multipart(boundary: string, encoding: string, parts: readonly string[]): string {
  const head = `MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="${boundary}"\r\n`;
  const body = parts.map((part) => `--${boundary}\r\n${part}\r\n`).join("");
  const claim = `Content-Transfer-Encoding: ${encoding}\r\n`;
  return `${head}${claim}\r\npreamble\r\n${body}--${boundary}--\r\n`;
}

function signed(text: string): string {
  return (
    "MIME-Version: 1.0\r\nContent-Type: multipart/signed; boundary=s\r\n\r\n--s\r\n" +
    `Content-Transfer-Encoding: 8bit\r\n\r\n${text}\r\n--s\r\n` +
    "Content-Type: application/pgp-signature\r\n\r\nsig\r\n--s--\r\n"
  );
}

function nested(depth: number): string {
  let text = "";
  for (let level = 0; level < depth; level += 1) {
    text += `Content-Type: multipart/mixed; boundary=b${level}\r\n\r\n--b${level}\r\n`;
  }
  return `${text}\r\n${E}`;
}
