import { systemClock } from "../base/clock.ts";
import type { Result } from "../base/result.ts";
import { BytePeer, type ByteTalk } from "../net/byte-peer.fake.ts";
import type { ScanFault } from "./scan-fault.ts";
import type { ScanContent, ScanPeer } from "./scan-peer.ts";
import type { AnswerReader } from "./scan-talk.ts";

/** What is asked of a test, to end things with it. */
interface TestScope {
  after(cleanup: () => Promise<void>): void;
}

/** A scanner of the test's own at a free port, and how to reach it. */
export async function startPeer(
  t: TestScope,
  serve: (talk: ByteTalk) => Promise<void> | void,
): Promise<ScanPeer> {
  const peer = new BytePeer(serve);
  await peer.listen();
  t.after(() => peer.close());
  return peerAt(peer.port);
}

/** A scanner on this port of the loopback address; no time limit that a test would meet. */
export function peerAt(port: number): ScanPeer {
  return {
    endpoint: { kind: "tcp", host: "127.0.0.1", port },
    clock: systemClock,
    lookup: () => Promise.resolve([]),
    timeoutMs: 60_000,
    connectTimeoutMs: 60_000,
  };
}

/** A message in pieces of at most so many octets. */
export function contentOf(text: string, pieceBytes = 7): ScanContent {
  const bytes = Buffer.from(text);
  return {
    bytes: bytes.length,
    async *read() {
      for (let at = 0; at < bytes.length; at += pieceBytes) {
        yield bytes.subarray(at, at + pieceBytes);
      }
    },
  };
}

/** What a reader makes of bytes that come in pieces of this size, and then the end. */
export function readInPieces<Answer>(
  reader: AnswerReader<Answer>,
  bytes: Uint8Array,
  pieceBytes: number,
): Result<Answer, ScanFault> {
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    const result = reader.push(bytes.subarray(at, at + pieceBytes));
    if (result !== undefined) return result;
  }
  return reader.end();
}
