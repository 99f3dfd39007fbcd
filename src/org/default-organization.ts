import { type Domain, parseDomain } from "../mail/address.ts";
import type { ConfigJson } from "./config-value.ts";
import type { ConfigurationObject } from "./configuration.ts";
import { NAME_CHARACTERS_MAX } from "./settings/setting-types.ts";

/** What the machine says of itself, for what depends on it. */
export interface DefaultsContext {
  /** server.fqdn */
  readonly fqdn: string;
  /** Whether it has IPv6 at all: a listener on [::] cannot be opened elsewhere. */
  readonly ipv6: boolean;
}

const LOGON = ["Tls", "BasicAuth", "BasicAuthRequireTLS", "Integrated"] as const;

/**
 * The connectors of a server that has none configured (reference §2.1), as the store has them.
 * Exchange has three more, on ports 717, 2525 and 465, by which the Frontend Transport service
 * speaks with the Transport service: here both are one process and nothing lies between them. In
 * place of the one on 465, users' programs find TLS from the first byte there, as RFC 8314 §7.3
 * gives that port to them.
 */
export function defaultReceiveConnectors({
  fqdn,
  ipv6,
}: DefaultsContext): readonly ConfigurationObject[] {
  const [server = fqdn] = fqdn.split(".");
  const connector = (
    title: string,
    port: number,
    properties: Readonly<Record<string, ConfigJson>>,
  ): ConfigurationObject => {
    const name = `${title} ${server}`.slice(0, NAME_CHARACTERS_MAX);
    const bindings = [`0.0.0.0:${port}`, ...(ipv6 ? [`[::]:${port}`] : [])];
    return { kind: "receiveConnector", name, properties: { name, bindings, ...properties } };
  };
  const client = {
    authMechanism: [...LOGON],
    permissionGroups: ["ExchangeUsers"],
    messageRateLimit: "5",
    messageRateSource: "User",
  };
  return [
    connector("Default Frontend", 25, {
      authMechanism: [...LOGON, "ExchangeServer"],
      permissionGroups: ["AnonymousUsers", "ExchangeLegacyServers", "ExchangeServers"],
    }),
    connector("Client Frontend", 587, client),
    connector("Client Implicit TLS", 465, { ...client, implicitTlsEnabled: "true" }),
  ];
}

/**
 * The organization of a server that starts on nothing: its own name, the domain of that name, and
 * the default connectors.
 */
export function defaultOrganization(
  context: Omit<DefaultsContext, "fqdn"> & { readonly hostName: string },
): {
  readonly objects: readonly ConfigurationObject[];
  readonly fqdn: Domain;
  readonly domain: Domain;
} {
  // "localhost" is a domain name: the brand's promise holds.
  const fqdn = parseDomain(context.hostName) ?? ("localhost" as Domain);
  const domain = domainOfHost(fqdn);
  return {
    fqdn,
    domain,
    objects: [
      { kind: "server", name: "", properties: { fqdn } },
      { kind: "acceptedDomain", name: domain, properties: { name: domain, default: "true" } },
      ...defaultReceiveConnectors({ fqdn, ipv6: context.ipv6 }),
    ],
  };
}

/** `contoso.com` for `mail.contoso.com`; a name of one or two labels is a domain itself. */
function domainOfHost(fqdn: Domain): Domain {
  const labels = fqdn.split(".");
  return (labels.length > 2 ? parseDomain(labels.slice(1).join(".")) : undefined) ?? fqdn;
}
