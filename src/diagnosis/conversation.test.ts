import assert from "node:assert/strict";
import { test } from "node:test";
import type { TapeEvent, TapeLine } from "../smtp/session-tape.ts";
import { conversationSteps } from "./conversation.ts";

/** Lines as `event data`, ten milliseconds apart from 1010 on. */
function tape(...texts: readonly string[]): readonly TapeLine[] {
  return texts.map((text, index) => ({
    atMs: 1010 + index * 10,
    event: text[0] as TapeEvent,
    data: text.slice(2),
    context: "",
  }));
}

function told(lines: readonly TapeLine[]): readonly string[] {
  return conversationSteps(lines, 1000).map(
    ({ verdict, name, decision, elapsedMs }) => `${verdict} ${name} ${elapsedMs}: ${decision}`,
  );
}

test("connection, banner, and every command with its reply, pipelined or not", () => {
  assert.deepEqual(
    told(
      tape(
        ...["+ ", "< 220 mx.test ESMTP", "> EHLO us.test"],
        ...["< 250-mx.test", "< 250-PIPELINING", "< 250 STARTTLS"],
        ...["> MAIL FROM:<>", "> RCPT TO:<a@b.test>", "< 250 ok", "< 550 5.1.1 no"],
        ...["> QUIT", "< 221 bye", "- "],
      ),
    ),
    [
      "Pass Connection 10: established",
      "Pass Banner 10: 220 mx.test ESMTP",
      "Pass EHLO 40: mx.test: PIPELINING, STARTTLS",
      "Pass MAIL 30: 250 ok",
      "Fail RCPT 10: 550 5.1.1 no",
    ],
  );
});

test("a refusal at the door, and a second session after it", () => {
  assert.deepEqual(
    told(tape("+ ", "< 421 busy", "- gone", "+ ", "< 220 hi", "> EHLO us", "< 502 what?")),
    [
      "Pass Connection 10: established",
      "Warning Banner 10: 421 busy",
      "Fail End 10: gone",
      "Pass Connection 10: established",
      "Pass Banner 10: 220 hi",
      "Fail EHLO 20: 502 what?",
    ],
  );
});

test("a server that talks without end is cut off", () => {
  const lines = tape("+ ", ...Array.from({ length: 500 }, () => "< 250 ok"));
  assert.equal(conversationSteps(lines, 1000).length, 60);
});
