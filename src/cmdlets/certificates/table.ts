import type { Cmdlet } from "../../cmdlet/cmdlet.ts";
import { getAcmeState, updateAcmeCertificate } from "./acme-state.ts";
import { enableExchangeCertificate, removeExchangeCertificate } from "./certificate-cmdlets.ts";
import { getExchangeCertificate } from "./get-certificate.ts";
import { importExchangeCertificate, newExchangeCertificate } from "./new-certificates.ts";
import type { CertificateServices } from "./services.ts";

/** The cmdlets of this room. */
export const CERTIFICATE_CMDLETS: readonly Cmdlet<CertificateServices>[] = [
  getAcmeState,
  updateAcmeCertificate,
  getExchangeCertificate,
  importExchangeCertificate,
  newExchangeCertificate,
  enableExchangeCertificate,
  removeExchangeCertificate,
];
