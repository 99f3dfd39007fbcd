import { assert } from "../base/assert.ts";
import type { ServerReply } from "./reply-parser.ts";

/** A command line with its end (RFC 5321 §4.5.3.1.4): AUTH with its initial response fits in it. */
const COMMAND_OCTETS_MAX = 512;
/** A line of an exchange with its end (RFC 4954 §4). */
const LINE_OCTETS_MAX = 12_288;
/** Bytes that fit into such a line, in base64: whoever has more to say cannot log on. */
export const RESPONSE_BYTES_MAX = Math.floor((LINE_OCTETS_MAX - 2) / 4) * 3;
/** Challenges of one exchange; no mechanism needs five. */
const CHALLENGES_MAX = 10;

/** What the client says at a step of an exchange. */
export interface LogonStep {
  readonly bytes: Uint8Array | undefined;
  /** Whether 235 may come next: before, the server has still to prove itself (RFC 5802 §3). */
  readonly mayEnd: boolean;
}

/** What the driver does next. */
export type LogonAnswer =
  | { readonly kind: "authenticate"; readonly mechanism: string; readonly first: LogonStep }
  | { readonly kind: "respond"; readonly step: LogonStep }
  /** The challenge cannot be met: the server is asked to forget it, and its reply comes back. */
  | { readonly kind: "cancel" }
  /** The session ends; `text` says why, `reply` what the server said to it. */
  | { readonly kind: "give-up"; readonly text: string; readonly reply: ServerReply | undefined };

/** What follows a reply within an exchange. */
export type LogonNext =
  | { readonly kind: "say"; readonly line: string }
  | { readonly kind: "challenge"; readonly bytes: Uint8Array }
  | { readonly kind: "done" }
  | { readonly kind: "refused" }
  | { readonly kind: "violation"; readonly text: string };

/** One AUTH exchange of a client (RFC 4954 §4), without knowledge of its mechanism. */
export class ClientLogon {
  readonly #mechanism: string;
  #mayEnd: boolean;
  /** An initial response that does not fit into the command. */
  #held: string | undefined;
  #challenges = 0;
  #isCancelled = false;

  constructor(mechanism: string, first: LogonStep) {
    this.#mechanism = mechanism;
    this.#mayEnd = first.mayEnd;
    this.#held = first.bytes === undefined ? undefined : encodeInitial(first.bytes);
  }

  /** The AUTH command. */
  command(): string {
    const command = `AUTH ${this.#mechanism}`;
    const whole = `${command} ${this.#held ?? ""}`;
    if (this.#held === undefined || whole.length + 2 > COMMAND_OCTETS_MAX) return command;
    this.#held = undefined;
    return whole;
  }

  take(reply: ServerReply): LogonNext {
    if (reply.code >= 400) return { kind: "refused" };
    if (reply.code === 235) {
      if (this.#mayEnd && this.#held === undefined && !this.#isCancelled) return { kind: "done" };
      return { kind: "violation", text: "235 before the exchange was over" };
    }
    this.#challenges += 1;
    if (reply.code !== 334 || this.#isCancelled || this.#challenges > CHALLENGES_MAX) {
      return { kind: "violation", text: `${reply.code} to AUTH` };
    }
    if (this.#held !== undefined) {
      const line = this.#held === "=" ? "" : this.#held;
      this.#held = undefined;
      return { kind: "say", line };
    }
    const text = reply.lines.join("").trim();
    if (!BASE64.test(text)) return { kind: "say", line: this.cancel() };
    return { kind: "challenge", bytes: Buffer.from(text, "base64") };
  }

  /** The line that answers a challenge. */
  respond(step: LogonStep): string {
    this.#mayEnd = step.mayEnd;
    const line = Buffer.from(step.bytes ?? []).toString("base64");
    assert(line.length + 2 <= LINE_OCTETS_MAX, "a response that no server takes");
    return line;
  }

  /** The line that ends the exchange; the server answers with 501. */
  cancel(): string {
    this.#isCancelled = true;
    return "*";
  }
}

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** RFC 4954 §4: an initial response of no bytes is `=`. */
function encodeInitial(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString("base64");
  assert(text.length + 2 <= LINE_OCTETS_MAX, "a response that no server takes");
  return text === "" ? "=" : text;
}
