import { createHash } from "node:crypto";
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
  const isTls13 = socket.getProtocol() === "TLSv1.3";
  switch (type) {
    case "tls-exporter":
      return isTls13
        ? socket.exportKeyingMaterial(EXPORTER_OCTETS, EXPORTER_LABEL, NO_CONTEXT)
        : undefined;
    case "tls-unique":
      return isTls13 ? undefined : firstFinished(socket);
    case "tls-server-end-point":
      return hashOfOwnCertificate(socket);
    default:
      return unreachable(type);
  }
}

/** The client's in a full handshake, the server's in one that resumes a session (RFC 5929 §3.1). */
function firstFinished(socket: TLSSocket): Uint8Array | undefined {
  return socket.isSessionReused() ? socket.getFinished() : socket.getPeerFinished();
}

/**
 * The hash that the certificate is signed with, but at least SHA-256. A signature without a hash of
 * its own (Ed25519) gives no such binding (RFC 5929 §4.1).
 */
function hashOfOwnCertificate(socket: TLSSocket): Uint8Array | undefined {
  const certificate = socket.getX509Certificate();
  const signature = certificate?.signatureAlgorithm?.toLowerCase() ?? "";
  const hash = /sha-?(?:3-)?\d+|md5/.exec(signature)?.[0].replace("-", "");
  if (certificate === undefined || hash === undefined) return undefined;
  const weak = hash === "md5" || hash === "sha1";
  return createHash(weak ? "sha256" : hash)
    .update(certificate.raw)
    .digest();
}
