import type { Organization, ReceiveConnector } from "../org/organization.ts";
import { type CertificateStore, formatCertificateName } from "../tls/certificate-store.ts";

/** Connectors that are to have TLS and have no certificate for it, in words. */
export function findMissingCertificates(
  organization: Organization,
  certificates: CertificateStore,
): readonly string[] {
  const { receiveConnectors, sendConnectors, server } = organization;
  const how = { serverFqdn: server.fqdn, requestsCertificate: false };
  const incoming = receiveConnectors
    .filter((connector) => connector.enabled && hasTls(connector))
    .filter((connector) => certificates.sessionTls(connector, how) === undefined)
    .map(({ name, fqdn, tlsCertificateName: pinned }) => {
      const wanted = pinned === undefined ? fqdn : formatCertificateName(pinned);
      return `receive connector "${name}" offers no TLS: no valid certificate is ${wanted}`;
    });
  const outgoing = sendConnectors.flatMap(({ name, enabled, ...connector }) => {
    const { tlsCertificateName: certificateName, tlsProfile: profile } = connector;
    const fqdn = connector.domainSecureEnabled ? connector.fqdn : undefined;
    if (!enabled) return [];
    const context = certificates.clientContext({ certificateName, fqdn, profile });
    return context.ok ? [] : [`send connector "${name}" shows no certificate: ${context.fault}`];
  });
  return [...incoming, ...outgoing];
}

function hasTls(connector: ReceiveConnector): boolean {
  return connector.implicitTlsEnabled || connector.authMechanism.includes("Tls");
}
