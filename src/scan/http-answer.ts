import { fault, ok, type Result } from "../base/result.ts";
import { ChunkedBody } from "./chunked-body.ts";
import { HeadCollector, type MessageHead } from "./message-head.ts";
import type { ScanFault } from "./scan-fault.ts";
import type { AnswerReader } from "./scan-talk.ts";

/** An answer over HTTP, its body whole. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: Uint8Array;
}

/** Reads one answer of HTTP/1 (RFC 9112), up to a bound of its body. */
export class HttpAnswerReader implements AnswerReader<HttpAnswer> {
  readonly #bodyBytesMax: number;
  readonly #collector = new HeadCollector();
  readonly #pieces: Uint8Array[] = [];
  #status: number | undefined;
  #bytes = 0;
  #chunked: ChunkedBody | undefined;
  /** Without it, the body ends when the other side closes. */
  #contentLength: number | undefined;

  constructor(bodyBytesMax: number) {
    this.#bodyBytesMax = bodyBytesMax;
  }

  push(bytes: Uint8Array): Result<HttpAnswer, ScanFault> | undefined {
    let rest = bytes;
    if (this.#status === undefined) {
      const collected = this.#collector.push(bytes);
      if (collected === undefined) return undefined;
      const begun = collected.ok ? this.#begin(collected.value.head) : collected;
      if (!begun.ok) return fault({ kind: "protocol", text: begun.fault });
      if (collected.ok) rest = collected.value.rest;
    }
    const isEnd = this.#takeBody(rest);
    if (!isEnd.ok) return fault({ kind: "protocol", text: isEnd.fault });
    return isEnd.value ? this.#answer() : undefined;
  }

  end(): Result<HttpAnswer, ScanFault> {
    const isWhole =
      this.#status !== undefined &&
      this.#chunked === undefined &&
      this.#contentLength === undefined;
    return isWhole ? this.#answer() : fault({ kind: "protocol", text: "closed within the answer" });
  }

  #begin({ startLine, fields }: MessageHead): Result<true, string> {
    const [, status] = /^HTTP\/1\.[01] ([1-5]\d\d)(?: .*)?$/.exec(startLine) ?? [];
    if (status === undefined) return fault("no answer over HTTP");
    this.#status = Number(status);
    const coding = fields.get("transfer-encoding");
    if (coding?.toLowerCase() === "chunked") this.#chunked = new ChunkedBody();
    else if (coding !== undefined) return fault("the answer's transfer coding is not known");
    const length = fields.get("content-length");
    if (length === undefined || this.#chunked !== undefined) return ok(true);
    if (!/^\d{1,10}$/.test(length)) return fault("the answer's length cannot be read");
    this.#contentLength = Number(length);
    return this.#contentLength > this.#bodyBytesMax ? fault("the answer is too long") : ok(true);
  }

  #takeBody(bytes: Uint8Array): Result<boolean, string> {
    if (this.#chunked !== undefined) {
      const isEnd = this.#chunked.push(bytes, (body) => this.#keep(body));
      return this.#bytes > this.#bodyBytesMax ? fault("the answer is too long") : isEnd;
    }
    const left = (this.#contentLength ?? Number.POSITIVE_INFINITY) - this.#bytes;
    this.#keep(bytes.subarray(0, Math.min(left, bytes.length)));
    if (this.#bytes > this.#bodyBytesMax) return fault("the answer is too long");
    return ok(this.#bytes === this.#contentLength);
  }

  #keep(body: Uint8Array): void {
    this.#bytes += body.length;
    // What is too long is a fault in any case, and need not be held until that is told.
    if (body.length > 0 && this.#bytes <= this.#bodyBytesMax) this.#pieces.push(body.slice());
  }

  #answer(): Result<HttpAnswer, ScanFault> {
    return ok({ status: this.#status ?? 0, body: Buffer.concat(this.#pieces) });
  }
}
