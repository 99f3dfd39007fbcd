import { parseDomain } from "../mail/address.ts";
import type { Organization } from "./organization.ts";

/** Who signs what the server itself writes: the external postmaster, or that of our own domain. */
export function postmasterOf({ transportConfig, acceptedDomains, server }: Organization): string {
  const home =
    acceptedDomains.find((domain) => domain.default)?.domainName ?? parseDomain(server.fqdn);
  return transportConfig.externalPostmasterAddress ?? `postmaster@${home ?? server.fqdn}`;
}
