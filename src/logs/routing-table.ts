import type { Organization } from "../org/organization.ts";

/**
 * What routing decides by, as XML: accepted domains, send connectors with their address spaces and
 * costs. No secrets are in it.
 */
export function formatRoutingTable(
  organization: Organization,
  at: { readonly serverName: string; readonly nowMs: number },
): string {
  const head = element("RoutingTable", {
    server: at.serverName,
    version: String(organization.version),
    created: new Date(at.nowMs).toISOString(),
  });
  return [
    '<?xml version="1.0" encoding="utf-8"?>',
    `<${head}>`,
    ...formatRoutes(organization),
    "</RoutingTable>",
    "",
  ].join("\n");
}

/** The part of it that does not change unless routing does. */
export function formatRoutes(organization: Organization): readonly string[] {
  const { acceptedDomains, sendConnectors } = organization;
  return [
    "  <AcceptedDomains>",
    ...acceptedDomains.map((domain) => {
      const { name, domainName, domainType, matchSubDomains, lmtpHost } = domain;
      const facts = {
        name,
        domainName: `${matchSubDomains ? "*." : ""}${domainName}`,
        domainType,
        default: String(domain.default),
        ...(lmtpHost !== undefined && { lmtpHost }),
      };
      return `    <${element("AcceptedDomain", facts)}/>`;
    }),
    "  </AcceptedDomains>",
    "  <SendConnectors>",
    ...sendConnectors.flatMap((connector) => {
      const { name, enabled, port, smartHosts, maxMessageSize, isScopedConnector } = connector;
      const facts = {
        name,
        enabled: String(enabled),
        routing: smartHosts.length > 0 ? "SmartHosts" : "DNS",
        port: String(port),
        maxMessageSize: maxMessageSize === Infinity ? "unlimited" : String(maxMessageSize),
        scoped: String(isScopedConnector),
      };
      return [
        `    <${element("SendConnector", facts)}>`,
        ...connector.addressSpaces.map(
          ({ space, cost }) =>
            `      <${element("AddressSpace", { type: "SMTP", space, cost: String(cost) })}/>`,
        ),
        ...smartHosts.map(({ host }) => `      <${element("SmartHost", { host })}/>`),
        ...connector.sourceTransportServers.map(
          (server) => `      <${element("SourceTransportServer", { name: server })}/>`,
        ),
        "    </SendConnector>",
      ];
    }),
    "  </SendConnectors>",
  ];
}

function element(name: string, facts: Readonly<Record<string, string>>): string {
  return [
    name,
    ...Object.entries(facts).map(([key, value]) => `${key}="${escapeXml(value)}"`),
  ].join(" ");
}

const XML_ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
};

/** Controls that XML 1.0 cannot have, even escaped, become "?". */
function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => XML_ESCAPES[sign] ?? sign).replace(/\p{Cc}/gu, "?");
}
