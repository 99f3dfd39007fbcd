import { createServer, type Socket } from "node:net";
import { createSecureContext, TLSSocket } from "node:tls";
import { later, type Scope } from "../harness/scope.ts";

/** A server for mail that shows what it is told to. */
export interface TlsPeerOptions {
  readonly host: string;
  readonly port: number;
  /** Its certificate and what follows it, PEM, with its key; none: STARTTLS is not offered. */
  readonly certificate?: { readonly chain: string; readonly key: string } | undefined;
  /** Further keywords of EHLO under TLS. */
  readonly offersUnderTls?: readonly string[];
  /** In place of the reply to STARTTLS. */
  readonly startTlsReply?: string;
}

/** What such a server has seen. */
export interface TlsPeer {
  /** Each message by its MAIL and RCPT lines, and whether it came under TLS. */
  readonly messages: readonly { readonly lines: readonly string[]; readonly tls: boolean }[];
  /** Names that clients asked for (SNI). */
  readonly serverNames: readonly string[];
  /** Every command that came, in clear or not. */
  readonly lines: readonly string[];
  connectionCount: number;
}

interface State {
  socket: Socket;
  tls: boolean;
  input: string;
  isContent: boolean;
  envelope: string[];
}

/** Starts it; ends with the test. */
export async function startTlsPeer(t: Scope, options: TlsPeerOptions): Promise<TlsPeer> {
  const messages: TlsPeer["messages"][number][] = [];
  const serverNames: string[] = [];
  const lines: string[] = [];
  const peer: TlsPeer = { messages, serverNames, lines, connectionCount: 0 };
  const sockets = new Set<Socket>();
  const server = createServer((clear) => {
    peer.connectionCount += 1;
    sockets.add(clear);
    clear.on("close", () => sockets.delete(clear));
    const state: State = { socket: clear, tls: false, input: "", isContent: false, envelope: [] };
    listen(clear);
    clear.write("220 peer.test ESMTP\r\n");

    function listen(socket: Socket): void {
      state.socket = socket;
      state.input = "";
      socket.on("error", () => socket.destroy());
      socket.on("data", (bytes: Buffer) => {
        state.input += bytes.toString("latin1");
        for (;;) {
          const end = state.input.indexOf("\r\n");
          if (end < 0 || state.socket !== socket) return;
          const line = state.input.slice(0, end);
          state.input = state.input.slice(end + 2);
          take(line);
        }
      });
    }

    function take(line: string): void {
      if (state.isContent) {
        if (line !== ".") return;
        state.isContent = false;
        messages.push({ lines: state.envelope, tls: state.tls });
        state.envelope = [];
        state.socket.write("250 2.0.0 Taken\r\n");
        return;
      }
      lines.push(line);
      const verb = line.split(/[ :]/, 1)[0]?.toUpperCase();
      if (verb === "MAIL" || verb === "RCPT") state.envelope.push(line);
      if (verb === "DATA") state.isContent = true;
      if (verb === "STARTTLS") {
        startTls();
        return;
      }
      state.socket.write(`${replyTo(verb)}\r\n`);
      if (verb === "QUIT") state.socket.end();
    }

    function replyTo(verb: string | undefined): string {
      if (verb === "DATA") return "354 Go on";
      if (verb !== "EHLO") return verb === "QUIT" ? "221 2.0.0 Bye" : "250 2.0.0 OK";
      const canStart = options.certificate !== undefined && !state.tls ? ["STARTTLS"] : [];
      const offers = [...canStart, ...(state.tls ? (options.offersUnderTls ?? []) : [])];
      const all = ["peer.test", "ENHANCEDSTATUSCODES", ...offers];
      return all.map((word, at) => `250${at < all.length - 1 ? "-" : " "}${word}`).join("\r\n");
    }

    function startTls(): void {
      const { certificate } = options;
      clear.write(options.startTlsReply ?? "220 2.0.0 Go on\r\n");
      if (certificate === undefined) return;
      clear.removeAllListeners("data");
      const secureContext = createSecureContext({ cert: certificate.chain, key: certificate.key });
      const secured = new TLSSocket(clear, {
        isServer: true,
        secureContext,
        SNICallback(name, found) {
          serverNames.push(name);
          found(null, secureContext);
        },
      });
      state.tls = true;
      state.envelope = [];
      listen(secured);
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, options.host, resolve);
  });
  later(t, async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });
  return peer;
}
