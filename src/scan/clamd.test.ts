import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fakeClock } from "../base/clock.fake.ts";
import { parseClamdAnswer, scanByClamd } from "./clamd.ts";
import { contentOf, peerAt, startPeer } from "./scan-peer.fake.ts";

const FAULT_KINDS = ["refused", "tooLarge", "protocol"];

for (const [line, want] of [
  ["stream: OK", "clean"],
  ["stream: Win.Test.EICAR_HDB-1 FOUND", "Win.Test.EICAR_HDB-1"],
  ["stream: a\x07b FOUND", "a?b"],
  ["INSTREAM size limit exceeded. ERROR", "tooLarge"],
  ["stream: Can't allocate memory ERROR", "refused"],
  ["COMMAND READ TIMED OUT ERROR", "refused"],
  ["UNKNOWN COMMAND", "protocol"],
  ["stream: OK\nstream: X FOUND", "protocol"],
  ["OK", "protocol"],
  ["stream:  FOUND", "protocol"],
  ["", "protocol"],
] as const) {
  test(`parseClamdAnswer: ${JSON.stringify(line)}`, () => {
    const read = parseClamdAnswer(line);
    if (!read.ok) assert.equal(read.fault.kind, want);
    else assert.equal(read.value.kind === "clean" ? "clean" : read.value.name, want);
  });
}

test("parseClamdAnswer: nothing but the one answer is clean", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (line) => {
      const read = parseClamdAnswer(line);
      if (read.ok) assert.equal(read.value.kind === "clean", line === "stream: OK");
      else assert.ok(FAULT_KINDS.includes(read.fault.kind));
    }),
  );
});

test("scanByClamd: the message goes out in chunks and the last one is empty", async (t) => {
  const text = "From: a@b.test\r\n\r\nhello\r\n";
  let seen = "";
  const peer = await startPeer(t, async (talk) => {
    await talk.until((bytes) => bytes.subarray(-4).equals(Buffer.alloc(4)) && bytes.length > 20);
    seen = talk.received().toString("latin1");
    talk.dribble("stream: OK\0");
  });
  const scanned = await scanByClamd(peer, contentOf(text, 10));
  assert.deepEqual(scanned, { ok: true, value: { kind: "clean" } });
  const chunk = (part: string) => `\0\0\0${String.fromCharCode(part.length)}${part}`;
  const chunks = [text.slice(0, 10), text.slice(10, 20), text.slice(20)].map(chunk);
  assert.equal(seen, `zINSTREAM\0${chunks.join("")}\0\0\0\0`);
});

test("scanByClamd: an answer before the end stops the sending", async (t) => {
  const peer = await startPeer(t, async (talk) => {
    await talk.until((bytes) => bytes.length > 100_000);
    talk.say("INSTREAM size limit exceeded. ERROR\0");
  });
  let given = 0;
  const endless = {
    bytes: Number.MAX_SAFE_INTEGER,
    async *read() {
      for (;;) {
        given += 1;
        yield Buffer.alloc(10_000);
        await new Promise(setImmediate);
      }
    },
  };
  const scanned = await scanByClamd(peer, endless);
  assert.equal(scanned.ok ? "" : scanned.fault.kind, "tooLarge");
  assert.ok(given >= 10);
});

test("scanByClamd: one that hangs up, says too much, is not there", async (t) => {
  const kindOf = async (peer: Parameters<typeof scanByClamd>[0]): Promise<string> => {
    const scanned = await scanByClamd(peer, contentOf("hello"));
    return scanned.ok ? "ok" : scanned.fault.kind;
  };
  assert.equal(await kindOf(await startPeer(t, (talk) => talk.hangUp())), "protocol");
  const chatty = await startPeer(t, (talk) => talk.say("x".repeat(10_000)));
  assert.equal(await kindOf(chatty), "protocol");
  assert.equal(
    await kindOf({ ...peerAt(1), endpoint: { kind: "unix", path: "/no" } }),
    "unreachable",
  );
  const named = { kind: "tcp", host: "no.such.test", port: 1 } as const;
  assert.equal(await kindOf({ ...peerAt(1), endpoint: named }), "unreachable");
});

test("scanByClamd: a name is looked up, and each of its addresses tried", async (t) => {
  const there = await startPeer(t, (talk) => talk.say("stream: OK\0"));
  const { endpoint } = there;
  assert.ok(endpoint.kind === "tcp");
  const asked: string[] = [];
  const scanned = await scanByClamd(
    {
      ...there,
      endpoint: { ...endpoint, host: "clamd.test" },
      lookup: (host) => {
        asked.push(host);
        return Promise.resolve(["127.0.0.77", "127.0.0.1"]);
      },
    },
    contentOf("hello"),
  );
  assert.ok(scanned.ok);
  assert.deepEqual(asked, ["clamd.test"]);
});

test("scanByClamd: a hanging scanner or resolver ends with the scan's time", async (t) => {
  const clock = fakeClock();
  let connected = () => {};
  const isConnected = new Promise<void>((resolve) => {
    connected = resolve;
  });
  const hanging = await startPeer(t, async (talk) => {
    await talk.until((bytes) => bytes.length > 10);
    connected();
  });
  const late = scanByClamd({ ...hanging, clock, timeoutMs: 300_000 }, contentOf("hello"));
  await isConnected;
  clock.advance(300_000);
  const scanned = await late;
  assert.equal(scanned.ok ? "" : scanned.fault.kind, "timeout");
  const unresolved = scanByClamd(
    {
      ...hanging,
      clock,
      endpoint: { kind: "tcp", host: "clamd.test", port: 1 },
      lookup: () => new Promise(() => {}),
    },
    contentOf("hello"),
  );
  clock.advance(60_000);
  const unfound = await unresolved;
  assert.equal(unfound.ok ? "" : unfound.fault.kind, "timeout");
});

test("scanByClamd: gives up when told to; rejects with unreadable content", async (t) => {
  const hanging = await startPeer(t, () => {});
  const controller = new AbortController();
  const stopped = scanByClamd({ ...hanging, signal: controller.signal }, contentOf("hello"));
  controller.abort();
  const scanned = await stopped;
  assert.equal(scanned.ok ? "" : scanned.fault.kind, "aborted");
  const unreadable = {
    bytes: 5,
    // biome-ignore lint/correctness/useYield: it fails before it has anything to give.
    async *read(): AsyncGenerator<Uint8Array> {
      throw new Error("the store has failed");
    },
  };
  await assert.rejects(scanByClamd(hanging, unreadable), /the store has failed/);
});
