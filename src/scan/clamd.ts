import { fault, ok, type Result } from "../base/result.ts";
import { quoted, type ScanFault } from "./scan-fault.ts";
import type { ScanContent, ScanPeer } from "./scan-peer.ts";
import { type AnswerReader, talkTo } from "./scan-talk.ts";

/** What a malware scanner makes of a message. */
export type MalwareVerdict =
  | { readonly kind: "clean" }
  /** `name` as the scanner calls it, fit for a log line. */
  | { readonly kind: "infected"; readonly name: string };

/** clamd's own answers are shorter by far. */
const ANSWER_BYTES_MAX = 4096;
/** `z` before a command: it ends in NUL, and so does the answer (clamd(8)). */
const COMMAND = "zINSTREAM\0";
const LAST_CHUNK = new Uint8Array(4);

/**
 * Has clamd scan a message that is streamed to it (clamd(8), INSTREAM). Rejects only when the
 * content cannot be read.
 */
export function scanByClamd(
  peer: ScanPeer,
  content: ScanContent,
): Promise<Result<MalwareVerdict, ScanFault>> {
  return talkTo(peer, {
    reader: new ClamdReader(),
    say: async (out) => {
      if (!(await out.write(COMMAND))) return;
      for await (const piece of content.read()) {
        // A chunk of no bytes would be the end.
        if (piece.length === 0) continue;
        if (!(await out.write(lengthOf(piece), piece))) return;
      }
      await out.write(LAST_CHUNK);
    },
  });
}

function lengthOf(piece: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(piece.length);
  return bytes;
}

class ClamdReader implements AnswerReader<MalwareVerdict> {
  #text = "";

  push(bytes: Uint8Array): Result<MalwareVerdict, ScanFault> | undefined {
    this.#text += Buffer.from(bytes.subarray(0, ANSWER_BYTES_MAX)).toString("latin1");
    const end = this.#text.indexOf("\0");
    if (end >= 0) return parseClamdAnswer(this.#text.slice(0, end));
    if (this.#text.length < ANSWER_BYTES_MAX) return undefined;
    return fault({ kind: "protocol", text: "the answer is too long" });
  }

  end(): Result<MalwareVerdict, ScanFault> {
    // An answer that is cut off may say less than it was about to.
    return fault({ kind: "protocol", text: "closed without an answer" });
  }
}

/** Reads the answer to INSTREAM, its NUL already off: only `stream: OK` is clean. */
export function parseClamdAnswer(line: string): Result<MalwareVerdict, ScanFault> {
  if (line === "stream: OK") return ok({ kind: "clean" });
  const [, name] = /^stream: (.+) FOUND$/.exec(line) ?? [];
  if (name !== undefined) return ok({ kind: "infected", name: quoted(name) });
  if (/^INSTREAM size limit exceeded\. ERROR$/.test(line)) {
    return fault({ kind: "tooLarge", text: "larger than clamd's StreamMaxLength" });
  }
  if (line.endsWith("ERROR")) return fault({ kind: "refused", text: quoted(line) });
  return fault({ kind: "protocol", text: `no answer of clamd: ${quoted(line)}` });
}
