import type { Organization } from "../../org/organization.ts";
import { type CertificateWish, chooseCertificates } from "../../tls/certificate-choice.ts";
import type { KnownCertificate } from "./services.ts";

/** Who shows which of the certificates now. */
export interface CertificateUse {
  /** `ReceiveConnector Default Frontend`, `SendConnector Internet`, `Admin center` */
  readonly user: string;
  /** Whether it is named there (TlsCertificateName): nothing else is shown then. */
  readonly isPinned: boolean;
  readonly certificates: readonly KnownCertificate[];
}

/** Who shows which certificate, as sessions choose them. */
export function listCertificateUses(
  certificates: readonly KnownCertificate[],
  { receiveConnectors, sendConnectors, server }: Organization,
  nowMs: number,
): readonly CertificateUse[] {
  const use = (user: string, wish: CertificateWish): CertificateUse => ({
    user,
    isPinned: wish.pinned !== undefined,
    certificates: chooseCertificates(certificates, wish, nowMs),
  });
  const incoming = receiveConnectors
    .filter((one) => one.enabled && (one.implicitTlsEnabled || one.authMechanism.includes("Tls")))
    .map(({ name, fqdn, tlsCertificateName: pinned }) =>
      use(`ReceiveConnector ${name}`, { pinned, fqdns: [fqdn, server.fqdn] }),
    );
  const outgoing = sendConnectors.flatMap(
    ({ name, enabled, tlsCertificateName: pinned, domainSecureEnabled, fqdn }) => {
      const fqdns = domainSecureEnabled && fqdn !== undefined ? [fqdn] : [];
      if (!enabled || (pinned === undefined && fqdns.length === 0)) return [];
      return [use(`SendConnector ${name}`, { pinned, fqdns })];
    },
  );
  const { listen } = server.admin;
  const admin = listen && use("Admin center", { pinned: undefined, fqdns: [server.fqdn] });
  return [
    ...incoming,
    ...outgoing,
    ...(admin ? [{ ...admin, certificates: admin.certificates.slice(0, 1) }] : []),
  ];
}
