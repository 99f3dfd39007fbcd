// A process of its own: SMTP clients over STARTTLS, since Postfix's generator speaks no TLS. Prints
// messages (or handshakes) per second, as seen by the clients' last replies.
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { connect as connectTls, createSecureContext, type TLSSocket } from "node:tls";

type Mode = "handshakes" | "connection per message" | "persistent";

const [port = "0", sessions = "50", count = "1000", bytes = "4096", mode = "persistent"] =
  process.argv.slice(2);
const LINES = `${"x".repeat(70)}\r\n`.repeat(Math.ceil(Number(bytes) / 72));
const BODY = `Subject: bench\r\n\r\n${LINES}.\r\n`;
// One for all: making it reads every certificate authority. One group of keys, so that all servers
// have the same work: with a choice, each takes the costliest that its OpenSSL knows.
const secureContext = createSecureContext({ minVersion: "TLSv1.3", ecdhCurve: "X25519" });
let left = Number(count);

/** Replies of one connection, one at a time. */
class Replies {
  #text = "";
  #wake: (() => void) | undefined;
  #failed: Error | undefined;

  attach(socket: Socket): void {
    socket.on("data", (data: Buffer) => {
      this.#text += data.toString("latin1");
      this.#wake?.();
    });
    const fail = (error?: Error) => {
      this.#failed = error ?? new Error("connection closed");
      this.#wake?.();
    };
    socket.on("error", fail).on("close", () => fail());
  }

  async expect(code: number): Promise<void> {
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
}

async function open(): Promise<{ readonly socket: TLSSocket; readonly replies: Replies }> {
  const clear = connect({ host: "127.0.0.1", port: Number(port), noDelay: true });
  const before = new Replies();
  before.attach(clear);
  await before.expect(220);
  clear.write("EHLO bench.test\r\n");
  await before.expect(250);
  clear.write("STARTTLS\r\n");
  await before.expect(220);
  clear.removeAllListeners();
  clear.on("error", () => {});
  const socket = connectTls({
    socket: clear,
    rejectUnauthorized: false,
    secureContext,
    servername: "mail.contoso.test",
  });
  await once(socket, "secureConnect");
  const replies = new Replies();
  replies.attach(socket);
  socket.write("EHLO bench.test\r\n");
  await replies.expect(250);
  return { socket, replies };
}

async function send(socket: TLSSocket, replies: Replies): Promise<void> {
  for (const [line, code] of [
    ["MAIL FROM:<sender@bench.test>\r\n", 250],
    ["RCPT TO:<recipient@dest.test>\r\n", 250],
    ["DATA\r\n", 354],
    [BODY, 250],
  ] as const) {
    socket.write(line);
    await replies.expect(code);
  }
}

async function work(kind: Mode): Promise<void> {
  while (left > 0) {
    const { socket, replies } = await open();
    do {
      left -= 1;
      if (left < 0) break;
      if (kind !== "handshakes") await send(socket, replies);
    } while (kind === "persistent");
    socket.on("error", () => {});
    socket.end("QUIT\r\n");
  }
}

const startedMs = performance.now();
await Promise.all(Array.from({ length: Number(sessions) }, () => work(mode as Mode)));
console.log((Number(count) * 1000) / (performance.now() - startedMs));
process.exit(0);
