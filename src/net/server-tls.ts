import type { X509Certificate } from "node:crypto";
import type { Socket } from "node:net";
import { type SecureContext, TLSSocket, type TLSSocketOptions } from "node:tls";
import type { SessionTls, TlsFacts } from "../smtp/session-handler.ts";
import { readChannelBinding } from "./channel-binding.ts";
import { readPeerCertificate } from "./peer-certificate.ts";

/**
 * The server's side of TLS on an open socket: after STARTTLS, or from the first byte. Emits
 * `secure` once the handshake is over. `usual` is for clients that name no server.
 */
export function wrapServerSocket(
  socket: Socket,
  tls: SessionTls,
  options: { readonly from: "starttls" | "first-byte"; readonly usual: SecureContext },
): TLSSocket {
  if (options.from === "starttls") {
    // What has been read in clear must not reach the handshake either (RFC 3207 §4.2).
    socket.pause();
    while (socket.read() !== null);
  }
  // Its errors are told by the TLS socket; without a listener they would end the process.
  socket.on("error", () => {});
  const { usual } = options;
  return new TLSSocket(socket, {
    isServer: true,
    secureContext: usual,
    // Who shows a bad certificate, or none, is a stranger like any other: policy decides.
    requestCert: tls.requestsCertificate,
    rejectUnauthorized: false,
    // It stops each handshake half way through, to be asked what there may be no choice about.
    ...(tls.heedsServerName && { SNICallback: chooseByName(tls, usual) }),
  });
}

function chooseByName(tls: SessionTls, usual: SecureContext): TLSSocketOptions["SNICallback"] {
  return (serverName, done) => {
    try {
      const context = tls.secureContext(serverName);
      // Taking up another one costs, and takes only one kind of key from it.
      if (context === usual) done(null);
      else done(null, context);
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)));
    }
  };
}

/** What has been negotiated. */
export function readTlsFacts(socket: TLSSocket, tls: SessionTls): TlsFacts {
  const { standardName, name } = socket.getCipher();
  // Typed as boolean in places, but a string when the client named a server.
  const { servername } = socket as { readonly servername?: unknown };
  // Who has not been asked cannot have shown one.
  const peerCertificate = tls.requestsCertificate ? readPeerCertificate(socket) : undefined;
  return {
    version: socket.getProtocol() ?? "",
    cipher: standardName ?? name,
    serverName: typeof servername === "string" ? servername : undefined,
    ownCertificate: () => describeCertificate(socket.getX509Certificate()),
    ...(peerCertificate && { peerCertificate }),
    channelBinding: (type) => readChannelBinding(socket, type),
  };
}

function describeCertificate(certificate: X509Certificate | undefined): string | undefined {
  if (certificate === undefined) return undefined;
  const { subject, issuer, serialNumber, fingerprint256, validFrom, validTo } = certificate;
  const parts = [subject, issuer, serialNumber, fingerprint256, validFrom, validTo];
  return parts.map((part) => part.replaceAll("\n", " ")).join("; ");
}
