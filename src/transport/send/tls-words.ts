import type { TlsFacts } from "../../smtp/session-handler.ts";
import type { HopTls } from "./hop-tls.ts";

/** Version, cipher, certificate and policy of a connection, for logs. */
export function describeTls(facts: TlsFacts, tls?: HopTls): string {
  const { version, cipher, peerCertificate } = facts;
  const policy = tls === undefined ? "" : `, ${tls.decision.label}`;
  const name = peerCertificate?.subject.slice(0, SUBJECT_CHARACTERS_MAX);
  const subject = name === undefined ? "" : `, certificate ${name}`;
  return `${version} ${cipher}${subject}${policy}`;
}

/** Whoever made the certificate says how long its subject is: tens of kilobytes fit into one. */
export const SUBJECT_CHARACTERS_MAX = 256;
