import type { Configuration } from "./server.ts";

/** Ports and differences of a test organization. */
export interface ContosoOptions {
  /** Default Frontend: anyone, for our own domain. */
  readonly smtpPort: number;
  /** Application Relay: anyone on loopback, for any recipient. */
  readonly relayPort?: number;
  /** Admin center, /metrics, /readyz. */
  readonly adminPort?: number;
  /** Smart host on 127.0.0.1 for everything that is not ours. */
  readonly smartHostPort?: number;
  /** In its place: hosts by DNS, that of a server on 127.0.0.1, and the port that they all take. */
  readonly internet?: { readonly dnsPort: number; readonly port: number };
  readonly transportService?: Configuration;
  readonly transportConfig?: Configuration;
  readonly receiveConnector?: Configuration;
  readonly sendConnector?: Configuration;
  /** Further top-level keys; they replace ours. */
  readonly more?: Configuration;
}

// Exchange's defaults (20 connections per source, 2 % of the rest) are for the open network; here
// every session comes from one address, and nobody has to be slowed down.
const OPEN_LIMITS = {
  maxInboundConnection: "unlimited",
  maxInboundConnectionPerSource: "unlimited",
  maxInboundConnectionPercentagePerSource: 100,
  tarpitInterval: "00:00:00",
  // No name server knows the domains of these tests, and most don't wait for one to say so.
  senderAuthenticationEnabled: false,
};

/** contoso.test with the mailboxes alice and bob. */
export function contoso(options: ContosoOptions): Configuration {
  const { smtpPort, relayPort, adminPort, smartHostPort, internet } = options;
  const connectors = [
    {
      name: "Default Frontend",
      bindings: [`127.0.0.1:${smtpPort}`],
      remoteIPRanges: ["127.0.0.0/8"],
      permissionGroups: ["AnonymousUsers"],
      ...OPEN_LIMITS,
      ...options.receiveConnector,
    },
    relayPort !== undefined && {
      name: "Application Relay",
      bindings: [`127.0.0.1:${relayPort}`],
      remoteIPRanges: ["127.0.0.0/8"],
      permissionGroups: ["AnonymousUsers"],
      extendedRights: { AnonymousUsers: ["ms-Exch-SMTP-Accept-Any-Recipient"] },
      ...OPEN_LIMITS,
      ...options.receiveConnector,
    },
  ];
  const sendConnectors = [
    smartHostPort !== undefined && {
      name: "Smart Host",
      addressSpaces: ["SMTP:*;1"],
      smartHosts: ["[127.0.0.1]"],
      port: smartHostPort,
      ...options.sendConnector,
    },
    internet !== undefined && {
      name: "Internet",
      addressSpaces: ["SMTP:*;1"],
      port: internet.port,
      ...options.sendConnector,
    },
  ];
  return {
    server: {
      fqdn: "mail.contoso.test",
      ...(adminPort === undefined ? {} : { admin: { listen: `127.0.0.1:${adminPort}` } }),
      ...(internet === undefined ? {} : { dnsServers: [`127.0.0.1:${internet.dnsPort}`] }),
    },
    acceptedDomains: [{ name: "contoso.test", domainType: "Authoritative", default: true }],
    receiveConnectors: connectors.filter((connector) => connector !== false),
    sendConnectors: sendConnectors.filter((connector) => connector !== false),
    mailboxes: [
      {
        name: "alice",
        primarySmtpAddress: "alice@contoso.test",
        emailAddresses: ["a.smith@contoso.test"],
        password: "correct horse",
      },
      { name: "bob", primarySmtpAddress: "bob@contoso.test", password: "battery staple" },
    ],
    ...(options.transportService === undefined
      ? {}
      : { transportService: options.transportService }),
    ...(options.transportConfig === undefined ? {} : { transportConfig: options.transportConfig }),
    ...options.more,
  };
}
