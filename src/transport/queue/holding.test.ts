import assert from "node:assert/strict";
import { test } from "node:test";
import { sampleMessage, sampleRecipient } from "../../store/queue-contract.ts";
import { arrivalsOf, selectHeld } from "./holding.ts";

const asked = [
  { messageId: 1, position: 0 },
  { messageId: 1, position: 1 },
  { messageId: 2, position: 0 },
];

const CASES = [
  ["nothing", [], []],
  ["another message", [{ messageId: 3, positions: undefined }], []],
  ["one recipient", [{ messageId: 1, positions: [1] }], [asked[1]]],
  ["all of a message", [{ messageId: 1, positions: undefined }], [asked[0], asked[1]]],
  [
    "two holdings of one message",
    [1, 0].map((one) => ({ messageId: 1, positions: [one] })),
    [asked[1], asked[0]],
  ],
] as const;
for (const [name, holdings, held] of CASES) {
  test(`held: ${name}`, () => assert.deepEqual(selectHeld(asked, holdings), held));
}

test("a change brings its messages and what it puts into Submission", () => {
  const placed = (messageId: number, queueId: number) => ({
    messageId,
    recipient: sampleRecipient(7),
    placement: { queueId, dueMs: 0 },
  });
  const message = { message: sampleMessage(5), recipients: [], content: [], firstChunk: 0 };
  const change = { messages: [message], putRecipients: [placed(6, 0), placed(7, 3)] };
  assert.deepEqual(arrivalsOf(change), [
    { messageId: 5, positions: undefined },
    { messageId: 6, positions: [7] },
  ]);
  assert.deepEqual(arrivalsOf({}), []);
});
