import { createServer, type Server, type Socket } from "node:net";
import { type SecureContext, TLSSocket } from "node:tls";

/**
 * What the peer does at a step: says a reply (without CRLF), hangs up, or says nothing for ever.
 */
export type Answer =
  | string
  | { readonly act: "drop" | "silence" | "dribble"; readonly text?: string };

/** How the peer behaves; what is not given is as an ordinary server does it. */
export interface PeerScript {
  readonly greeting?: Answer;
  /** Keywords of the EHLO reply. */
  readonly offers?: readonly string[];
  /** In place of the whole EHLO reply. */
  readonly ehlo?: Answer;
  readonly name?: string;
  /**
   * Answer to a command line, by its verb and how often it came on this connection; else the usual
   * one.
   */
  readonly command?: (line: string, count: number, connection: number) => Answer | undefined;
  /** After the content; for LMTP one per accepted recipient. */
  readonly final?: (message: PeerMessage, connection: number) => Answer | undefined;
  readonly secureContext?: SecureContext;
  /** Asks the client for a certificate, and is told whose it is. */
  readonly requestsCertificate?: (subject: string) => void;
  /** Says 552 once so much has come on a connection, and then only waits for RSET and QUIT. */
  readonly refuseAfterBytes?: number;
}

/** A message as the peer got it. */
export interface PeerMessage {
  readonly mail: string;
  readonly recipients: readonly string[];
  /** Dot-unstuffed, latin1. */
  readonly content: string;
  readonly connection: number;
  readonly tls: boolean;
}

/**
 * A scripted SMTP or LMTP server for tests, on a free port of the loopback address or a Unix
 * socket.
 */
export class FakePeer {
  readonly messages: PeerMessage[] = [];
  /** Every line of every connection, `connection: line`. */
  readonly lines: string[] = [];
  /** Reads from the socket, by connection: how often the client wrote, at most. */
  readonly reads: number[] = [];
  connections = 0;
  readonly #script: PeerScript;
  readonly #protocol: "smtp" | "lmtp";
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #watchers: (() => void)[] = [];

  constructor(script: PeerScript, protocol: "smtp" | "lmtp" = "smtp") {
    this.#script = script;
    this.#protocol = protocol;
    this.#server = createServer({ noDelay: true }, (socket) => this.#serve(socket));
  }

  listen(path?: string): Promise<void> {
    return new Promise((resolve) => {
      if (path !== undefined) this.#server.listen(path, resolve);
      else this.#server.listen(0, "127.0.0.1", resolve);
    });
  }

  listenAt(host: string, port: number): Promise<void> {
    return new Promise((resolve) => this.#server.listen(port, host, resolve));
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  /** Ends every connection that is open. */
  hangUp(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Resolves once a line that matches has come. */
  async seen(pattern: RegExp): Promise<void> {
    while (!this.lines.some((line) => pattern.test(line))) {
      await this.#change();
    }
  }

  get script(): PeerScript {
    return this.#script;
  }

  get protocol(): "smtp" | "lmtp" {
    return this.#protocol;
  }

  /** Notes a line of a connection. */
  note(connection: number, line: string): void {
    this.lines.push(`${connection}: ${line}`);
    this.#wake();
  }

  /** Resolves once no connection is open. */
  async quiet(): Promise<void> {
    while (this.#sockets.size > 0) await this.#change();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#watchers.push(resolve));
  }

  #wake(): void {
    const watchers = this.#watchers;
    this.#watchers = [];
    for (const watch of watchers) watch();
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("close", () => {
      this.#sockets.delete(socket);
      this.#wake();
    });
    this.connections += 1;
    this.reads[this.connections] = 0;
    new PeerSession(this, socket, this.connections).start();
  }
}

class PeerSession {
  readonly #peer: FakePeer;
  readonly #connection: number;
  readonly #counts = new Map<string, number>();
  #socket: Socket;
  #buffer = "";
  #content: string | undefined;
  #chunk: { readonly bytes: number; readonly isLast: boolean } | undefined;
  #mail = "";
  #recipients: string[] = [];
  #tls = false;
  #isDead = false;
  #received = 0;

  constructor(peer: FakePeer, socket: Socket, connection: number) {
    this.#peer = peer;
    this.#socket = socket;
    this.#connection = connection;
  }

  start(): void {
    this.#listen(this.#socket);
    this.#answer(this.#peer.script.greeting ?? `220 ${this.#name} ESMTP`);
  }

  get #name(): string {
    return this.#peer.script.name ?? "peer.test";
  }

  #listen(socket: Socket): void {
    socket.setEncoding("latin1");
    socket.on("error", () => socket.destroy());
    socket.on("data", (text: string) => {
      this.#peer.reads[this.#connection] = (this.#peer.reads[this.#connection] ?? 0) + 1;
      this.#buffer += text;
      this.#received += text.length;
      if (this.#isTooMuch && this.#content !== undefined && this.#chunk === undefined) {
        if (!this.#isDead) this.#answer("552 5.3.4 too much");
        this.#isDead = true;
        if (this.#buffer.endsWith("\r\nRSET\r\n")) this.#answer("250 2.0.0 OK");
        if (this.#buffer.endsWith("QUIT\r\n")) this.#socket.end("221 2.0.0 bye\r\n");
        this.#buffer = this.#buffer.slice(-8);
        return;
      }
      this.#work();
    });
  }

  get #isTooMuch(): boolean {
    return this.#received > (this.#peer.script.refuseAfterBytes ?? Number.POSITIVE_INFINITY);
  }

  #work(): void {
    while (!this.#isDead && (this.#takeChunk() || this.#takeContent() || this.#takeLine()));
  }

  #takeLine(): boolean {
    const end = this.#content === undefined && !this.#chunk ? this.#buffer.indexOf("\r\n") : -1;
    if (end < 0) return false;
    const line = this.#buffer.slice(0, end);
    this.#buffer = this.#buffer.slice(end + 2);
    this.#peer.note(this.#connection, line);
    this.#obey(line);
    return true;
  }

  #takeChunk(): boolean {
    const chunk = this.#chunk;
    if (chunk === undefined || this.#buffer.length < chunk.bytes) return false;
    this.#content = (this.#content ?? "") + this.#buffer.slice(0, chunk.bytes);
    this.#buffer = this.#buffer.slice(chunk.bytes);
    this.#chunk = undefined;
    if (this.#isTooMuch) {
      this.#content = undefined;
      this.#answer("552 5.3.4 too much");
      return true;
    }
    const content = this.#content;
    if (chunk.isLast) this.#finish(content);
    else {
      this.#held = content;
      this.#content = undefined;
      this.#answer("250 2.0.0 chunk");
    }
    return true;
  }

  #held = "";

  #takeContent(): boolean {
    if (this.#content === undefined || this.#chunk !== undefined) return false;
    const end = this.#buffer.startsWith(".\r\n") ? -2 : this.#buffer.indexOf("\r\n.\r\n");
    if (end === -1) return false;
    const text = end === -2 ? "" : this.#buffer.slice(0, end + 2);
    this.#buffer = this.#buffer.slice(end + 5);
    this.#finish(text.replace(/^\.\./, ".").replaceAll("\r\n..", "\r\n."));
    return true;
  }

  #finish(content: string): void {
    this.#content = undefined;
    const message: PeerMessage = {
      mail: this.#mail,
      recipients: this.#recipients,
      content,
      connection: this.#connection,
      tls: this.#tls,
    };
    this.#held = "";
    this.#recipients = [];
    this.#peer.messages.push(message);
    this.#peer.note(this.#connection, "<content>");
    const answer = this.#peer.script.final?.(message, this.#connection);
    const replies = this.#peer.protocol === "lmtp" ? message.recipients.length : 1;
    const usual = Array.from({ length: replies }, () => "250 2.6.0 queued").join("\r\n");
    this.#answer(answer ?? usual);
  }

  #obey(line: string): void {
    const verb = line.split(/[ :]/, 1)[0]?.toUpperCase() ?? "";
    const count = (this.#counts.get(verb) ?? 0) + 1;
    this.#counts.set(verb, count);
    const answer = this.#peer.script.command?.(line, count, this.#connection) ?? this.#usual(verb);
    const isTaken = typeof answer === "string" && /^[23]/.test(answer);
    if (isTaken && verb === "MAIL") this.#mail = line;
    if (isTaken && verb === "RCPT") this.#recipients = [...this.#recipients, line];
    if (verb === "RSET") this.#recipients = [];
    if (verb === "BDAT") {
      const [, bytes = "0", last] = line.split(" ");
      this.#content = this.#held;
      this.#chunk = { bytes: Number(bytes), isLast: last === "LAST" };
      return;
    }
    if (verb === "DATA" && typeof answer === "string" && answer.startsWith("354"))
      this.#content = "";
    this.#answer(answer);
    if (verb === "STARTTLS" && isTaken) this.#startTls();
    if (verb === "QUIT") this.#socket.end();
  }

  #usual(verb: string): Answer {
    const { ehlo, offers = ["PIPELINING"] } = this.#peer.script;
    switch (verb) {
      case "EHLO":
      case "LHLO":
        if (ehlo !== undefined) return ehlo;
        return [this.#name, ...offers]
          .map((line, index) => `250${index === offers.length ? " " : "-"}${line}`)
          .join("\r\n");
      case "DATA":
        return "354 go ahead";
      case "STARTTLS":
        return "220 2.0.0 go ahead";
      case "QUIT":
        return "221 2.0.0 bye";
      default:
        return "250 2.0.0 OK";
    }
  }

  #answer(answer: Answer): void {
    if (typeof answer === "string") this.#socket.write(`${answer}\r\n`);
    else if (answer.act === "drop") {
      this.#isDead = true;
      this.#socket.end(answer.text === undefined ? "" : `${answer.text}\r\n`);
    } else if (answer.act === "dribble") {
      for (const character of `${answer.text ?? ""}\r\n`) this.#socket.write(character);
    }
  }

  #startTls(): void {
    const { secureContext } = this.#peer.script;
    const clear = this.#socket;
    clear.removeAllListeners("data");
    if (secureContext === undefined) {
      // Says yes and then speaks anything but TLS.
      this.#isDead = true;
      clear.once("data", () => clear.end("this is not a handshake\r\n"));
      return;
    }
    const asked = this.#peer.script.requestsCertificate;
    const requestCert = asked !== undefined;
    const secured = new TLSSocket(clear, {
      isServer: true,
      secureContext,
      requestCert,
      rejectUnauthorized: false,
    });
    secured.once("secure", () => asked?.(secured.getPeerX509Certificate()?.subject ?? ""));
    this.#socket = secured;
    this.#tls = true;
    this.#listen(this.#socket);
  }
}
