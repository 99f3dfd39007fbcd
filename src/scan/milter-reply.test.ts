import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseMilterReply } from "./milter-reply.ts";
import { uint32 } from "./milter-wire.ts";

function read(code: string, data: string | Uint8Array): unknown {
  const parsed = parseMilterReply({ code, data: Buffer.from(data) });
  if (!parsed.ok) return "fault";
  const { value } = parsed;
  if (value.kind === "verdict") return value.verdict;
  return value.kind === "modification" ? value.modification : value.kind;
}

const at = (index: number, text: string) => Buffer.concat([uint32(index), Buffer.from(text)]);
const reply = (code: number, status: string, ...lines: readonly string[]) => ({
  kind: "reply",
  reply: { code, status, lines },
});

for (const [code, data, want] of [
  ["c", "", { kind: "continue" }],
  ["a", "", { kind: "accept" }],
  ["r", "", { kind: "reject" }],
  ["t", "", { kind: "tempfail" }],
  ["d", "", { kind: "discard" }],
  ["s", "", { kind: "skip" }],
  ["f", "", { kind: "close" }],
  ["4", "", { kind: "close" }],
  ["p", "", "progress"],
  ["y", "550 5.7.9 No\0", reply(550, "5.7.9", "No")],
  ["y", "451 Later 100%%\0", reply(451, "4.7.1", "Later 100%")],
  ["y", "550-5.7.1 One\r\n550 5.7.1 Two\0", reply(550, "5.7.1", "One", "Two")],
  ["y", "554\0", reply(554, "5.7.1", "")],
  ["y", "550 4.7.1 Classes differ\0", reply(550, "5.7.1", "Classes differ")],
  ["y", "550 5.7.1 b\x07ll\0", reply(550, "5.7.1", "b?ll")],
  ["y", "550-One\r\n451 Two\0", "fault"],
  ["y", "250 OK\0", "fault"],
  ["y", "", "fault"],
  ["y", `${"550-x\r\n".repeat(33)}`, "fault"],
  ["h", "X-A\0 b\n c\0", { kind: "addHeader", name: "X-A", value: " b\n c" }],
  ["h", "X-A\0b", "fault"],
  ["h", "X A\0b\0", "fault"],
  ["h", "X-A\0b\0c\0", "fault"],
  ["i", at(1, "X-A\0b\0"), { kind: "insertHeader", index: 1, name: "X-A", value: "b" }],
  ["i", "\0\0\0", "fault"],
  ["m", at(2, "X-A\0\0"), { kind: "changeHeader", index: 2, name: "X-A", value: "" }],
  ["m", at(2, "X-A\0"), "fault"],
  ["e", "<a@b.test>\0", { kind: "changeFrom", address: "<a@b.test>", parameters: "" }],
  ["e", "<>\0RET=HDRS\0", { kind: "changeFrom", address: "<>", parameters: "RET=HDRS" }],
  ["e", "", "fault"],
  ["+", "<a@b.test>\0", { kind: "addRecipient", address: "<a@b.test>", parameters: "" }],
  ["+", "\0", "fault"],
  [
    "2",
    "<a@b.test>\0NOTIFY=NEVER\0",
    { kind: "addRecipient", address: "<a@b.test>", parameters: "NOTIFY=NEVER" },
  ],
  ["-", "<a@b.test>\0", { kind: "deleteRecipient", address: "<a@b.test>" }],
  ["-", "<a@b.test>\0x\0", "fault"],
  ["b", "a\0b", { kind: "replaceBody", bytes: Buffer.from("a\0b") }],
  ["q", "spam\nmail\0", { kind: "quarantine", reason: "spam?mail" }],
  ["q", "spam", "fault"],
  ["l", "", "fault"],
  ["X", "", "fault"],
] as const) {
  test(`parseMilterReply: ${code} ${JSON.stringify(data.toString().slice(0, 30))}`, () => {
    assert.deepEqual(read(code, data), want);
  });
}

test("parseMilterReply: any packet gives a reply or a fault, and replies fit into lines", () => {
  const code = fc.constantFrom(..."cartdsfpyhime+2-bq4lXZ");
  fc.assert(
    fc.property(code, fc.uint8Array({ maxLength: 80 }), (letter, data) => {
      const parsed = parseMilterReply({ code: letter, data });
      if (!parsed.ok || parsed.value.kind !== "verdict") return;
      const { verdict } = parsed.value;
      if (verdict.kind !== "reply") return;
      assert.ok(verdict.reply.lines.every((line) => /^[\x20-\x7e]{0,480}$/.test(line)));
      assert.ok(verdict.reply.status.startsWith(String(verdict.reply.code).slice(0, 1)));
    }),
  );
  const lines = fc.array(fc.string(), { maxLength: 5 });
  fc.assert(
    fc.property(lines, (texts) => {
      const data = Buffer.from(texts.map((text) => `550-5.7.1 ${text}\r\n`).join(""));
      const parsed = parseMilterReply({ code: "y", data });
      assert.ok(!parsed.ok || parsed.value.kind === "verdict");
    }),
  );
});
