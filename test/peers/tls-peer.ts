import { createServer, type Socket } from "node:net";
import { createSecureContext, TLSSocket } from "node:tls";
import { later, type Scope } from "../harness/scope.ts";

/** A server for mail that shows what it is told to. */
export interface TlsPeerOptions {
  readonly host: string;
  readonly port: number;
  /** Its certificate and what follows it, PEM, with its key; none: STARTTLS is not offered. */
  readonly certificate?: { readonly chain: string; readonly key: string } | undefined;
  /** Keywords of EHLO under TLS. */
  readonly offers?: readonly string[];
  /** In place of the reply to STARTTLS. */
  readonly startTlsReply?: string;
}

/** What such a server has seen. */
export interface TlsPeer {
  /** Each message, and whether it came under TLS. */
  readonly messages: readonly { readonly tls: boolean; readonly content: string }[];
  /** Names that clients asked for (SNI). */
  readonly serverNames: readonly string[];
  /** Every command that came, in clear or not. */
  readonly lines: readonly string[];
}

interface Seen {
  readonly messages: { readonly tls: boolean; readonly content: string }[];
  readonly serverNames: string[];
  readonly lines: string[];
}

/** Starts it; ends with the test. */
export async function startTlsPeer(t: Scope, options: TlsPeerOptions): Promise<TlsPeer> {
  const seen: Seen = { messages: [], serverNames: [], lines: [] };
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    new Talk(socket, options, seen).begin();
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, options.host, resolve);
  });
  later(t, async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });
  return seen;
}

class Talk {
  readonly #options: TlsPeerOptions;
  readonly #seen: Seen;
  #socket: Socket;
  #tls = false;
  #input = "";
  #isContent = false;
  #content = "";

  constructor(socket: Socket, options: TlsPeerOptions, seen: Seen) {
    this.#socket = socket;
    this.#options = options;
    this.#seen = seen;
  }

  begin(): void {
    this.#listen(this.#socket);
    this.#say("220 peer.test ESMTP");
  }

  #say(reply: string): void {
    this.#socket.write(`${reply}\r\n`);
  }

  #listen(socket: Socket): void {
    this.#socket = socket;
    this.#input = "";
    socket.on("error", () => socket.destroy());
    socket.on("data", (bytes: Buffer) => {
      this.#input += bytes.toString("latin1");
      for (;;) {
        const end = this.#input.indexOf("\r\n");
        if (end < 0 || this.#socket !== socket) return;
        const line = this.#input.slice(0, end);
        this.#input = this.#input.slice(end + 2);
        if (this.#isContent) this.#takeContent(line);
        else this.#obey(line);
      }
    });
  }

  #takeContent(line: string): void {
    if (line !== ".") {
      this.#content += `${line}\r\n`;
      return;
    }
    this.#isContent = false;
    this.#seen.messages.push({ tls: this.#tls, content: this.#content });
    this.#content = "";
    this.#say("250 2.0.0 Taken");
  }

  #obey(line: string): void {
    this.#seen.lines.push(line);
    const verb = line.split(/[ :]/, 1)[0]?.toUpperCase();
    switch (verb) {
      case "EHLO":
        this.#greet();
        break;
      case "STARTTLS":
        this.#startTls();
        break;
      case "DATA":
        this.#isContent = true;
        this.#say("354 Go on");
        break;
      case "QUIT":
        this.#socket.end("221 2.0.0 Bye\r\n");
        break;
      default:
        this.#say("250 2.0.0 OK");
    }
  }

  #greet(): void {
    const { certificate, offers = [] } = this.#options;
    const keywords = this.#tls ? offers : certificate === undefined ? [] : ["STARTTLS"];
    const lines = ["peer.test", ...keywords];
    for (const line of lines.slice(0, -1)) this.#say(`250-${line}`);
    this.#say(`250 ${lines.at(-1)}`);
  }

  #startTls(): void {
    const clear = this.#socket;
    const { certificate, startTlsReply } = this.#options;
    clear.write(startTlsReply ?? "220 2.0.0 Go on\r\n");
    if (certificate === undefined) return;
    clear.removeAllListeners("data");
    const secureContext = createSecureContext({ cert: certificate.chain, key: certificate.key });
    const secured = new TLSSocket(clear, {
      isServer: true,
      secureContext,
      SNICallback: (name, found) => {
        this.#seen.serverNames.push(name);
        found(null, secureContext);
      },
    });
    this.#tls = true;
    this.#listen(secured);
  }
}
