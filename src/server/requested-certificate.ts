import type { Organization, ReceiveConnector } from "../org/organization.ts";

/**
 * Whether clients of the connector are asked for a certificate: only where one would mean
 * something. Who has none is served as before, but there are clients that break off when asked.
 */
export function requestsCertificate(
  connector: ReceiveConnector,
  { transportConfig }: Organization,
): boolean {
  const { authMechanism, domainSecureEnabled, partnerCertificateNames } = connector;
  return (
    authMechanism.includes("Certificate") ||
    partnerCertificateNames.length > 0 ||
    (authMechanism.includes("ExchangeServer") &&
      transportConfig.exchangeServerCertificateNames.length > 0) ||
    (domainSecureEnabled && transportConfig.tlsReceiveDomainSecureList.length > 0)
  );
}
