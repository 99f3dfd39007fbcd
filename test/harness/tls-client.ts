import type { X509Certificate } from "node:crypto";
import { connect as connectClear, type Socket } from "node:net";
import { type ConnectionOptions, connect, type TLSSocket } from "node:tls";

/** How to begin TLS with a server on 127.0.0.1. */
export interface TlsProbe extends Pick<ConnectionOptions, "ca" | "servername" | "cert" | "key"> {
  /** From the first byte; otherwise after STARTTLS. */
  readonly implicit?: boolean;
}

/** What a handshake came to. */
export interface ShownCertificate {
  readonly certificate: X509Certificate;
  /** Its chain leads to `ca`, and it bears `servername`. */
  readonly authorized: boolean;
  readonly version: string | null;
}

/** The certificate that the server shows; `undefined` when there is no TLS to be had. */
export async function shownCertificate(
  port: number,
  probe: TlsProbe,
): Promise<ShownCertificate | undefined> {
  const { implicit, ...options } = probe;
  const clear = connectClear({ port, host: "127.0.0.1" });
  clear.on("error", () => clear.destroy());
  try {
    if (implicit !== true) await startTls(clear);
    return await handshake(clear, options);
  } catch {
    return undefined;
  } finally {
    clear.destroy();
  }
}

/** Speaks SMTP up to the 220 that asks for the handshake; throws where STARTTLS is not offered. */
async function startTls(socket: Socket): Promise<void> {
  await answer(socket, /^220 .*\r\n/m);
  socket.write("EHLO probe.test\r\n");
  const offers = await answer(socket, /^250 .*\r\n/m);
  if (!/^250[ -]STARTTLS\r$/m.test(offers)) throw new Error(`no STARTTLS: ${offers}`);
  socket.write("STARTTLS\r\n");
  await answer(socket, /^220 .*\r\n/m);
}

function answer(socket: Socket, end: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const take = (bytes: Buffer) => {
      text += bytes.toString("latin1");
      if (!end.test(text)) return;
      socket.off("data", take);
      resolve(text);
    };
    socket.on("data", take);
    socket.once("close", () => reject(new Error(`closed after ${text}`)));
  });
}

function handshake(
  socket: Socket,
  options: ConnectionOptions,
): Promise<ShownCertificate | undefined> {
  return new Promise((resolve, reject) => {
    const secure: TLSSocket = connect({ ...options, socket, rejectUnauthorized: false }, () => {
      const certificate = secure.getPeerX509Certificate();
      const { authorized } = secure;
      resolve(certificate && { certificate, authorized, version: secure.getProtocol() });
    });
    secure.on("error", reject);
  });
}
