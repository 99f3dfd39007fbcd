import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { CONTENT_CHUNK_BYTES, StoreFailure } from "../../store/queue-store.ts";
import { fakeSubmissionQueue } from "../queue/submission.fake.ts";
import { ContentWriter, PIECES_OUTSTANDING_MAX } from "./content-writer.ts";

function open(queue = fakeSubmissionQueue()) {
  const failures: unknown[] = [];
  const writer = new ContentWriter(queue, {
    discardFailed: (error) => failures.push(error),
  });
  return { queue, writer, failures };
}

for (const [bytes, stored] of [
  [0, 0],
  [1, 0],
  [CONTENT_CHUNK_BYTES - 1, 0],
  [CONTENT_CHUNK_BYTES, 0],
  [CONTENT_CHUNK_BYTES + 1, 1],
  [2 * CONTENT_CHUNK_BYTES, 1],
  [2 * CONTENT_CHUNK_BYTES + 1, 2],
] as const) {
  test(`${bytes} octets: ${stored} chunks ahead, the rest of its exact size`, async () => {
    const { writer } = open();
    for (let at = 0; at < bytes; at += 60_000) {
      await writer.write(Buffer.alloc(Math.min(60_000, bytes - at), "x"));
    }
    const written = await writer.finish();
    assert.equal(written.bytes, bytes);
    assert.equal(written.firstChunk, stored);
    assert.equal(written.content.length, 1);
    assert.equal(written.content[0]?.length, bytes - stored * CONTENT_CHUNK_BYTES);
    assert.equal(written.content[0]?.buffer.byteLength, written.content[0]?.length);
  });
}

test("a small message is at hand without waiting", () => {
  const { writer } = open();
  void writer.write(Buffer.alloc(4096, "x"));
  const written = writer.finish();
  assert.ok(!(written instanceof Promise));
  assert.equal(written.contentId, 1);
});

test("the sender waits while two chunks are on their way, and no third is sent", async () => {
  const { queue, writer } = open();
  queue.pause();
  const chunk = Buffer.alloc(CONTENT_CHUNK_BYTES, "x");
  assert.equal(writer.write(chunk), undefined);
  assert.equal(writer.write(chunk), undefined);
  const wait = writer.write(chunk);
  assert.ok(wait instanceof Promise);
  let over = false;
  void wait.then(() => {
    over = true;
  });
  await Promise.resolve();
  assert.equal(over, false);
  queue.resume();
  await wait;
  // One huge piece brings more chunks than may be on their way.
  await writer.write(Buffer.alloc(7 * CONTENT_CHUNK_BYTES, "y"));
  await writer.finish();
  assert.equal(queue.appendsAtOnceMax, PIECES_OUTSTANDING_MAX);
});

test("a failed chunk ends the waiting and is thrown at the end", async () => {
  const { queue, writer } = open();
  queue.pause();
  const wait = writer.write(Buffer.alloc(5 * CONTENT_CHUNK_BYTES, "x"));
  queue.fail("appendContent", new StoreFailure("disk full", { full: true }));
  queue.resume();
  await wait;
  assert.equal(writer.write(Buffer.alloc(10)), undefined);
  await assert.rejects(async () => await writer.finish(), StoreFailure);
});

test("a removal that fails is told", async () => {
  const { queue, writer, failures } = open();
  await writer.write(Buffer.alloc(2 * CONTENT_CHUNK_BYTES, "x"));
  queue.fail("discardContent", new StoreFailure("no disk", { full: false }));
  writer.discard();
  writer.discard();
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  assert.equal(failures.length, 1);
});

test("content arrives as it was written, however it was cut", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 200_000 }), { maxLength: 8 }),
      fc.boolean(),
      async (sizes, asynchronousIds) => {
        const { queue, writer } = open(fakeSubmissionQueue({ asynchronousIds }));
        const pieces = sizes.map((size, index) => Buffer.alloc(size, `${index}abc`));
        for (const piece of pieces) await writer.write(piece);
        const { contentId, content, firstChunk, bytes } = await writer.finish();
        const message = { contentId };
        const whole = queue.contentOf({ message, content, firstChunk } as Parameters<
          typeof queue.contentOf
        >[0]);
        assert.equal(bytes, whole.length);
        assert.ok(Buffer.concat(pieces).equals(whole));
      },
    ),
    { numRuns: 60 },
  );
});
