import { createHash, type X509Certificate } from "node:crypto";
import type { TLSSocket } from "node:tls";
import { unreachable } from "../base/assert.ts";
import type { ChannelBindingType } from "../base/channel-binding.ts";

/** RFC 9266 §2. */
const EXPORTER_LABEL = "EXPORTER-Channel-Binding";
const EXPORTER_OCTETS = 32;
const NO_CONTEXT = Buffer.alloc(0);

/**
 * Data that ties a logon to the channel, as the server sees it, or `undefined` where this channel
 * has none of that type.
 * - `tls-exporter` (RFC 9266): TLS 1.3 only. Below it needs the extended master secret, and whether
 *   that was negotiated cannot be asked.
 * - `tls-unique` (RFC 5929 §3): TLS 1.2 and older, where alone it is defined.
 * - `tls-server-end-point` (RFC 5929 §4): any version.
 */
export function readChannelBinding(
  socket: TLSSocket,
  type: ChannelBindingType,
): Uint8Array | undefined {
  if (socket.destroyed) return undefined;
  switch (type) {
    case "tls-exporter":
      return exporter(socket);
    case "tls-unique":
      return isTls13(socket) ? undefined : firstFinished(socket);
    case "tls-server-end-point":
      return hashOf(socket.getX509Certificate());
    default:
      return unreachable(type);
  }
}

/**
 * As `readChannelBinding`, as the client sees it, who has been shown that certificate. There is no
 * `tls-unique`: a man in the middle can forge it (RFC 7627 §1).
 */
export function readServerBinding(
  socket: TLSSocket,
  certificate: X509Certificate | undefined,
  type: ChannelBindingType,
): Uint8Array | undefined {
  if (socket.destroyed || type === "tls-unique") return undefined;
  return type === "tls-exporter" ? exporter(socket) : hashOf(certificate);
}

function isTls13(socket: TLSSocket): boolean {
  return socket.getProtocol() === "TLSv1.3";
}

function exporter(socket: TLSSocket): Uint8Array | undefined {
  if (!isTls13(socket)) return undefined;
  return socket.exportKeyingMaterial(EXPORTER_OCTETS, EXPORTER_LABEL, NO_CONTEXT);
}

/** The client's in a full handshake, the server's in one that resumes a session (RFC 5929 §3.1). */
function firstFinished(socket: TLSSocket): Uint8Array | undefined {
  return socket.isSessionReused() ? socket.getFinished() : socket.getPeerFinished();
}

/**
 * The hash that the certificate is signed with, but at least SHA-256. A signature without a hash of
 * its own (Ed25519) gives no such binding (RFC 5929 §4.1).
 */
function hashOf(certificate: X509Certificate | undefined): Uint8Array | undefined {
  const signature = certificate?.signatureAlgorithm?.toLowerCase() ?? "";
  const hash = /sha-?(?:3-)?\d+|md5/.exec(signature)?.[0].replace("-", "");
  if (certificate === undefined || hash === undefined) return undefined;
  const weak = hash === "md5" || hash === "sha1";
  return createHash(weak ? "sha256" : hash)
    .update(certificate.raw)
    .digest();
}
