import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { HeaderEdit } from "../../mail/header-edit.ts";
import { outgoingIfInMemory } from "../../mail/outgoing-content.ts";
import { fieldText, MilterHeader } from "./milter-header.ts";

const HEADER = "To: a\r\nSubject: old\r\n folded\r\nX-A: 1\r\nx-a: 2\r\nFrom:b\r\n";

/** What the edits make of the header, as it goes out. */
function outgoing(header: string, edits: readonly HeaderEdit[]): string {
  const bytes = Buffer.from(`${header}\r\nbody\r\n`);
  const one = (index: number) => (index === 0 ? bytes : undefined);
  const source = { bytes: bytes.length, read: async (index: number) => one(index), peek: one };
  const pieces = outgoingIfInMemory(source, edits) ?? [];
  return Buffer.concat([...pieces])
    .toString()
    .replace(/\r\n\r\nbody\r\n$/, "\r\n");
}

/** As the milters see it. */
function seen(header: MilterHeader): string {
  return header.fields.map(({ name, value }) => `${name}:${Buffer.from(value)}\r\n`).join("");
}

type Change = (header: MilterHeader) => void;

for (const [why, change, want] of [
  ["nothing", () => {}, HEADER],
  ["added", (header) => header.add("X-B", " 3"), `${HEADER}X-B: 3\r\n`],
  [
    "put in at the top",
    (header) => header.insert(0, { name: "X-B", text: " 3\r\n 4" }),
    `X-B: 3\r\n 4\r\n${HEADER}`,
  ],
  [
    "put in between, twice",
    (header) => {
      header.insert(1, { name: "X-C", text: " 4" });
      header.insert(1, { name: "X-B", text: " 3" });
    },
    HEADER.replace("Subject", "X-B: 3\r\nX-C: 4\r\nSubject"),
  ],
  [
    "put in behind all",
    (header) => header.insert(99, { name: "X-B", text: " 3" }),
    `${HEADER}X-B: 3\r\n`,
  ],
  [
    "changed",
    (header) => header.change(1, { name: "subject", text: " new" }),
    HEADER.replace(" old\r\n folded", " new"),
  ],
  [
    "the second of a name",
    (header) => header.change(2, { name: "X-A", text: " 22" }),
    HEADER.replace(" 2\r", " 22\r"),
  ],
  [
    "changed, with another put in before it",
    (header) => {
      header.change(1, { name: "Subject", text: " new" });
      header.insert(1, { name: "X-B", text: " 3" });
    },
    HEADER.replace("Subject: old\r\n folded", "X-B: 3\r\nSubject: new"),
  ],
  [
    "deleted",
    (header) => header.change(1, { name: "X-A", text: "" }),
    HEADER.replace("X-A: 1\r\n", ""),
  ],
  [
    "deleted, and the next one is the first then",
    (header) => {
      header.change(1, { name: "X-A", text: "" });
      header.change(1, { name: "X-A", text: "" });
    },
    HEADER.replace(/x-a: .\r\n/gi, ""),
  ],
  [
    "one that is not there, deleted",
    (header) => header.change(3, { name: "X-A", text: "" }),
    HEADER,
  ],
  [
    "one that is not there, changed",
    (header) => header.change(3, { name: "X-A", text: " 3" }),
    `${HEADER}X-A: 3\r\n`,
  ],
  ["index 0 is none", (header) => header.change(0, { name: "X-A", text: " 3" }), HEADER],
  [
    "added, changed, deleted",
    (header) => {
      header.add("X-B", " 1");
      header.change(1, { name: "X-B", text: " 2" });
      header.add("X-C", " 3");
      header.change(1, { name: "X-C", text: "" });
    },
    `${HEADER}X-B: 2\r\n`,
  ],
] as const satisfies readonly (readonly [string, Change, string])[]) {
  test(`MilterHeader: ${why}`, () => {
    const header = new MilterHeader(Buffer.from(HEADER), []);
    const before = header.copy();
    change(header);
    assert.equal(seen(header), want);
    assert.equal(outgoing(HEADER, header.editsSince(before)), want);
  });
}

test("MilterHeader: a header with edits of earlier agents", () => {
  const edits: readonly HeaderEdit[] = [
    { kind: "prepend", text: "Received: x\r\n" },
    { kind: "append", text: "X-Z: 9\r\n" },
    { kind: "remove", name: "from" },
    { kind: "rename", from: "To", to: "X-To" },
    { kind: "removeAt", name: "x-a", positions: [0] },
    {
      kind: "replaceAt",
      name: "subject",
      position: 0,
      changes: [{ offset: 9, length: 3, text: "very new" }],
    },
  ];
  const header = new MilterHeader(Buffer.from(HEADER), edits);
  const want = "Received: x\r\nX-To: a\r\nSubject: very new\r\n folded\r\nx-a: 2\r\nX-Z: 9\r\n";
  assert.equal(seen(header), want);
  assert.equal(outgoing(HEADER, edits), want);
  const before = header.copy();
  header.change(1, { name: "x-a", text: " two" });
  header.change(1, { name: "Received", text: "" });
  header.change(1, { name: "Subject", text: " mine" });
  header.insert(0, { name: "X-Top", text: " 1" });
  const all = [...edits, ...header.editsSince(before)];
  assert.equal(
    outgoing(HEADER, all),
    "X-Top: 1\r\nReceived: x\r\nX-To: a\r\nSubject: mine\r\nx-a: two\r\nX-Z: 9\r\n",
  );
});

test("MilterHeader: whatever milters do, it goes out as they see it", () => {
  const name = fc.constantFrom("To", "X-A", "Subject", "X-New");
  const text = fc.constantFrom(" v", "", " w\r\n x");
  const step = fc.record(
    { kind: fc.constantFrom("add", "insert", "change"), index: fc.nat(6), name, text },
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 8 }), (steps) => {
      const header = new MilterHeader(Buffer.from(HEADER), []);
      const before = header.copy();
      for (const { kind, index, name: of, text: value } of steps) {
        if (kind === "add") header.add(of, value);
        else if (kind === "insert") header.insert(index, { name: of, text: value });
        else header.change(index, { name: of, text: value });
      }
      assert.equal(outgoing(HEADER, header.editsSince(before)), seen(header));
    }),
  );
});

for (const [value, keepsSpace, want] of [
  ["x", false, " x"],
  [" x", true, " x"],
  ["x", true, "x"],
  ["", false, ""],
  ["a\n b\r\n\tc", false, " a\r\n b\r\n\tc"],
  ["a\nEvil: b\n\n c\0", false, " a\r\n Evil: b\r\n c"],
  ["a\r\r b", false, " a\r\n b"],
] as const) {
  test(`fieldText: ${JSON.stringify(value)}, ${keepsSpace}`, () => {
    assert.equal(fieldText(value, keepsSpace), want);
  });
}
