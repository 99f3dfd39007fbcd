import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { sampleRecording } from "./session-recording.fake.ts";
import { formatRecording, parseRecording, tellConversation } from "./session-recording.ts";

test("what is written is read again", () => {
  const recording = sampleRecording();
  const line = formatRecording(recording);
  assert.ok(line.endsWith("}\r\n"));
  assert.deepEqual(parseRecording(line.trimEnd()), recording);
});

test("whatever was said, the line is one line, and comes back", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 60 }), (text) => {
      const line = { atMs: 1_000_005, event: "<", data: text, context: text } as const;
      const recording = { ...sampleRecording(), lines: [line], reason: text };
      const formatted = formatRecording(recording);
      assert.equal(formatted.search(/[\r\n\u2028\u2029]/), formatted.length - 2);
      assert.deepEqual(parseRecording(formatted.trimEnd()), recording);
    }),
  );
});

test("anything else is no recording, and nothing throws", () => {
  for (const text of ["", "{", "{}", "[]", '{"lines":[]}', '{"version":2,"lines":[]}', "#x"]) {
    assert.equal(parseRecording(text), undefined);
  }
  fc.assert(fc.property(fc.json(), (text) => void parseRecording(text)));
  const odd = { version: 1, id: "1", direction: "Send", openedMs: 5, lines: [1, [], [0, "?", 3]] };
  assert.deepEqual(parseRecording(JSON.stringify(odd))?.lines, []);
});

test("the conversation is told with times, and where something is missing", () => {
  const told = tellConversation({ ...sampleRecording(), omittedCount: 7, omittedAt: 2 });
  assert.deepEqual(told.slice(0, 5), [
    "  0.000 +",
    "  0.001 > 220 mail.contoso.test",
    "        … 7 more",
    "  0.005 < EHLO client.test",
    "  0.006 > 250-mail.contoso.test",
  ]);
  assert.equal(told.at(-1), "  0.200 - (Local)");
});
