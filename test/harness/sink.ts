import { createHash } from "node:crypto";
import { createServer, type Server, type Socket } from "node:net";
import { later, type Scope } from "./scope.ts";

/** A message that the sink has said 250 to. */
export interface SinkMessage {
  readonly from: string;
  readonly to: readonly string[];
  /** As it was before dot-stuffing, in latin1. */
  readonly content: string;
  /** `performance.now()` when its 250 was written. */
  readonly atMs: number;
}

/** What the sink does instead of the usual; every part may be left out. */
export interface SinkAct {
  /** Reply line or lines, with CRLF between them; "" = say nothing. */
  readonly reply?: string;
  readonly delayMs?: number;
  /** Ends the connection, after the reply when there is one. */
  readonly drop?: boolean;
}

/** What the sink is asked; `content` comes after the final dot, `connect` before the greeting. */
export interface SinkEvent {
  readonly verb:
    | "connect"
    | "EHLO"
    | "HELO"
    | "MAIL"
    | "RCPT"
    | "DATA"
    | "content"
    | "QUIT"
    | "RSET";
  readonly line: string;
  /** Counted from 1 over all connections. */
  readonly connection: number;
  readonly messageCount: number;
}

/** A choice for one event; `undefined` = the usual. */
export type SinkScript = (event: SinkEvent) => SinkAct | undefined;

/** Settings of a sink. */
export interface SinkOptions {
  readonly port: number;
  readonly script?: SinkScript;
  readonly extensions?: readonly string[];
  /** Keeps the SHA-256 (hex) of the content, or of what follows its header, in place of it. */
  readonly digest?: "content" | "body";
  /** Called for each message; when given, messages are not kept in memory. */
  readonly onMessage?: (message: SinkMessage) => void;
}

/** An SMTP server on loopback that takes everything, or misbehaves as told. */
export interface Sink {
  readonly port: number;
  readonly messages: SinkMessage[];
  readonly connectionCount: number;
  /** Replaces the script from now on. */
  setScript(script: SinkScript | undefined): void;
  /** Stops listening and drops every connection; `open` starts again. */
  close(): Promise<void>;
  open(): Promise<void>;
}

const USUAL: Readonly<Record<SinkEvent["verb"], string>> = {
  connect: "220 sink.test ESMTP",
  EHLO: "",
  HELO: "250 sink.test",
  MAIL: "250 2.1.0 OK",
  RCPT: "250 2.1.5 OK",
  DATA: "354 Go on",
  content: "250 2.0.0 Taken",
  RSET: "250 2.0.0 OK",
  QUIT: "221 2.0.0 Bye",
};

const EXTENSIONS = ["PIPELINING", "8BITMIME", "SIZE 200000000", "ENHANCEDSTATUSCODES", "DSN"];

/** Starts a sink that ends with the test. */
export async function startSink(t: Scope, options: SinkOptions): Promise<Sink> {
  const sink = new ScriptedSink(options);
  await sink.open();
  later(t, () => sink.close());
  return sink;
}

/** Where the lines of a message go. */
interface Content {
  push(line: string): void;
  end(): string;
}

class Lines implements Content {
  readonly #lines: string[] = [];

  push(line: string): void {
    this.#lines.push(line);
  }

  end(): string {
    return this.#lines.length === 0 ? "" : `${this.#lines.join("\r\n")}\r\n`;
  }
}

class Digest implements Content {
  readonly #hash = createHash("sha256");
  #isSkipping: boolean;

  constructor(of: "content" | "body") {
    this.#isSkipping = of === "body";
  }

  push(line: string): void {
    if (this.#isSkipping) {
      this.#isSkipping = line !== "";
      return;
    }
    this.#hash.update(line, "latin1").update("\r\n");
  }

  end(): string {
    return this.#hash.digest("hex");
  }
}

function isVerb(text: string): text is Exclude<SinkEvent["verb"], "connect" | "content"> {
  return /^(?:EHLO|HELO|MAIL|RCPT|DATA|QUIT|RSET)$/.test(text);
}

/** One conversation's state. */
interface Talk {
  readonly socket: Socket;
  readonly connection: number;
  pending: string[];
  text: string;
  content: Content | undefined;
  from: string;
  to: string[];
  busy: boolean;
}

class ScriptedSink implements Sink {
  readonly port: number;
  readonly messages: SinkMessage[] = [];
  connectionCount = 0;
  #script: SinkScript | undefined;
  #messageCount = 0;
  readonly #options: SinkOptions;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;

  constructor(options: SinkOptions) {
    this.port = options.port;
    this.#options = options;
    this.#script = options.script;
  }

  setScript(script: SinkScript | undefined): void {
    this.#script = script;
  }

  async open(): Promise<void> {
    const server = createServer((socket) => this.#accept(socket));
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(this.port, "127.0.0.1", 1024, resolve);
    });
  }

  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    for (const socket of this.#sockets) socket.destroy();
    if (server === undefined) return;
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  #accept(socket: Socket): void {
    this.connectionCount += 1;
    this.#sockets.add(socket);
    socket.setNoDelay(true);
    socket.setEncoding("latin1");
    const talk: Talk = {
      socket,
      connection: this.connectionCount,
      pending: [],
      text: "",
      content: undefined,
      from: "",
      to: [],
      busy: false,
    };
    socket.on("close", () => this.#sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    socket.on("data", (text: string) => {
      talk.text += text;
      const end = talk.text.lastIndexOf("\r\n");
      if (end < 0) return;
      const lines = talk.text.slice(0, end).split("\r\n");
      talk.text = talk.text.slice(end + 2);
      talk.pending = talk.pending.length === 0 ? lines : talk.pending.concat(lines);
      this.#work(talk);
    });
    this.#act(talk, "connect", "");
  }

  /** Takes waiting lines until one has to wait for its (delayed) reply. */
  #work(talk: Talk): void {
    let taken = 0;
    while (!talk.busy && taken < talk.pending.length && !talk.socket.destroyed) {
      const line = talk.pending[taken++] ?? "";
      if (talk.content === undefined) this.#command(talk, line);
      else if (line === ".") this.#finish(talk, talk.content);
      else talk.content.push(line.startsWith(".") ? line.slice(1) : line);
    }
    talk.pending = talk.pending.slice(taken);
  }

  #command(talk: Talk, line: string): void {
    const { digest } = this.#options;
    const verb = line.slice(0, 4).toUpperCase();
    const address = /<([^>]*)>/.exec(line)?.[1] ?? "";
    if (verb === "RSET" || verb === "MAIL") {
      talk.from = verb === "MAIL" ? address : "";
      talk.to = [];
    }
    if (!isVerb(verb)) {
      talk.socket.write("500 5.5.1 What?\r\n");
    } else if (this.#act(talk, verb, line) === "accepted") {
      if (verb === "RCPT") talk.to.push(address);
      if (verb === "DATA") talk.content = digest === undefined ? new Lines() : new Digest(digest);
    }
  }

  #finish(talk: Talk, received: Content): void {
    talk.content = undefined;
    this.#messageCount += 1;
    if (this.#act(talk, "content", ".") !== "accepted") return;
    const { from, to } = talk;
    const message = { from, to, content: received.end(), atMs: performance.now() };
    if (this.#options.onMessage === undefined) this.messages.push(message);
    else this.#options.onMessage(message);
    talk.to = [];
  }

  /** Replies, now or later; "accepted" when the reply is of the 2xx or 3xx kind. */
  #act(talk: Talk, verb: SinkEvent["verb"], line: string): "accepted" | "refused" {
    const event = { verb, line, connection: talk.connection, messageCount: this.#messageCount };
    const act = this.#script?.(event);
    const usual = verb === "EHLO" ? this.#greeting() : USUAL[verb];
    const reply = act?.reply ?? usual;
    const speak = (): void => {
      if (talk.socket.destroyed) return;
      if (reply !== "") talk.socket.write(`${reply}\r\n`);
      if (act?.drop === true || verb === "QUIT") talk.socket.destroySoon();
    };
    if (act?.delayMs === undefined) {
      speak();
    } else {
      talk.busy = true;
      setTimeout(() => {
        talk.busy = false;
        speak();
        this.#work(talk);
      }, act.delayMs);
    }
    return /^[23]/.test(reply) ? "accepted" : "refused";
  }

  #greeting(): string {
    const words = ["sink.test", ...(this.#options.extensions ?? EXTENSIONS)];
    return words.map((word, at) => `250${at < words.length - 1 ? "-" : " "}${word}`).join("\r\n");
  }
}
