// A process of its own: SMTP clients over STARTTLS, since Postfix's generator speaks no TLS. Prints
// messages (or handshakes) per second, as seen by the clients' last replies.
import { once } from "node:events";
import { connect } from "node:net";
import { connect as connectTls, createSecureContext, type TLSSocket } from "node:tls";
import { SmtpReplies } from "./smtp-replies.ts";

type Mode = "handshakes" | "connection per message" | "persistent";

const [port = "0", sessions = "50", count = "1000", bytes = "4096", mode = "persistent"] =
  process.argv.slice(2);
const LINES = `${"x".repeat(70)}\r\n`.repeat(Math.ceil(Number(bytes) / 72));
const BODY = `Subject: bench\r\n\r\n${LINES}.\r\n`;
// One for all: making it reads every certificate authority. One group of keys, so that all servers
// have the same work: with a choice, each takes the costliest that its OpenSSL knows.
const secureContext = createSecureContext({ minVersion: "TLSv1.3", ecdhCurve: "X25519" });
let left = Number(count);

async function open(): Promise<{ readonly socket: TLSSocket; readonly replies: SmtpReplies }> {
  const clear = connect({ host: "127.0.0.1", port: Number(port), noDelay: true });
  const before = new SmtpReplies(clear);
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
  const replies = new SmtpReplies(socket);
  socket.write("EHLO bench.test\r\n");
  await replies.expect(250);
  return { socket, replies };
}

async function send(socket: TLSSocket, replies: SmtpReplies): Promise<void> {
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
