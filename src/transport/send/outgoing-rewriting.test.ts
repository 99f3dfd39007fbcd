import assert from "node:assert/strict";
import { test } from "node:test";
import { address } from "../../mail/address.fake.ts";
import { makeDelivery, memoryReader } from "./lane.fake.ts";
import type { OutgoingRewriter } from "./outgoing-rewriter.ts";
import type { OutgoingSigner } from "./outgoing-signer.ts";
import { runAgainst } from "./send-harness.fake.ts";

const ALL = ["PIPELINING", "SIZE 5000", "8BITMIME", "CHUNKING", "DSN"];

/** Whoever sends is somebody@outside.test to those outside. */
const rewriter: OutgoingRewriter = () => ({
  fields: new Set(["from"]),
  rewrite: () => address("somebody@outside.test"),
});
const CONTENT = "From: S <s@x.test>\r\nTo: s@x.test\r\n\r\nFrom: s@x.test\r\n";
const SENT = CONTENT.replace("<s@x.test>", "<somebody@outside.test>");

for (const offers of [ALL, ["PIPELINING"]]) {
  for (const where of ["memory", "store"] as const) {
    test(`rewritten: MAIL and the header, from ${where}, offered ${offers.length}`, async () => {
      const reader = memoryReader(Buffer.from(CONTENT), where);
      const { peer, lane } = await runAgainst(
        { offers },
        [makeDelivery(1, { reader }), makeDelivery(2, { reader })],
        {},
        { rewriter },
      );
      for (const message of peer.messages) {
        assert.equal(message.content, SENT);
        assert.match(message.mail, /^MAIL FROM:<somebody@outside\.test>/);
      }
      assert.equal(peer.messages.length, 2);
      assert.deepEqual(lane.outcomesOf(1), ["relayed 250 2.6.0 queued"]);
    });
  }
}

test("rewritten: before it is signed, and the null sender stays", async () => {
  const seen: string[] = [];
  const signer: OutgoingSigner = () => async (content) => {
    const pieces: Uint8Array[] = [];
    for await (const piece of content) pieces.push(piece);
    seen.push(Buffer.concat(pieces).toString());
    return { kind: "none" };
  };
  const plain = makeDelivery(1, { content: CONTENT });
  const { envelope } = plain.message;
  const delivery = makeDelivery(1, {
    content: CONTENT,
    message: { envelope: { ...envelope, sender: "" } },
  });
  const { peer } = await runAgainst({ offers: ALL }, [delivery], {}, { signer, rewriter });
  assert.deepEqual(seen, [SENT]);
  assert.match(peer.messages[0]?.mail ?? "", /^MAIL FROM:<>/);
});

test("rewritten: what it grows by counts for the size", async () => {
  const content = `From: s@x.test\r\n\r\n${"x".repeat(4975)}\r\n`;
  const long: OutgoingRewriter = () => ({
    fields: new Set(["from"]),
    rewrite: () => address(`${"a".repeat(60)}@outside.test`),
  });
  const { lane } = await runAgainst(
    { offers: ALL },
    [makeDelivery(1, { content })],
    {},
    { rewriter: long },
  );
  assert.match(lane.outcomesOf(1)[0] ?? "", /^failed 552 5\.3\.4 /);
});
