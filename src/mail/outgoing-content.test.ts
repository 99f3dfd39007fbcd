import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { HeaderEdit } from "./header-edit.ts";
import type { OutgoingSource } from "./outgoing-content.ts";
import { openOutgoing, outgoingIfInMemory } from "./outgoing-content.ts";

const MESSAGE =
  "Subject: one\r\nX-Spam: a\r\n folded\r\n\tmore\r\nTo: b@c.example\r\n" +
  "x-SPAM : z\r\n\r\nX-Spam: body\r\n";
const REMOVE: HeaderEdit = { kind: "remove", name: "x-spam" };
const RENAME: HeaderEdit = { kind: "rename", from: "x-spam", to: "X-Ham" };
const HAM: HeaderEdit = { kind: "remove", name: "x-ham" };

const CASES: readonly (readonly [string, string, readonly HeaderEdit[], string])[] = [
  ["nothing to do", MESSAGE, [], MESSAGE],
  [
    "prepends go above, the later the higher",
    MESSAGE,
    [prepend("A: 1\r\n"), prepend("B: 2\r\n")],
    `B: 2\r\nA: 1\r\n${MESSAGE}`,
  ],
  [
    "append goes below the last field",
    "A: 1\r\n\r\nbody",
    [append("B: 2\r\n"), append("C: 3\r\n")],
    "A: 1\r\nB: 2\r\nC: 3\r\n\r\nbody",
  ],
  [
    "remove takes every field of the name with its folds",
    MESSAGE,
    [REMOVE],
    "Subject: one\r\nTo: b@c.example\r\n\r\nX-Spam: body\r\n",
  ],
  [
    "remove also takes what earlier edits added",
    "A: 1\r\n\r\n",
    [prepend("X-Spam: n\r\n y\r\nK: 1\r\n"), append("x-spam: n\r\n"), REMOVE],
    "K: 1\r\nA: 1\r\n\r\n",
  ],
  [
    "and leaves what later edits add",
    "X-Spam: old\r\n\r\n",
    [REMOVE, append("X-Spam: new\r\n")],
    "X-Spam: new\r\n\r\n",
  ],
  [
    "rename changes the name and nothing else",
    MESSAGE,
    [{ kind: "rename", from: "X-SPAM", to: "X-Ham-Longer" }],
    "Subject: one\r\nX-Ham-Longer: a\r\n folded\r\n\tmore\r\nTo: b@c.example\r\n" +
      "X-Ham-Longer : z\r\n\r\nX-Spam: body\r\n",
  ],
  [
    "rename also takes what earlier edits added, and only names",
    "A: 1\r\n\r\n",
    [prepend("X-Spam: x-spam:\r\n x-spam: y\r\nK: 1\r\n"), { ...RENAME }],
    "X-Ham: x-spam:\r\n x-spam: y\r\nK: 1\r\nA: 1\r\n\r\n",
  ],
  [
    "what has been renamed can be removed",
    "X-Spam: 1\r\nB: 2\r\n\r\n",
    [RENAME, HAM],
    "B: 2\r\n\r\n",
  ],
  [
    "and is safe from removal by its old name",
    "X-Spam: 1\r\n\r\n",
    [RENAME, REMOVE],
    "X-Ham: 1\r\n\r\n",
  ],
  ["no header at all", "\r\nbody", [append("A: 1\r\n"), REMOVE], "A: 1\r\n\r\nbody"],
  [
    "no empty line: all of it is header",
    "A: 1\r\nB: 2\r\n",
    [append("C: 3\r\n")],
    "A: 1\r\nB: 2\r\nC: 3\r\n",
  ],
  ["the last line has no end", "A: 1\r\nB: 2", [append("C: 3\r\n")], "A: 1\r\nB: 2\r\nC: 3\r\n"],
  [
    "the last line is dropped and has no end",
    "A: 1\r\nX-Spam: 2",
    [REMOVE, append("C: 3\r\n")],
    "A: 1\r\nC: 3\r\n",
  ],
  [
    "a line that is no field ends the header",
    "A: 1\r\nhello there\r\nX-Spam: b\r\n",
    [REMOVE, append("C: 3\r\n")],
    "A: 1\r\nC: 3\r\nhello there\r\nX-Spam: b\r\n",
  ],
  ["a folded line without a field is body", " x\r\nX-Spam: b\r\n", [REMOVE], " x\r\nX-Spam: b\r\n"],
  [
    "a word without a colon at the very end",
    "A: 1\r\nword",
    [append("C: 3\r\n")],
    "A: 1\r\nC: 3\r\nword",
  ],
  [
    "a name longer than any line is no field",
    `${"n".repeat(1200)}: 1\r\n\r\n`,
    [append("C: 3\r\n")],
    `C: 3\r\n${"n".repeat(1200)}: 1\r\n\r\n`,
  ],
  ["the removed field is the last", "A: 1\r\nX-Spam: 2\r\n\r\nbody", [REMOVE], "A: 1\r\n\r\nbody"],
  ["a field behind a bare LF is found", "A: 1\nX-Spam: 2\r\n\r\n", [REMOVE], "A: 1\n\r\n"],
  [
    "octets are replaced in one field of the name, folds and all else kept",
    MESSAGE,
    [replace("x-spam", 1, [8, 1, "new"], [9, 0, "er"])],
    MESSAGE.replace(": z", ":newerz"),
  ],
  [
    "over a fold, and the field beside it is removed",
    MESSAGE,
    [replace("X-Spam", 0, [8, 10, "b"]), { kind: "removeAt", name: "X-Spam", positions: [1] }],
    MESSAGE.replace("a\r\n folded", "b").replace("x-SPAM : z\r\n", ""),
  ],
  [
    "the later of two replacements of a place counts",
    "To: abc\r\n\r\n",
    [replace("to", 0, [4, 1, "x"], [6, 1, "z"]), replace("TO", 0, [3, 2, " y"])],
    "To: ybz\r\n\r\n",
  ],
  [
    "a replacement that leaves its field changes nothing beyond it",
    "To: a\r\nCc: b\r\n\r\nbody",
    [replace("to", 0, [4, 1, "x"], [12, 3, "y"]), replace("cc", 0, [40, 1, "z"])],
    "To: x\r\nCc: b\r\n\r\nbody",
  ],
  [
    "a renamed field can be changed too, a removed one not",
    "To: a\r\nCc: b\r\n\r\n",
    [
      replace("to", 0, [4, 1, "x"]),
      replace("cc", 0, [4, 1, "y"]),
      { kind: "rename", from: "to", to: "Resent-To" },
      { kind: "remove", name: "Cc" },
    ],
    "Resent-To: x\r\n\r\n",
  ],
  ["empty content", "", [prepend("A: 1\r\n"), append("B: 2\r\n")], "A: 1\r\nB: 2\r\n"],
];

for (const [why, text, edits, want] of CASES) {
  test(`outgoing content: ${why}`, async () => {
    for (const size of [1, 2, 3, 7, 64, 4096]) {
      const source = inPieces(Buffer.from(text), size);
      assert.equal(await drain(openOutgoing(source, edits)), want, `pieces of ${size}`);
      const pieces = outgoingIfInMemory(source, edits);
      assert.equal(Buffer.concat(pieces ?? []).toString(), want, `in memory, pieces of ${size}`);
    }
  });
}

test("outgoing content: prepending copies and scans nothing", () => {
  const source = inPieces(Buffer.alloc(1000, 65), 600);
  const pieces = outgoingIfInMemory(source, [prepend("A: 1\r\n")]);
  assert.equal(pieces?.length, 3);
  assert.equal(pieces[1], source.peek(0));
  assert.equal(pieces[2], source.peek(1));
});

test("outgoing content: not all in memory is undefined, and reading still gives all", async () => {
  const whole = inPieces(Buffer.from(MESSAGE), 20);
  const partly: OutgoingSource = {
    ...whole,
    peek: (index) => (index === 0 ? whole.peek(0) : undefined),
  };
  assert.equal(outgoingIfInMemory(partly, []), undefined);
  assert.equal(await drain(openOutgoing(partly, [])), MESSAGE);
});

test("outgoing content: any bytes pass unchanged when the removed name is absent", async () => {
  await fc.assert(
    fc.asyncProperty(hostileText(), fc.integer({ min: 1, max: 50 }), async (text, size) => {
      const bytes = Buffer.from(text, "latin1");
      const edits: HeaderEdit[] = [{ kind: "remove", name: "not-there" }];
      const parts: Uint8Array[] = [];
      for await (const part of openOutgoing(inPieces(bytes, size), edits)) parts.push(part);
      assert.ok(Buffer.concat(parts).equals(bytes));
    }),
  );
});

test("outgoing content: every cut of the same bytes gives the same", async () => {
  const edits: HeaderEdit[] = [{ kind: "remove", name: "a" }, append("Z: 9\r\n")];
  await fc.assert(
    fc.asyncProperty(hostileText(), fc.integer({ min: 1, max: 9 }), async (text, size) => {
      const bytes = Buffer.from(text, "latin1");
      const whole = await drain(openOutgoing(inPieces(bytes, bytes.length + 1), edits));
      assert.equal(await drain(openOutgoing(inPieces(bytes, size), edits)), whole);
    }),
  );
});

test("outgoing content: what is replaced is where a splice puts it, at every cut", async () => {
  const place = fc.tuple(fc.nat(29), fc.nat(6), fc.string({ unit: "binary", maxLength: 5 }));
  await fc.assert(
    fc.asyncProperty(
      fc.array(place, { maxLength: 4 }),
      fc.integer({ min: 1, max: 40 }),
      async (places, size) => {
        const field = "Cc: abcdefgh\r\n ijklmnopqr, st\r\n";
        const changes: { offset: number; length: number; text: string }[] = [];
        let free = 3;
        for (const [skip, length, text] of places) {
          const offset = free + skip;
          if (offset + length >= field.length) break;
          changes.push({ offset, length, text: text.toWellFormed() });
          free = offset + length + 1;
        }
        let want = Buffer.from(field);
        for (const { offset, length, text } of changes.toReversed()) {
          const parts = [
            want.subarray(0, offset),
            Buffer.from(text),
            want.subarray(offset + length),
          ];
          want = Buffer.concat(parts);
        }
        const source = inPieces(Buffer.from(`Cc: one\r\n${field}To: x\r\n\r\nCc: body`), size);
        const edit: HeaderEdit = { kind: "replaceAt", name: "CC", position: 1, changes };
        const got = await drain(openOutgoing(source, [edit]));
        assert.equal(got, `Cc: one\r\n${want.toString()}To: x\r\n\r\nCc: body`);
      },
    ),
  );
});

function hostileText(): fc.Arbitrary<string> {
  const token = fc.constantFrom(
    "A: 1",
    "a",
    ":",
    " ",
    "\t",
    "\r",
    "\n",
    "\r\n",
    "B",
    "\xff",
    "\0",
    "\r\n\r\n",
  );
  return fc.array(token, { maxLength: 40 }).map((tokens) => tokens.join(""));
}

function replace(
  name: string,
  position: number,
  ...changes: readonly (readonly [offset: number, length: number, text: string])[]
): HeaderEdit {
  const listed = changes.map(([offset, length, text]) => ({ offset, length, text }));
  return { kind: "replaceAt", name, position, changes: listed };
}

function prepend(text: string): HeaderEdit {
  return { kind: "prepend", text };
}

function append(text: string): HeaderEdit {
  return { kind: "append", text };
}

function inPieces(bytes: Buffer, size: number): OutgoingSource {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
  return {
    bytes: bytes.length,
    read: (index) => Promise.resolve(pieces[index]),
    peek: (index) => pieces[index],
  };
}

async function drain(pieces: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of pieces) parts.push(part);
  return Buffer.concat(parts).toString();
}
