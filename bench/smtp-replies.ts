import type { Socket } from "node:net";

/** A reply, whatever its lines: RFC 5321 §4.2.1. */
const REPLY = /^(?:\d{3}-[^\n]*\n)*(\d{3})(?: [^\n]*)?\r?\n/;

/** Replies of one SMTP connection, one at a time; throws when one is not the expected. */
export class SmtpReplies {
  #text = "";
  #wake: (() => void) | undefined;
  #failed: Error | undefined;

  constructor(socket: Socket) {
    socket.on("data", (data: Buffer) => {
      this.#text += data.toString("latin1");
      this.#wake?.();
    });
    const fail = (error?: Error) => {
      this.#failed ??= error ?? new Error("connection closed");
      this.#wake?.();
    };
    socket.on("error", fail).on("close", () => fail());
  }

  async expect(code: number): Promise<void> {
    for (;;) {
      const match = REPLY.exec(this.#text);
      if (match !== null) {
        this.#text = this.#text.slice(match[0].length);
        if (Number(match[1]) === code) return;
        throw new Error(`expected ${code}: ${match[0].trim()}`);
      }
      if (this.#failed !== undefined) throw this.#failed;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
  }
}
