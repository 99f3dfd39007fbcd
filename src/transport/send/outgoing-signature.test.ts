import assert from "node:assert/strict";
import { test } from "node:test";
import type { Signing } from "../../dkim/sign-message.ts";
import { parseDomain } from "../../mail/address.ts";
import type { HeaderEdit } from "../../mail/header-edit.ts";
import { StoreFailure } from "../../store/queue-store.ts";
import { makeDelivery, memoryReader } from "./lane.fake.ts";
import type { OutgoingSigner } from "./outgoing-signer.ts";
import { runAgainst } from "./send-harness.fake.ts";

const SIGNATURE = "DKIM-Signature: made for a test\r\n";
const ALL = ["PIPELINING", "SIZE 5000", "8BITMIME", "BINARYMIME", "CHUNKING", "DSN"];
const DOMAIN = parseDomain("x.test");

/** Signs whatever comes, and keeps what it has been shown. */
function signerOf(signing: Signing = { kind: "signed", text: SIGNATURE }) {
  const seen: string[] = [];
  const signer: OutgoingSigner = () => async (content) => {
    const pieces: Uint8Array[] = [];
    for await (const piece of content) pieces.push(piece);
    seen.push(Buffer.concat(pieces).toString("latin1"));
    return signing;
  };
  return { seen, signer };
}

const EDITS: readonly HeaderEdit[] = [
  { kind: "prepend", text: "Received: by us.test\r\n" },
  { kind: "remove", name: "bcc" },
];
const CONTENT = "Bcc: z@z.test\r\nTo: b\r\n\r\n.Hi\r\n";
const SENT = "Received: by us.test\r\nTo: b\r\n\r\n.Hi\r\n";

for (const offers of [ALL, ["PIPELINING"]]) {
  for (const where of ["memory", "store"] as const) {
    test(`signed: what goes out, from ${where}, offered ${offers.length}`, async () => {
      const { seen, signer } = signerOf();
      const reader = memoryReader(Buffer.from(CONTENT), where);
      const delivery = makeDelivery(1, { reader, message: { edits: EDITS } });
      const { peer, lane } = await runAgainst({ offers }, [delivery], {}, { signer });
      assert.deepEqual(seen, [SENT]);
      assert.equal(peer.messages[0]?.content, SIGNATURE + SENT);
      assert.deepEqual(lane.outcomesOf(1), ["relayed 250 2.6.0 queued"]);
    });
  }
}

test("signed: several messages of one session, each its own", async () => {
  const { seen, signer } = signerOf();
  const deliveries = [1, 2, 3].map((id) => makeDelivery(id));
  const { peer } = await runAgainst({ offers: ALL }, deliveries, {}, { signer });
  assert.equal(seen.length, 3);
  assert.equal(peer.messages.length, 3);
  for (const { content } of peer.messages) assert.ok(content.startsWith(SIGNATURE));
});

test("signed: the signature counts for the size", async () => {
  const content = "x".repeat(4990).concat("\r\n");
  const { signer } = signerOf();
  const delivery = makeDelivery(1, { content });
  const { lane } = await runAgainst({ offers: ALL }, [delivery], {}, { signer });
  assert.match(lane.outcomesOf(1)[0] ?? "", /^failed 552 5\.3\.4 /);
});

test("not signed: no author of ours", async () => {
  const { signer } = signerOf({ kind: "none" });
  const delivery = makeDelivery(1, { content: CONTENT });
  const { peer } = await runAgainst({ offers: ALL }, [delivery], {}, { signer });
  assert.equal(peer.messages[0]?.content, CONTENT);
});

test("cannot be signed: it waits, nothing of it is said, and the next message goes", async () => {
  assert.ok(DOMAIN !== undefined);
  const failing = signerOf({ kind: "failed", domain: DOMAIN }).signer(makeDelivery(1).message);
  const signer: OutgoingSigner = ({ origin }) => (origin.connector === "bad" ? failing : undefined);
  const { origin } = makeDelivery(1).message;
  const bad = makeDelivery(1, { message: { origin: { ...origin, connector: "bad" } } });
  const { peer, lane } = await runAgainst({ offers: ALL }, [bad, makeDelivery(2)], {}, { signer });
  assert.match(lane.outcomesOf(1)[0] ?? "", /^deferred 451 4\.7\.5 .* signed for x\.test/);
  assert.deepEqual(lane.outcomesOf(2), ["relayed 250 2.6.0 queued"]);
  assert.equal(peer.messages.length, 1);
});

test("cannot be read while it is being signed: it waits", async () => {
  const signer: OutgoingSigner = () => () =>
    Promise.reject(new StoreFailure("disk", { full: false }));
  const { peer, lane } = await runAgainst({ offers: ALL }, [makeDelivery(1)], {}, { signer });
  assert.match(lane.outcomesOf(1)[0] ?? "", /^deferred 451 4\.3\.0 /);
  assert.equal(peer.messages.length, 0);
});
