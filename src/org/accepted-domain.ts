import type { Domain } from "../mail/address.ts";
import type { AcceptedDomain, Organization } from "./organization.ts";

interface Index {
  readonly exact: ReadonlyMap<string, AcceptedDomain>;
  readonly withSubdomains: ReadonlyMap<string, AcceptedDomain>;
}

/** One index for each list ever seen; it goes with its snapshot. */
const indexes = new WeakMap<readonly AcceptedDomain[], Index>();

function indexOf(acceptedDomains: readonly AcceptedDomain[]): Index {
  const known = indexes.get(acceptedDomains);
  if (known !== undefined) return known;
  const exact = new Map<string, AcceptedDomain>();
  const withSubdomains = new Map<string, AcceptedDomain>();
  for (const acceptedDomain of acceptedDomains) {
    exact.set(acceptedDomain.domainName, acceptedDomain);
    if (acceptedDomain.matchSubDomains)
      withSubdomains.set(acceptedDomain.domainName, acceptedDomain);
  }
  const index = { exact, withSubdomains };
  indexes.set(acceptedDomains, index);
  return index;
}

/**
 * The accepted domain that `domain` belongs to (reference §4.1): the one of that very name, else
 * the longest with MatchSubDomains that it lies under. An address literal belongs to none.
 */
export function findAcceptedDomain(
  organization: Pick<Organization, "acceptedDomains">,
  domain: Domain,
): AcceptedDomain | undefined {
  const { exact, withSubdomains } = indexOf(organization.acceptedDomains);
  const found = exact.get(domain);
  if (found !== undefined || withSubdomains.size === 0) return found;
  for (let dot = domain.indexOf("."); dot >= 0; dot = domain.indexOf(".", dot + 1)) {
    const parent = withSubdomains.get(domain.slice(dot + 1));
    if (parent !== undefined) return parent;
  }
  return undefined;
}

/** The default accepted domain, or the first, or `undefined` when there are none. */
export function defaultAcceptedDomain(
  organization: Pick<Organization, "acceptedDomains">,
): AcceptedDomain | undefined {
  const { acceptedDomains } = organization;
  return acceptedDomains.find((acceptedDomain) => acceptedDomain.default) ?? acceptedDomains[0];
}
