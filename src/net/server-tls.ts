import type { Socket } from "node:net";
import { type SecureContext, TLSSocket } from "node:tls";
import type { TlsFacts } from "../smtp/session-handler.ts";

/** Gives a listener its certificates; asked anew for each handshake, so that renewals take hold. */
export interface ServerTls {
  /** The context for the name that the client asked for, `undefined` when it asked for none. */
  secureContext(serverName: string | undefined): SecureContext;
}

/** The server's side of TLS on an open socket. Emits `secure` once the handshake is over. */
export function wrapServerSocket(socket: Socket, tls: ServerTls): TLSSocket {
  // What has been read in clear must not reach the handshake either (RFC 3207 §4.2).
  socket.pause();
  while (socket.read() !== null);
  // Its errors are told by the TLS socket; without a listener they would end the process.
  socket.on("error", () => {});
  return new TLSSocket(socket, {
    isServer: true,
    secureContext: tls.secureContext(undefined),
    SNICallback(serverName, done) {
      try {
        done(null, tls.secureContext(serverName));
      } catch (error) {
        done(error instanceof Error ? error : new Error(String(error)));
      }
    },
  });
}

/** What has been negotiated. */
export function readTlsFacts(socket: TLSSocket): TlsFacts {
  const { standardName, name } = socket.getCipher();
  // Typed as boolean in places, but a string when the client named a server.
  const { servername } = socket as { readonly servername?: unknown };
  return {
    version: socket.getProtocol() ?? "",
    cipher: standardName ?? name,
    serverName: typeof servername === "string" ? servername : undefined,
  };
}
