import type { AuthMechanism, ReceiveConnector } from "../org/organization.ts";
import { MECHANISM_NAMES, type MechanismName } from "../sasl/mechanism.ts";

/** What an offer depends on besides the connector. */
interface OfferPlace {
  readonly encrypted: boolean;
  /** Kerberos can be spoken: there is a keytab. */
  readonly hasKerberos: boolean;
}

/** The SASL mechanisms that a connector offers, strongest first (reference §2.5). */
export function offeredMechanisms(
  connector: Pick<ReceiveConnector, "authMechanism" | "enableAuthGSSAPI">,
  place: OfferPlace,
): readonly MechanismName[] {
  return MECHANISM_NAMES.filter((name) => isOffered(name, connector, place));
}

function isOffered(
  name: MechanismName,
  { authMechanism, enableAuthGSSAPI }: Pick<ReceiveConnector, "authMechanism" | "enableAuthGSSAPI">,
  { encrypted, hasKerberos }: OfferPlace,
): boolean {
  const has = (mechanism: AuthMechanism): boolean => authMechanism.includes(mechanism);
  switch (name) {
    case "EXTERNAL":
      return encrypted && has("Certificate");
    case "GSSAPI":
      return has("Integrated") && enableAuthGSSAPI && hasKerberos;
    case "NTLM":
      return has("Integrated");
    case "OAUTHBEARER":
    case "XOAUTH2":
      // A token is the password of whoever sees it (RFC 6750 §5.3).
      return encrypted && has("OAuth");
    case "SCRAM-SHA-256-PLUS":
    case "SCRAM-SHA-1-PLUS":
      return encrypted && has("BasicAuth");
    case "SCRAM-SHA-256":
    case "SCRAM-SHA-1":
      return has("BasicAuth");
    case "PLAIN":
    case "LOGIN":
      return has("BasicAuth") && (encrypted || !has("BasicAuthRequireTLS"));
  }
}
