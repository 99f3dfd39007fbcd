import { type Address, type Domain, parseAddress } from "../mail/address.ts";
import { findAcceptedDomain } from "../org/accepted-domain.ts";
import type { AcceptedDomain, ReceiveConnector } from "../org/organization.ts";
import { parseDomainName } from "../org/settings/setting-types.ts";

/** What names without a domain are completed with. */
export interface NameContext {
  readonly acceptedDomains: readonly AcceptedDomain[];
  readonly defaultDomain: Domain | undefined;
}

/** A name longer than every address, its domain in front of it included, is nobody's. */
const NAME_CHARACTERS_MAX = 512;
/** NetBIOS or DNS name of a Windows domain before the backslash. */
const WINDOWS_DOMAIN = /^[\w.-]{1,255}$/;
/** Names of Kerberos that RFC 1964 §2.1.1 escapes, or that belong to services and hosts. */
const NO_PERSON = /[\\/@\s]/;

/** The connector's DefaultDomain, else the default accepted domain (reference §2.4). */
export function nameContextOf(
  acceptedDomains: readonly AcceptedDomain[],
  connector: Pick<ReceiveConnector, "defaultDomain">,
): NameContext {
  const initial = acceptedDomains.find((domain) => domain.default)?.domainName;
  return { acceptedDomains, defaultDomain: connector.defaultDomain ?? initial };
}

/**
 * The address that a user name means: any address of the mailbox, `alice` in the default domain, or
 * `DOMAIN\alice` in the accepted domain that DOMAIN is, or is the first label of, else in the
 * default domain. `undefined`: nobody can have that name.
 */
export function resolveUserName(name: string, context: NameContext): Address | undefined {
  if (name.length > NAME_CHARACTERS_MAX) return undefined;
  const slash = name.indexOf("\\");
  // A backslash in a quoted local part is no separator.
  if (slash >= 0 && !name.startsWith('"')) {
    const user = name.slice(slash + 1);
    return user.includes("\\") ? undefined : resolveDomainUser(user, name.slice(0, slash), context);
  }
  if (name.includes("@")) return parseAddress(name, { smtpUtf8: true });
  return complete(name, context.defaultDomain);
}

/**
 * As `resolveUserName`, with a Windows domain that came apart from the name (NTLM). A name with a
 * domain of its own is taken at its word.
 */
export function resolveDomainUser(
  name: string,
  windowsDomain: string,
  context: NameContext,
): Address | undefined {
  if (windowsDomain === "" || name.includes("@") || name.includes("\\")) {
    return resolveUserName(name, context);
  }
  if (!WINDOWS_DOMAIN.test(windowsDomain)) return undefined;
  return complete(name, domainNamed(windowsDomain, context) ?? context.defaultDomain);
}

/**
 * The address that a Kerberos principal means: `alice@CONTOSO.TEST` is alice@contoso.test. The
 * realm must be an accepted domain in upper case, letter for letter: realms are told apart by case
 * (RFC 4120 §6.1), and another realm that we trust may have an alice of its own. Principals of
 * services and hosts, which have a slash, are nobody.
 */
export function resolvePrincipal(
  name: string,
  realm: string,
  context: Pick<NameContext, "acceptedDomains">,
): Address | undefined {
  if (NO_PERSON.test(name) || name.length > NAME_CHARACTERS_MAX) return undefined;
  if (realm !== realm.toUpperCase()) return undefined;
  const domain = parseDomainName(realm);
  if (typeof domain !== "string" || findAcceptedDomain(context, domain) === undefined) {
    return undefined;
  }
  return complete(name, domain);
}

function domainNamed(windowsDomain: string, context: NameContext): Domain | undefined {
  const folded = windowsDomain.toLowerCase();
  const names = context.acceptedDomains.map(({ domainName }) => domainName);
  const exact = names.find((name) => name === folded);
  if (exact !== undefined) return exact;
  const labelled = names.filter((name) => name.slice(0, name.indexOf(".")) === folded);
  // Two domains with the same first label: neither is meant more than the other.
  return labelled.length === 1 ? labelled[0] : undefined;
}

function complete(local: string, domain: Domain | undefined): Address | undefined {
  if (domain === undefined || local === "") return undefined;
  return parseAddress(`${local}@${domain}`, { smtpUtf8: true });
}
