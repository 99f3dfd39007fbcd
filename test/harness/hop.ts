import { createServer, type Server, type Socket } from "node:net";
import { later, type Scope } from "./scope.ts";

/** A message as the hop took it: the commands word for word, the content byte for byte. */
export interface HopMessage {
  readonly mail: string;
  readonly recipients: readonly string[];
  /** Without dot-stuffing and final dot; chunks joined. */
  readonly content: Buffer;
  readonly transfer: "DATA" | "BDAT";
  readonly connection: number;
}

/** What the hop is asked; `content` comes after the final dot or the last chunk. */
export interface HopStep {
  readonly verb: string;
  readonly line: string;
  /** Counted from 1. */
  readonly connection: number;
}

/** An answer other than the usual: a reply ("" = silence), and perhaps the end after it. */
export interface HopAct {
  readonly reply: string;
  readonly drop?: boolean;
}

/** Settings of a hop. */
export interface HopOptions {
  readonly port: number;
  /** Default: 127.0.0.1. */
  readonly host?: string;
  /** Default: PIPELINING and ENHANCEDSTATUSCODES. */
  readonly extensions?: readonly string[];
  readonly respond?: (step: HopStep) => HopAct | undefined;
  /** Every byte of a reply goes out in a packet of its own. */
  readonly dribbles?: boolean;
}

/** An SMTP server that keeps bytes as they come, on any loopback address, and knows BDAT. */
export interface Hop {
  readonly port: number;
  readonly messages: readonly HopMessage[];
  /** Every command line of every connection, in order. */
  readonly lines: readonly string[];
  readonly connectionCount: number;
  respond: HopOptions["respond"];
}

const USUAL: Readonly<Record<string, string>> = {
  connect: "220 hop.test ESMTP",
  HELO: "250 hop.test",
  MAIL: "250 2.1.0 OK",
  RCPT: "250 2.1.5 OK",
  DATA: "354 Go on",
  BDAT: "250 2.0.0 Chunk taken",
  content: "250 2.0.0 Taken",
  RSET: "250 2.0.0 OK",
  QUIT: "221 2.0.0 Bye",
};

/** Starts a hop that ends with the test. */
export async function startHop(t: Scope, options: HopOptions): Promise<Hop> {
  const hop = new ScriptedHop(options);
  await hop.open();
  later(t, () => hop.close());
  return hop;
}

type Expected =
  | { readonly kind: "command" }
  | { readonly kind: "dot" }
  | { readonly kind: "chunk"; readonly bytes: number; readonly isLast: boolean };

interface Talk {
  readonly socket: Socket;
  readonly connection: number;
  input: Buffer;
  expected: Expected;
  mail: string;
  recipients: string[];
  chunks: Buffer[];
  /** Waits to go out, where replies dribble. */
  output: string;
  isLeaving: boolean;
}

class ScriptedHop implements Hop {
  readonly port: number;
  readonly messages: HopMessage[] = [];
  readonly lines: string[] = [];
  connectionCount = 0;
  respond: HopOptions["respond"];
  readonly #options: HopOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(options: HopOptions) {
    this.port = options.port;
    this.respond = options.respond;
    this.#options = options;
    this.#server = createServer((socket) => this.#accept(socket));
  }

  async open(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(this.port, this.#options.host ?? "127.0.0.1", resolve);
    });
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #accept(socket: Socket): void {
    this.connectionCount += 1;
    this.#sockets.add(socket);
    socket.setNoDelay(true);
    const talk: Talk = {
      socket,
      connection: this.connectionCount,
      input: Buffer.alloc(0),
      expected: { kind: "command" },
      mail: "",
      recipients: [],
      chunks: [],
      output: "",
      isLeaving: false,
    };
    socket.on("close", () => this.#sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    socket.on("data", (bytes: Buffer) => {
      talk.input = Buffer.concat([talk.input, bytes]);
      while (!talk.isLeaving && !socket.destroyed && this.#advance(talk));
    });
    this.#answer(talk, "connect", "");
  }

  /** Takes one command, chunk or message from what has come; false when more is needed. */
  #advance(talk: Talk): boolean {
    const { expected } = talk;
    if (expected.kind === "chunk") {
      if (talk.input.length < expected.bytes) return false;
      talk.chunks.push(this.#cut(talk, expected.bytes));
      talk.expected = { kind: "command" };
      if (expected.isLast) this.#finish(talk, Buffer.concat(talk.chunks), "BDAT");
      else this.#answer(talk, "BDAT", "");
      return true;
    }
    if (expected.kind === "dot") return this.#readToDot(talk);
    const end = talk.input.indexOf("\r\n");
    if (end < 0) return false;
    const line = this.#cut(talk, end + 2).toString("utf8", 0, end);
    this.lines.push(line);
    this.#command(talk, line);
    return true;
  }

  #readToDot(talk: Talk): boolean {
    const isEmpty = talk.input.subarray(0, 3).toString() === ".\r\n";
    const end = isEmpty ? 0 : talk.input.indexOf("\r\n.\r\n");
    if (end < 0) return false;
    const stuffed = this.#cut(talk, isEmpty ? 3 : end + 5).subarray(0, isEmpty ? 0 : end + 2);
    const content = stuffed.toString("latin1").replace(/(^|\r\n)\.\./g, "$1.");
    talk.expected = { kind: "command" };
    this.#finish(talk, Buffer.from(content, "latin1"), "DATA");
    return true;
  }

  #cut(talk: Talk, bytes: number): Buffer {
    const piece = talk.input.subarray(0, bytes);
    talk.input = talk.input.subarray(bytes);
    return piece;
  }

  #command(talk: Talk, line: string): void {
    const verb = line.slice(0, 4).toUpperCase();
    if (verb === "BDAT") {
      const [, size = "0", last] = line.split(" ");
      talk.expected = { kind: "chunk", bytes: Number(size), isLast: last !== undefined };
      return;
    }
    if (verb === "MAIL" || verb === "RSET") {
      talk.recipients = [];
      talk.chunks = [];
    }
    if (!this.#answer(talk, verb, line)) return;
    if (verb === "MAIL") talk.mail = line;
    if (verb === "RCPT") talk.recipients.push(line);
    if (verb === "DATA") talk.expected = { kind: "dot" };
  }

  #finish(talk: Talk, content: Buffer, transfer: HopMessage["transfer"]): void {
    const { mail, recipients, connection } = talk;
    talk.recipients = [];
    talk.chunks = [];
    if (!this.#answer(talk, "content", "")) return;
    this.messages.push({ mail, recipients, content, transfer, connection });
  }

  /** Replies; true when the reply is of the 2xx or 3xx kind. */
  #answer(talk: Talk, verb: string, line: string): boolean {
    const { socket, connection } = talk;
    const act = this.respond?.({ verb, line, connection });
    const usual = this.#usual(talk, verb);
    const reply = act?.reply ?? usual;
    const text = reply === "" ? "" : `${reply}\r\n`;
    talk.isLeaving ||= act?.drop === true || verb === "QUIT";
    if (this.#options.dribbles === true) {
      const isIdle = talk.output === "";
      talk.output += text;
      if (isIdle) dribble(talk);
    } else {
      if (text !== "") socket.write(text);
      if (talk.isLeaving) socket.destroySoon();
    }
    return /^[23]/.test(reply);
  }

  #usual(talk: Talk, verb: string): string {
    if (verb === "EHLO") return this.#greeting();
    if (verb === "DATA" && talk.recipients.length === 0) return "554 5.5.1 No valid recipients";
    return USUAL[verb] ?? "500 5.5.1 What?";
  }

  #greeting(): string {
    const offered = this.#options.extensions ?? ["PIPELINING", "ENHANCEDSTATUSCODES"];
    const words = ["hop.test", ...offered];
    return words.map((word, at) => `250${at < words.length - 1 ? "-" : " "}${word}`).join("\r\n");
  }
}

/** Writes what waits byte by byte, each in a turn of the event loop of its own. */
function dribble(talk: Talk): void {
  const { socket } = talk;
  const byte = talk.output.slice(0, 1);
  if (socket.destroyed) return;
  if (byte !== "") {
    socket.write(byte, () => {
      talk.output = talk.output.slice(1);
      setImmediate(() => dribble(talk));
    });
  } else if (talk.isLeaving) socket.destroySoon();
}
