import { type Address, addressKey, parseAddress } from "../mail/address.ts";
import type { MailboxCredentials } from "../org/credential-directory.ts";
import type { PeerCertificateFacts } from "../smtp/session-handler.ts";
import { isCertificateNamed } from "../tls/distinguished-name.ts";

/** Addresses of one certificate that are looked up; people have few. */
const ADDRESSES_MAX = 8;

/** The addresses that a valid certificate is for (rfc822Name, RFC 5280 §4.2.1.6). */
export function certificateAddresses(certificate: PeerCertificateFacts): readonly Address[] {
  if (!certificate.verified) return [];
  const addresses = certificate.emailAddresses.slice(0, ADDRESSES_MAX);
  return addresses.flatMap((text) => parseAddress(text, { smtpUtf8: true }) ?? []);
}

/**
 * Whether a certificate logs on as that mailbox: it is for one of its addresses, has one of its
 * certificateNames, or one of its certificateFingerprints. Names and addresses are the word of the
 * authority that signed it, so it must be valid; a fingerprint is the certificate itself, which may
 * be self-signed or have expired.
 */
export function isCertificateOf(
  certificate: PeerCertificateFacts,
  { mailbox, secrets }: MailboxCredentials,
): boolean {
  if (secrets.certificateFingerprints.includes(certificate.fingerprint)) return true;
  if (!certificate.verified) return false;
  const own = addressKeys(mailbox);
  return (
    certificateAddresses(certificate).some((address) => own.has(addressKey(address))) ||
    secrets.certificateNames.some((name) => isCertificateNamed(name, certificate))
  );
}

/** All addresses of a mailbox in the form in which they are compared. */
export function addressKeys(mailbox: MailboxCredentials["mailbox"]): ReadonlySet<string> {
  return new Set([mailbox.primarySmtpAddress, ...mailbox.emailAddresses].map(addressKey));
}
