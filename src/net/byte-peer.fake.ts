import { createServer, type Server, type Socket } from "node:net";

/** What a test's server says on one connection. */
export interface ByteTalk {
  /** Everything that has come so far. */
  received(): Buffer;
  /** Resolves once what has come fits; never, when it does not. */
  until(isFit: (received: Buffer) => boolean): Promise<void>;
  say(bytes: Uint8Array | string): void;
  /** Says it in pieces of one byte each. */
  dribble(bytes: Uint8Array | string): void;
  hangUp(): void;
}

/** A server for tests that knows no protocol: a function speaks for it on every connection. */
export class BytePeer {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  connections = 0;

  constructor(serve: (talk: ByteTalk, connection: number) => Promise<void> | void) {
    this.#server = createServer({ noDelay: true }, (socket) => {
      this.connections += 1;
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
      void serve(talkOver(socket), this.connections);
    });
  }

  /** On a free port of the loopback address, or at a path. */
  listen(path?: string): Promise<void> {
    return new Promise((resolve) => {
      if (path !== undefined) this.#server.listen(path, resolve);
      else this.#server.listen(0, "127.0.0.1", resolve);
    });
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}

function talkOver(socket: Socket): ByteTalk {
  let received = Buffer.alloc(0);
  let waiting: (() => void)[] = [];
  socket.on("error", () => socket.destroy());
  socket.on("data", (bytes) => {
    received = Buffer.concat([received, bytes]);
    const woken = waiting;
    waiting = [];
    for (const wake of woken) wake();
  });
  return {
    received: () => received,
    until: async (isFit) => {
      while (!isFit(received)) {
        await new Promise<void>((resolve) => {
          waiting.push(resolve);
        });
      }
    },
    say: (bytes) => void socket.write(bytes),
    dribble: (bytes) => {
      for (const byte of Buffer.from(bytes)) socket.write(Uint8Array.of(byte));
    },
    hangUp: () => void socket.end(),
  };
}
