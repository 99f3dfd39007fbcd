import type { Invocation } from "../../cmdlet/cmdlet.ts";
import { CmdletFault } from "../../cmdlet/cmdlet-fault.ts";
import { requiredParameter } from "../../cmdlet/parameter.ts";
import { line } from "../../org/settings/setting-types.ts";
import { formatSuggestion } from "../../org/suggestion.ts";
import { identityOf } from "./certificate-output.ts";
import type { CertificateServices, KnownCertificate } from "./services.ts";

/** Characters of a file's name or of a thumbprint. */
export const IDENTITY_MAX = 200;

/** `-Identity` of a certificate. */
export const CERTIFICATE_IDENTITY = requiredParameter(
  line({ max: IDENTITY_MAX }),
  "The name of its files, with or without an ending, or its thumbprint.",
  { position: 0, completion: "ExchangeCertificate", pipeline: "property" },
);

/** Whether a certificate is the one that somebody means. */
export function isCertificate(certificate: KnownCertificate, identity: string): boolean {
  const folded = identity.toLowerCase();
  if ([certificate.file, identityOf(certificate)].some((one) => one.toLowerCase() === folded)) {
    return true;
  }
  const digits = (text: string) => text.replaceAll(/[: ]/g, "").toLowerCase();
  return digits(certificate.fingerprint) === digits(identity);
}

/** The certificate that somebody means. @throws CmdletFault */
export function findCertificate(
  { services }: Pick<Invocation<CertificateServices>, "services">,
  identity: string,
): KnownCertificate {
  const all = services.certificates.list();
  const found = all.find((one) => isCertificate(one, identity));
  if (found !== undefined) return found;
  const hint = formatSuggestion(identity, all.map(identityOf));
  const cure = "; Get-ExchangeCertificate lists them";
  const text = `there is no certificate "${identity}"${hint === "" ? cure : hint}`;
  throw new CmdletFault("not-found", text, { parameter: "Identity" });
}
