import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeClock } from "../base/clock.fake.ts";
import { silentDiagnostics } from "../base/diagnostics.ts";
import { sampleMessage } from "../store/queue-contract.ts";
import { CONTENT_CHUNK_BYTES } from "../store/queue-store.ts";
import type { LogHost } from "./log-host.ts";
import { createQueueDesk, type QueueDeskParts } from "./queue-desk.ts";

test("content that ends too early is a failure, not the end of the message", async () => {
  const ask = async (_name: string, { index }: { readonly index: number }) =>
    index === 0 ? new Uint8Array(CONTENT_CHUNK_BYTES) : undefined;
  const desk = createQueueDesk({
    diagnostics: silentDiagnostics,
    clock: fakeClock(),
    organization: () => assert.fail("nobody asks for it"),
    threadCount: 1,
    supervisor: { remotes: new Map(), isReady: true, deaths: 0 },
    // Only content is asked for.
    logs: { remote: { ask, tell: () => undefined } } as unknown as LogHost,
  } satisfies QueueDeskParts);
  const long = desk.content(sampleMessage(1, { contentBytes: CONTENT_CHUNK_BYTES + 1 }));
  assert.equal((await long.read(0))?.byteLength, CONTENT_CHUNK_BYTES);
  await assert.rejects(long.read(1), /has left the queue meanwhile/);
  const whole = desk.content(sampleMessage(1, { contentBytes: CONTENT_CHUNK_BYTES }));
  assert.equal(await whole.read(1), undefined);
});
