import type { PermissionGroup, ReceiveConnector, Right } from "../../org/organization.ts";

/** Who a client is on its connector, before it authenticates. */
export type Principal = "AnonymousUsers" | "ExternallySecuredServers";

/** Rights that each principal gets through a permission group (reference §2.6). */
const GROUP_RIGHTS: Readonly<
  Record<Principal, Readonly<Partial<Record<PermissionGroup, readonly Right[]>>>>
> = {
  AnonymousUsers: {
    AnonymousUsers: [
      "ms-Exch-SMTP-Submit",
      "ms-Exch-SMTP-Accept-Any-Sender",
      "ms-Exch-SMTP-Accept-Authoritative-Domain-Sender",
      "ms-Exch-Accept-Headers-Routing",
    ],
  },
  ExternallySecuredServers: {
    ExchangeServers: [
      "ms-Exch-SMTP-Submit",
      "ms-Exch-SMTP-Accept-Any-Recipient",
      "ms-Exch-SMTP-Accept-Any-Sender",
      "ms-Exch-SMTP-Accept-Authoritative-Domain-Sender",
      "ms-Exch-Bypass-Message-Size-Limit",
      "ms-Exch-Accept-Headers-Routing",
    ],
  },
};

/** Names under which `extendedRights` may grant a right to a principal, in lower case. */
const PRINCIPAL_NAMES: Readonly<Record<Principal, readonly string[]>> = {
  AnonymousUsers: ["anonymoususers", "nt authority\\anonymous logon"],
  ExternallySecuredServers: [
    "exchangeservers",
    "externallysecuredservers",
    "ms exchange\\externally secured servers",
  ],
};

/** The principal of a client that has not authenticated: a secured network vouches for its own. */
export function principalOf(connector: ReceiveConnector): Principal {
  return connector.authMechanism.includes("ExternalAuthoritative")
    ? "ExternallySecuredServers"
    : "AnonymousUsers";
}

/** What the principal may do on the connector: by its groups, and what is granted besides. */
export function rightsOf(connector: ReceiveConnector, principal: Principal): ReadonlySet<Right> {
  const rights = new Set<Right>();
  for (const group of connector.permissionGroups) {
    for (const right of GROUP_RIGHTS[principal][group] ?? []) rights.add(right);
  }
  for (const [name, granted] of Object.entries(connector.extendedRights)) {
    if (!PRINCIPAL_NAMES[principal].includes(name.toLowerCase())) continue;
    for (const right of granted) rights.add(right);
  }
  return rights;
}
