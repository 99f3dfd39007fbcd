// A process of its own: SMTP clients in clear that send one file again and again, since Postfix's
// generator makes up its own content. Ends when the last message has its 250.
import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";

const [port = "0", sessions = "20", count = "1000", path = "", mode = "persistent"] =
  process.argv.slice(2);
const [sender = "", recipient = ""] = process.argv.slice(7);
// No line of the file begins with a dot.
const CONTENT = Buffer.concat([readFileSync(path), Buffer.from(".\r\n")]);
let left = Number(count);

/** One connection, in step: a command, its reply. */
class Conversation {
  readonly #socket: Socket;
  #text = "";
  #wake: (() => void) | undefined;
  #failed: Error | undefined;

  constructor() {
    this.#socket = connect({ host: "127.0.0.1", port: Number(port), noDelay: true });
    this.#socket.on("data", (data: Buffer) => {
      this.#text += data.toString("latin1");
      this.#wake?.();
    });
    const fail = (error?: Error) => {
      this.#failed ??= error ?? new Error("connection closed");
      this.#wake?.();
    };
    this.#socket.on("error", fail).on("close", () => fail());
  }

  async say(command: string | Buffer, code: number): Promise<void> {
    if (command.length > 0) this.#socket.write(command);
    for (;;) {
      const match = /^(?:\d{3}-[^\n]*\n)*(\d{3})(?: [^\n]*)?\n/.exec(this.#text);
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

  end(): void {
    this.#socket.end("QUIT\r\n");
  }
}

async function work(): Promise<void> {
  while (left > 0) {
    const talk = new Conversation();
    await talk.say("", 220);
    await talk.say("EHLO client.bench.example\r\n", 250);
    do {
      left -= 1;
      if (left < 0) break;
      await talk.say(`MAIL FROM:<${sender}>\r\n`, 250);
      await talk.say(`RCPT TO:<${recipient}>\r\n`, 250);
      await talk.say("DATA\r\n", 354);
      await talk.say(CONTENT, 250);
    } while (mode === "persistent");
    talk.end();
  }
}

await Promise.all(Array.from({ length: Number(sessions) }, work));
process.exit(0);
