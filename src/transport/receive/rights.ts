import { type Address, addressKey, type Domain, domainOf } from "../../mail/address.ts";
import type {
  Mailbox,
  Organization,
  PermissionGroup,
  ReceiveConnector,
  Right,
  TransportConfig,
} from "../../org/organization.ts";
import type { PeerCertificateFacts } from "../../smtp/session-handler.ts";
import { isCertificateNamed } from "../../tls/distinguished-name.ts";

/** Who a client is on its connector (reference §2.6). */
export type Principal =
  | "AnonymousUsers"
  /** Has logged on. */
  | "ExchangeUsers"
  /** One of our own servers, by its certificate. */
  | "ExchangeServers"
  /** Comes by a network that is secure by itself. */
  | "ExternallySecuredServers"
  | "Partners";

/** What is known of a client besides its addresses. */
export interface ClientIdentity {
  /** The mailbox whose user has logged on. */
  readonly mailbox: Mailbox | undefined;
  readonly certificate: PeerCertificateFacts | undefined;
}

const FROM_ANYBODY = [
  "ms-Exch-SMTP-Submit",
  "ms-Exch-SMTP-Accept-Any-Sender",
  "ms-Exch-SMTP-Accept-Authoritative-Domain-Sender",
  "ms-Exch-Accept-Headers-Routing",
] as const satisfies readonly Right[];
const FROM_TRUSTED = [
  ...FROM_ANYBODY,
  "ms-Exch-SMTP-Accept-Any-Recipient",
  "ms-Exch-SMTP-Accept-Authentication-Flag",
  "ms-Exch-Bypass-Anti-Spam",
  "ms-Exch-Bypass-Message-Size-Limit",
] as const satisfies readonly Right[];

/** Rights that each principal gets through a permission group (reference §2.6). */
const GROUP_RIGHTS: Readonly<
  Record<Principal, Readonly<Partial<Record<PermissionGroup, readonly Right[]>>>>
> = {
  AnonymousUsers: { AnonymousUsers: FROM_ANYBODY },
  ExchangeUsers: {
    ExchangeUsers: [
      "ms-Exch-SMTP-Submit",
      "ms-Exch-SMTP-Accept-Any-Recipient",
      "ms-Exch-Bypass-Anti-Spam",
      "ms-Exch-Accept-Headers-Routing",
    ],
  },
  ExchangeServers: {
    ExchangeServers: [
      ...FROM_TRUSTED,
      "ms-Exch-Accept-Headers-Organization",
      "ms-Exch-Accept-Headers-Forest",
    ],
    // Exchange has a group in Active Directory for servers of old. Ours are the same servers,
    // trusted but for what they say in organization headers.
    ExchangeLegacyServers: FROM_TRUSTED,
  },
  ExternallySecuredServers: { ExchangeServers: FROM_TRUSTED },
  Partners: { Partners: ["ms-Exch-SMTP-Submit", "ms-Exch-Accept-Headers-Routing"] },
};

/** Names under which `extendedRights` grants a right to a principal. */
const PRINCIPAL_NAMES: Readonly<Record<Principal, readonly PermissionGroup[]>> = {
  AnonymousUsers: ["AnonymousUsers"],
  ExchangeUsers: ["ExchangeUsers"],
  ExchangeServers: ["ExchangeServers", "ExchangeLegacyServers"],
  ExternallySecuredServers: ["ExchangeServers"],
  Partners: ["Partners"],
};

/** What of the organization decides who a client is. */
export type PrincipalRules = Pick<
  TransportConfig,
  "exchangeServerCertificateNames" | "tlsReceiveDomainSecureList"
>;

/**
 * Who the client is: whoever has logged on is a user, whatever his channel; then certificates
 * count, where the connector gives their bearers a right at all; then the network.
 */
export function principalOf(
  connector: ReceiveConnector,
  client: ClientIdentity,
  rules: PrincipalRules,
): Principal {
  if (client.mailbox !== undefined) return "ExchangeUsers";
  if (isOwnServer(connector, client, rules)) return "ExchangeServers";
  if (connector.authMechanism.includes("ExternalAuthoritative")) return "ExternallySecuredServers";
  return isPartner(connector, client, rules) ? "Partners" : "AnonymousUsers";
}

function isOwnServer(
  connector: ReceiveConnector,
  { certificate }: ClientIdentity,
  { exchangeServerCertificateNames: names }: PrincipalRules,
): boolean {
  return (
    // The name alone proves nothing: anybody can write it into a certificate of his own.
    certificate?.verified === true &&
    connector.authMechanism.includes("ExchangeServer") &&
    !connector.suppressXAnonymousTls &&
    isKnown(connector, "ExchangeServers") &&
    names.some((name) => isCertificateNamed(name, certificate))
  );
}

function isPartner(
  connector: ReceiveConnector,
  { certificate }: ClientIdentity,
  { tlsReceiveDomainSecureList: domains }: PrincipalRules,
): boolean {
  if (certificate?.verified !== true || !isKnown(connector, "Partners")) return false;
  const { partnerCertificateNames, domainSecureEnabled } = connector;
  return (
    partnerCertificateNames.some((name) => isCertificateNamed(name, certificate)) ||
    (domainSecureEnabled && domains.some((domain) => bearsDomain(certificate, domain)))
  );
}

/** Whether the connector gives the principal any right: otherwise it is no better than anybody. */
function isKnown(connector: ReceiveConnector, principal: Principal): boolean {
  return rightsOf(connector, principal, undefined).size > 0;
}

/**
 * Whether a verified certificate is one of that domain: by its very name or by a wildcard for one
 * label (RFC 6125 §6.4.3). A host's certificate says nothing about the domain above it.
 */
export function bearsDomain(
  certificate: PeerCertificateFacts | undefined,
  domain: Domain,
): boolean {
  if (certificate?.verified !== true) return false;
  const wildcard = `*${domain.slice(domain.indexOf("."))}`;
  return certificate.dnsNames.some(
    (name) => name === domain || (domain.includes(".") && name === wildcard),
  );
}

/** Domain Security: a listed domain's mail comes with its certificate, or not at all. */
export function isDomainProved(
  on: { readonly connector: ReceiveConnector; readonly organization: Organization },
  certificate: PeerCertificateFacts | undefined,
  sender: Address | "",
): boolean {
  if (!on.connector.domainSecureEnabled || sender === "") return true;
  const domain = domainOf(sender);
  const listed = on.organization.transportConfig.tlsReceiveDomainSecureList.includes(domain);
  return !listed || bearsDomain(certificate, domain);
}

/**
 * Whether clients of the connector are asked for a certificate: only where one would mean
 * something. Who has none is served as before, but there are clients that break off when asked.
 */
export function requestsCertificate(connector: ReceiveConnector, rules: PrincipalRules): boolean {
  const { authMechanism, partnerCertificateNames, domainSecureEnabled } = connector;
  return (
    authMechanism.includes("Certificate") ||
    partnerCertificateNames.length > 0 ||
    (domainSecureEnabled && rules.tlsReceiveDomainSecureList.length > 0) ||
    (authMechanism.includes("ExchangeServer") &&
      !connector.suppressXAnonymousTls &&
      rules.exchangeServerCertificateNames.length > 0)
  );
}

/** A right and where it comes from. */
export interface Grant {
  readonly right: Right;
  /** `permissionGroups AnonymousUsers`, `extendedRights alice@contoso.test` */
  readonly source: string;
}

/** What the principal may do on the connector: by its groups, and what is granted besides. */
export function rightsOf(
  connector: ReceiveConnector,
  principal: Principal,
  mailbox: Mailbox | undefined,
): ReadonlySet<Right> {
  return new Set(grantsOf(connector, principal, mailbox).map(({ right }) => right));
}

/** As `rightsOf`, each right with where it comes from; one that comes twice is there twice. */
export function grantsOf(
  connector: ReceiveConnector,
  principal: Principal,
  mailbox: Mailbox | undefined,
): readonly Grant[] {
  const grants: Grant[] = [];
  for (const group of connector.permissionGroups) {
    const source = `permissionGroups ${group}`;
    for (const right of GROUP_RIGHTS[principal][group] ?? []) grants.push({ right, source });
  }
  const names: string[] = [...PRINCIPAL_NAMES[principal]];
  if (mailbox !== undefined) {
    for (const address of [mailbox.primarySmtpAddress, ...mailbox.emailAddresses]) {
      names.push(addressKey(address));
    }
  }
  for (const [name, granted] of Object.entries(connector.extendedRights)) {
    if (!names.includes(name)) continue;
    for (const right of granted) grants.push({ right, source: `extendedRights ${name}` });
  }
  return grants;
}

/**
 * Whether anybody could submit mail after logging on there: where nobody can, a logon is not
 * offered, for it would only serve to guess passwords.
 */
export function admitsUsers(connector: ReceiveConnector): boolean {
  const granted = Object.entries(connector.extendedRights);
  return (
    connector.permissionGroups.includes("ExchangeUsers") ||
    granted.some(
      ([name, rights]) =>
        (name === "ExchangeUsers" || name.includes("@")) && rights.includes("ms-Exch-SMTP-Submit"),
    )
  );
}
