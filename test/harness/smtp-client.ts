import assert from "node:assert/strict";
import { connect, type Socket } from "node:net";

/** A whole reply: the code and the texts of its lines. */
export interface ClientReply {
  readonly code: number;
  readonly lines: readonly string[];
}

/** The connection ended while a reply was due. */
export class ConnectionEnded extends Error {
  override readonly name = "ConnectionEnded";
}

const REPLY_WITHIN_MS = 60_000;

interface Waiter {
  readonly resolve: (reply: ClientReply) => void;
  readonly reject: (error: Error) => void;
}

/** A message for `sendMessage`; the content has CRLF line ends and no final dot. */
export interface ClientMessage {
  readonly from: string;
  readonly to: readonly string[];
  readonly content: string | Uint8Array;
  /** Called before the content is sent: from then on its fate is in doubt until the reply. */
  readonly onContent?: () => void;
}

/** A client that says exactly what the test tells it to, byte by byte where it matters. */
export class SmtpClient {
  readonly socket: Socket;
  readonly #replies: ClientReply[] = [];
  readonly #waiters: Waiter[] = [];
  #text = "";
  #lines: string[] = [];
  #ended = false;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.setEncoding("latin1");
    socket.on("data", (text: string) => this.#receive(text));
    socket.on("error", () => this.#end());
    socket.on("close", () => this.#end());
  }

  /** Connects and reads the greeting. */
  static async open(port: number): Promise<SmtpClient> {
    const client = new SmtpClient(connect({ port, host: "127.0.0.1" }));
    await client.expect(220);
    return client;
  }

  /** The next reply, in order. */
  reply(): Promise<ClientReply> {
    const ready = this.#replies.shift();
    if (ready !== undefined) return Promise.resolve(ready);
    if (this.#ended) return Promise.reject(new ConnectionEnded("no reply: the connection ended"));
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error("no reply in time")), REPLY_WITHIN_MS);
      this.#waiters.push({
        resolve: (reply) => {
          clearTimeout(late);
          resolve(reply);
        },
        reject: (error) => {
          clearTimeout(late);
          reject(error);
        },
      });
    });
  }

  /** The next reply, which must have this code. */
  async expect(code: number): Promise<ClientReply> {
    const reply = await this.reply();
    assert.equal(reply.code, code, `unexpected reply: ${reply.code} ${reply.lines.join(" / ")}`);
    return reply;
  }

  /** Sends a line with its CRLF. */
  send(line: string): void {
    this.socket.write(`${line}\r\n`, "latin1");
  }

  /** Sends bytes as they are. */
  sendRaw(bytes: string | Uint8Array): void {
    this.socket.write(bytes);
  }

  /** Sends a line and expects one reply. */
  command(line: string, code: number): Promise<ClientReply> {
    this.send(line);
    return this.expect(code);
  }

  /** One transaction, envelope pipelined: the reply to the content, or the first refusal. */
  async sendMessage(message: ClientMessage): Promise<ClientReply> {
    const recipients = message.to.map((address) => `RCPT TO:<${address}>\r\n`);
    this.sendRaw(`MAIL FROM:<${message.from}>\r\n${recipients.join("")}DATA\r\n`);
    let refused: ClientReply | undefined;
    for (let index = 0; index < message.to.length + 1; index++) {
      const reply = await this.reply();
      if (reply.code === 421) return reply; // nothing comes after it
      if (reply.code >= 400) refused ??= reply;
    }
    const invitation = await this.reply();
    if (invitation.code !== 354) return refused ?? invitation;
    message.onContent?.();
    this.sendRaw(stuffDots(message.content));
    this.sendRaw("\r\n.\r\n");
    const reply = await this.reply();
    return refused ?? reply;
  }

  /** QUIT, then the end. */
  async quit(): Promise<void> {
    await this.command("QUIT", 221);
    this.socket.destroy();
  }

  /** Ends the connection without a word. */
  destroy(): void {
    this.socket.destroy();
  }

  /** Resolves once the server has ended the connection. */
  async ended(): Promise<void> {
    if (this.#ended) return;
    await new Promise<void>((resolve) => this.socket.once("close", () => resolve()));
  }

  #receive(text: string): void {
    this.#text += text;
    for (let end = this.#text.indexOf("\r\n"); end >= 0; end = this.#text.indexOf("\r\n")) {
      const line = this.#text.slice(0, end);
      this.#text = this.#text.slice(end + 2);
      assert.match(line, /^\d{3}[ -]/, "a reply line starts with its code");
      this.#lines.push(line.slice(4));
      if (line[3] === " ") {
        this.#deliver({ code: Number(line.slice(0, 3)), lines: this.#lines });
        this.#lines = [];
      }
    }
  }

  #deliver(reply: ClientReply): void {
    const waiter = this.#waiters.shift();
    if (waiter === undefined) this.#replies.push(reply);
    else waiter.resolve(reply);
  }

  #end(): void {
    this.#ended = true;
    for (const waiter of this.#waiters.splice(0)) {
      waiter.reject(new ConnectionEnded("no reply: the connection ended"));
    }
  }
}

function stuffDots(content: string | Uint8Array): string | Uint8Array {
  const isBytes = typeof content !== "string";
  if (
    isBytes &&
    !Buffer.from(content.buffer, content.byteOffset, content.length).includes("\r\n.")
  ) {
    return content;
  }
  const text = isBytes ? Buffer.from(content).toString("latin1") : content;
  const stuffed = text.replace(/(^|\r\n)\./g, "$1..");
  return isBytes ? Buffer.from(stuffed, "latin1") : stuffed;
}
