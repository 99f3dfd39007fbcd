import { fault, ok, type Result } from "../base/result.ts";

/** Characters of a line with a chunk's size, or of the trailers together. */
const LINE_MAX = 1024;
const SIZE = /^([0-9a-f]{1,8})[ \t]*(?:;.*)?$/i;

/**
 * Takes chunked coding off (RFC 9112 §7.1), which ICAP uses for every body (RFC 3507 §4.4.3).
 * Trailers are passed over.
 */
export class ChunkedBody {
  #phase: "size" | "data" | "dataEnd" | "trailer" = "size";
  #line = "";
  #left = 0;

  /** Passes the body on as it comes; true: that was its end. */
  push(bytes: Uint8Array, sink: (body: Uint8Array) => void): Result<boolean, string> {
    let at = 0;
    while (at < bytes.length) {
      if (this.#phase === "data") {
        const taken = Math.min(this.#left, bytes.length - at);
        sink(bytes.subarray(at, at + taken));
        at += taken;
        this.#left -= taken;
        if (this.#left === 0) this.#phase = "dataEnd";
        continue;
      }
      const end = bytes.indexOf(10, at);
      const stop = end < 0 ? bytes.length : end;
      if (this.#line.length + stop - at > LINE_MAX) return fault("a chunk's line is too long");
      this.#line += Buffer.from(bytes.subarray(at, stop)).toString("latin1");
      at = stop + 1;
      if (end < 0) break;
      const read = this.#takeLine(this.#line.replace(/\r$/, ""));
      this.#line = "";
      if (!read.ok || read.value) return read;
    }
    return ok(false);
  }

  #takeLine(line: string): Result<boolean, string> {
    switch (this.#phase) {
      case "dataEnd":
        this.#phase = "size";
        return line === "" ? ok(false) : fault("a chunk is longer than it says");
      case "trailer":
        return ok(line === "");
      default: {
        const [, digits] = SIZE.exec(line) ?? [];
        if (digits === undefined) return fault("a chunk's size cannot be read");
        this.#left = Number.parseInt(digits, 16);
        this.#phase = this.#left === 0 ? "trailer" : "data";
        return ok(false);
      }
    }
  }
}
